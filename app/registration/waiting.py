"""The queues of an event as they stand: by which terms a seat is handed on, whose place is which, what is due."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select

from app.catalogue.models import Event, EventStatus, Mode, SeatPool, Session, SessionStatus
from app.catalogue.queries import SignUpFrame, kept_capacity, pools_of, sign_up_frame
from app.catalogue.rules import free_seats, is_ahead, takes_waiting
from app.core.clock import now
from app.core.db import execute, table_of
from app.registration import partner_seats, seats
from app.registration.models import Registration, RegistrationStatus, WaitingEntry
from app.registration.rules import (
    REMIND_BEFORE,
    QueueTerms,
    Turn,
    Way,
    Ways,
    Why,
    decide_turn,
    decide_ways,
    decide_why,
    is_worth_reminding,
)


@dataclass(frozen=True)
class Waiting:
    """One entry: its place (from 1; of an offer 0), and why it doesn't move."""

    id: int
    registration_id: int
    public_id: str
    name: str
    session_id: int | None
    mode: str
    created_at: datetime
    offer_until: datetime | None
    place: int
    why: Why
    held_mode: str | None
    """The mode of the seat that the person has at the event meanwhile, None without one."""
    party_id: int | None = None
    """The party with which the entry moves up, None where it does alone."""
    partner_id: int | None = None
    """The partner by whose link the person came."""
    size: int = 1
    """How many move up only together, or are offered seats together, this entry included."""


def terms_of(event_id: int, session_id: int | None = None, mode: str | None = None) -> QueueTerms:
    """The terms on which freed seats of the event, or of one session, are handed on now; of one mode, if it is said."""
    which = {"event_id": event_id, "of_session": session_id, "of_mode": mode}
    row = execute(_TERMS, {**which, "at": now()}).one()
    return QueueTerms(
        is_cancelled=row.status == EventStatus.CANCELLED,
        next_start=row.next_start,
        zone=row.zone,
        offer_lead_hours=row.offer_lead_hours,
        offer_hours=row.offer_hours,
        change_lead_hours=row.change_lead_hours,
    )


def joins_list(registration: Registration) -> bool:
    """Whether a sign-up whose mail's button was not pressed yet has no seat held, but a place in the queue to come."""
    return registration.status == RegistrationStatus.UNCONFIRMED and not seats.held_by(registration.id)


def waiting_at(event_id: int) -> list[Waiting]:
    """Everybody who waits or has an offer, pool by pool, in the order of their turns."""
    at = now()
    rows = execute(_WAITING, {"event_id": event_id}).all()
    offered = Counter(row.pool_id for row in rows if row.offer_until is not None)
    sizes = Counter((row.mode, row.party, row.offer_until is None) for row in rows)
    terms = {of: terms_of(event_id, *of) for of in {(row.session_id, row.mode) for row in rows}}
    kept = Counter({(mode, partner): left for mode, partner, left in execute(_KEPT_LEFT, {"event_id": event_id})})
    kept_in_all = Counter[str]()
    for (mode, _partner), left in kept.items():
        kept_in_all[mode] += left
    places: Counter[int] = Counter()
    found = []
    for row in rows:
        own_kept = kept[row.mode, row.partner_id] if row.session_id is None else 0
        places[row.pool_id] += row.offer_until is None
        place = places[row.pool_id] if row.offer_until is None else 0
        why = decide_why(
            terms[row.session_id, row.mode],
            capacity=row.capacity,
            taken=row.taken,
            offered=offered[row.pool_id],
            place=place,
            offer_until=row.offer_until,
            now=at,
            own_kept=own_kept,
            others_kept=kept_in_all[row.mode] - own_kept if row.session_id is None else 0,
            size=(size := sizes[row.mode, row.party, row.offer_until is None] if row.party else 1),
        )
        whose = (row.id, row.registration_id, row.public_id, row.name)
        held = row.held_mode if row.status == RegistrationStatus.CONFIRMED else None
        when = (row.created_at, row.offer_until)
        found.append(
            Waiting(*whose, row.session_id, row.mode, *when, place, why, held, row.party, row.partner_id, size)
        )
    return found


def waiting_entry_of(event_id: int, registration_id: int) -> Waiting | None:
    """The person's own entry for the event as a whole; of those who wait for nothing nobody asks the whole queue."""
    return next((entry for entry in waiting_entries_of(event_id, registration_id) if entry.session_id is None), None)


def waiting_entries_of(event_id: int, registration_id: int) -> list[Waiting]:
    """All of the person's own entries, that for the event as a whole first."""
    if not (seats.entries_of(registration_id) or seats.session_entries_of(registration_id)):
        return []
    own = [entry for entry in waiting_at(event_id) if entry.registration_id == registration_id]
    return sorted(own, key=lambda entry: entry.session_id is not None)


