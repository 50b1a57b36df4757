"""The call list: what came of a call, said by whoever made it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import update

from app.accounts.permissions import Person
from app.catalogue.models import Event, Session
from app.core import audit
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Missing
from app.core.i18n import gettext as _
from app.registration import seats
from app.registration.models import Call, Registration
from app.registration.operations.asking import confirm_coming
from app.registration.operations.cancel import end_registration
from app.registration.operations.offers import accept_offer, decline_offer
from app.registration.operations.people import load_person


class Answer(StrEnum):
    """What came of a call."""

    COMES = "comes"
    CANNOT = "cannot"
    TOLD = "told"
    NO_ANSWER = "no_answer"


class CallOutdated(Conflict):
    """What was to be said or asked has changed since the page was opened."""

    code = "outdated"


def state_of_call(registration: Registration) -> str:
    """A stamp of all that a call is about: the person's standing, and the event's time and place.

    `registration.event` must be loaded.
    """
    return f"{registration.change_number}.{registration.event.changed_at.timestamp():.6f}"


def answer_call(*, actor: Person, call_id: int, answer: Answer, seen: str | None = None) -> bool:
    """Write down what came of a call, and do at once what follows from it; False when it was answered before.

    One call says all that is open for a person, so its answer is the answer to all. "Comes" takes an offered seat;
    "can't" leaves it, or gives the seat back, and the queue moves. After "no answer" the call stays on the list.
    `seen` is the `state_of_call` that was read. Outside: what those deeds send. Raises `CallOutdated`, `OfferOver`,
    `NotAllowed`, `Missing`.
    """
    with transaction():
        call = db.session.get(Call, call_id)
        if call is None:
            raise Missing
        registration, event = load_person(actor, call.registration_id)
        seats.hold(event.id)  # before the call's row: whoever hands on a seat writes calls with the pools in hand
        db.session.refresh(registration)
        if seen is not None and call.answer is None and answer is not Answer.NO_ANSWER:
            _refuse_outdated(registration, event, seen)
        messages = _write_down(call, answer)
        if not messages:
            return False
        offers = _offers(registration.id)
        if answer is Answer.COMES and "seat_offered" in messages and offers:
            for session in offers:
                accept_offer(registration_id=registration.id, session=session, actor=actor.actor)
        elif answer is Answer.COMES and registration.owes_answer:
            confirm_coming(registration_id=registration.id, actor=actor.actor)
        elif answer is Answer.CANNOT and not event.is_cancelled:
            _leave(actor, registration, event)
        audit.record(
            actor.actor,
            "answer_call",
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", registration.id),
            answer=answer,
        )
    return True


def _refuse_outdated(registration: Registration, event: Event, seen: str) -> None:
    """Nobody loses a seat by an answer to another question than the one that was asked. Raises `CallOutdated`."""
    db.session.refresh(event)
    if state_of_call(registration) != seen:
        raise CallOutdated(
            _("Something has changed since you opened this page, so nothing was written down. Please look again.")
        )


def _write_down(call: Call, answer: Answer) -> list[str]:
    """The messages that this call was about; none when somebody else has written an answer."""
    still_open = update(Call).where(Call.registration_id == call.registration_id, Call.answer.is_(None))
    if answer is Answer.NO_ANSWER:
        written = still_open.values(tries=Call.tries + 1, tried_at=now())
    else:
        written = still_open.values(answer=answer, answered_at=now())
    rows = execute(written.returning(Call.id, Call.message)).all()
    return [row.message for row in rows] if call.id in [row.id for row in rows] else []


def _offers(registration_id: int) -> list[str | None]:
    """What the person is offered: the codes of sessions, None for the event as a whole."""
    entries = [*seats.entries_of(registration_id), *seats.session_entries_of(registration_id)]
    return [_code_of(entry.session_id) for entry in entries if entry.offer_until is not None]


def _code_of(session_id: int | None) -> str | None:
    return db.session.get_one(Session, session_id).code if session_id is not None else None


def _leave(actor: Person, registration: Registration, event: Event) -> None:
    offers = _offers(registration.id)
    for session in offers:
        decline_offer(registration_id=registration.id, session=session, actor=actor.actor)
    if not offers:
        end_registration(registration, event, actor=actor.actor, by="person", notify=False)
