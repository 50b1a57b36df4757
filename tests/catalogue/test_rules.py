"""Who can still sign up, when a room opens, and what a change means to calendars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue.models.session import free_of
from app.catalogue.rules import (
    EventChange,
    RoomState,
    SignUpState,
    decide_change,
    decide_room,
    decide_sign_up,
    free_seats,
)
from app.catalogue.values import EventValues

NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Coming:
    """An event as the rule sees it: published, open, beginning in half an hour and ending in an hour."""

    status: str = "published"
    sign_up: str = "here"
    has_waiting_list: bool = True
    starts_at: datetime = NOW + HOUR / 2
    ends_at: datetime = NOW + HOUR
    sign_up_opens_at: datetime | None = None
    sign_up_closes_at: datetime | None = None


@dataclass
class Pool:
    """A seat pool as the rule sees it."""

    mode: str = "in_person"
    free: int | None = 1
    session_id: int | None = None
    partner_id: int | None = None


@pytest.mark.parametrize(
    ("event", "pools", "state"),
    [
        (Coming(), [Pool()], SignUpState.OPEN),
        (Coming(), [Pool(free=None)], SignUpState.OPEN),
        (Coming(), [Pool(free=0)], SignUpState.WAITING_LIST),
        (Coming(has_waiting_list=False), [Pool(free=0)], SignUpState.FULL),
        (Coming(starts_at=NOW), [Pool(free=0)], SignUpState.FULL),
        (Coming(starts_at=NOW - HOUR, ends_at=NOW + 24 * HOUR), [Pool(free=0)], SignUpState.WAITING_LIST),
        (Coming(), [Pool(free=0), Pool("online", 3)], SignUpState.OPEN),
        (Coming(), [Pool(free=0), Pool(free=9, partner_id=1)], SignUpState.WAITING_LIST),
        (Coming(), [], SignUpState.FULL),
        (Coming(status="draft"), [Pool()], SignUpState.DRAFT),
        (Coming(status="cancelled", ends_at=NOW - HOUR), [Pool()], SignUpState.CANCELLED),
        (Coming(ends_at=NOW), [Pool()], SignUpState.PAST),
        (Coming(ends_at=NOW + timedelta(seconds=1)), [Pool()], SignUpState.OPEN),
        (Coming(sign_up="just_come"), [Pool(free=0)], SignUpState.JUST_COME),
        (Coming(sign_up="elsewhere"), [], SignUpState.ELSEWHERE),
        (Coming(sign_up_opens_at=NOW), [Pool()], SignUpState.OPEN),
        (Coming(sign_up_opens_at=NOW + HOUR), [Pool()], SignUpState.NOT_YET),
        (Coming(sign_up_closes_at=NOW), [Pool()], SignUpState.CLOSED),
        (Coming(sign_up_closes_at=NOW + HOUR), [Pool(free=0)], SignUpState.WAITING_LIST),
    ],
)
def test_the_first_reason_against_signing_up_is_the_answer(
    event: Coming, pools: list[Pool], state: SignUpState
) -> None:
    assert decide_sign_up(event, pools, NOW) is state


def test_only_seats_of_the_event_as_a_whole_count() -> None:
    sessions = [Pool(free=2, session_id=1), Pool(free=3, session_id=2)]
    assert free_seats([Pool(free=1), *sessions]) == {"in_person": 1}
    assert free_seats([Pool(free=None), *sessions]) == {"in_person": None}
    assert free_seats([]) == {}


def test_a_newcomer_never_overtakes_whoever_waits() -> None:
    assert free_of(10, 8, 0) == 2
    assert free_of(10, 8, 1) == 0
    assert free_of(10, 8, 2) == 0
    assert free_of(10, 8, 3) == 2
    assert free_of(10, 12, 0) == 0
    assert free_of(10, 12, 3) == 0
    assert free_of(None, 12, 0) is None


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(-16, RoomState.EARLY), (-15, RoomState.OPEN), (59, RoomState.OPEN), (60, RoomState.OVER)],
)
def test_a_room_is_open_from_a_quarter_before_the_start_to_the_end(minutes: int, state: RoomState) -> None:
    assert decide_room(NOW, NOW + HOUR, NOW + timedelta(minutes=minutes)) is state


VALUES = EventValues(
    title={"en": "Talk"},
    format="lecture",
    audience="anyone",
    topic="law",
    language="en",
    zone="Europe/Moscow",
    starts_local=datetime.fromisoformat("2026-12-03T18:00"),
    ends_local=datetime.fromisoformat("2026-12-03T20:00"),
    is_in_person=True,
    is_online=False,
)


@pytest.mark.parametrize(
    ("changes", "flag", "raises", "shows"),
    [
        ({"starts_local": datetime.fromisoformat("2026-12-03T17:00")}, EventChange.TIME, True, True),
        ({"zone": "Europe/Samara"}, EventChange.TIME, True, True),
        ({"venue_id": 7}, EventChange.PLACE | EventChange.VENUE, True, True),
        ({"place_note": {"en": "Upstairs"}}, EventChange.PLACE, True, True),
        ({"is_online": True}, EventChange.MODES, True, True),
        ({"title": {"en": "Another"}}, EventChange.TITLE, True, True),
        ({"summary": {"en": "New"}}, EventChange.TEXT, False, True),
        ({"capacity_in_person": 5}, EventChange.SEATS, False, False),
        ({"room_url": "https://rooms.example/2"}, EventChange.ROOM, False, False),
        ({"price": {"en": "5"}}, EventChange.OTHER, False, False),
        ({"sign_up": "just_come"}, EventChange.SIGN_UP, False, False),
    ],
)
def test_each_change_moves_calendars_as_far_as_it_must(
    changes: dict[str, object], flag: EventChange, raises: bool, shows: bool
) -> None:
    change = decide_change(VALUES, replace(VALUES, **changes))  # type: ignore[arg-type]
    assert change == flag
    assert change.moved is raises
    assert change.moves_entry is shows


def test_an_empty_translation_is_no_change() -> None:
    assert decide_change(VALUES, replace(VALUES, title={"en": "Talk", "ru": ""}, room_url="")) == EventChange.NOTHING
