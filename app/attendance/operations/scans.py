"""Scans: each attempt is written down, and whoever may come in is in once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from app.attendance.models import Admission, Device, Scan, Verdict
from app.attendance.queries import WHOLE_EVENT
from app.attendance.rules import (
    Door,
    DoorEvent,
    Entry,
    Ticket,
    corrected_time,
    decide_second_entry,
    decide_verdict,
    is_reference,
    is_ticket,
)
from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import execute, insert_unless_there, table_of, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.core.security.links import token_hash
from app.registration.ledger import raise_change_number
from app.registration.models import Registration


class ScanTaken(Conflict):
    """Another phone used the same scan id at the same moment."""

    code = "scan_taken"


@dataclass(frozen=True)
class IncomingScan:
    """One attempt as a phone reports it. `client_id` was made by the phone; `event` is a public id."""

    client_id: str
    event: str
    code: str | None
    reference: str | None
    kind: str
    source: str
    scanned_at: datetime
    shown: str | None = None

    @property
    def is_readable(self) -> bool:
        """Whether it has the shape of a ticket or of a reference."""
        return is_ticket(self.code) or (self.code is None and is_reference(self.reference))


@dataclass(frozen=True)
class OtherEvent:
    """What a ticket of the same organization was given out for, when it isn't for this door."""

    id: int
    title: dict[str, str]


@dataclass(frozen=True)
class ScanResult:
    """The door's answer to one scan, and what its words are made of.

    `event` is None when the phone isn't paired for the event it named: nothing was written then.
    """

    client_id: str
    verdict: Verdict
    event: DoorEvent | None = None
    at: datetime | None = None
    gate: str | None = None
    name: str | None = None
    mode: str | None = None
    entry_at: datetime | None = None
    entry_gate: str | None = None
    other: OtherEvent | None = None


# Tables instead of classes, and made once: a phone at the door waits for these (docs/performance.md).
_event, _registration, _device = table_of(Event), table_of(Registration), table_of(Device)
_scan, _admission = table_of(Scan), table_of(Admission)
_TICKET = select(
    *(_registration.c[name] for name in ("id", "event_id", "status", "mode", "name", "ticket_hash", "reference")),
    *(_event.c[name] for name in ("organization_id", "title")),
).select_from(_registration.join(_event, _event.c.id == _registration.c.event_id))
_BY_CODE = _TICKET.where(_registration.c.ticket_hash == bindparam("code_hash"))
_BY_REFERENCE = _TICKET.where(
    _registration.c.event_id == bindparam("event_id"), _registration.c.reference == bindparam("reference")
)
_HOLD = (
    update(_registration)
    .where(_registration.c.id == bindparam("held"))
    .values(change_number=_registration.c.change_number)
    .returning(_registration.c.status, _registration.c.mode)
)
_FIRST = select(*(_admission.c[name] for name in ("client_id", "device_id", "gate", "at"))).where(
    _admission.c.registration_id == bindparam("registration_id"),
    _admission.c.scope == WHOLE_EVENT,
    _admission.c.undone_at.is_(None),
)
_KNOWN = (
    select(
        *(_scan.c[name] for name in ("client_id", "event_id", "verdict", "at", "earlier_at", "earlier_gate")),
        *(_device.c.gate, _registration.c.name, _registration.c.mode),
        _event.c.id.label("held_for_id"),
        _event.c.organization_id.label("held_by"),
        _event.c.title,
    )
    .select_from(
        _scan.join(_device, _device.c.id == _scan.c.device_id)
        .outerjoin(_registration, _registration.c.id == _scan.c.registration_id)
        .outerjoin(_event, _event.c.id == _registration.c.event_id)
    )
    .where(_scan.c.client_id == bindparam("client_id"))
)


@dataclass(frozen=True)
class _Attempt:
    scan: IncomingScan
    event: DoorEvent
    at: datetime
    ticket: Ticket | None
    other: OtherEvent | None


