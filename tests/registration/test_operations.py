"""What can happen to registrations, and what must never happen to seats."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.catalogue.models import EventLedger, SeatPool
from app.catalogue.models import Session as SessionRow
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db
from app.core.errors import Missing, NotAllowed
from app.core.security.links import token_hash
from app.messaging.models import OutboxMessage
from app.registration import operations, queries, seats
from app.registration.models import Consent, Registration, SeatClaim
from app.registration.operations.addresses import TooManyPerAddress
from app.registration.operations.cancel import TooLateToCancel
from app.registration.operations.contact import AlreadySignedUp
from app.registration.operations.sign_up import (
    EventFull,
    ModeNotOffered,
    SignUpClosed,
    SignUpValues,
    register,
)
from app.registration.tickets import code_of, manage_token
from tests.support.cast import person
from tests.support.events import event_values, hybrid, local, make_event, sign_up

pytestmark = pytest.mark.usefixtures("context")

PAT = SignUpValues(name="Pat Participant", email="pat@example.net", mode="in_person", language="en")


def taken(event_id: int, mode: str = "in_person") -> int:
    db.session.rollback()
    return db.session.scalars(
        db.select(SeatPool.taken).where(SeatPool.event_id == event_id, SeatPool.mode == mode)
    ).one()


def mails(name: str | None = None) -> list[OutboxMessage]:
    query = db.select(OutboxMessage).order_by(OutboxMessage.id)
    return list(db.session.scalars(query.where(OutboxMessage.name == name) if name else query))


def test_signing_up_takes_a_seat_and_writes_one_mail() -> None:
    event = make_event()
    consent = queries.current_consents(event.organization_id, event.id)[0]
    result = register(event_id=event.id, values=replace(PAT, consent_text_ids=(consent.id,)))
    found = db.session.get_one(Registration, result.registration_id)
    assert result.is_new
    assert found.status == "confirmed"
    assert len(found.reference) == 6
    assert taken(event.id) == 1
    assert [mail.to_address for mail in mails("registration_confirmed")] == ["pat@example.net"]
    assert db.session.scalars(db.select(Consent.text_id)).one() == consent.id
    assert db.session.scalars(db.select(AuditLine.action).where(AuditLine.action == "sign_up")).one() == "sign_up"


def test_the_database_keeps_only_hashes_of_the_link_and_the_ticket() -> None:
    event = make_event()
    result = register(event_id=event.id, values=PAT)
    found = db.session.get_one(Registration, result.registration_id)
    assert result.token is not None
    assert found.manage_hash == token_hash(result.token)
    assert found.ticket_hash == token_hash(code_of(found))
    assert manage_token(found) == result.token
    assert queries.find_by_manage_token(result.token) is found
    assert len(code_of(found)) == 16


def test_the_last_seat_goes_to_one_person_and_the_next_is_told_so() -> None:
    event = make_event(capacity_in_person=1)
    register(event_id=event.id, values=PAT)
    with pytest.raises(EventFull):
        register(event_id=event.id, values=replace(PAT, name="Quinn", email="quinn@example.net"))
    assert taken(event.id) == 1
    assert len(queries.registrations_of(event.id)) == 1
    assert len(mails()) == 1


def test_a_full_hall_leaves_the_online_places_open() -> None:
    event = make_event(hybrid(capacity_in_person=1, capacity_online=2))
    register(event_id=event.id, values=PAT)
    quinn = replace(PAT, name="Quinn", email="quinn@example.net")
    with pytest.raises(EventFull):
        register(event_id=event.id, values=quinn)
    register(event_id=event.id, values=replace(quinn, mode="online"))
    assert (taken(event.id), taken(event.id, "online")) == (1, 1)


def test_without_a_limit_everybody_gets_in() -> None:
    event = make_event(capacity_in_person=None)
    for number in range(12):
        register(event_id=event.id, values=replace(PAT, name=f"Guest {number}", email=f"g{number}@example.net"))
    assert taken(event.id) == 12


def test_the_same_form_sent_twice_is_one_deed() -> None:
    event = make_event()
    values = replace(PAT, submission_key="k" * 24)
    first = register(event_id=event.id, values=values)
    second = register(event_id=event.id, values=values)
    assert second == first
    assert taken(event.id) == 1
    assert len(mails()) == 1


@pytest.mark.parametrize("name", ["Pat Participant", "PAT  participant", "pat participant"])
def test_the_same_person_gets_no_second_seat_but_the_link_by_mail(name: str) -> None:
    event = make_event()
    register(event_id=event.id, values=replace(PAT, submission_key="a" * 24))
    again = register(event_id=event.id, values=replace(PAT, name=name, submission_key="b" * 24))
    assert not again.is_new
    assert again.token is None
    assert taken(event.id) == 1
    assert [mail.name for mail in mails()] == ["registration_confirmed", "your_links"]


def test_a_couple_with_one_mailbox_gets_two_seats_but_a_fifth_person_none() -> None:
    event = make_event()
    for name in ("Ann", "Ben", "Cay", "Dee"):
        register(event_id=event.id, values=replace(PAT, name=name))
    with pytest.raises(TooManyPerAddress):
        register(event_id=event.id, values=replace(PAT, name="Eve"))
    assert taken(event.id) == 4


def test_names_with_and_without_dots_over_the_e_are_one_person() -> None:
    event = make_event()
    register(event_id=event.id, values=replace(PAT, name="Артём Ёлкин"))
    assert not register(event_id=event.id, values=replace(PAT, name="артем елкин")).is_new


def test_whoever_cancelled_can_sign_up_again() -> None:
    event = make_event()
    first = register(event_id=event.id, values=PAT)
    operations.cancel_registration(registration_id=first.registration_id)
    second = register(event_id=event.id, values=PAT)
    assert second.is_new
    assert second.registration_id != first.registration_id
    assert taken(event.id) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"sign_up_opens_at": now() + timedelta(days=1)},
        {"sign_up_closes_at": now() - timedelta(minutes=1)},
        {"sign_up": "just_come"},
        {"sign_up": "elsewhere", "sign_up_url": "https://example.org/form"},
    ],
)
def test_outside_the_window_nobody_signs_up(changes: dict[str, Any]) -> None:
    event = make_event(**changes)
    with pytest.raises(SignUpClosed):
        register(event_id=event.id, values=PAT)
    assert mails() == []


def test_a_past_event_takes_nobody() -> None:
    event = make_event()
    with time_machine.travel(event.ends_at + timedelta(minutes=1)), pytest.raises(SignUpClosed):
        register(event_id=event.id, values=PAT)


def test_a_draft_does_not_exist_for_participants() -> None:
    event = make_event(publish=False)
    with pytest.raises(Missing):
        register(event_id=event.id, values=PAT)


def test_a_mode_without_a_pool_is_not_offered() -> None:
    event = make_event()
    with pytest.raises(ModeNotOffered):
        register(event_id=event.id, values=replace(PAT, mode="online"))


def test_cancelling_returns_the_seat_at_once_and_only_once() -> None:
    event = make_event(capacity_in_person=1)
    result = register(event_id=event.id, values=PAT)
    assert operations.cancel_registration(registration_id=result.registration_id) is True
    assert operations.cancel_registration(registration_id=result.registration_id) is False
    assert taken(event.id) == 0
    assert [mail.name for mail in mails()] == ["registration_confirmed", "registration_cancelled"]
    register(event_id=event.id, values=replace(PAT, name="Quinn", email="quinn@example.net"))
    assert taken(event.id) == 1
    assert seats.drifts() == []


def test_after_the_end_nothing_can_be_given_back() -> None:
    event = make_event()
    found = sign_up(event)
    with (
        time_machine.travel(event.ends_at + timedelta(minutes=1)),
        pytest.raises(TooLateToCancel),
    ):
        operations.cancel_registration(registration_id=found.id)
    assert taken(event.id) == 1


def test_each_change_raises_the_events_number_and_marks_the_person() -> None:
    event = make_event()
    start = db.session.get_one(EventLedger, event.id).change_number
    first, second = sign_up(event, "Ann"), sign_up(event, "Ben")
    operations.cancel_registration(registration_id=first.id)
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(EventLedger, event.id).change_number == start + 3
    assert db.session.get_one(Registration, first.id).change_number == start + 3
    assert db.session.get_one(Registration, second.id).change_number == start + 2


def test_references_are_unique_within_the_event() -> None:
    event = make_event(capacity_in_person=None)
    references = {sign_up(event, f"Guest {number}").reference for number in range(60)}
    assert len(references) == 60


def test_correcting_the_address_sends_the_ticket_there_and_kills_the_old_link() -> None:
    event = make_event()
    found = sign_up(event, email="wrong@example.net")
    old_token, old_code = manage_token(found), code_of(found)
    token = operations.correct_address(registration_id=found.id, email="right@example.net")
    found = db.session.get_one(Registration, found.id, populate_existing=True)
    assert token != old_token
    assert queries.find_by_manage_token(old_token) is None
    assert queries.find_by_manage_token(token) is found
    assert code_of(found) != old_code
    assert found.ticket_hash == token_hash(code_of(found))
    assert [mail.to_address for mail in mails("registration_confirmed")] == ["wrong@example.net", "right@example.net"]
    assert taken(event.id) == 1


def test_an_address_with_the_same_person_is_refused() -> None:
    event = make_event()
    sign_up(event, "Ann", email="ann@example.net")
    other = sign_up(event, "Ann", email="slip@example.net")
    with pytest.raises(AlreadySignedUp):
        operations.correct_address(registration_id=other.id, email="ann@example.net")


def test_saving_the_same_address_changes_nothing() -> None:
    found = sign_up(make_event(), email="ann@example.net")
    assert operations.correct_address(registration_id=found.id, email="ann@example.net") == manage_token(found)
    assert len(mails()) == 1


def test_asking_for_links_tells_nothing_about_unknown_addresses() -> None:
    sign_up(make_event(), email="ann@example.net")
    operations.request_links(email="nobody@example.net", language="en")
    assert mails("your_links") == []
    operations.request_links(email="ann@example.net", language="ru")
    assert [(mail.to_address, mail.language) for mail in mails("your_links")] == [("ann@example.net", "ru")]


def test_moving_an_event_mails_everybody_who_counts_on_it_once() -> None:
    event = make_event()
    sign_up(event, "Ann")
    gone = sign_up(event, "Ben")
    operations.cancel_registration(registration_id=gone.id)
    later = event_values(starts_local=local(days=9), venue_id=_venue_of(event.id))
    change = operations.change_event(actor=person("bob"), event_id=event.id, values=later, seen=_seen(event.id))
    assert change.moved
    assert [mail.to_address for mail in mails("event_moved")] == ["ann@example.net"]


def test_a_new_description_mails_nobody() -> None:
    event = make_event()
    sign_up(event, "Ann")
    starts = db.session.scalars(db.select(SessionRow.starts_local).where(SessionRow.event_id == event.id)).one()
    other = event_values(starts_local=starts, venue_id=_venue_of(event.id), summary={"en": "Other words."})
    change = operations.change_event(actor=person("bob"), event_id=event.id, values=other, seen=_seen(event.id))
    assert not change.moved
    assert mails("event_moved") == []


def test_cancelling_an_event_mails_all_once_and_leaves_registrations_as_they_are() -> None:
    event = make_event()
    ann = sign_up(event, "Ann")
    assert queries.told_of(event.id).mails == 1
    assert operations.cancel_event(actor=person("bob"), event_id=event.id, reason="The speaker is ill.") == 1
    assert [mail.to_address for mail in mails("event_cancelled")] == ["ann@example.net"]
    assert db.session.get_one(Registration, ann.id, populate_existing=True).status == "confirmed"
    assert taken(event.id) == 1


def test_another_organizations_people_do_not_exist() -> None:
    found = sign_up(make_event(by="olga"))
    for deed in (
        lambda: operations.cancel_person(actor=person("bob"), registration_id=found.id, notify=True),
        lambda: operations.correct_person(
            actor=person("bob"), registration_id=found.id, name="X", phone=None, wants_call=False, notify=False
        ),
        lambda: operations.resend_ticket(actor=person("bob"), registration_id=found.id),
    ):
        with pytest.raises(Missing):
            deed()


def test_an_analyst_may_not_touch_people() -> None:
    found = sign_up(make_event())
    with pytest.raises(NotAllowed):
        operations.cancel_person(actor=person("dan"), registration_id=found.id, notify=True)


def test_an_organizer_cancels_with_or_without_a_mail() -> None:
    event = make_event()
    ann, ben = sign_up(event, "Ann"), sign_up(event, "Ben")
    operations.cancel_person(actor=person("bob"), registration_id=ann.id, notify=False)
    operations.cancel_person(actor=person("bob"), registration_id=ben.id, notify=True)
    assert [mail.to_address for mail in mails("registration_cancelled")] == ["ben@example.net"]
    assert taken(event.id) == 0


def test_claims_and_counter_agree_after_all_this() -> None:
    event = make_event(capacity_in_person=3)
    people = [sign_up(event, name) for name in ("Ann", "Ben", "Cay")]
    operations.cancel_registration(registration_id=people[1].id)
    sign_up(event, "Dee")
    assert taken(event.id) == 3
    assert db.session.scalar(db.select(db.func.count()).select_from(SeatClaim)) == 3
    assert seats.drifts() == []


def _venue_of(event_id: int) -> int | None:
    return db.session.scalars(db.select(SessionRow.venue_id).where(SessionRow.event_id == event_id)).one()


def _seen(event_id: int) -> str:
    from app.catalogue.queries import find_event_for, seen_of

    event = find_event_for(person("bob"), event_id)
    assert event is not None
    return seen_of(event)
