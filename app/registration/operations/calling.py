"""The call list: what came of a call, said by whoever made it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import update

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.core import audit
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Missing
from app.registration import seats
from app.registration.models import Call, Registration
from app.registration.operations.asking import confirm_coming
from app.registration.operations.cancel import end_registration
from app.registration.operations.people import load_person
from app.registration.operations.waiting import accept_offer, decline_offer


class Answer(StrEnum):
    """What came of a call."""

    COMES = "comes"
    CANNOT = "cannot"
    TOLD = "told"
    NO_ANSWER = "no_answer"


def answer_call(*, actor: Person, call_id: int, answer: Answer) -> bool:
    """Write down what came of a call, and do at once what follows from it; False when it was answered before.

    "Comes" takes an offered seat; "can't" leaves it, or gives the seat back, and the queue moves. After "no answer" the
    call stays on the list. Outside: what those deeds send. Raises `OfferOver`, `NotAllowed`, `Missing`.
    """
    with transaction():
        call = db.session.get(Call, call_id)
        if call is None:
            raise Missing
        registration, event = load_person(actor, call.registration_id)
        seats.hold(event.id)  # before the call's row: whoever hands on a seat writes calls with the pools in hand
        if not _write_down(call, answer):
            return False
        if answer is Answer.COMES and call.message == "seat_offered":
            accept_offer(registration_id=registration.id)
        elif answer is Answer.COMES and registration.owes_answer:
            confirm_coming(registration_id=registration.id)
        elif answer is Answer.CANNOT:
            _leave(actor, registration, event, call)
        audit.record(
            actor.actor,
            "answer_call",
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", registration.id),
            answer=answer,
        )
    return True


def _write_down(call: Call, answer: Answer) -> bool:
    still_open = update(Call).where(Call.id == call.id, Call.answer.is_(None))
    if answer is Answer.NO_ANSWER:
        written = still_open.values(tries=Call.tries + 1, tried_at=now())
    else:
        written = still_open.values(answer=answer, answered_at=now())
    return execute(written.returning(Call.id)).first() is not None


def _leave(actor: Person, registration: Registration, event: Event, call: Call) -> None:
    if call.message == "seat_offered":
        decline_offer(registration_id=registration.id)
    else:
        end_registration(registration, event, actor=actor.actor, by="person", notify=False)