def record_scans(*, door: Door, sent_at: datetime, scans: Sequence[IncomingScan]) -> dict[str, ScanResult]:
    """Decide on each scan, admit whom it lets in, write all attempts down, and answer by the phone's ids.

    A scan that is known already gets its first answer again and changes nothing. Of two doors that see the
    same ticket at once exactly one says welcome. `sent_at` is the phone's clock at sending.
    `door` is what this very request has found: a scan that was made before its event was cancelled stays a good one.
    """
    received_at = now()
    events = {event.public_id: event for event in door.events}
    with transaction():
        results = _known_results(events, [scan.client_id for scan in scans])
        foreign = [scan for scan in scans if scan.event not in events and scan.client_id not in results]
        results |= {scan.client_id: ScanResult(scan.client_id, Verdict.WRONG_EVENT) for scan in foreign}
        new = {scan.client_id: scan for scan in scans if scan.client_id not in results}
        attempts = _attempts(door, events, list(new.values()), sent_at, received_at)
        answers = [_decide(door, attempt) for attempt in attempts]
        written = _write_down(door, attempts, answers, received_at)
        results |= {answer.client_id: answer for answer in answers if answer.client_id in written}
        told_meanwhile = [client_id for client_id in new if client_id not in results]
        results |= _known_results(events, told_meanwhile)
        _tell_the_doors(attempts, results)
    return results


def _attempts(
    door: Door,
    events: dict[str, DoorEvent],
    scans: Sequence[IncomingScan],
    sent_at: datetime,
    received_at: datetime,
) -> list[_Attempt]:
    """The scans with what is known of their tickets, in the order in which all doors lock registrations."""
    attempts = []
    for scan in scans:
        event = events[scan.event]
        found = _find_ticket(event, scan)
        at = corrected_time(
            scan.scanned_at,
            sent_at=sent_at,
            received_at=received_at,
            paired_at=door.paired_at,
        )
        ticket = _ticket(found) if found else None
        attempts.append(_Attempt(scan, event, at, ticket, _other_event(found, event)))
    return sorted(attempts, key=lambda one: (one.ticket.registration_id if one.ticket else 0, one.at))


def _find_ticket(event: DoorEvent, scan: IncomingScan) -> Any:
    """The row behind a code, of whatever event, or behind a reference of this one; None if there is none.

    Asked for each scan by itself: nearly every parcel brings but one, and a list of parameters costs more than that.
    """
    if scan.code is not None and is_ticket(scan.code):
        return execute(_BY_CODE, {"code_hash": token_hash(scan.code)}).first()
    if scan.is_readable:
        return execute(_BY_REFERENCE, {"event_id": event.id, "reference": scan.reference}).first()
    return None


def _ticket(row: Any) -> Ticket:
    return Ticket(row.id, row.event_id, row.status, row.mode, row.name)


def _other_event(row: Any, event: DoorEvent) -> OtherEvent | None:
    """Of a ticket of the same organization; what others hold is not this phone's business."""
    if row is None or row.event_id == event.id or row.organization_id != event.organization_id:
        return None
    return OtherEvent(row.event_id, row.title)


def _decide(door: Door, attempt: _Attempt) -> ScanResult:
    verdict = decide_verdict(attempt.event, attempt.ticket, attempt.at, is_readable=attempt.scan.is_readable)
    entry = None
    if verdict is Verdict.WELCOME and attempt.ticket is not None:
        # The person may have cancelled a moment ago: hold the registration and look again.
        ticket = _hold(attempt.ticket)
        verdict = decide_verdict(attempt.event, ticket, attempt.at)
        if verdict is Verdict.WELCOME:
            entry = _admit(door, attempt)
    if entry is not None:
        verdict = decide_second_entry(entry, client_id=attempt.scan.client_id, device_id=door.id, at=attempt.at)
    is_in_already = verdict is Verdict.ALREADY_IN and entry is not None
    ticket_here = attempt.ticket if verdict is not Verdict.WRONG_EVENT else None
    return ScanResult(
        attempt.scan.client_id,
        verdict,
        event=attempt.event,
        at=attempt.at,
        gate=door.gate,
        name=ticket_here.name if ticket_here else None,
        mode=ticket_here.mode if ticket_here else None,
        entry_at=entry.at if entry and is_in_already else None,
        entry_gate=entry.gate if entry and is_in_already else None,
        other=attempt.other,
    )


