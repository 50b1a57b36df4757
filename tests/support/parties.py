"""Parties for tests, made by the real operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.catalogue.models import Event, SeatPool
from app.core.db import db
from app.core.i18n import in_language
from app.messaging.letters import Letter
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations import Companion, SignUpValues


def bring(
    event: Event, *names: str, split: bool = False, own: Sequence[str] = (), email: str | None = None, **changes: Any
) -> list[Registration]:
    """A party, signed up by the first of these; those in `own` have an address of their own."""
    first, *others = names
    values = SignUpValues(
        **{"name": first, "email": email or address(first), "mode": "in_person", "language": "en", **changes}
    )
    result = operations.register_party(
        event_id=event.id,
        values=values,
        companions=[Companion(name, address(name) if name in own else None) for name in others],
        may_be_split=split,
    )
    return party(result.registration_id)


def address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.net"


def party(lead_id: int) -> list[Registration]:
    """All of a party as they are now."""
    again()
    query = select(Registration).where(Registration.party_id == lead_id).order_by(Registration.id)
    return list(db.session.scalars(query))


def again() -> None:
    """Forget what was read before."""
    db.session.expunge_all()
    db.session.rollback()


def states(people: Sequence[Registration]) -> list[str]:
    """How they stand now."""
    again()
    return [db.session.get_one(Registration, one.id).status for one in people]


def counters(event: Event, mode: str = "in_person") -> tuple[int, int]:
    """Seats taken and people waiting; the books must be true."""
    again()
    assert seats.drifts() == []
    pool = db.session.scalars(
        select(SeatPool).where(SeatPool.event_id == event.id, SeatPool.mode == mode, SeatPool.session_id.is_(None))
    ).one()
    return pool.taken, pool.waiting


def mails(event: Event) -> Counter[tuple[str, str]]:
    """Which message went to which address about this event."""
    again()
    ids = select(Registration.public_id).where(Registration.event_id == event.id)
    mine = set(db.session.scalars(ids))
    rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.to_address, OutboxMessage.facts))
    about = ((row.name, row.to_address, row.facts) for row in rows)
    return Counter(
        (name, to) for name, to, facts in about if mine & {facts.get("registration"), *facts.get("registrations", [])}
    )


def the_mail(message: str, registration: Registration) -> Letter:
    """What the message said that this person got last."""
    again()
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.name == message).order_by(OutboxMessage.id.desc())
    )
    facts = next(row.facts for row in rows if row.facts.get("registration") == registration.public_id)
    with in_language("en"):
        letter = MESSAGES[message](facts)
    assert letter is not None
    return letter
