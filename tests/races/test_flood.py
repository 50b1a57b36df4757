"""Far more people than seats, all at the same moment, through a real server."""

from __future__ import annotations

from collections import Counter

import pytest

from app.catalogue.models import Event, SeatPool
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import seats
from app.registration.models import Registration, SeatClaim
from tests.support.crowd import consent_field, rush
from tests.support.events import make_event
from tests.support.servers import serving

pytestmark = pytest.mark.usefixtures("context")

ROUNDS = 8
SIZES = [
    pytest.param(120, 12, id="120-for-12"),
    pytest.param(2000, 50, id="2000-for-50", marks=pytest.mark.slow),
]


def count_of(statement: db.Select[tuple[int]]) -> int:
    db.session.rollback()
    return db.session.scalars(statement).one()


def registrations(event: Event) -> int:
    wanted = db.select(db.func.count()).select_from(Registration)
    return count_of(wanted.where(Registration.event_id == event.id, Registration.status == "confirmed"))


@pytest.mark.parametrize(("people", "seats_there"), SIZES)
def test_a_flood_gets_every_seat_once_and_everybody_an_answer(database: str, people: int, seats_there: int) -> None:
    event = make_event(capacity_in_person=seats_there)
    path = f"/e/{event.slug}/sign-up"
    with serving(database) as web:
        consent = consent_field(web.port, path)
        answers = rush(web.port, path, people, **{consent: "y"})
        log = web.program.output()
    assert Counter(answer.status for answer in answers) == {303: seats_there, 409: people - seats_there}, log
    assert sum(answer.is_in for answer in answers) == seats_there
    assert sum(answer.says_full for answer in answers) == people - seats_there
    assert registrations(event) == seats_there
    assert count_of(db.select(db.func.count()).select_from(SeatClaim)) == seats_there
    assert count_of(db.select(SeatPool.taken).where(SeatPool.event_id == event.id)) == seats_there
    assert count_of(db.select(db.func.count()).select_from(OutboxMessage)) == seats_there
    assert seats.drifts() == []


@pytest.mark.parametrize(("people", "seats_there"), SIZES)
def test_negative_control_a_careless_sign_up_is_oversold_by_the_same_flood(
    database: str, people: int, seats_there: int
) -> None:
    sold: list[int] = []
    with serving(database, app="tests.support.careless:app") as web:
        while len(sold) < ROUNDS and not any(count > seats_there for count in sold):
            event = make_event(capacity_in_person=seats_there)
            answers = rush(web.port, f"/e/{event.slug}/sign-up", people)
            assert {answer.status for answer in answers} <= {303, 409}, web.program.output()
            sold.append(registrations(event))
    assert any(count > seats_there for count in sold), f"sold {sold} of {seats_there}: the flood is too gentle"
