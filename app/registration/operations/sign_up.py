"""Signing up: a seat and a registration, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from app.catalogue.models import EventStatus, SignUpWay
from app.catalogue.queries import Seats, SignUpFrame, pools_ahead, sign_up_frame
from app.catalogue.rules import SignUpState, decide_sign_up, takes_waiting
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import db, execute, insert_unless_there, table_of, transaction
from app.core.errors import Conflict, Missing, Refused
from app.core.i18n import gettext as _
from app.core.security.links import link_token, new_public_id, ticket_code, token_hash
from app.core.settings import settings
from app.core.text import fold
from app.messaging import outbox
from app.registration import seats
from app.registration.ledger import entry_begins, raise_change_number
from app.registration.models import Consent, Registration, RegistrationStatus
from app.registration.operations.addresses import contact_id_of
from app.registration.operations.first_choice import has_choices, hold_sessions, take_sessions, wish_for_sessions
from app.registration.operations.guests import as_guest, claim_seat, claim_seats, frame_of
from app.registration.operations.known_people import answer_known, find_known
from app.registration.operations.storing_answers import store_first_answers
from app.registration.operations.waiting import end_overdue_offers_at
from app.registration.rules import Way
from app.registration.sign_up_words import closed_words, full_words
from app.registration.tickets import new_reference
from app.registration.values import SignUpResult, SignUpValues

REFERENCE_TRIES = 20


class EventFull(Conflict):
    """No seat is left in the mode that the person chose."""

    code = "event_full"


class SignUpClosed(Conflict):
    """The event takes no sign-ups now; the message says why."""

    code = "sign_up_closed"


class ModeNotOffered(Refused):
    """The event can't be attended in the chosen way."""

    code = "mode_not_offered"


class FormSentBefore(Conflict):
    """The form's key was used for somebody else."""

    code = "form_sent_before"


# Tables instead of classes, and made once: many people wait for these (docs/performance.md).
_registration = table_of(Registration)
_SAME_SUBMISSION = select(
    *(_registration.c[name] for name in ("id", "public_id", "manage_generation", "key_number", "name_folded", "status"))
).where(_registration.c.submission_key == bindparam("key"), _registration.c.event_id == bindparam("event_id"))
NOW_WAITS = (
    update(_registration)
    .where(_registration.c.id == bindparam("waits"))
    .values(status=RegistrationStatus.WAITLISTED, confirmed_at=None)
)
UNDECIDED = (
    update(_registration)
    .where(_registration.c.id == bindparam("undecided"))
    .values(status=bindparam("as"), hold_until=bindparam("until"), confirmed_at=None)
)
COMES_BY = update(_registration).where(_registration.c.id == bindparam("comes")).values(mode=bindparam("mode"))
_CONSENT = insert(table_of(Consent))


def register(*, event_id: int, values: SignUpValues, actor: Actor = PARTICIPANT) -> SignUpResult:
    """Sign one person up in the event's way: at once, after the mail's button, or when the organizer says so.

    Where no seat is left and the person agreed, it is the waiting list. Changes: the registration, its seat or its
    place in the queue, its sessions, consents and answers, the audit, the event's change number. Outside: one mail,
    `registration_confirmed`, `confirm_address`, `registration_pending` or `waitlisted`. The same form sent twice is one
    deed; the same person again gets no second seat but the mail `your_links`. Raises `SignUpClosed`, `EventFull`,
    `ModeNotOffered`, `TooManyPerAddress`, `AnswersNeeded`, `Missing`, and where sessions are chosen what
    `session_seats` raises.
    """
    with transaction():
        repeated = same_submission(values, event_id)
        if repeated:
            return repeated
        event, pool_id = open_pool(event_id, values.mode)
        contact_id = contact_id_of(values.email, values.language)
        known = find_known(event, contact_id, values)
        if known is not None:
            # A double click's first half may have been committed since we asked for this form.
            return same_submission(values, event_id) or answer_known(event, known, values)
        if has_choices(event):
            seats.hold(event_id)  # several pools are needed, and none may be lost while the next one is asked for
        event, values = as_guest(event, values)
        row = insert_registration(event_id, contact_id, values)
        if row is None:  # somebody with the same name and address was faster, within this very moment
            return _already_there(event, contact_id, values)
        message, action, way = _enter(event, row.id, pool_id, values)
        store_consents(row.id, values)
        if event.asks_questions:
            store_first_answers(event_id, row.id, values.answers, is_needed=True)
        audit.record(
            actor,
            action,
            organization_id=event.organization_id,
            event_id=event_id,
            subject=("registration", row.id),
            way=way.code,
        )
        if values.email:
            outbox.put(
                message,
                to=values.email,
                language=values.language,
                facts={"registration": row.public_id},
                organization_id=event.organization_id,
                dedupe_key=f"{message}:{row.id}",
            )
        raise_change_number(event_id, row.id)
    # Whose address isn't known to be right sees no page of one's own: the link comes by mail, as for everybody else.
    token = None if message == "confirm_address" else link_token("manage", row.public_id)
    return SignUpResult(row.id, row.public_id, True, token)


