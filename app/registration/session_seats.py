"""Seats at sessions: what somebody gets of what was wished. The event's seats must be held by who calls this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select

from app.catalogue.models import Mode, SessionStatus
from app.catalogue.queries import Choice, Choices, choices_of
from app.core.db import execute, table_of
from app.core.errors import Conflict, DomainError, Refused
from app.core.i18n import gettext as _
from app.registration import seats
from app.registration.ledger import entry_changes
from app.registration.models import Registration, RegistrationStatus, SessionWish
from app.registration.session_rules import Held, Move, Wish, decide_move, find_clash, overlap
from app.registration.session_words import clash_words, full_words, hall_only_words, title_of


class ChoiceRefused(DomainError):
    """The sessions can't be had as they were chosen; a form shows it beside them."""


class SessionClash(ChoiceRefused, Refused):
    """Two of the chosen sessions are at the same time."""

    code = "session_clash"


class SessionFull(ChoiceRefused, Conflict):
    """A chosen session is full, and the person did not know; `codes` are those of all such sessions."""

    code = "session_full"


class SessionNotOpen(ChoiceRefused, Refused):
    """A chosen session can't be chosen: it is over, cancelled, gone, or in the hall only."""

    code = "session_not_open"


class NothingChosen(ChoiceRefused, Refused):
    """Of an event where one chooses, nothing was chosen."""

    code = "nothing_chosen"


@dataclass
class Arranged:
    """What came of it: the pools that have a seat more, and whether seats of this person are others than before."""

    freed: list[int] = field(default_factory=list)
    moved: bool = False


def wishes_of(choices: Choices, codes: Iterable[str], told_full: Iterable[str], at: datetime) -> list[Wish]:
    """What a form has chosen, by its codes. Raises `SessionNotOpen`."""
    told = set(told_full)
    wishes = []
    for code in dict.fromkeys(codes):
        choice = choices.by_code(code)
        if choice is None:
            raise SessionNotOpen(_("One of the sessions is no longer on the programme. Please choose again."))
        check_open(choice, at)
        wishes.append(Wish(choice.session.id, is_rather=code in told))
    return wishes


def check_open(choice: Choice, at: datetime) -> None:
    """Raise `SessionNotOpen` for what nobody can choose any more."""
    if choice.session.status == SessionStatus.CANCELLED:
        raise SessionNotOpen(_("“%(title)s” is cancelled. Please choose again.", title=title_of(choice.session)))
    if choice.session.starts_at <= at:
        raise SessionNotOpen(_("“%(title)s” has begun. Please choose again.", title=title_of(choice.session)))


def check_wishes(choices: Choices, mode: str, wishes: Sequence[Wish]) -> None:
    """Raise `SessionClash`, `SessionNotOpen` or `NothingChosen` for what can't be given, whatever is free."""
    _check(choices, mode, Held(), decide_move(Held(), wishes))
    if choices.must_choose and not wishes:
        raise NothingChosen(_("Please choose at least one session."))


def held_at_sessions(registration_id: int) -> Held:
    """The sessions at which the registration has a seat, and those that it waits for or is offered."""
    return Held(
        seats=frozenset(one.session_id for one in seats.session_seats_of(registration_id) if not one.is_offered),
        waits=frozenset(
            entry.session_id for entry in seats.session_entries_of(registration_id) if entry.session_id is not None
        ),
    )


def bring(
    choices: Choices,
    registration_id: int,
    mode: str,
    wishes: Sequence[Wish],
    *,
    has_list: bool,
    at: datetime,
    is_patient: bool = False,
) -> Arranged:
    """Give exactly these sessions to somebody who comes in this `mode`, and take every other.

    What was told to be full is waited for, with what else is chosen meanwhile; where it has a seat after all, that one
    is taken instead. Raises `SessionFull` where the person didn't know, unless `is_patient`: then that is waited for,
    or done without where it can't be. Raises `SessionClash` and `SessionNotOpen`.
    """
    held = held_at_sessions(registration_id)
    move = decide_move(held, wishes)
    if move.is_nothing:
        return Arranged()
    _check(choices, mode, held, move)
    done = _leave(registration_id, move)
    kept = {one for one in held.seats if one not in move.leaves_seats}
    won = [one for one in move.takes_rather if _claim(choices, registration_id, mode, one)]
    done.freed += _leave_clashing(choices, registration_id, won, kept)
    full = [
        one for one in move.takes if not _clashes(choices, one, won) and not _claim(choices, registration_id, mode, one)
    ]
    queues = [one for one in move.takes_rather if one not in won]
    if is_patient:
        waits = {*queues, *(held.waits - move.leaves_waits)}
        queues += [one for one in full if not _clashes(choices, one, waits)]
    elif full or (queues and not has_list):
        raise _full(choices, full or queues, has_list=has_list)
    for one in queues if has_list else ():
        seats.wait(registration_id, _pool_id(choices, mode, one), at)
    done.moved = held_at_sessions(registration_id).seats != held.seats
    return done


