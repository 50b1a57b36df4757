"""What one can ask about registrations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.catalogue.models import Event, EventPartner, Mode, SeatPool
from app.core.clock import now
from app.core.db import db, execute, table_of
from app.core.security.links import LINK_LENGTH, token_hash
from app.core.text import fold
from app.registration.models import (
    ACTIVE,
    Consent,
    ConsentText,
    Contact,
    FindLink,
    Registration,
    RegistrationStatus,
    SeatClaim,
    SessionWish,
    WaitingEntry,
)
from app.registration.purposes import PARTNER
from app.registration.tickets import came_by_mail

TO_MAIL = (
    RegistrationStatus.CONFIRMED,
    RegistrationStatus.OFFERED,
    RegistrationStatus.WAITLISTED,
    RegistrationStatus.PENDING,
)


@dataclass(frozen=True)
class Addressee:
    """A person to be mailed about an event."""

    id: int
    public_id: str
    email: str
    language: str
    party_id: int | None
    contact_id: int


@dataclass(frozen=True)
class PersonRow:
    """One line of the people's list."""

    id: int
    public_id: str
    name: str
    email: str | None
    phone: str | None
    mode: str
    status: str
    reference: str
    created_at: datetime
    brought_by: str | None
    """Who has signed this person up together with others; None for that one, and for who came alone."""


def find_by_manage_token(token: str) -> Registration | None:
    """The registration whose own page has this secret, with event, organization and contact.

    The secret may be as it was mailed, with its proof behind it.
    """
    found = _find(Registration.manage_hash == token_hash(token[:LINK_LENGTH]))
    return found if found is not None and (len(token) == LINK_LENGTH or came_by_mail(token, found)) else None


def find_by_public_id(public_id: str) -> Registration | None:
    """The registration with this public id, with event, organization and contact."""
    return _find(Registration.public_id == public_id)


def _find(condition: Any) -> Registration | None:
    return db.session.scalar(
        select(Registration)
        .where(condition)
        .options(
            joinedload(Registration.event).joinedload(Event.organization),
            joinedload(Registration.contact),
        )
    )


def registrations_of(event_id: int) -> list[Registration]:
    """All registrations of an event, by name."""
    query = select(Registration).where(Registration.event_id == event_id).order_by(Registration.name_folded)
    return list(db.session.scalars(query))


_LEADER = aliased(Registration)
_OF_PARTY = aliased(Registration)
_FIRST = select(func.min(_OF_PARTY.id)).where(_OF_PARTY.party_id == Registration.party_id).scalar_subquery()
_SIGNED_UP_BY = and_(_LEADER.id == _FIRST, _LEADER.id != Registration.id, _LEADER.erased_at.is_(None))