def _enter(event: SignUpFrame, registration_id: int, pool_id: int, values: SignUpValues) -> tuple[str, str, Way]:
    """What the new registration gets, in the event's way: the mail to send, the deed, and the way of coming."""
    if event.sign_up_way == SignUpWay.I_DECIDE:
        wish_for_sessions(event, registration_id, values)
        execute(UNDECIDED, {"undecided": registration_id, "as": RegistrationStatus.PENDING, "until": None})
        return "registration_pending", "ask_for_place", Way(seat=values.mode)
    if event.sign_up_way == SignUpWay.AFTER_MAIL and values.email:
        way = _hold_place(event, registration_id, pool_id, values)
        until = min(now() + timedelta(minutes=event.confirm_minutes), event.ends_at)
        execute(UNDECIDED, {"undecided": registration_id, "as": RegistrationStatus.UNCONFIRMED, "until": until})
        return "confirm_address", "begin_sign_up", way
    way = take_place(event, registration_id, pool_id, values)
    if way.seat:
        return "registration_confirmed", "sign_up", way
    return "waitlisted", "join_waiting_list", way


def _hold_place(event: SignUpFrame, registration_id: int, pool_id: int, values: SignUpValues) -> Way:
    """A seat until the button is pressed. Nobody holds a place in a queue: one joins it with the button."""
    end_overdue_offers_at(event.id)
    if claim_seats(event, [registration_id], pool_id, values):
        hold_sessions(event, registration_id, values)
        return Way(seat=values.mode)
    has_list = takes_waiting(event, now())
    if not (values.may_wait and has_list):
        raise EventFull(full_words(values.mode, has_list=has_list))
    wish_for_sessions(event, registration_id, values)
    return Way(queue=values.mode)


def take_place(
    event: SignUpFrame, registration_id: int, pool_id: int, values: SignUpValues, at: datetime | None = None
) -> Way:
    """Take the seat with its sessions, or what else the person agreed to, and say what it was.

    Who must choose sessions and has only such to wait for is in the queue, too. Raises `EventFull`, `ModeNotOffered`.
    """
    way = _take_seat(event, registration_id, pool_id, values, at)
    if way.seat is None:
        wish_for_sessions(event, registration_id, values)
        return way
    chosen = take_chosen(event, registration_id, replace(values, mode=way.seat), at or now())
    return way if chosen.seat else chosen


def take_chosen(event: SignUpFrame, registration_id: int, values: SignUpValues, at: datetime) -> Way:
    """Take the sessions that were chosen by somebody who has a seat; who has only such to wait for is in the queue."""
    if not has_choices(event) or take_sessions(event, registration_id, values, at):
        return Way(seat=values.mode)
    execute(NOW_WAITS, {"waits": registration_id})
    return Way(queue=values.mode)


