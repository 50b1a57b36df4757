"""The question "do you come?", its answer, and what becomes of the seats of those who are silent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from app.catalogue.models import Event
from app.core import audit
from app.core.audit import PARTICIPANT, SYSTEM, Actor
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.messaging import outbox
from app.registration import answers, seats
from app.registration.companions import others_who_owe
from app.registration.models import Registration, RegistrationStatus
from app.registration.operations.cancel import end_registrations
from app.registration.operations.telling import mail_person, stamp, whose
from app.registration.operations.waiting import hold_with_event, load_with_event
from app.registration.queries import EVERYBODY, Whom

AT_A_TIME = 200


class NoSeat(Conflict):
    """There is no seat to come to."""

    code = "no_seat"


def confirm_coming(*, registration_id: int, actor: Actor = PARTICIPANT) -> bool:
    """The person says that she comes; False when nobody had asked. No mail. Raises `NoSeat`, `Missing`.

    One mail asks all who were signed up together and share an address, so the answer is for all of them.
    """
    with transaction():
        registration, event = hold_with_event(registration_id)  # or the seat could be given away at this very moment
        if not registration.has_seat or event.is_cancelled:
            raise NoSeat(_("There is no seat for you any more. Your page says how things stand."))
        if not registration.owes_answer:
            return False
        for one in [registration, *others_who_owe(registration)]:
            one.replied_at = now()
            audit.record(
                actor,
                "confirm_coming",
                organization_id=event.organization_id,
                event_id=event.id,
                subject=("registration", one.id),
            )
    return True


def mark_asked(event_id: int, *, whom: Whom = EVERYBODY, registration_ids: Sequence[int] | None = None) -> None:
    """Everybody with a seat has been asked just now, by a message about a change. In a running transaction.

    With `registration_ids` these only.
    """
    asked = update(Registration).where(
        Registration.event_id == event_id, Registration.status == RegistrationStatus.CONFIRMED, *whom.conditions
    )
    if registration_ids is not None:
        asked = asked.where(Registration.id.in_(registration_ids))
    execute(asked.values(asked_at=now()))


def forget_question(event_id: int) -> None:
    """Who has not answered is asked anew when it is time: the question was about another time. In a transaction."""
    silent = update(Registration).where(
        Registration.event_id == event_id,
        Registration.status == RegistrationStatus.CONFIRMED,
        Registration.asked_at.is_not(None),
        (Registration.replied_at.is_(None)) | (Registration.replied_at < Registration.asked_at),
    )
    execute(silent.values(asked_at=None))


def ask_who_comes() -> int:
    """Ask the people of every event whose time for it has come, each once; returns how many."""
    asked = 0
    for event_id in answers.events_to_ask():
        batch = AT_A_TIME
        while batch == AT_A_TIME:
            with transaction():
                batch = _ask_next(event_id)
            asked += batch
    return asked


def _ask_next(event_id: int) -> int:
    seats.hold(event_id)  # before people, as every deed: somebody may be moving up, and others with that person
    event = db.session.get_one(Event, event_id)
    people = answers.people_to_ask(event, AT_A_TIME)
    at = now()
    for registration in people:
        registration.asked_at = at
        dedupe = stamp(whose(registration), event.starts_at)
        mail_person(registration, event, "please_reconfirm", dedupe=dedupe, priority=outbox.BULK)
    return len(people)


def release_silent_seats() -> int:
    """Give the seats of silent people to those who wait, as long as somebody can use them.

    Each transaction releases one seat, or as many as the people need who wait together.
    """
    released = 0
    for event_id in answers.events_to_release():
        while batch := _release_next(event_id):
            released += batch
    return released


def _release_next(event_id: int) -> int:
    with transaction():
        seats.hold(event_id)
        silent = [load_with_event(registration_id)[0] for registration_id in answers.next_to_release(event_id)]
        event = db.session.get_one(Event, event_id)
        return end_registrations(
            silent, event, actor=SYSTEM, by="silence", notify=True, message="seat_released", action="release_seat"
        )


def tend_answers() -> None:
    """What the worker does every minute."""
    ask_who_comes()
    release_silent_seats()
