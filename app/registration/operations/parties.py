"""Signing up several people by one form: all of them or nobody, unless they may be split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, update

from app.catalogue.models import Event, SignUpWay
from app.catalogue.queries import SignUpFrame, whole_capacity
from app.catalogue.rules import takes_waiting
from app.core import audit
from app.core.audit import PARTICIPANT, Actor
from app.core.clock import now
from app.core.db import db, execute, table_of, transaction
from app.core.errors import Conflict, Refused
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.core.security.links import link_token
from app.core.text import fold
from app.registration import seats
from app.registration.ledger import raise_change_number
from app.registration.models import ACTIVE, Registration, RegistrationStatus
from app.registration.operations.addresses import contact_id_of, find_person
from app.registration.operations.first_choice import hold_sessions, wish_for_sessions
from app.registration.operations.guests import as_guest, claim_seats, left_for
from app.registration.operations.known_people import Known, answer_known, find_known, full_series
from app.registration.operations.second_places import wait_no_more
from app.registration.operations.sign_up import (
    COMES_BY,
    NOW_WAITS,
    UNDECIDED,
    EventFull,
    insert_registration,
    newcomers_pool,
    open_pool,
    same_submission,
    store_consents,
    take_chosen,
)
from app.registration.operations.storing_answers import store_first_answers
from app.registration.operations.telling import mail_person, one_of_each_address, state_message, whose
from app.registration.operations.waiting import end_overdue_offers_at, hold_with_event, promote, with_party
from app.registration.rules import Way
from app.registration.sign_up_words import never_enough_words, too_few_words
from app.registration.values import Companion, SignUpResult, SignUpValues


class PartyTooLarge(Refused):
    """One person may not sign up so many for this event."""

    code = "party_too_large"


class NamedTwice(Refused):
    """The same person stands in the form twice."""

    code = "named_twice"


class NotWaitingTogether(Conflict):
    """There is no party that waits, or it isn't this person's."""

    code = "not_waiting_together"


_registration = table_of(Registration)
_ARE_PARTY = (
    update(_registration)
    .where(_registration.c.id == bindparam("member"))
    .values(party_id=bindparam("party"), stays_together=bindparam("together"))
)


def register_party(
    *,
    event_id: int,
    values: SignUpValues,
    companions: Sequence[Companion],
    may_be_split: bool = False,
    actor: Actor = PARTICIPANT,
) -> SignUpResult:
    """Sign up the person and the companions in the event's way, as `register` does: all get a place, or nobody.

    Where too few seats are left and the person agreed to wait, they wait together and move up together; who
    `may_be_split` get the seats that there are, and the others wait one by one. Answers are each person's own. Who has
    a place already at the person's address needs no other, and the others are signed up without her. A companion who
    has one at an own address gets a second one, for the page must not tell who comes: the mail says it, and where the
    first one was only waited for, it is given up. Outside: one mail to each address, `registration_confirmed`,
    `registration_pending` or `waitlisted`; `confirm_address` to the person alone; `your_links` where nobody is new.
    Raises what `register` raises, and `PartyTooLarge`, `NamedTwice`.
    """
    with transaction():
        repeated = same_submission(values, event_id)
        if repeated:
            return repeated
        event, pool_id = open_pool(event_id, values.mode)
        everybody = [values, *(_values_of(values, one) for one in companions)]
        _check_size(event, len(everybody))
        if not may_be_split:
            _check_room(event, len(everybody), values)
        _check_names(everybody)
        people, known = _newcomers(event, everybody)
        if not people:
            return same_submission(values, event_id) or answer_known(event, known[0], values)
        seats.hold(event_id)
        event, values = as_guest(event, values)
        rows = _insert(event_id, people, values.partner_id)
        ids = [int(row.id) for row in rows]
        party = {"party": ids[0], "together": not may_be_split}
        execute(_ARE_PARTY, [{"member": one, **party} for one in ids])
        action, ways = _enter(event, ids, pool_id, values, may_be_split=may_be_split)
        for one, way, person in zip(ids, ways, people, strict=True):
            store_consents(one, person.values)
            if event.asks_questions:
                store_first_answers(event_id, one, person.values.answers, is_needed=True)
            audit.record(
                actor,
                action if way.seat or action != "sign_up" else "join_waiting_list",
                organization_id=event.organization_id,
                event_id=event_id,
                subject=("registration", one),
                way=way.code,
                party=len(ids),
            )
        _tell(event_id, ids, known)
        raise_change_number(event_id, *ids)
    # The page of who is on the list already is opened by that person's own link alone.
    token = None if action == "begin_sign_up" or known else link_token("manage", rows[0].public_id)
    return SignUpResult(ids[0], rows[0].public_id, True, token)


def _values_of(values: SignUpValues, companion: Companion) -> SignUpValues:
    return replace(
        values,
        name=companion.name,
        email=companion.email or values.email,
        phone=None,
        guardian_name=companion.guardian_name,
        consent_text_ids=companion.consent_text_ids,
        answers=companion.answers,
        submission_key=None,
    )


def _check_size(event: SignUpFrame, size: int) -> None:
    if size > event.largest_party == 1:
        raise PartyTooLarge(_("For this event everybody signs up alone."))
    if size > event.largest_party:
        raise PartyTooLarge(
            ngettext(
                "One person can sign up %(num)d person for this event.",
                "One person can sign up %(num)d people for this event.",
                event.largest_party,
            )
        )


def _check_room(event: SignUpFrame, size: int, values: SignUpValues) -> None:
    """People who stay together don't queue up for a hall, or a room, that could never take all of them."""
    mode = values.also_wait_for or values.mode
    whole = whole_capacity(event.pools).get(mode)
    if whole is not None and whole < size:
        may_split = event.sign_up_way != SignUpWay.I_DECIDE
        raise EventFull(never_enough_words(whole, may_split=may_split), size=size)