def _hold(ticket: Ticket) -> Ticket:
    """Lock the registration until the end, and read what it is now."""
    row = execute(_HOLD, {"held": ticket.registration_id}).one()
    return replace(ticket, status=row.status, mode=row.mode)


def _admit(door: Door, attempt: _Attempt) -> Entry | None:
    """Let the person in; None when that was done just now, else the entry that was there first."""
    assert attempt.ticket is not None
    admitted = execute(
        insert_unless_there(Admission, returning=("id",)),
        {
            "event_id": attempt.event.id,
            "registration_id": attempt.ticket.registration_id,
            "scope": WHOLE_EVENT,
            "client_id": attempt.scan.client_id,
            "device_id": door.id,
            "gate": door.gate,
            "at": attempt.at,
        },
    ).scalar()
    if admitted is not None:
        return None
    first = execute(_FIRST, {"registration_id": attempt.ticket.registration_id}).first()
    if first is None:
        raise ScanTaken(_("Another phone sent this very scan. Please scan again."))
    return Entry(first.client_id, first.device_id, first.gate, first.at)


def _write_down(
    door: Door, attempts: Sequence[_Attempt], answers: Sequence[ScanResult], received_at: datetime
) -> set[str]:
    """Store the attempts; the ids of those that nobody else stored at the same moment."""
    written = set()
    for attempt, answer in sorted(zip(attempts, answers, strict=True), key=lambda pair: pair[1].client_id):
        scan = attempt.scan
        stored = execute(
            insert_unless_there(Scan, on=("client_id",), returning=("client_id",)),
            {
                "client_id": scan.client_id,
                "device_id": door.id,
                "event_id": attempt.event.id,
                "registration_id": attempt.ticket.registration_id if attempt.ticket else None,
                "kind": scan.kind,
                "source": scan.source,
                "code_hash": token_hash(scan.code) if scan.code and is_ticket(scan.code) else None,
                "reference": scan.reference if is_reference(scan.reference) else None,
                "device_at": scan.scanned_at,
                "at": attempt.at,
                "received_at": received_at,
                "shown": scan.shown,
                "verdict": answer.verdict,
                "earlier_at": answer.entry_at,
                "earlier_gate": answer.entry_gate,
            },
        ).scalar()
        if stored is not None:
            written.add(stored)
    return written


def _known_results(events: dict[str, DoorEvent], client_ids: Sequence[str]) -> dict[str, ScanResult]:
    """The first answers to scans that were written down before.

    A phone that was paired anew may ask again for what it sent before; of events that it no longer serves it
    hears nothing.
    """
    by_id = {event.id: event for event in events.values()}
    rows = [execute(_KNOWN, {"client_id": client_id}).first() for client_id in client_ids]
    return {row.client_id: _known_result(row, by_id.get(row.event_id)) for row in rows if row is not None}


def _known_result(row: Row[Any], event: DoorEvent | None) -> ScanResult:
    if event is None:
        return ScanResult(row.client_id, Verdict.WRONG_EVENT)
    is_named = row.held_for_id == row.event_id
    is_ours = row.held_by == event.organization_id
    return ScanResult(
        row.client_id,
        Verdict(row.verdict),
        event=event,
        at=row.at,
        gate=row.gate,
        name=row.name if is_named else None,
        mode=row.mode if is_named else None,
        entry_at=row.earlier_at,
        entry_gate=row.earlier_gate,
        other=OtherEvent(row.held_for_id, row.title) if is_ours and not is_named else None,
    )


def _tell_the_doors(attempts: Sequence[_Attempt], results: dict[str, ScanResult]) -> None:
    """Raise the change number of each event whose people came in; its row is the last to be locked."""
    came: dict[int, set[int]] = {}
    for attempt in attempts:
        if attempt.ticket and results[attempt.scan.client_id].verdict is Verdict.WELCOME:
            came.setdefault(attempt.event.id, set()).add(attempt.ticket.registration_id)
    for event_id in sorted(came):
        raise_change_number(event_id, *sorted(came[event_id]))
