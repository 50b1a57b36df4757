"""Who signs up: the address, and the people that it has at an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from app.catalogue.models import Event, EventStatus, Series
from app.core.clock import now
from app.core.db import execute, insert_unless_there, table_of
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.security.links import new_public_id
from app.core.text import fold
from app.registration.models import ACTIVE, Contact, Registration
from app.registration.rules import PER_ADDRESS


class TooManyPerAddress(Refused):
    """One address has as many places at this event as it may."""

    code = "too_many_per_address"


# Tables instead of classes, and made once: many people wait for these (docs/performance.md).
_registration, _contact = table_of(Registration), table_of(Contact)
# An update of nothing holds the row: one address signs up one person after the other, and `PER_ADDRESS` isn't overrun.
_CONTACT = (
    update(_contact)
    .where(_contact.c.email == bindparam("address"))
    .values(language=_contact.c.language)
    .returning(_contact.c.id)
)
_OF_ADDRESS = select(*(_registration.c[name] for name in ("id", "public_id", "name_folded", "party_id"))).where(
    _registration.c.event_id == bindparam("event_id"),
    _registration.c.contact_id == bindparam("contact_id"),
    _registration.c.status.in_(ACTIVE),
)


_event = table_of(Event)
_LIMIT = select(table_of(Series).c.per_person).where(table_of(Series).c.id == bindparam("series_id"))
_OF_SERIES = (
    select(_registration.c.public_id)
    .join(_event, _event.c.id == _registration.c.event_id)
    .where(
        _event.c.series_id == bindparam("series_id"),
        _event.c.status != EventStatus.CANCELLED,
        _registration.c.contact_id == bindparam("contact_id"),
        _registration.c.name_folded == bindparam("name"),
        _registration.c.status.in_(ACTIVE),
    )
    .order_by(_registration.c.id)
)


def contact_id_of(email: str | None, language: str) -> int | None:
    """The contact of this address, made when it is new; None for a person without e-mail."""
    if not email:
        return None
    found = execute(_CONTACT, {"address": email}).scalar() or _new_contact(email, language)
    # Nothing was made when somebody else made the contact at this very moment.
    return int(found or execute(_CONTACT, {"address": email}).scalar_one())


def _new_contact(email: str, language: str) -> int | None:
    made: int | None = execute(
        insert_unless_there(Contact, on=("email",), returning=("id",)),
        {
            "public_id": new_public_id(),
            "email": email,
            "language": language,
            "created_at": now(),
        },
    ).scalar()
    return made


def registrations_in_series(series_id: int, contact_id: int, name: str) -> tuple[list[str], int | None]:
    """What this person has at events of the series, and how many one person may have; None for any number."""
    limit = execute(_LIMIT, {"series_id": series_id}).scalar()
    if limit is None:
        return [], None
    rows = execute(_OF_SERIES, {"series_id": series_id, "contact_id": contact_id, "name": fold(name)})
    return [row.public_id for row in rows], limit


def person_registration(event_id: int, contact_id: int, name: str) -> Row[Any] | None:
    """The active registration of this address and name; raises `TooManyPerAddress` when the address has its fill.

    Who was signed up together with others doesn't count: the event says how many may be.
    """
    rows = _at_address(event_id, contact_id)
    known = _named(rows, name)
    if known is not None:
        return known
    count = sum(row.party_id in (None, row.id) for row in rows)
    if count >= PER_ADDRESS:
        raise TooManyPerAddress(
            _(
                "%(count)s people have signed up with this address already. Use another address for more people.",
                count=count,
            )
        )
    return None


def find_person(event_id: int, contact_id: int, name: str) -> Row[Any] | None:
    """The active registration of this address and name, however many the address has."""
    return _named(_at_address(event_id, contact_id), name)


def _at_address(event_id: int, contact_id: int) -> Sequence[Row[Any]]:
    rows: Sequence[Row[Any]] = execute(_OF_ADDRESS, {"event_id": event_id, "contact_id": contact_id}).all()
    return rows


def _named(rows: Sequence[Row[Any]], name: str) -> Row[Any] | None:
    folded = fold(name)
    return next((row for row in rows if row.name_folded == folded), None)
