"""Moving a person to another date of a series: a place there, and none here, in one deed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.accounts.permissions import Person
from app.catalogue.models import Event
from app.catalogue.queries import (
    SignUpFrame,
    choices_of,
    next_session,
    other_dates,
    partner_at,
    pools_ahead,
    sessions_of,
    sign_up_frame,
)
from app.catalogue.rules import free_seats
from app.core import audit
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.registration import seats
from app.registration.earlier import frozen
from app.registration.ledger import raise_change_number
from app.registration.models import Consent, Registration
from app.registration.operations.addresses import person_registration
from app.registration.operations.answering import take_answers_along
from app.registration.operations.cancel import end_registration
from app.registration.operations.people import load_person
from app.registration.operations.sign_up import insert_registration, newcomers_pool, take_place
from app.registration.operations.telling import mail_person
from app.registration.operations.waiting import end_overdue_offers_at
from app.registration.own_sessions import own_sessions
from app.registration.rules import Way
from app.registration.values import SignUpValues


class NotMovable(Conflict):
    """The person can't be moved to that event: it is of another series, over, or has the person already."""

    code = "not_movable"


def move_person(*, actor: Person, registration_id: int, to_event_id: int, may_wait: bool, notify: bool) -> str:
    """Give the person a place at another event of the series instead; returns the new registration's public id.

    Where no seat is left and `may_wait`, it is the waiting list there; sessions of the same titles are chosen there, or
    waited for. The old place is given back, and whoever waits
    for it moves up. Outside: one mail `registration_moved` when `notify`. Raises `NotMovable`, `EventFull`,
    `NotAllowed`, `Missing`, and what `session_seats` raises.
    """
    with transaction():
        registration, event = load_person(actor, registration_id)
        for event_id in sorted((event.id, to_event_id)):  # in one order, as somebody may be moved the other way
            seats.hold(event_id)
        db.session.refresh(registration)
        frame = _target(registration, event, to_event_id)
        old = frozen(event, next_session(sessions_of(event.id), now()))
        values = _values(registration, frame, may_wait=may_wait)
        end_overdue_offers_at(frame.id)
        # The old place first: its row holds the key of the form and, at the same address, the person's name.
        end_registration(registration, event, actor=actor.actor, by="moved", notify=False, action="move_person")
        row = insert_registration(frame.id, registration.contact_id, values, wants_call=registration.wants_call)
        if row is None:
            raise NotMovable(_("This person is on the list of that date already."))
        way = take_place(frame, row.id, newcomers_pool(frame, values.mode), values)
        moved = db.session.get_one(Registration, row.id)
        _copy_consents(registration.id, moved.id)
        if frame.asks_questions:
            take_answers_along(registration.id, moved.id, frame.id)
        _record(actor, moved, frame, way)
        if notify:
            target = db.session.get_one(Event, frame.id)
            facts: dict[str, Any] = {"before": old, "moved_from": registration.public_id}
            mail_person(moved, target, "registration_moved", dedupe=f"{moved.id}", **facts)
        raise_change_number(frame.id, moved.id)
        return str(row.public_id)


def _target(registration: Registration, event: Event, to_event_id: int) -> SignUpFrame:
    """The other event, if the person can be moved there."""
    if not registration.is_active or registration.is_undecided:
        raise NotMovable(_("This seat was given back, or doesn’t count yet, so there is nothing to move."))
    frame = sign_up_frame(to_event_id)
    if frame is None or to_event_id not in [date.event.id for date in other_dates(event)]:
        raise NotMovable(_("Please choose one of the dates on the list."))
    contact_id = registration.contact_id
    if contact_id is not None and person_registration(to_event_id, contact_id, registration.name) is not None:
        raise NotMovable(_("This person is on the list of that date already."))
    return frame


def _values(registration: Registration, frame: SignUpFrame, *, may_wait: bool) -> SignUpValues:
    modes = list(free_seats(pools_ahead(frame, frame.pools, now())))
    mode = registration.mode if registration.mode in modes else modes[0]
    sessions, told_full = _same_sessions(registration, frame, mode)
    return SignUpValues(
        name=registration.name,
        email=None,
        mode=mode,
        sessions=sessions,
        told_full=told_full,
        language=registration.language,
        phone=registration.phone,
        guardian_name=registration.guardian_name,
        via=registration.via,
        partner_id=partner_at(frame.id, registration.partner_id),
        may_wait=may_wait,
    )


def _same_sessions(
    registration: Registration, frame: SignUpFrame, mode: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes of the other event's sessions that go by the titles of those chosen here, and which are waited for."""
    own = own_sessions(registration)
    seated = [dict(session.title) for session in own.chosen]
    waited = [dict(own.choices.by_id(session_id).session.title) for session_id in own.held.waits]
    codes, told_full = [], []
    for choice in choices_of(frame.id).to_choose:
        title, pool = dict(choice.session.title), choice.pool_for(mode)
        if pool is None or title not in [*seated, *waited]:
            continue
        codes.append(choice.session.code)
        if pool.free == 0 or title not in seated:
            told_full.append(choice.session.code)
    return tuple(codes), tuple(told_full)


def _copy_consents(old_id: int, new_id: int) -> None:
    given = db.session.scalars(select(Consent).where(Consent.registration_id == old_id)).all()
    for one in given:
        db.session.add(
            Consent(
                registration_id=new_id,
                text_id=one.text_id,
                language=one.language,
                given_at=one.given_at,
                withdrawn_at=one.withdrawn_at,
            )
        )


def _record(actor: Person, moved: Registration, frame: SignUpFrame, way: Way) -> None:
    audit.record(
        actor.actor,
        "moved_here",
        organization_id=frame.organization_id,
        event_id=frame.id,
        subject=("registration", moved.id),
        way=way.code,
    )