def queued_modes(registration_ids: Sequence[int]) -> dict[int, str]:
    """The mode that each of these waits for at the event as a whole, or is offered a seat of; the others are absent."""
    query = (
        select(WaitingEntry.registration_id, SeatPool.mode)
        .join(SeatPool, SeatPool.id == WaitingEntry.pool_id)
        .where(WaitingEntry.registration_id.in_(registration_ids), SeatPool.session_id.is_(None))
    )
    return {row.registration_id: row.mode for row in execute(query)}


def ways_of(event_id: int, registration_id: int) -> Ways:
    """The ways of coming to an event as a whole. Steady only while its pools are held."""
    event = sign_up_frame(event_id)
    assert event is not None
    entries = seats.entries_of(registration_id)
    offered = {entry.pool_id for entry in entries if entry.offer_until is not None}
    held = [mode for pool_id, mode in seats.held_by(registration_id).items() if pool_id not in offered]
    present = Way(seat=held[0] if held else None, queue=entries[0].mode if entries else None)
    pools = [pool for pool in event.pools if pool.mode == present.seat or is_ahead(event, pool.mode, now())]
    free = free_seats(pools, _partner_of(registration_id) if _keeps_seats(event) else None)
    ways = decide_ways(free, has_list=takes_waiting(event, now()), now=present)
    # Who was asked answers first: nobody is asked and waits at the same time.
    return Ways(present, [way for way in ways if not (offered and way.queue)], free, bool(offered))


def asks_first(event_id: int, mode: str) -> bool:
    """Whether a seat of this mode that comes free just now is offered, and not simply given."""
    return decide_turn(terms_of(event_id, mode=mode), now())[0] is Turn.OFFER


def _keeps_seats(event: SignUpFrame) -> bool:
    return any(pool.partner_id is not None for pool in event.pools)


def _partner_of(registration_id: int) -> int | None:
    """The partner by whose link the person came."""
    found: int | None = execute(
        select(_registration.c.partner_id).where(_registration.c.id == registration_id)
    ).scalar_one()
    return found


def count_moving_up(event_id: int, capacities: Mapping[str, int | None]) -> int:
    """How many would move up, or be asked, if each mode had so many seats, kept ones included; None means no limit.

    Whoever moves up from a seat of the other mode frees that for the next one, as `promote` does it.
    """
    pools = {pool.mode: pool for pool in pools_of(event_id) if pool.session_id is None and pool.partner_id is None}
    kept = kept_capacity(pools_of(event_id))
    everybodys = {mode: _less(whole, kept[mode]) for mode, whole in capacities.items()}
    turns = {mode: decide_turn(terms_of(event_id, mode=mode), now())[0] for mode in pools}
    free = {
        mode: _seats_left(everybodys.get(mode, pool.capacity), pool.taken) if turns[mode] is not Turn.NOBODY else 0
        for mode, pool in pools.items()
    }
    queue = _groups(entry for entry in waiting_at(event_id) if entry.offer_until is None and entry.session_id is None)
    moved = 0
    while group := next((one for one in queue if len(one) <= free[one[0].mode]), None):
        queue.remove(group)
        for entry in group:
            free[entry.mode] -= 1
            if entry.held_mode in free and turns[entry.mode] is Turn.AT_ONCE:
                free[entry.held_mode] += turns[entry.held_mode] is not Turn.NOBODY
        moved += len(group)
    return moved


def _groups(entries: Iterable[Waiting]) -> list[list[Waiting]]:
    """Those who move up together, in the order of their turns."""
    groups: dict[object, list[Waiting]] = {}
    for entry in entries:
        groups.setdefault((entry.mode, entry.party_id) if entry.party_id else entry.id, []).append(entry)
    return list(groups.values())


def group_sizes(event_id: int, mode: str, partner_id: int | None = None) -> list[int]:
    """How many wait together for the event as a whole, in the order of their turns; 1 for each who waits alone.

    With `partner_id` of those only whom this partner has sent.
    """
    waits = (one for one in waiting_at(event_id) if one.mode == mode and not (one.offer_until or one.session_id))
    own = (one for one in waits if partner_id is None or one.partner_id == partner_id)
    return [len(group) for group in _groups(own)]


def _less(capacity: int | None, kept: int) -> int | None:
    return None if capacity is None else capacity - kept


def _seats_left(capacity: int | None, taken: int) -> float:
    return math.inf if capacity is None else capacity - taken


def overdue_offers(event_id: int | None = None) -> list[tuple[int, int]]:
    """Event and entry of each offer whose time is over. Where event or session are cancelled all stays as it is."""
    rows = execute(_OVERDUE, {"at": now()}).all()
    return [(row.event_id, row.id) for row in rows if event_id in (None, row.event_id)]


