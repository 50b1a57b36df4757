"""The sessions that somebody chooses while signing up. The event's seats are held by then."""

from __future__ import annotations

from datetime import datetime

from app.catalogue.queries import SignUpFrame, choices_of
from app.core.clock import now
from app.registration.operations.waiting import end_overdue_offers_at
from app.registration.session_seats import bring, check_wishes, held_at_sessions, keep_wishes, wishes_of
from app.registration.values import SignUpValues


def has_choices(event: SignUpFrame) -> bool:
    """Whether the event has sessions that people choose."""
    return any(pool.session_id is not None for pool in event.pools)


def take_sessions(event: SignUpFrame, registration_id: int, values: SignUpValues, at: datetime) -> bool:
    """Take what was chosen, or wait for it; False when there is nothing to come to yet, but something to wait for.

    Raises what `session_seats` raises.
    """
    end_overdue_offers_at(event.id)
    choices = choices_of(event.id)
    wishes = wishes_of(choices, values.sessions, values.told_full, now())
    check_wishes(choices, values.mode, wishes)
    bring(choices, registration_id, values.mode, wishes, has_list=event.has_waiting_list, at=at)
    return not choices.must_choose or bool(held_at_sessions(registration_id).seats)


def hold_sessions(event: SignUpFrame, registration_id: int, values: SignUpValues) -> None:
    """Hold what has a seat until the mail's button is pressed, and write down what will be waited for then."""
    if not has_choices(event):
        return
    choices = choices_of(event.id)
    wishes = wishes_of(choices, values.sessions, values.told_full, now())
    check_wishes(choices, values.mode, wishes)
    at_once = [wish for wish in wishes if not wish.is_rather]
    bring(choices, registration_id, values.mode, at_once, has_list=event.has_waiting_list, at=now())
    keep_wishes(registration_id, [wish for wish in wishes if wish.is_rather])


def wish_for_sessions(event: SignUpFrame, registration_id: int, values: SignUpValues) -> None:
    """Write down what was chosen by somebody who has no seat at the event yet."""
    if not has_choices(event):
        return
    choices = choices_of(event.id)
    wishes = wishes_of(choices, values.sessions, values.told_full, now())
    check_wishes(choices, values.mode, wishes)
    keep_wishes(registration_id, wishes)
