"""Three ways to sign up: at once, after the mail's button, and when the organizer says so."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask
from sqlalchemy import select

from app.catalogue.models import Event, SeatPool
from app.catalogue.operations import PeopleSignedUp
from app.core.clock import now
from app.core.db import db, execute
from app.core.errors import DomainError, NotAllowed
from app.core.i18n import in_language
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations.deciding import NothingToDecide, TooLateToConfirm
from app.registration.operations.sign_up import EventFull
from app.registration.operations.ways import WayNotOpen
from app.registration.rules import Way
from app.registration.tickets import manage_token
from tests.support.cast import person
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.parties import states, the_mail
from tests.support.sign_up_form import form_of
from tests.support.together import in_threads

BUTTON = {"sign_up_way": "after_mail", "confirm_minutes": 30}
DECIDE = {"sign_up_way": "i_decide"}


def status(registration: Registration) -> str:
    return str(execute(select(Registration.status).where(Registration.id == registration.id)).scalar_one())


def counters(event: Event) -> tuple[int, int]:
    db.session.expunge_all()  # a rollback would empty what the test still looks at
    db.session.rollback()
    row = execute(select(SeatPool.taken, SeatPool.waiting).where(SeatPool.event_id == event.id)).one()
    return row.taken, row.waiting


def mails_to(registration: Registration) -> list[str]:
    rows = db.session.execute(select(OutboxMessage.name, OutboxMessage.facts).order_by(OutboxMessage.id))
    return [row.name for row in rows if row.facts.get("registration") == registration.public_id]


def letter(name: str, language: str = "en") -> Any:
    facts = db.session.scalars(
        select(OutboxMessage.facts).where(OutboxMessage.name == name).order_by(OutboxMessage.id.desc())
    ).first()
    assert facts is not None
    with in_language(language):
        return MESSAGES[name](facts)


@pytest.mark.usefixtures("context")
def test_the_seat_is_held_until_the_button_and_then_it_counts() -> None:
    event = make_event(capacity_in_person=1, **BUTTON)
    ada = sign_up(event, "Ada")
    assert (status(ada), ada.confirmed_at, counters(event)) == ("unconfirmed", None, (1, 0))
    mail = letter("confirm_address")
    assert "/confirm" in mail.text
    assert (mail.qr, mail.calendar) == (None, None)
    assert "Подтвердить запись" in letter("confirm_address", "ru").text
    with pytest.raises(EventFull):
        sign_up(event, "Ben")
    assert operations.confirm_address(registration_id=ada.id) is True
    assert operations.confirm_address(registration_id=ada.id) is False
    assert (status(ada), counters(event)) == ("confirmed", (1, 0))
    assert mails_to(ada) == ["confirm_address", "registration_confirmed"]
    assert letter("confirm_address") is None, "a mail that waited says nothing any more"


@pytest.mark.usefixtures("context")
def test_a_button_that_nobody_pressed_frees_the_seat_for_whoever_waits_and_mails_nobody() -> None:
    event = make_event(capacity_in_person=1, **BUTTON)
    ada = sign_up(event, "Ada")
    ben = sign_up(event, "Ben", may_wait=True)
    assert (status(ben), counters(event)) == ("unconfirmed", (1, 0)), "nobody waits before the button"
    operations.confirm_address(registration_id=ben.id)
    assert (status(ben), counters(event)) == ("waitlisted", (1, 1))
    with time_machine.travel(now() + timedelta(minutes=31)):
        operations.expire_unconfirmed()
        operations.expire_unconfirmed()
        assert (status(ada), status(ben), counters(event)) == ("expired", "confirmed", (1, 0))
        with pytest.raises(TooLateToConfirm):
            operations.confirm_address(registration_id=ada.id)
    assert mails_to(ada) == ["confirm_address"]
    assert mails_to(ben) == ["confirm_address", "waitlisted", "promoted"]
    assert seats.drifts() == []


@pytest.mark.usefixtures("context")
def test_a_dead_scheduler_holds_no_seat_from_a_newcomer() -> None:
    event = make_event(capacity_in_person=1, **BUTTON)
    ada = sign_up(event, "Ada")
    with time_machine.travel(now() + timedelta(minutes=31)):
        ben = sign_up(event, "Ben")
    assert (status(ada), status(ben), counters(event)) == ("expired", "unconfirmed", (1, 0))


@pytest.mark.usefixtures("context")
def test_a_late_press_still_counts_while_nobody_else_has_the_seat() -> None:
    event = make_event(capacity_in_person=1, **BUTTON)
    ada = sign_up(event, "Ada")
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert operations.confirm_address(registration_id=ada.id) is True
    assert status(ada) == "confirmed"


@pytest.mark.usefixtures("context")
def test_a_list_that_was_not_needed_after_all_gives_the_seat() -> None:
    event = make_event(capacity_in_person=1, **BUTTON)
    ada = sign_up(event, "Ada")
    ben = sign_up(event, "Ben", may_wait=True)
    operations.cancel_registration(registration_id=ada.id)
    operations.confirm_address(registration_id=ben.id)
    assert (status(ben), counters(event)) == ("confirmed", (1, 0))


@pytest.mark.usefixtures("context")
def test_the_button_and_the_end_of_its_time_at_the_same_moment(app: APIFlask) -> None:
    for number in range(5):
        event = make_event(capacity_in_person=1, **BUTTON)
        ada = sign_up(event, f"Ada {number}")
        with time_machine.travel(now() + timedelta(minutes=31)):
            results = in_threads(
                app,
                partial(operations.confirm_address, registration_id=ada.id),
                operations.expire_unconfirmed,
                partial(operations.confirm_address, registration_id=ada.id),
                operations.expire_unconfirmed,
            )
        pressed = [one for one in (results[0], results[2]) if not isinstance(one, DomainError)]
        assert status(ada) == ("confirmed" if True in pressed else "expired")
        assert counters(event) == ((1, 0) if True in pressed else (0, 0))
        assert seats.drifts() == []


@pytest.mark.usefixtures("context")
def test_the_organizer_takes_some_and_declines_others_each_with_one_mail() -> None:
    event = make_event(capacity_in_person=1, **DECIDE)
    ada, ben, cleo = (sign_up(event, name) for name in ("Ada", "Ben", "Cleo"))
    assert counters(event) == (0, 0)
    assert letter("registration_pending").qr is None
    bob = person("bob")
    done = operations.decide_people(actor=bob, registration_ids=[ada.id, ben.id], accept=True)
    assert (done.confirmed, done.waitlisted) == (1, 1)
    done = operations.decide_people(
        actor=bob, registration_ids=[ada.id, cleo.id], accept=False, message="Next month again!"
    )
    assert (done.declined, done.confirmed) == (1, 0), "who was taken stays taken"
    assert [status(one) for one in (ada, ben, cleo)] == ["confirmed", "waitlisted", "declined"]
    assert counters(event) == (1, 1)
    assert mails_to(ada) == ["registration_pending", "registration_confirmed"]
    assert mails_to(ben) == ["registration_pending", "waitlisted"]
    assert mails_to(cleo) == ["registration_pending", "registration_declined"]
    assert "Next month again!" in letter("registration_declined").text


@pytest.mark.usefixtures("context")
def test_without_a_seat_and_a_list_nothing_is_decided_and_a_tick_mails_nobody() -> None:
    event = make_event(capacity_in_person=1, has_waiting_list=False, **DECIDE)
    ada, ben = sign_up(event, "Ada"), sign_up(event, "Ben")
    bob = person("bob")
    done = operations.decide_people(actor=bob, registration_ids=[ada.id, ben.id], accept=True, notify=False)
    assert (done.confirmed, done.no_seat) == (1, 1)
    assert (status(ada), status(ben)) == ("confirmed", "pending")
    assert mails_to(ada) == ["registration_pending"]
    with pytest.raises(NotAllowed):
        operations.decide_people(actor=person("dora"), registration_ids=[ben.id], accept=True)


@pytest.mark.usefixtures("context")
def test_what_does_not_count_yet_can_be_given_up_but_not_switched() -> None:
    event = make_event(hybrid(**DECIDE))
    ada = sign_up(event, "Ada")
    with pytest.raises(WayNotOpen):
        operations.switch_mode(registration_id=ada.id, way=Way(seat="online"))
    assert operations.cancel_registration(registration_id=ada.id) is True
    assert status(ada) == "cancelled"
    later = make_event(capacity_in_person=1, **BUTTON)
    ben = sign_up(later, "Ben")
    operations.cancel_registration(registration_id=ben.id)
    assert counters(later) == (0, 0)


def test_known_and_unknown_people_get_the_same_answer(client: Client, app: APIFlask) -> None:
    with app.app_context():
        slug = make_event(capacity_in_person=5, **BUTTON).slug
    form = client.page(f"/e/{slug}/sign-up")
    assert "Your sign-up counts once you press it, within 30 minutes." in form.words
    values = form_of(client, slug, name="Ada", email="ada@example.net")
    first = client.send(f"/e/{slug}/sign-up", values).headers["Location"]
    again = client.send(f"/e/{slug}/sign-up", values).headers["Location"]
    third = client.send(f"/e/{slug}/sign-up", form_of(client, slug, name="Ada", email="ada@example.net"))
    assert first == again == third.headers["Location"]
    page = client.page(first)
    assert "Press the button in the mail within 30 minutes: only then does your sign-up count." in page.words
    with app.app_context():
        assert len(db.session.scalars(select(Registration)).all()) == 1


def test_a_link_confirms_nothing_and_the_button_does(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=5, **BUTTON)
        own = f"/r/{manage_token(sign_up(event, 'Ada'))}"
    page = client.page(f"{own}/confirm")
    assert "Yes, I take part" in page.words
    own_page = client.page(own)
    assert own_page.h1 == "One more step: please confirm"
    assert "Your number" not in own_page.words
    assert client.get(f"{own}/letter").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Registration.status)).one() == "unconfirmed"
    client.send(f"{own}/confirm")
    assert client.page(own).h1 == "You are in"
    assert client.get(f"{own}/confirm").status_code == 303


def test_a_button_pressed_too_late_says_so(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=5, **BUTTON)
        own = f"/r/{manage_token(sign_up(event, 'Ada'))}"
    with time_machine.travel(now() + timedelta(minutes=31)):
        with app.app_context():
            operations.expire_unconfirmed()
        page = Page(client.send(f"{own}/confirm", status=409))
        assert "The time for this button is over. Please sign up again." in page.words
        assert client.page(own).h1 == "Not confirmed in time"


def test_requests_are_decided_about_on_the_desk(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=5, **DECIDE)
        ada, ben, cleo = (sign_up(event, name).public_id for name in ("Ada", "Ben", "Cleo"))
        where, slug = event.public_id, event.slug
    assert "Ask for a place" in client.page(f"/e/{slug}/sign-up").words
    client.sign_in("bob")
    people = client.page(f"/desk/events/{where}/people?status=pending")
    assert [one.get("value") for one in people.all("input") if one.get("name") == "people"] == [ada, ben, cleo]
    decide = f"/desk/events/{where}/people/decide"
    page = Page(client.send(decide, {"deed": "decline", "message": "So sorry!"}, status=422))
    assert "Please tick somebody first." in page.words
    assert page.fields()["message"] == "So sorry!", "what was typed is kept"
    client.send(decide, {"people": [ada, ben], "deed": "accept", "tell": "y"})
    assert "2 people have a seat now." in client.page(f"/desk/events/{where}/people").words
    assert "Take this person" in client.page(f"/desk/people/{cleo}").words
    client.send(decide, {"people": [cleo], "deed": "decline", "message": "Sorry!", "tell": "y"})
    page = client.page(f"/desk/people/{cleo}")
    assert "1 person is declined." in page.words
    assert "Was declined" in page.words
    client.send(decide, {"people": [cleo], "deed": "accept"})
    assert "They were decided about already." in client.page(f"/desk/events/{where}/people").words
    with app.app_context():
        assert list(db.session.scalars(select(Registration.status).order_by(Registration.id))) == [
            "confirmed",
            "confirmed",
            "declined",
        ]


def test_the_page_of_a_request_says_how_things_stand(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=5, **DECIDE)
        own = f"/r/{manage_token(sign_up(event, 'Ada'))}"
    page = client.page(own)
    assert page.h1 == "The organizer decides about your place"
    assert "This is not a ticket yet." in page.words
    assert client.get(f"{own}/event.ics").status_code == 404
    assert client.page(own, lang="ru").h1 == "О вашем месте решает организатор"


@pytest.mark.usefixtures("context")
def test_an_event_with_requests_does_not_become_a_draft_again() -> None:
    event = make_event(**DECIDE)
    sign_up(event, "Ada")
    with pytest.raises(PeopleSignedUp):
        operations.unpublish_event(actor=person("bob"), event_id=event.id)
    free = make_event(**DECIDE)
    operations.unpublish_event(actor=person("bob"), event_id=free.id)
    assert db.session.get_one(Event, free.id).status == "draft"


@pytest.mark.usefixtures("context")
def test_nobody_is_decided_about_once_the_event_is_cancelled_or_over() -> None:
    event = make_event(**DECIDE)
    ada = sign_up(event, "Ada")
    bob = person("bob")
    with time_machine.travel(event.ends_at + timedelta(minutes=1)), pytest.raises(NothingToDecide):
        operations.decide_people(actor=bob, registration_ids=[ada.id], accept=True)
    operations.cancel_event(actor=bob, event_id=event.id, reason="")
    with pytest.raises(NothingToDecide):
        operations.decide_people(actor=bob, registration_ids=[ada.id], accept=True)
    assert status(ada) == "pending"
    assert mails_to(ada) == ["registration_pending", "event_cancelled"]


@pytest.mark.usefixtures("context")
def test_a_late_press_takes_no_seat_from_those_who_wait() -> None:
    event = make_event(capacity_in_person=1, **BUTTON)
    ada = sign_up(event, "Ada")
    ben = sign_up(event, "Ben", may_wait=True)
    operations.confirm_address(registration_id=ben.id)
    with time_machine.travel(now() + timedelta(minutes=31)):
        with pytest.raises(TooLateToConfirm):
            operations.confirm_address(registration_id=ada.id)
        operations.expire_unconfirmed()
    assert (status(ada), status(ben)) == ("expired", "confirmed")


@pytest.mark.usefixtures("context")
def test_no_button_works_longer_than_the_event() -> None:
    event = make_event(sign_up_way="after_mail", confirm_minutes=10_080, starts_local=local(hours=1))
    assert sign_up(event, "Ada").hold_until == event.ends_at


def test_one_stale_tick_spoils_no_decision_about_the_others(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=5, **DECIDE)
        ada, ben = (sign_up(event, name).public_id for name in ("Ada", "Ben"))
        where = event.public_id
    client.sign_in("bob")
    assert "2 people wait for your decision" in client.page(f"/desk/events/{where}").words
    decide = f"/desk/events/{where}/people/decide"
    client.send(decide, {"people": [ada], "deed": "accept"})
    client.send(decide, {"people": [ada, ben], "deed": "decline"})
    words = client.page(f"/desk/events/{where}").words
    assert "1 person is declined. The others were decided about already." in words
    assert "wait for your decision" not in words


def test_a_request_is_taken_back_in_words_that_are_true(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=5, **DECIDE)
        own = f"/r/{manage_token(sign_up(event, 'Ada'))}"
    page = client.page(f"{own}/cancel")
    assert page.h1 == "Take the sign-up back?"
    assert "ticket" not in page.words
    client.send(f"{own}/cancel")
    assert client.page(own).h1 == "Your sign-up is taken back"
    with app.app_context():
        assert letter("registration_cancelled").subject.startswith("Taken back: ")


def test_a_cancelled_event_has_no_button_to_press(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=5, **BUTTON)
        own = f"/r/{manage_token(sign_up(event, 'Ada'))}"
        operations.cancel_event(actor=person("bob"), event_id=event.id, reason="")
    assert client.get(f"{own}/confirm").status_code == 303
    page = Page(client.send(f"{own}/confirm", status=409))
    assert page.h1 == "This button no longer works"


def test_who_asks_for_a_place_is_not_told_of_joining_a_list(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1, capacity_online=5, **DECIDE))
        ada = sign_up(event, "Ada")
        operations.decide_people(actor=person("bob"), registration_ids=[ada.id], accept=True)
        slug = event.slug
    words = client.page(f"/e/{slug}/sign-up").words
    assert "All taken" in words
    assert "waiting list" not in words


@pytest.mark.usefixtures("context")
def test_of_those_who_are_taken_together_who_asked_first_has_the_seat() -> None:
    event = make_event(capacity_in_person=1, **DECIDE)
    zed, abe = sign_up(event, "Zed"), sign_up(event, "Abe")
    operations.decide_people(actor=person("bob"), registration_ids=[abe.id, zed.id], accept=True)
    assert states([zed, abe]) == ["confirmed", "waitlisted"]


def test_who_will_only_wait_is_told_so_before_the_button_is_pressed(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(capacity_in_person=1, sign_up_way="after_mail")
        first, second = sign_up(event, "First"), sign_up(event, "Second", may_wait=True)
        words = {one.name: " ".join(the_mail("confirm_address", one).text.split()) for one in (first, second)}
        own = {one.name: f"/r/{manage_token(one)}" for one in (first, second)}
    assert "The sign-up counts once you press the button" in words["First"]
    assert "All seats are taken: once you press the button" in words["Second"]
    assert "Yes, I take part" in client.page(f"{own['First']}/confirm").words
    for path in (own["Second"], f"{own['Second']}/confirm"):
        assert "Yes, put me on the waiting list" in client.page(path).words