def offers_to_remind_of() -> list[int]:
    """The entries whose offer ends soon, of those that last long enough for a reminder."""
    rows = execute(_ENDING, {"at": now(), "soon": now() + REMIND_BEFORE}).all()
    return [row.id for row in rows if is_worth_reminding(row.offered_at, row.offer_until)]


def events_that_can_promote() -> list[int]:
    """Events where somebody waits beside a free seat, as after more seats were added."""
    return list(execute(_MOVABLE, {"at": now()}).scalars())


# Tables instead of classes, and made once: every cancelled seat asks for these.
_event, _session, _pool = table_of(Event), table_of(Session), table_of(SeatPool)
_entry, _registration = table_of(WaitingEntry), table_of(Registration)


def _held_in(mode: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(
        and_(mode == Mode.IN_PERSON, _session.c.is_in_person.is_(True)),
        and_(mode == Mode.ONLINE, _session.c.is_online.is_(True)),
    )


_AHEAD = and_(
    _session.c.event_id == _event.c.id,
    _session.c.status == SessionStatus.SCHEDULED,
    _session.c.starts_at > bindparam("at", type_=_session.c.starts_at.type),
)
_OF_SESSION = bindparam("of_session", type_=_session.c.id.type)
_OF_MODE = bindparam("of_mode", type_=_pool.c.mode.type)
_TERMS = (
    select(
        *(_event.c[name] for name in ("status", "zone", "offer_lead_hours", "offer_hours", "change_lead_hours")),
        func.min(_session.c.starts_at).label("next_start"),
    )
    .select_from(
        _event.outerjoin(
            _session,
            and_(
                _AHEAD,
                or_(_OF_SESSION.is_(None), _session.c.id == _OF_SESSION),
                or_(_OF_MODE.is_(None), _held_in(_OF_MODE)),
            ),
        )
    )
    .where(_event.c.id == bindparam("event_id"))
    .group_by(_event.c.id)
)
_WAITING = (
    select(
        *(_entry.c[name] for name in ("id", "registration_id", "pool_id", "created_at", "offer_until")),
        *(_pool.c.session_id, _pool.c.mode, _pool.c.capacity, _pool.c.taken),
        *(_registration.c.public_id, _registration.c.name, _registration.c.partner_id),
        *(_registration.c.status, _registration.c.mode.label("held_mode")),
        case((and_(_registration.c.stays_together, _pool.c.session_id.is_(None)), _registration.c.party_id)).label(
            "party"
        ),
    )
    .select_from(
        _entry.join(_pool, _pool.c.id == _entry.c.pool_id).join(
            _registration, _registration.c.id == _entry.c.registration_id
        )
    )
    .where(_pool.c.event_id == bindparam("event_id"))
    .order_by(_pool.c.id, _entry.c.id)
)
_KEPT_LEFT = select(_pool.c.mode, _pool.c.partner_id, _pool.c.capacity - _pool.c.taken).where(
    _pool.c.event_id == bindparam("event_id"), _pool.c.partner_id.is_not(None), _pool.c.taken < _pool.c.capacity
)
_OFFERS: Any = (
    select(_pool.c.event_id, _entry.c.id, _entry.c.offered_at, _entry.c.offer_until)
    .select_from(
        _entry.join(_pool, _pool.c.id == _entry.c.pool_id)
        .join(_event, _event.c.id == _pool.c.event_id)
        .outerjoin(_session, _session.c.id == _pool.c.session_id)
    )
    .where(
        _event.c.status != EventStatus.CANCELLED,
        or_(_pool.c.session_id.is_(None), _session.c.status == SessionStatus.SCHEDULED),
    )
    .order_by(_entry.c.id)
)
_OVERDUE = _OFFERS.where(_entry.c.offer_until <= bindparam("at"))
_ENDING = _OFFERS.where(_entry.c.offer_until > bindparam("at"), _entry.c.offer_until <= bindparam("soon"))
_MOVABLE = (
    select(_pool.c.event_id)
    .distinct()
    .select_from(_pool.join(_event, _event.c.id == _pool.c.event_id).join(_session, _AHEAD))
    .where(
        _event.c.status != EventStatus.CANCELLED,
        or_(_pool.c.waiting > 0, partner_seats.guest_waits()),
        or_(and_(_pool.c.session_id.is_(None), _held_in(_pool.c.mode)), _pool.c.session_id == _session.c.id),
        or_(_pool.c.capacity.is_(None), _pool.c.taken < _pool.c.capacity),
    )
    .order_by(_pool.c.event_id)
)