def _full(choices: Choices, session_ids: Sequence[int], *, has_list: bool) -> SessionFull:
    sessions = [choices.by_id(one).session for one in session_ids]
    return SessionFull(full_words(sessions, has_list=has_list), codes=[one.code for one in sessions])


def _check(choices: Choices, mode: str, held: Held, move: Move) -> None:
    sessions = {choice.session.id: choice.session for choice in choices.to_choose}
    asked = (*move.takes, *move.takes_rather)
    elsewhere = [sessions[one] for one in asked if choices.by_id(one).pool_for(mode) is None]
    if elsewhere:
        raise SessionNotOpen(hall_only_words(elsewhere))
    clash = find_clash(sessions, held, move)
    if clash is not None:
        first, second = sessions[clash.one], sessions[clash.other]
        words = clash_words(first, second, is_of_waits=clash.is_of_waits)
        raise SessionClash(words, codes=[first.code, second.code])


def _leave(registration_id: int, move: Move) -> Arranged:
    done = Arranged()
    for entry in seats.session_entries_of(registration_id):
        if entry.session_id in move.leaves_waits:
            done.freed += seats.leave(entry)
    for seat in seats.session_seats_of(registration_id):
        if seat.session_id in move.leaves_seats and not seat.is_offered:
            done.freed += seats.give_back(registration_id, seat.pool_id)
    return done


def _leave_clashing(choices: Choices, registration_id: int, won: Sequence[int], kept: Iterable[int]) -> list[int]:
    """Who would rather have another session leaves what is at the same time for it."""
    left = {one for one in kept if _clashes(choices, one, won)}
    return _leave(registration_id, Move(frozenset(left), frozenset(), (), ())).freed


def _clashes(choices: Choices, session_id: int, others: Iterable[int]) -> bool:
    this = choices.by_id(session_id).session
    return any(overlap(this, choices.by_id(other).session) for other in others)


def _pool_id(choices: Choices, mode: str, session_id: int) -> int:
    pool = choices.by_id(session_id).pool_for(mode)
    assert pool is not None  # looked at by `_check`
    return pool.id


def _claim(choices: Choices, registration_id: int, mode: str, session_id: int) -> bool:
    return seats.claim(registration_id, [_pool_id(choices, mode, session_id)])


def keep_wishes(registration_id: int, wishes: Sequence[Wish]) -> None:
    """Write down what somebody wants who has no seat at the event yet."""
    if wishes:
        rows = [
            {"registration_id": registration_id, "session_id": wish.session_id, "is_rather": wish.is_rather}
            for wish in wishes
        ]
        execute(insert(table_of(SessionWish)), rows)


def kept_wishes(registration_id: int) -> list[Wish]:
    """What somebody wants who has no seat at the event yet."""
    query = select(SessionWish.session_id, SessionWish.is_rather).where(SessionWish.registration_id == registration_id)
    return [Wish(*row) for row in execute(query.order_by(SessionWish.id))]


def forget_wishes(registration_id: int) -> None:
    """Nothing is wished any more."""
    execute(delete(SessionWish).where(SessionWish.registration_id == registration_id))


def arrange(registration: Registration, *, has_list: bool, at: datetime) -> Arranged:
    """After somebody got a seat at the event, or one of another mode: the sessions follow.

    What is at the other mode's seats moves to this mode's, or waits there; what was wished is taken or waited for. Who
    has only sessions to wait for, and nothing else to come to, is on the waiting list.
    """
    choices = choices_of(registration.event_id)
    if not choices.to_choose:
        return Arranged()
    done = _carry(choices, registration, has_list=has_list, at=at)
    wishes = _possible(choices, registration, at) if registration.has_seat else []
    if wishes:
        held = held_at_sessions(registration.id)
        all_wishes = [Wish(one) for one in held.seats] + [Wish(one, is_rather=True) for one in held.waits] + wishes
        got = bring(choices, registration.id, registration.mode, all_wishes, has_list=has_list, at=at, is_patient=True)
        done = Arranged(done.freed + got.freed, done.moved or got.moved)
    if registration.has_seat:
        forget_wishes(registration.id)
    settle_status(choices, registration, at)
    if done.moved:
        entry_changes(registration.id)
    return done


