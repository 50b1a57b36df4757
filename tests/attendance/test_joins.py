"""Who enters the online room."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.attendance import queries
from app.attendance.models import OnlineJoin
from app.attendance.operations import (
    JoinRefused,
    join_room,
)
from app.catalogue.models import Session
from app.core.db import db
from app.core.errors import Missing
from app.registration.operations import cancel_registration
from tests.support.events import hybrid, local, make_event, sign_up

pytestmark = pytest.mark.usefixtures("context")


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def open_room(**changes):
    return make_event(hybrid(starts_local=local(minutes=changes.pop("minutes", 10)), **changes))


def session_of(event):
    return db.session.scalars(select(Session).where(Session.event_id == event.id)).one()


def test_joining_is_recorded_and_gives_the_address():
    event = open_room()
    pat = sign_up(event, mode="online")
    for _visit in range(2):
        address = join_room(registration_id=pat.id, session_id=session_of(event).id)
        assert address == "https://rooms.example/secret-room-4711"
    joins = queries.joins_of(event.id)
    assert [join.registration_id for join in joins] == [pat.id, pat.id]


@pytest.mark.parametrize(
    ("prepare", "decision"),
    [
        (lambda event: sign_up(event), "in_person"),
        (lambda event: cancelled(sign_up(event, mode="online")), "cancelled"),
    ],
)
def test_others_do_not_get_in(prepare, decision):
    event = open_room()
    someone = prepare(event)
    with pytest.raises(JoinRefused) as refused:
        join_room(registration_id=someone.id, session_id=session_of(event).id)
    assert refused.value.details == {"decision": decision}
    assert refused.value.message
    assert count(OnlineJoin) == 0


def cancelled(registration):
    cancel_registration(registration_id=registration.id)
    return registration


def test_the_room_is_closed_until_fifteen_minutes_before():
    event = open_room(minutes=20)
    pat = sign_up(event, mode="online")
    with pytest.raises(JoinRefused) as refused:
        join_room(registration_id=pat.id, session_id=session_of(event).id)
    assert refused.value.details == {"decision": "early"}


def test_another_events_room_is_missing():
    event, other = open_room(), open_room(title={"en": "Another"})
    pat = sign_up(event, mode="online")
    with pytest.raises(Missing):
        join_room(registration_id=pat.id, session_id=session_of(other).id)
    with pytest.raises(Missing):
        join_room(registration_id=pat.id, session_id=10_000)
    assert count(OnlineJoin) == 0