def _take_seat(
    event: SignUpFrame, registration_id: int, pool_id: int, values: SignUpValues, at: datetime | None
) -> Way:
    if values.also_wait_for:
        return _take_meanwhile(event, registration_id, pool_id, values.also_wait_for, values, at)
    if pool_id != event.pools[0].id:
        # On PostgreSQL a claim that had to wait and then failed keeps its pool's row: the queue would wait for the
        # first one with the second in hand, and so would somebody else the other way round.
        seats.hold(event.id)
    if claim_seat(event, registration_id, pool_id, values):
        return Way(seat=values.mode)
    return _queue_up(event, registration_id, pool_id, values, at)


def _queue_up(event: SignUpFrame, registration_id: int, pool_id: int, values: SignUpValues, at: datetime | None) -> Way:
    """Take a seat that only seemed to be kept, or a place in the queue. Raises `EventFull`."""
    end_overdue_offers_at(event.id)
    if claim_seats(event, [registration_id], pool_id, values):
        return Way(seat=values.mode)
    has_list = takes_waiting(event, now())
    if not (values.may_wait and has_list):
        raise EventFull(full_words(values.mode, has_list=has_list))
    seats.wait(registration_id, pool_id, at or now())
    execute(NOW_WAITS, {"waits": registration_id})
    return Way(queue=values.mode)


def _take_meanwhile(
    event: SignUpFrame, registration_id: int, pool_id: int, rather: str, values: SignUpValues, at: datetime | None
) -> Way:
    """Take a seat of the mode that the person would rather have, if one is free after all.

    Else one of the other mode meanwhile, and a place in the queue. Raises `EventFull`, `ModeNotOffered`.
    """
    wished = newcomers_pool(event, rather)
    end_overdue_offers_at(event.id)  # from here on the pools are held, so what is full stays full
    if claim_seats(event, [registration_id], wished, values):
        execute(COMES_BY, {"comes": registration_id, "mode": rather})
        return Way(seat=rather)
    if not takes_waiting(event, now()):
        raise EventFull(full_words(rather))
    if not claim_seats(event, [registration_id], pool_id, values):
        raise EventFull(full_words(values.mode, has_list=True))
    seats.wait(registration_id, wished, at or now())
    return Way(seat=values.mode, queue=rather)


def add_loaded(*, event_id: int, values: SignUpValues, source_key: str, signed_up_at: datetime | None = None) -> int:
    """Add a registration from a data file and return its id: same rules of seats and queues, but no mail and no window.

    Raises `EventFull` and `ModeNotOffered`. A key that was loaded before is left as it is.
    """
    with transaction():
        found = db.session.scalar(select(Registration.id).where(Registration.source_key == source_key))
        if found is not None:
            return found
        if values.partner_id is not None:
            seats.hold(event_id)
        event = frame_of(event_id)
        pool_id = public_pool(event.pools, values.mode)
        contact_id = contact_id_of(values.email, values.language)
        if has_choices(event):
            seats.hold(event_id)
        row = insert_registration(event_id, contact_id, values, source_key=source_key, signed_up_at=signed_up_at)
        if row is None:
            raise Conflict(_("%(name)s is signed up for this event twice.", name=values.name))
        take_place(event, row.id, pool_id, values, signed_up_at)
        raise_change_number(event_id, row.id)
        return int(row.id)


def same_submission(values: SignUpValues, event_id: int) -> SignUpResult | None:
    """The registration that this very form has made; another person's name in it is another deed."""
    if values.submission_key is None:
        return None
    row = execute(_SAME_SUBMISSION, {"key": values.submission_key, "event_id": event_id}).first()
    if row is None:
        return None
    if row.name_folded != fold(values.name):
        raise FormSentBefore(_("This form was sent before. To sign up another person, press the button once more."))
    if row.status == RegistrationStatus.UNCONFIRMED:
        return SignUpResult(row.id, row.public_id, True)
    token = link_token("manage", row.public_id, row.manage_generation, row.key_number)
    return SignUpResult(row.id, row.public_id, True, token)


