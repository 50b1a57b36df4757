"""The people of an event as a phone at the door keeps them, page by page, and only what has changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Integer, and_, bindparam, select, tuple_

from app.attendance.models import Admission
from app.attendance.queries import WHOLE_EVENT
from app.attendance.rules import DoorEvent
from app.core.db import execute, table_of
from app.registration.models import Registration

PAGE = 500

_PART = re.compile(r"([0-9a-f]{16}):([0-9]{1,15})\.([0-9]{1,15})")
_START = (-1, 0)


@dataclass(frozen=True)
class Cursor:
    """How far a phone has read, per event: the change number of the last row and the row's id.

    Change numbers are given under the lock of the event's ledger row, so a row can't turn up behind the
    cursor. A text that we don't understand means the beginning: the phone then gets everything again.
    """

    read: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """From what the phone sent back."""
        return cls({event: (int(number), int(row)) for event, number, row in _PART.findall(text or "")})

    def __str__(self) -> str:
        return ",".join(f"{event}:{number}.{row}" for event, (number, row) in sorted(self.read.items()))


@dataclass(frozen=True)
class RosterRow:
    """One person, without address and phone number.

    `code` is no ticket: it is a hash of one, salted with the event, by which a phone knows a ticket that it
    is shown.
    """

    id: str
    event: str
    code: str
    name: str
    mode: str
    state: str
    admitted_at: datetime | None
    gate: str | None


def roster_code(event: DoorEvent, ticket_hash: bytes) -> str:
    """SHA-256 over the event's public id and the ticket's own hash, 32 hexadecimal digits of it."""
    return hashlib.sha256(event.public_id.encode() + ticket_hash).hexdigest()[:32]


def changes_since(events: Sequence[DoorEvent], cursor: Cursor, limit: int = PAGE) -> tuple[list[RosterRow], Cursor]:
    """At most `limit` rows that changed after `cursor`, and the cursor behind them."""
    rows: list[RosterRow] = []
    read = {event.public_id: cursor.read[event.public_id] for event in events if event.public_id in cursor.read}
    for event in events:
        if len(rows) == limit:
            break
        page, place = _changes(event, read.get(event.public_id, _START), limit - len(rows))
        rows.extend(page)
        if place != _START:
            read[event.public_id] = place
    return rows, Cursor(read)


_registration, _admission = table_of(Registration), table_of(Admission)
_CHANGES = (
    select(
        *(_registration.c[name] for name in ("id", "public_id", "ticket_hash", "name", "mode", "status")),
        _registration.c.change_number,
        _admission.c.at,
        _admission.c.gate,
    )
    .select_from(
        _registration.outerjoin(
            _admission,
            and_(
                _admission.c.registration_id == _registration.c.id,
                _admission.c.scope == WHOLE_EVENT,
                _admission.c.undone_at.is_(None),
            ),
        )
    )
    .where(
        _registration.c.event_id == bindparam("event_id"),
        tuple_(_registration.c.change_number, _registration.c.id)
        > tuple_(bindparam("number", type_=Integer), bindparam("row", type_=Integer)),
    )
    .order_by(_registration.c.change_number, _registration.c.id)
    .limit(bindparam("most"))
)


def _changes(event: DoorEvent, place: tuple[int, int], limit: int) -> tuple[list[RosterRow], tuple[int, int]]:
    number, row = place
    found = execute(_CHANGES, {"event_id": event.id, "number": number, "row": row, "most": limit}).all()
    if found:
        place = (found[-1].change_number, found[-1].id)
    return [_row(event, person) for person in found], place


def _row(event: DoorEvent, person: Any) -> RosterRow:
    return RosterRow(
        id=person.public_id,
        event=event.public_id,
        code=roster_code(event, person.ticket_hash),
        name=person.name,
        mode=person.mode,
        state=person.status,
        admitted_at=person.at,
        gate=person.gate,
    )
