"""People who were signed up by one form, and whoever was signed up twice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.registration.models import ACTIVE, Registration


def party_of(registration: Registration) -> list[Registration]:
    """Everybody who was signed up together with this person, that person included, in the order of the form."""
    if registration.party_id is None:
        return []
    query = select(Registration).where(Registration.party_id == registration.party_id)
    return list(db.session.scalars(query.options(joinedload(Registration.contact)).order_by(Registration.id)))


def brought_by(registration: Registration) -> str:
    """Who signed this person up together with others; empty for that one, and for who came alone, and after erasing.

    It is the first of the party, also where somebody else leads it instead by now.
    """
    if registration.party_id is None or registration.leads_party:
        return ""
    of_party = select(Registration.id, Registration.name, Registration.erased_at).where(
        Registration.party_id == registration.party_id
    )
    first = db.session.execute(of_party.order_by(Registration.id).limit(1)).one()
    return "" if first.erased_at or first.id == registration.id else first.name


def companions_of(registration: Registration) -> list[Registration]:
    """The others of the party who are written to at the same address and still count, or ended the same way."""
    others = (one for one in party_of(registration) if one.id != registration.id)
    return [
        one
        for one in others
        if one.contact_id == registration.contact_id
        and (one.is_active if registration.is_active else one.status == registration.status)
    ]


def with_own_address(registration: Registration) -> list[Registration]:
    """The others of the party who are written to at another address and still count."""
    return [one for one in party_of(registration) if one.is_active and one.contact_id != registration.contact_id]


def other_places_of(registration: Registration) -> list[Registration]:
    """The other places that somebody has at this event who was signed up by others, too; nearly always none."""
    if not registration.is_double:
        return []
    same = select(Registration).where(
        *(getattr(Registration, name) == getattr(registration, name) for name in _SAME_PERSON),
        Registration.id != registration.id,
        Registration.status.in_(ACTIVE),
    )
    return list(db.session.scalars(same.order_by(Registration.id)))


_SAME_PERSON = ("event_id", "contact_id", "name_folded")


def others_who_owe(registration: Registration) -> list[Registration]:
    """Those whom the same mail has asked whether they come, and for whom nobody has answered yet."""
    return [one for one in companions_of(registration) if one.owes_answer] if registration.owes_answer else []
