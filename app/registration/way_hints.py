"""What each way of coming would mean for one person: for the seat, for the queue, and for chosen sessions."""

from __future__ import annotations

from app.catalogue.models import Mode
from app.catalogue.rules import is_ahead
from app.core.clock import now
from app.registration import seats
from app.registration.models import Registration
from app.registration.own_sessions import own_sessions
from app.registration.rules import Ways, gives_up
from app.registration.session_lines import carried_words
from app.registration.way_words import change_hint


def has_ways(registration: Registration) -> bool:
    """Whether there is another way of coming to the event at all; a full one has its waiting list."""
    event, at = registration.event, now()
    if event.is_cancelled or event.ends_at <= at or not registration.is_active or registration.is_undecided:
        return False
    # A seat is good for all meetings, so whose way is over needs no other one.
    is_open = not registration.has_seat or is_ahead(event, registration.mode, at)
    others = (mode for mode in Mode if mode != registration.mode)
    return (is_open and any(is_ahead(event, mode, at) for mode in others)) or bool(seats.entries_of(registration.id))


def way_hints(registration: Registration, ways: Ways) -> dict[str, str]:
    """A hint for each way that is open, by its code."""
    own, has_list = own_sessions(registration), registration.event.has_waiting_list
    hints = {}
    for way in ways.open:
        moves = way.seat is not None and way.seat != ways.now.seat
        sessions = carried_words(own, way.seat, has_list=has_list) if moves and way.seat else []
        hints[way.code] = " ".join([change_hint(way, ways), *sessions])
    return hints


def only_way(registration: Registration, ways: Ways) -> str | None:
    """The only other way needs no choice, unless something is given up by it, or what was chosen hangs on it."""
    own = own_sessions(registration)
    if own.held.seats or own.held.waits or len(ways.open) != 1 or gives_up(ways.open[0], ways.now):
        return None
    return ways.open[0].code