def people_of(
    event_id: int,
    *,
    status: str | None = None,
    q: str = "",
    session_id: int | None = None,
    partner_id: int | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[PersonRow]:
    """The people's list, by name; `q` looks in names (ё as е, words in any order), references and addresses.

    With `session_id` those who have a seat at that session, in the mode of that seat; with `partner_id` that partner's
    guests.
    """
    query = (
        _people(event_id, q, session_id, partner_id)
        .with_only_columns(
            Registration.id,
            Registration.public_id,
            Registration.name,
            Contact.email,
            Registration.phone,
            Registration.mode if session_id is None else SeatPool.mode,
            Registration.status,
            Registration.reference,
            Registration.created_at,
            _LEADER.name,
        )
        .outerjoin(_LEADER, _SIGNED_UP_BY)
        .order_by(Registration.name_folded, Registration.id)
        .limit(limit)
        .offset(offset)
    )
    if status:
        query = query.where(Registration.status == status)
    return [PersonRow(*row) for row in execute(query)]


def count_people(
    event_id: int, q: str = "", session_id: int | None = None, partner_id: int | None = None
) -> dict[str, int]:
    """How many of the list are in each status."""
    number = func.count().label("number")
    people = _people(event_id, q, session_id, partner_id)
    query = people.with_only_columns(Registration.status, number).group_by(Registration.status)
    return {row.status: row.number for row in db.session.execute(query)}


def _people(event_id: int, q: str, session_id: int | None, partner_id: int | None) -> Select[Any]:
    query = (
        select(Registration)
        .outerjoin(Contact, Contact.id == Registration.contact_id)
        .where(Registration.event_id == event_id)
    )
    if partner_id is not None:
        query = query.where(Registration.partner_id == partner_id)
    if session_id is not None:
        is_offered = select(WaitingEntry.id).where(
            WaitingEntry.pool_id == SeatPool.id, WaitingEntry.registration_id == Registration.id
        )
        query = (
            query.join(SeatClaim, SeatClaim.registration_id == Registration.id)
            .join(SeatPool, SeatPool.id == SeatClaim.pool_id)
            .where(SeatPool.session_id == session_id, ~is_offered.exists())
        )
    for word in fold(q).split()[:6]:
        digits = "".join(character for character in word if character.isdigit())
        matches = [
            Registration.name_folded.contains(word, autoescape=True),
            Contact.email.contains(word, autoescape=True),
        ]
        if digits:
            matches.append(Registration.reference.startswith(digits[:6]))
        query = query.where(or_(*matches))
    return query


def has_people(event_id: int) -> bool:
    """Whether somebody has a place, waits for one, or has asked for one."""
    active = select(Registration.id).where(Registration.event_id == event_id, Registration.status.in_(ACTIVE))
    return db.session.scalar(active.limit(1)) is not None


@dataclass(frozen=True)
class Told:
    """How many people get a mail, how many must be phoned, and how many they are together."""

    mails: int
    calls: int
    all: int


NOBODY = Told(0, 0, 0)


@dataclass(frozen=True)
class Whom:
    """Whom of those who count it concerns: who comes to the hall or waits for it alone, and readers of `languages`."""

    in_the_hall: bool = False
    languages: frozenset[str] | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions on registrations."""
        found = [IN_THE_HALL] if self.in_the_hall else []
        return found if self.languages is None else [*found, Registration.language.in_(sorted(self.languages))]


EVERYBODY = Whom()


def told_of(event_id: int, *session_ids: int, whom: Whom = EVERYBODY) -> Told:
    """Who would hear of it if the event, or these sessions of it, moved or were cancelled now."""
    people = (event_id, session_ids, whom)
    reached = or_(Registration.contact_id.is_not(None), _IS_CALLED)
    return Told(
        _count(_to_mail(*people)), _count(_to_call(*people)), _count(_of_those_who_count(*people).where(reached))
    )


def _count(people: Select[Any]) -> int:
    return db.session.scalar(people.with_only_columns(func.count())) or 0


def people_to_mail(event_id: int, *session_ids: int, whom: Whom = EVERYBODY) -> list[Addressee]:
    """Everybody who counts on the event, or on one of these sessions, and can be written to; as `told_of`."""
    query = _to_mail(event_id, session_ids, whom).with_only_columns(
        *(Registration.id, Registration.public_id, Contact.email, Registration.language),
        *(Registration.party_id, Contact.id),
    )
    return [Addressee(*row) for row in db.session.execute(query.order_by(Registration.id))]


def people_to_call(event_id: int, *session_ids: int, whom: Whom = EVERYBODY) -> list[int]:
    """Everybody who counts on it and must be phoned: without an address, or by their own wish; as `told_of`."""
    query = _to_call(event_id, session_ids, whom).with_only_columns(Registration.id)
    return list(db.session.scalars(query.order_by(Registration.id)))


def _to_call(event_id: int, session_ids: Sequence[int], whom: Whom) -> Select[Any]:
    return _of_those_who_count(event_id, session_ids, whom).where(_IS_CALLED)


def _of_those_who_count(event_id: int, session_ids: Sequence[int], whom: Whom) -> Select[Any]:
    people = select(Registration).where(Registration.event_id == event_id, Registration.status.in_(TO_MAIL))
    people = people.where(*whom.conditions)
    return people.where(or_(*map(_counts_on, session_ids))) if session_ids else people


def _counts_on(session_id: int) -> ColumnElement[bool]:
    """Who comes to a session: everybody, or who has chosen it and has a seat there, waits for one or will get one."""
    pools = select(SeatPool.id).where(SeatPool.session_id == session_id)
    return or_(
        ~pools.exists(),
        Registration.id.in_(select(SeatClaim.registration_id).where(SeatClaim.pool_id.in_(pools))),
        Registration.id.in_(select(WaitingEntry.registration_id).where(WaitingEntry.pool_id.in_(pools))),
        Registration.id.in_(select(SessionWish.registration_id).where(SessionWish.session_id == session_id)),
    )


IN_THE_HALL = or_(
    Registration.mode == Mode.IN_PERSON,
    Registration.id.in_(
        select(WaitingEntry.registration_id)
        .join(SeatPool, SeatPool.id == WaitingEntry.pool_id)
        .where(SeatPool.mode == Mode.IN_PERSON)
    ),
)
_IS_CALLED = Registration.phone.is_not(None) & (Registration.contact_id.is_(None) | Registration.wants_call)


def _to_mail(event_id: int, session_ids: Sequence[int], whom: Whom) -> Select[Any]:
    return _of_those_who_count(event_id, session_ids, whom).join(Contact, Contact.id == Registration.contact_id)


@dataclass(frozen=True)
class AskedConsent:
    """A consent that a sign-up form asks for."""

    id: int
    purpose: str
    wording: dict[str, str]
    is_required: bool


@dataclass(frozen=True)
class OwnConsent:
    """A consent as a person's own page shows it: what was given, when, and whether it was withdrawn."""

    id: int
    purpose: str
    wording: dict[str, str]
    version: int
    is_required: bool
    given_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def is_given(self) -> bool:
        """Whether it counts now."""
        return self.given_at is not None and self.withdrawn_at is None


_text, _partner = table_of(ConsentText), table_of(EventPartner)
_CONSENTS = (
    select(*(_text.c[name] for name in ("id", "purpose", "wording", "is_required", "is_asked")))
    .where(_text.c.organization_id == bindparam("organization_id"))
    .order_by(_text.c.purpose, _text.c.version.desc())
)


def current_consents(organization_id: int, event_id: int) -> list[AskedConsent]:
    """The consents that the event's form asks for now: the latest version of each purpose, required ones first.

    Only an event that has partners asks whether they may be told.
    """
    latest: dict[str, Any] = {}
    for row in execute(_CONSENTS, {"organization_id": organization_id}):
        latest.setdefault(row.purpose, row)
    asked = [AskedConsent(*row[:4]) for row in latest.values() if row.is_asked]
    if any(text.purpose == PARTNER for text in asked) and not _has_partners(event_id):
        asked = [text for text in asked if text.purpose != PARTNER]
    return sorted(asked, key=lambda text: (not text.is_required, text.purpose))


def _has_partners(event_id: int) -> bool:
    return execute(select(_partner.c.id).where(_partner.c.event_id == event_id).limit(1)).first() is not None


def latest_texts(organization_id: int) -> dict[str, ConsentText]:
    """The latest words for each purpose, asked for or not."""
    query = select(ConsentText).where(ConsentText.organization_id == organization_id)
    return {text.purpose: text for text in db.session.scalars(query.order_by(ConsentText.version))}


def given_consents(registration_id: int) -> list[OwnConsent]:
    """What the person agreed to, in the words of then, also what was withdrawn."""
    query = (
        select(ConsentText, Consent.given_at, Consent.withdrawn_at)
        .join(Consent, Consent.text_id == ConsentText.id)
        .where(Consent.registration_id == registration_id)
        .order_by(ConsentText.is_required.desc(), ConsentText.purpose, ConsentText.version)
    )
    return [_own(text, given_at, withdrawn_at) for text, given_at, withdrawn_at in db.session.execute(query)]


def consents_to_choose(registration: Registration) -> list[OwnConsent]:
    """The optional consents that the person can give or withdraw: what was given, and what is asked for now."""
    given = [one for one in given_consents(registration.id) if not one.is_required]
    known = {one.purpose for one in given if one.is_given}
    event = db.session.get_one(Event, registration.event_id)
    asked = [text for text in current_consents(event.organization_id, event.id) if not text.is_required]
    new = [
        OwnConsent(text.id, text.purpose, text.wording, 0, is_required=False, given_at=None, withdrawn_at=None)
        for text in asked
        if text.purpose not in known and text.id not in {one.id for one in given}
    ]
    current = {text.id for text in asked}
    return [one for one in given if one.is_given or one.id in current] + new


def _own(text: ConsentText, given_at: datetime, withdrawn_at: datetime | None) -> OwnConsent:
    return OwnConsent(text.id, text.purpose, text.wording, text.version, text.is_required, given_at, withdrawn_at)


def find_contact_by_link(token: str) -> Contact | None:
    """The contact whose short-lived link this is, while it lasts."""
    return db.session.scalar(
        select(Contact)
        .join(FindLink, FindLink.contact_id == Contact.id)
        .where(FindLink.token_hash == token_hash(token), FindLink.expires_at > now())
    )


def find_contact(public_id: str) -> Contact | None:
    """The contact with this public id."""
    return db.session.scalar(select(Contact).where(Contact.public_id == public_id))