def open_pool(event_id: int, mode: str) -> tuple[SignUpFrame, int]:
    """The event while it takes people, and this mode's pool. Raises `SignUpClosed`, `ModeNotOffered`, `Missing`."""
    event = sign_up_frame(event_id)
    if event is None or event.status == EventStatus.DRAFT:
        raise Missing
    state = decide_sign_up(event, pools_ahead(event, event.pools, now()), now())
    if state not in (SignUpState.OPEN, SignUpState.WAITING_LIST, SignUpState.FULL):
        raise SignUpClosed(closed_words(state))
    return event, newcomers_pool(event, mode)


def newcomers_pool(event: SignUpFrame, mode: str) -> int:
    """The same, if something is still to come that way. Raises `ModeNotOffered`."""
    return public_pool(pools_ahead(event, event.pools, now()), mode)


def public_pool(pools: Sequence[Seats], mode: str) -> int:
    """The pool that anybody may take a seat of `mode` from. Raises `ModeNotOffered`."""
    for pool in pools:
        if pool.mode == mode and pool.session_id is None and pool.partner_id is None:
            return pool.id
    raise ModeNotOffered(_("Choose how you will take part: this event can’t be attended that way."))


def insert_registration(
    event_id: int,
    contact_id: int | None,
    values: SignUpValues,
    source_key: str | None = None,
    signed_up_at: datetime | None = None,
    *,
    wants_call: bool = False,
    is_double: bool = False,
) -> Row[Any] | None:
    """The new row, or None when this person (or this very form) has one. A taken reference is drawn again.

    `is_double`: the person has a place already, and may have this one as well, for others signed her up.
    """
    at = signed_up_at or now()
    statement = insert_unless_there(Registration, returning=("id", "public_id"))
    for _try in range(REFERENCE_TRIES):
        reference = new_reference()
        public_id = new_public_id()
        row: Row[Any] | None = execute(
            statement,
            {
                "public_id": public_id,
                "event_id": event_id,
                "contact_id": contact_id,
                "status": RegistrationStatus.CONFIRMED,
                "mode": values.mode,
                "name": values.name,
                "name_folded": fold(values.name),
                "phone": values.phone,
                "wants_call": wants_call,
                "is_double": is_double,
                "guardian_name": values.guardian_name,
                "guardian_agreed_at": at if values.guardian_name else None,
                "language": values.language,
                "reference": reference,
                "manage_hash": token_hash(link_token("manage", public_id)),
                "ticket_hash": token_hash(ticket_code(public_id)),
                "key_number": settings().link_key.number,
                "manage_generation": 1,
                "ticket_generation": 1,
                "changes": 0,
                "change_number": 0,
                "submission_key": values.submission_key,
                "via": values.via,
                "partner_id": values.partner_id,
                "created_at": at,
                "changed_at": at,
                "confirmed_at": at,
                "source_key": source_key,
            },
        ).first()
        if row is not None:
            entry_begins(row.id)
            return row
        if not _is_reference_taken(event_id, reference):
            return None
    raise Conflict(_("This event has too many people for six-digit references."))


def _is_reference_taken(event_id: int, reference: str) -> bool:
    found = execute(
        select(Registration.id).where(Registration.event_id == event_id, Registration.reference == reference)
    )
    return found.first() is not None


def _already_there(event: SignUpFrame, contact_id: int | None, values: SignUpValues) -> SignUpResult:
    repeated = same_submission(values, event.id)
    if repeated:
        return repeated
    known = find_known(event, contact_id, values)
    if known is None:
        raise Conflict(_("We could not sign you up just now. Please send the form once more."))
    return answer_known(event, known, values)


def store_consents(registration_id: int, values: SignUpValues) -> None:
    """Keep what was agreed to, and when."""
    if values.consent_text_ids:
        execute(
            _CONSENT,
            [
                {
                    "registration_id": registration_id,
                    "text_id": text_id,
                    "language": values.language,
                    "given_at": now(),
                }
                for text_id in values.consent_text_ids
            ],
        )
