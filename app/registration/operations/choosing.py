"""Choosing other sessions later: by the person, up to the event's deadline, and by the organizer."""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.catalogue.queries import Choices, choices_of
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.registration import seats, waiting
from app.registration.ledger import entry_changes, raise_change_number
from app.registration.models import Registration, RegistrationStatus
from app.registration.operations.people import load_person
from app.registration.operations.telling import mail_person, stamp, state_message
from app.registration.operations.waiting import (
    end_overdue_offers_at,
    hold_with_event,
    promote,
)
from app.registration.rules import may_change
from app.registration.session_rules import Held, Wish
from app.registration.session_seats import (
    NothingChosen,
    bring,
    check_wishes,
    forget_wishes,
    held_at_sessions,
    keep_wishes,
    kept_wishes,
    settle_status,
    wishes_of,
)


class TooLateToChoose(Conflict):
    """Nothing can be chosen any more: the deadline is over, or the place was given back."""

    code = "too_late"


def choose_sessions(*, registration_id: int, sessions: Sequence[str], told_full: Sequence[str] = ()) -> bool:
    """The person comes to exactly these sessions from now on; False when they are the same as before.

    `sessions` and `told_full` are codes; of the latter the person knew that they are full, and waits for them. What has
    begun stays as it is. Changes: seats and queues, the person's calendar entry, audit, the event's change number; who
    waits for a seat that comes free gets it. Outside: one mail, `registration_changed`, or `waitlisted` to who only
    waits. Raises `TooLateToChoose`, `Missing`, and what `session_seats` raises.
    """
    with transaction():
        registration, event = _hold(registration_id)
        if not may_change(waiting.terms_of(event.id), now()):
            raise TooLateToChoose(_("This can no longer be changed here. Please ask the organizer."))
        return change_sessions(registration, event, sessions, told_full, actor=PARTICIPANT, notify=True)


def choose_for_person(
    *, actor: Person, registration_id: int, sessions: Sequence[str], told_full: Sequence[str] = (), notify: bool
) -> bool:
    """The organizer chooses for a person, up to the end of the event; mails when `notify`.

    Raises `TooLateToChoose`, `NotAllowed`, `Missing`, and what `session_seats` raises.
    """
    with transaction():
        load_person(actor, registration_id)
        registration, event = _hold(registration_id)
        if event.is_cancelled or now() >= event.ends_at:
            raise TooLateToChoose(_("This event is over, so nothing can be changed."))
        return change_sessions(registration, event, sessions, told_full, actor=actor.actor, notify=notify)


def _hold(registration_id: int) -> tuple[Registration, Event]:
    """Registration and event while nobody else can move a seat, and no seat only seems to be kept."""
    registration, event = hold_with_event(registration_id)
    end_overdue_offers_at(event.id)
    return registration, event


def change_sessions(
    registration: Registration,
    event: Event,
    sessions: Sequence[str],
    told_full: Sequence[str],
    *,
    actor: Actor,
    notify: bool,
) -> bool:
    """The same in a running transaction that holds the event's seats."""
    if not registration.is_active:
        raise TooLateToChoose(_("This seat was given back. To come after all, sign up again."))
    choices = choices_of(event.id)
    if registration.status != RegistrationStatus.CONFIRMED and not seats.session_entries_of(registration.id):
        return _wish(registration, event, choices, sessions, told_full, actor=actor)
    at = now()
    held = held_at_sessions(registration.id)
    wishes = _wishes(choices, held, sessions, told_full)
    done = bring(choices, registration.id, registration.mode, wishes, has_list=event.has_waiting_list, at=at)
    after = held_at_sessions(registration.id)
    if after == held:
        return False
    if choices.must_choose and not after.seats and (held.seats or not after.waits):
        raise NothingChosen(
            _("Please keep at least one session that has a seat. If you can’t come at all, give the whole place back.")
        )
    settle_status(choices, registration, at)
    if done.moved:
        entry_changes(registration.id)
    registration.replied_at = at  # who chooses what to come to says that she comes
    promoted = promote(event.id, done.freed)
    _record(actor, registration, event)
    if notify and registration.id not in promoted:  # who moved up by the own choice has been told just that
        message = "registration_changed" if registration.has_seat else state_message(registration.status)
        lost = [one.session.code for one in choices.to_choose if one.session.id in held.seats - after.seats]
        mail_person(registration, event, message, dedupe=stamp(registration.id, at), lost_sessions=lost)
    raise_change_number(event.id, registration.id, *promoted)
    return True


def _wishes(choices: Choices, held: Held, sessions: Sequence[str], told_full: Sequence[str]) -> list[Wish]:
    """What is chosen, and what has begun and so stays as it is. What one has needs no seat to be free."""
    at = now()
    begun = {choice.session.id for choice in choices.to_choose if choice.session.starts_at <= at}
    stays = [Wish(one) for one in sorted(held.seats & begun)]
    known = {choice.session.code for choice in choices.to_choose if choice.session.id in held.seats | held.waits}
    kept = [choice.session.id for choice in choices.to_choose if choice.session.code in known & set(sessions)]
    new = wishes_of(choices, [code for code in sessions if code not in known], told_full, at)
    return list({wish.session_id: wish for wish in [*stays, *(Wish(one) for one in kept), *new]}.values())


def _wish(
    registration: Registration,
    event: Event,
    choices: Choices,
    sessions: Sequence[str],
    told_full: Sequence[str],
    *,
    actor: Actor,
) -> bool:
    """Who has no seat at the event yet only says what is wished; no mail."""
    if registration.status == RegistrationStatus.UNCONFIRMED:
        raise TooLateToChoose(_("This sign-up doesn’t count yet, so there is nothing to change."))
    wishes = wishes_of(choices, sessions, told_full, now())
    check_wishes(choices, registration.mode, wishes)
    if {wish.session_id for wish in wishes} == {wish.session_id for wish in kept_wishes(registration.id)}:
        return False
    forget_wishes(registration.id)
    keep_wishes(registration.id, wishes)
    _record(actor, registration, event)
    raise_change_number(event.id, registration.id)
    return True


def _record(actor: Actor, registration: Registration, event: Event) -> None:
    audit.record(
        actor,
        "choose_sessions",
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("registration", registration.id),
    )