def _check_names(everybody: Sequence[SignUpValues]) -> None:
    seen: set[tuple[str | None, str]] = set()
    for one in everybody:
        key = (one.email, fold(one.name))
        if key in seen:
            raise NamedTwice(_("%(name)s stands in the form twice.", name=one.name))
        seen.add(key)


@dataclass(frozen=True)
class _Newcomer:
    """Somebody to be signed up, and whose contact it is. `is_double`: who has a place at that address already."""

    values: SignUpValues
    contact_id: int | None
    is_double: bool = False


def _newcomers(event: SignUpFrame, everybody: Sequence[SignUpValues]) -> tuple[list[_Newcomer], list[Known]]:
    """Those who are to be signed up, first one at the person's own address; and who has a place there already.

    Addresses are kept in their order, so that two parties that share some can't wait for each other.
    """
    addresses = sorted({one.email for one in everybody if one.email})
    ids = {address: contact_id_of(address, everybody[0].language) for address in addresses}
    own = ids.get(everybody[0].email or "")
    people, known = [], []
    for one in everybody:
        contact_id = ids.get(one.email or "")
        place = find_known(event, own, one) if one is everybody[0] else _place_of(event, contact_id, one)
        if place is not None and contact_id == own:
            known.append(place)
        else:
            people.append(_Newcomer(one, contact_id, is_double=place is not None))
    lead = next((one for one in people if one.contact_id == own), None)
    return sorted(people, key=lambda one: one is not lead), known


def _place_of(event: SignUpFrame, contact_id: int | None, values: SignUpValues) -> Known | None:
    """The companion's place here, or as many in the series as one may have."""
    if contact_id is None:
        return None
    here = find_person(event.id, contact_id, values.name)
    return (
        Known(here.id, (here.public_id,), f"your_links:{here.id}") if here else full_series(event, contact_id, values)
    )


def _insert(event_id: int, people: Sequence[_Newcomer], partner_id: int | None) -> list[Row[Any]]:
    rows = []
    for one in people:
        values = replace(one.values, partner_id=partner_id)
        row = insert_registration(event_id, one.contact_id, values, is_double=one.is_double)
        if row is None:  # somebody was faster, within this very moment
            raise Conflict(_("We could not sign you up just now. Please send the form once more."))
        rows.append(row)
    return rows


def _enter(
    event: SignUpFrame, ids: Sequence[int], pool_id: int, values: SignUpValues, *, may_be_split: bool
) -> tuple[str, list[Way]]:
    """What the new registrations get, in the event's way: the deed, and the way of coming of each."""
    if event.sign_up_way == SignUpWay.I_DECIDE:
        for one in ids:
            wish_for_sessions(event, one, values)
            execute(UNDECIDED, {"undecided": one, "as": RegistrationStatus.PENDING, "until": None})
        return "ask_for_place", [Way(seat=values.mode)] * len(ids)
    end_overdue_offers_at(event.id)
    if event.sign_up_way == SignUpWay.AFTER_MAIL and values.email:
        return "begin_sign_up", [_hold_places(event, ids, pool_id, values)] * len(ids)
    ways = _take_places(event, ids, pool_id, values, may_be_split=may_be_split)
    return "sign_up", [_with_sessions(event, one, way, values) for one, way in zip(ids, ways, strict=True)]


