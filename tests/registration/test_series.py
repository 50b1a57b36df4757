"""A series: other dates of the same event, how many one person may have, and moving somebody to another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, EventStatus
from app.core.db import db
from app.core.errors import NotAllowed
from app.messaging.models import OutboxMessage
from app.registration import operations, seats
from app.registration.messages import MESSAGES
from app.registration.models import Consent, Registration
from app.registration.operations.moving import NotMovable
from app.registration.operations.sign_up import EventFull
from tests.support.cast import person
from tests.support.conference import FAIR, YARD, comes, make_conference, nobody_is_wronged, seats_of, waits_of
from tests.support.events import hybrid, make_event, sign_up

pytestmark = pytest.mark.usefixtures("context")


def make_series(times: int = 3, *, per_person: int | None = None, **changes: object) -> list[Event]:
    """Published events of one series, a week apart, by time."""
    event = make_event(**changes)
    catalogue.repeat_event(actor=person("bob"), event_id=event.id, times=times - 1, weeks=1, is_published=True)
    if per_person:
        catalogue.limit_series(actor=person("bob"), event_id=event.id, per_person=per_person)
    db.session.expunge_all()
    db.session.rollback()
    series_id = db.session.get_one(Event, event.id).series_id
    assert series_id is not None
    return queries.dates_of(series_id)


def row(registration: Registration) -> Registration:
    db.session.expunge_all()
    db.session.rollback()
    return db.session.get_one(Registration, registration.id)


def mails(name: str) -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.name == name).order_by(OutboxMessage.id)))


def move(registration: Registration, to: Event, *, by: str = "bob", may_wait: bool = False, notify: bool = True) -> str:
    return operations.move_person(
        actor=person(by), registration_id=registration.id, to_event_id=to.id, may_wait=may_wait, notify=notify
    )


def moved(public_id: str) -> Registration:
    db.session.expunge_all()
    db.session.rollback()
    return db.session.scalars(select(Registration).where(Registration.public_id == public_id)).one()


def test_other_dates_are_events_of_their_own_a_week_apart() -> None:
    first, second, third = make_series(3, capacity_in_person=7)
    assert [one.status for one in (first, second, third)] == [EventStatus.PUBLISHED] * 3
    assert second.starts_at - first.starts_at == timedelta(weeks=1)
    assert third.starts_at - second.starts_at == timedelta(weeks=1)
    assert len({one.slug for one in (first, second, third)}) == 3
    assert [queries.pools_of(one.id)[0].capacity for one in (first, second, third)] == [7] * 3
    sign_up(first, "Ann")
    assert [queries.pools_of(one.id)[0].taken for one in (first, second, third)] == [1, 0, 0]


def test_a_second_click_makes_nothing() -> None:
    first, *_others = make_series(3)
    with pytest.raises(catalogue.NothingToRepeat):
        catalogue.repeat_event(actor=person("bob"), event_id=first.id, times=2, weeks=1, is_published=True)
    assert len(queries.dates_of(first.series_id or 0)) == 3
    made = catalogue.repeat_event(actor=person("bob"), event_id=first.id, times=3, weeks=1, is_published=False)
    assert len(made) == 1
    assert db.session.get_one(Event, made[0]).status == EventStatus.DRAFT


def test_only_who_may_edit_makes_a_series() -> None:
    event = make_event()
    with pytest.raises(NotAllowed):
        catalogue.repeat_event(actor=person("carol"), event_id=event.id, times=2, weeks=1, is_published=True)


def test_one_person_has_as_many_dates_as_the_series_allows_and_hears_of_it_by_mail_only() -> None:
    first, second, third = make_series(3, per_person=2)
    ann = [sign_up(one, "Ann") for one in (first, second)]
    values = operations.SignUpValues(name="Ann", email="ann@example.net", mode="in_person", language="en")
    result = operations.register(event_id=third.id, values=values)
    assert (result.is_new, result.token) == (False, None)
    assert queries.pools_of(third.id)[0].taken == 0
    (mail,) = mails("your_links")
    letter = MESSAGES["your_links"](mail.facts)
    assert letter is not None
    assert "One person can sign up for 2 dates." in letter.text
    assert mail.to_address == "ann@example.net"
    sign_up(third, "Ben", email="ann@example.net")  # another person with the same mailbox
    operations.cancel_registration(registration_id=ann[0].id)
    assert sign_up(third, "Ann").status == "confirmed"


def test_the_organizer_is_not_bound_by_the_limit() -> None:
    first, second = make_series(2, per_person=1)
    sign_up(first, "Ann")
    values = operations.SignUpValues(name="Ann", email="ann@example.net", mode="in_person", language="en")
    operations.add_person(actor=person("bob"), event_id=second.id, values=values)
    assert queries.pools_of(second.id)[0].taken == 1


def test_moving_gives_one_seat_there_and_the_old_one_to_who_waits() -> None:
    first, second, _third = make_series(3, capacity_in_person=1)
    consent = db.session.scalars(select(Consent)).first()
    assert consent is None
    ann = sign_up(first, "Ann")
    waits = sign_up(first, "Wim", may_wait=True)
    new = moved(move(ann, second))
    assert (new.event_id, new.status, new.name, new.mode) == (second.id, "confirmed", "Ann", "in_person")
    assert (row(ann).status, row(ann).ended_by) == ("cancelled", "moved")
    assert row(waits).status == "confirmed"
    assert seats.drifts() == []
    to_ann = [one for one in db.session.scalars(select(OutboxMessage)) if one.to_address == "ann@example.net"]
    assert [one.name for one in to_ann] == ["registration_confirmed", "registration_moved"]
    letter = MESSAGES["registration_moved"](to_ann[1].facts)
    assert letter is not None
    assert "It was planned for:" in letter.text
    assert letter.calendar


def test_moving_without_mail_and_back() -> None:
    first, second = make_series(2)
    ann = sign_up(first, "Ann")
    new = moved(move(ann, second, notify=False))
    assert mails("registration_moved") == []
    again = moved(move(new, first, notify=False))
    assert (again.event_id, again.status) == (first.id, "confirmed")
    assert seats.drifts() == []


def test_a_full_date_is_refused_or_waited_for() -> None:
    first, second = make_series(2, capacity_in_person=1)
    sign_up(second, "Early")
    ann = sign_up(first, "Ann")
    with pytest.raises(EventFull):
        move(ann, second)
    assert row(ann).status == "confirmed"
    new = moved(move(ann, second, may_wait=True))
    assert new.status == "waitlisted"
    assert row(ann).status == "cancelled"


def test_a_mode_that_the_other_date_lacks_becomes_the_one_that_it_has() -> None:
    event = make_event(hybrid())
    (other_id,) = catalogue.repeat_event(actor=person("bob"), event_id=event.id, times=1, weeks=1, is_published=True)
    online = sign_up(event, "Olga", mode="online")
    other = db.session.get_one(Event, other_id)
    assert moved(move(online, other)).mode == "online"


def test_nobody_is_moved_out_of_the_series_or_twice() -> None:
    first, second = make_series(2)
    stranger = make_event()
    ann = sign_up(first, "Ann")
    with pytest.raises(NotMovable):
        move(ann, stranger)
    sign_up(second, "Ann")
    with pytest.raises(NotMovable):
        move(ann, second)
    operations.cancel_registration(registration_id=ann.id)
    with pytest.raises(NotMovable):
        move(ann, second)


def test_chosen_sessions_are_chosen_on_the_other_date_too_or_waited_for() -> None:
    event = make_conference(yard=1, kitchen=1)
    (other_id,) = catalogue.repeat_event(actor=person("bob"), event_id=event.id, times=1, weeks=1, is_published=True)
    other = db.session.get_one(Event, other_id)
    comes(other, "Early Bird", YARD)
    ann = comes(event, "Ann", YARD, FAIR)
    new = moved(move(ann, other))
    assert (seats_of(new), waits_of(new)) == ({FAIR}, {YARD})
    assert seats_of(ann) == set()
    nobody_is_wronged(event)
    nobody_is_wronged(other)
