"""What the page of all registrations of a mailbox says of each."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.event_times import meetings_text
from app.core.clock import now
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.settings import settings
from app.registration.facts import EventFacts, own_facts, state_of
from app.registration.models import Registration
from app.registration.own_sessions import OwnSessions, own_sessions
from app.registration.tickets import mailed_token
from app.registration.waiting_words import QueueFacts, all_queue_facts

State = tuple[str, str, str]


@dataclass(frozen=True)
class OwnRow:
    """One registration. `states` are words with icon and kind, as the macro `state_tag` takes them.

    `meetings` says how many there are, and until when; empty for a single one.
    """

    registration: Registration
    facts: EventFacts
    token: str
    states: tuple[State, ...]
    meetings: str


def row_of(registration: Registration) -> OwnRow:
    """The registration in words, in the language being spoken."""
    own = own_sessions(registration)
    return OwnRow(
        registration=registration,
        facts=own_facts(registration, settings().base_url, own=own),
        token=mailed_token(registration),
        states=(state_of(registration), *_also_waits(registration, own)),
        meetings=meetings_text(own.coming, now(), language()),
    )


def _also_waits(registration: Registration, own: OwnSessions) -> list[State]:
    """What somebody who has a seat waits for beside it."""
    event = registration.event
    if not registration.has_seat or event.is_cancelled or event.ends_at <= now():
        return []
    return [_queue_state(queue) for queue in all_queue_facts(registration, own)]


def _queue_state(queue: QueueFacts) -> State:
    if queue.is_open:
        return _("A seat is offered: %(mode)s", mode=queue.mode_word), "clock", "note"
    return _("On the waiting list: %(mode)s", mode=queue.mode_word), "clock", "warn"
