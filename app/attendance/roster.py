"""The people of an event as a phone at the door keeps them, page by page, and only what has changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from sqlalchemy import and_, select, tuple_

from app.attendance.models import Admission
from app.attendance.queries import WHOLE_EVENT
from app.attendance.rules import DoorEvent
from app.core.db import execute
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


def _changes(event: DoorEvent, place: tuple[int, int], limit: int) -> tuple[list[RosterRow], tuple[int, int]]:
    found = execute(
        select(Registration, Admission.at, Admission.gate)
        .outerjoin(
            Admission,
            and_(
                Admission.registration_id == Registration.id,
                Admission.scope == WHOLE_EVENT,
                Admission.undone_at.is_(None),
            ),
        )
        .where(
            Registration.event_id == event.id,
            tuple_(Registration.change_number, Registration.id) > tuple_(*place),
        )
        .order_by(Registration.change_number, Registration.id)
        .limit(limit)
    ).all()
    for registration, _at, _gate in found:
        place = (registration.change_number, registration.id)
    return [_row(event, *columns) for columns in found], place


def _row(event: DoorEvent, registration: Registration, at: datetime | None, gate: str | None) -> RosterRow:
    return RosterRow(
        id=registration.public_id,
        event=event.public_id,
        code=roster_code(event, registration.ticket_hash),
        name=registration.name,
        mode=registration.mode,
        state=registration.status,
        admitted_at=at,
        gate=gate,
    )