def settle_status(choices: Choices, registration: Registration, at: datetime) -> None:
    """Where one must choose, the first seat at a session makes a place; who only waits is on the list, or is asked."""
    held, before = held_at_sessions(registration.id), registration.status
    if held.seats and registration.waits:
        registration.status, registration.confirmed_at = RegistrationStatus.CONFIRMED, at
    elif held.waits and not held.seats and (registration.waits or (choices.must_choose and registration.has_seat)):
        entries = [*seats.entries_of(registration.id), *seats.session_entries_of(registration.id)]
        is_asked = any(entry.offer_until is not None for entry in entries)
        registration.status = RegistrationStatus.OFFERED if is_asked else RegistrationStatus.WAITLISTED
        registration.confirmed_at = None
    if registration.status != before:
        entry_changes(registration.id)


def _possible(choices: Choices, registration: Registration, at: datetime) -> list[Wish]:
    """The wishes that can still be met, or waited for; times may have moved since, and other seats been taken."""
    sessions = {choice.session.id: choice for choice in choices.to_choose}
    held = held_at_sessions(registration.id)
    possible: list[Wish] = []
    for wish in kept_wishes(registration.id):
        choice = sessions.get(wish.session_id)
        is_held = wish.session_id in held.seats | held.waits
        if choice is None or is_held or choice.pool_for(registration.mode) is None:
            continue
        if _is_ahead(choice, at) and _fits(choices, held, [*possible, wish]):
            possible.append(wish)
    return possible


def _is_ahead(choice: Choice, at: datetime) -> bool:
    return choice.session.status != SessionStatus.CANCELLED and choice.session.starts_at > at


def _fits(choices: Choices, held: Held, wishes: Sequence[Wish]) -> bool:
    sessions = {choice.session.id: choice.session for choice in choices.to_choose}
    move = Move(
        leaves_seats=frozenset(),
        leaves_waits=frozenset(),
        takes=tuple(wish.session_id for wish in wishes if not wish.is_rather),
        takes_rather=tuple(wish.session_id for wish in wishes if wish.is_rather),
    )
    return find_clash(sessions, held, move) is None


def _carry(choices: Choices, registration: Registration, *, has_list: bool, at: datetime) -> Arranged:
    """Take the seats at sessions along into the registration's mode, as far as that goes.

    At what was called off or is over they stay as they are: there is nothing to come to any more.
    """
    done = _carry_waits(choices, registration, has_list=has_list, at=at)
    for seat in seats.session_seats_of(registration.id):
        choice = choices.by_id(seat.session_id)
        if choice.session.status == SessionStatus.CANCELLED or choice.session.ends_at <= at:
            continue
        target = choice.pool_for(registration.mode)
        if seat.is_offered or (target is not None and target.id == seat.pool_id):
            continue
        stays = target is not None and not _claim_or_wait(
            choices, registration.id, seat.session_id, target.id, has_list=has_list, at=at
        )
        if stays and seat.mode == Mode.ONLINE:
            continue  # who is in the hall can go on watching until there is a seat
        done.freed += seats.give_back(registration.id, seat.pool_id)
        done.moved = True
    return done


def _carry_waits(choices: Choices, registration: Registration, *, has_list: bool, at: datetime) -> Arranged:
    """The same for places in queues; what has a seat that way replaces what is at the same time."""
    done = Arranged()
    for entry in seats.session_entries_of(registration.id):
        assert entry.session_id is not None
        choice = choices.by_id(entry.session_id)
        target = choice.pool_for(registration.mode)
        if target is not None and target.id == entry.pool_id:
            continue
        done.freed += seats.leave(entry)
        seated = held_at_sessions(registration.id).seats
        if target is None or entry.session_id in seated or not _is_ahead(choice, at):
            continue
        if _claim_or_wait(choices, registration.id, entry.session_id, target.id, has_list=has_list, at=at):
            done.freed += _leave_clashing(choices, registration.id, [entry.session_id], seated)
            done.moved = True
    return done


def _claim_or_wait(
    choices: Choices, registration_id: int, session_id: int, pool_id: int, *, has_list: bool, at: datetime
) -> bool:
    """Whether there is a seat now; if not, it is waited for, unless another session at that time is."""
    waits = held_at_sessions(registration_id).waits
    if session_id in waits:
        return False
    if seats.claim(registration_id, [pool_id]):
        return True
    if has_list and not _clashes(choices, session_id, waits):
        seats.wait(registration_id, pool_id, at)
    return False