def _hold_places(event: SignUpFrame, ids: Sequence[int], pool_id: int, values: SignUpValues) -> Way:
    """Seats for all until the button is pressed, or none."""
    has_seats = claim_seats(event, ids, pool_id, values)
    if not has_seats:
        _need_list(event, len(ids), values.mode, pool_id, values, may_wait=values.may_wait)
    until = min(now() + timedelta(minutes=event.confirm_minutes), event.ends_at)
    for one in ids:
        (hold_sessions if has_seats else wish_for_sessions)(event, one, values)
        execute(UNDECIDED, {"undecided": one, "as": RegistrationStatus.UNCONFIRMED, "until": until})
    return Way(seat=values.mode) if has_seats else Way(queue=values.mode)


def _take_places(
    event: SignUpFrame, ids: Sequence[int], pool_id: int, values: SignUpValues, *, may_be_split: bool
) -> list[Way]:
    if values.also_wait_for:
        return [_take_meanwhile(event, ids, pool_id, values.also_wait_for, values)] * len(ids)
    if claim_seats(event, ids, pool_id, values):
        return [Way(seat=values.mode)] * len(ids)
    _need_list(event, len(ids), values.mode, pool_id, values, may_wait=values.may_wait)
    seated = [one for one in ids if claim_seats(event, [one], pool_id, values)] if may_be_split else []
    waits = [one for one in ids if one not in seated]
    seats.wait_together(waits, pool_id, now())
    execute(NOW_WAITS, [{"waits": one} for one in waits])
    return [Way(seat=values.mode) if one in seated else Way(queue=values.mode) for one in ids]


def _take_meanwhile(event: SignUpFrame, ids: Sequence[int], pool_id: int, rather: str, values: SignUpValues) -> Way:
    """Seats of the mode that they would rather have, else of the other one, and places in the queue."""
    wished = newcomers_pool(event, rather)
    if claim_seats(event, ids, wished, values):
        execute(COMES_BY, [{"comes": one, "mode": rather} for one in ids])
        return Way(seat=rather)
    _need_list(event, len(ids), rather, wished, values, may_wait=True)
    if not claim_seats(event, ids, pool_id, values):
        raise EventFull(too_few_words(values.mode, left_for(event, pool_id, values), has_list=True))
    seats.wait_together(ids, wished, now())
    return Way(seat=values.mode, queue=rather)


def _need_list(event: SignUpFrame, size: int, mode: str, pool_id: int, values: SignUpValues, *, may_wait: bool) -> None:
    """Raise `EventFull` unless the people agreed to wait, and can."""
    has_list = takes_waiting(event, now())
    if not (may_wait and has_list):
        raise EventFull(too_few_words(mode, left_for(event, pool_id, values), has_list=has_list), size=size)


def _with_sessions(event: SignUpFrame, registration_id: int, way: Way, values: SignUpValues) -> Way:
    if way.seat is None:
        wish_for_sessions(event, registration_id, values)
        return way
    chosen = take_chosen(event, registration_id, replace(values, mode=way.seat), now())
    return way if chosen.seat else chosen


def _tell(event_id: int, ids: Sequence[int], known: Sequence[Known]) -> None:
    """One mail to each address; whose button isn't pressed yet, hears of it when it is.

    That to the first one's address says who else was in the form and has a place already.
    """
    event, people = db.session.get_one(Event, event_id), [db.session.get_one(Registration, one) for one in ids]
    there: dict[str, Any] = {"known": [public_id for one in known for public_id in one.registrations]} if known else {}
    for registration in people:
        wait_no_more(registration, event)
    for registration in one_of_each_address(people):
        message = state_message(registration.status)
        if message == "confirm_address" and not registration.leads_party:
            continue
        facts = there if registration.contact_id == people[0].contact_id else {}
        mail_person(registration, event, message, dedupe=whose(registration), **facts)


def split_party(*, registration_id: int) -> bool:
    """Let the people of a party that waits move up one by one; False when they do already.

    Only who signed them up can say so. Outside: what those get who move up at once. Raises `NotWaitingTogether`,
    `Missing`.
    """
    with transaction():
        registration, event = hold_with_event(registration_id)
        if not registration.leads_party or event.is_cancelled:
            raise NotWaitingTogether(_("You have signed up nobody else who waits."))
        together = [one for one in with_party(registration, *map(RegistrationStatus, ACTIVE)) if one.stays_together]
        if not together:
            return False
        for one in together:
            one.stays_together = False
        db.session.flush()
        pools = seats.pools_at(event.id)
        for pool_id in pools:
            seats.recount(pool_id)
        promoted = promote(event.id, pools)
        audit.record(
            PARTICIPANT,
            "split_party",
            organization_id=event.organization_id,
            event_id=event.id,
            subject=("registration", registration.id),
        )
        raise_change_number(event.id, registration.id, *promoted)
    return True
