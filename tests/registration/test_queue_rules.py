"""Who is asked, until when, and why nothing moves: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.times import local_time
from app.registration.rules import (
    QueueTerms,
    Turn,
    Why,
    by_day,
    decide_turn,
    decide_why,
    is_worth_reminding,
    last_by_day,
    offer_deadline,
)

MOSCOW, NEW_YORK, HOWE = "Europe/Moscow", "America/New_York", "Australia/Lord_Howe"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def terms(start: datetime | None, **changes: object) -> QueueTerms:
    values = {"is_cancelled": False, "next_start": start, "zone": MOSCOW, "offer_lead_hours": 24, "offer_hours": 4}
    values["change_lead_hours"] = 0
    return QueueTerms(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "hours", "ends"),
    [
        ("2026-12-03T07:00", 4, "2026-12-03T11:00"),  # 10:00 in Moscow
        ("2026-12-03T16:00", 4, "2026-12-04T08:00"),  # 19:00: two hours today, two from nine tomorrow
        ("2026-12-03T20:00", 4, "2026-12-04T10:00"),  # 23:00
        ("2026-12-03T02:00", 4, "2026-12-03T10:00"),  # 5:00
        ("2026-12-03T18:00", 4, "2026-12-04T10:00"),  # 21:00 sharp
        ("2026-12-03T14:00", 4, "2026-12-03T18:00"),  # ends when the evening does
        ("2026-12-03T07:00", 24, "2026-12-05T07:00"),  # two days of twelve hours
    ],
)
def test_an_offer_runs_only_from_nine_to_twenty_one(now: str, hours: int, ends: str) -> None:
    assert offer_deadline(at(now), timedelta(hours=hours), MOSCOW) == at(ends)


def test_on_the_day_the_clocks_change_the_hours_are_those_of_the_wall() -> None:
    evening_before = at("2026-10-31T23:00")  # 19:00 in New York, the clocks go back at two in the night
    ends = offer_deadline(evening_before, timedelta(hours=4), NEW_YORK)
    assert local_time(ends, NEW_YORK) == at("2026-11-01T11:00").replace(tzinfo=None)


@given(
    seconds=st.integers(0, 3 * 365 * 24 * 3600),
    hours=st.integers(1, 120),
    zone=st.sampled_from([MOSCOW, NEW_YORK, HOWE, "Africa/Casablanca", "Europe/London"]),
)
def test_no_offer_ends_at_night_or_before_its_hours(seconds: int, hours: int, zone: str) -> None:
    moment = at("2025-01-01") + timedelta(seconds=seconds)
    ends = offer_deadline(moment, timedelta(hours=hours), zone)
    assert ends >= moment + timedelta(hours=hours)
    assert time(9) < local_time(ends, zone).time() <= time(21)


START = at("2026-12-05T15:00")


@pytest.mark.parametrize(
    ("now", "turn"),
    [
        (START - timedelta(hours=24, seconds=1), Turn.AT_ONCE),
        (START - timedelta(hours=24), Turn.OFFER),
        (START - timedelta(seconds=1), Turn.OFFER),
        (START, Turn.NOBODY),
    ],
)
def test_at_once_then_asked_then_nobody(now: datetime, turn: Turn) -> None:
    decided, until = decide_turn(terms(START), now)
    assert decided is turn
    assert (until is not None) is (turn is Turn.OFFER)
    if until:
        assert now < until <= START


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-12-05T08:00", "2026-12-05T11:30"),  # seven hours to the start, by day: half of it
        ("2026-12-05T11:30", "2026-12-05T13:15"),
        ("2026-12-05T14:20", "2026-12-05T14:40"),
        ("2026-12-05T14:45", "2026-12-05T15:00"),  # too late for anybody after this one
        ("2026-12-04T20:30", "2026-12-05T14:00"),  # at night, and eight hours by day are over before the start
    ],
)
def test_an_offer_leaves_time_to_ask_somebody_else(now: str, ends: str) -> None:
    assert decide_turn(terms(START, offer_hours=8), at(now)) == (Turn.OFFER, at(ends))


@given(minutes=st.integers(1, 24 * 60), hours=st.integers(1, 48), zone=st.sampled_from([MOSCOW, NEW_YORK, HOWE]))
def test_silence_alone_keeps_no_chair_empty(minutes: int, hours: int, zone: str) -> None:
    """However many are silent one after the other, the last one is asked shortly before the start."""
    moment, asked = START - timedelta(minutes=minutes), 0
    while moment < START:
        turn, until = decide_turn(terms(START, offer_hours=hours, zone=zone), moment)
        assert turn is Turn.OFFER
        assert until is not None
        assert moment < until <= START
        moment, asked = until, asked + 1
    assert asked < 60


@pytest.mark.parametrize(
    ("moment", "after", "before"),
    [
        ("2026-12-05T00:00", "2026-12-05T06:00", "2026-12-04T18:00"),  # 3:00 in Moscow
        ("2026-12-05T06:00", "2026-12-05T06:00", "2026-12-05T06:00"),
        ("2026-12-05T17:59", "2026-12-05T17:59", "2026-12-05T17:59"),
        ("2026-12-05T18:00", "2026-12-06T06:00", "2026-12-05T18:00"),
        ("2026-12-05T20:00", "2026-12-06T06:00", "2026-12-05T18:00"),
    ],
)
def test_a_night_is_between_two_days(moment: str, after: str, before: str) -> None:
    assert by_day(at(moment), MOSCOW) == at(after)
    assert last_by_day(at(moment), MOSCOW) == at(before)


def test_nobody_is_called_to_a_cancelled_event_or_after_the_last_meeting_began() -> None:
    early = START - timedelta(days=3)
    assert decide_turn(terms(START, is_cancelled=True), early) == (Turn.NOBODY, None)
    assert decide_turn(terms(None), early) == (Turn.NOBODY, None)


def test_without_a_lead_it_is_always_at_once() -> None:
    assert decide_turn(terms(START, offer_lead_hours=0), START - timedelta(minutes=1)) == (Turn.AT_ONCE, None)


@pytest.mark.parametrize(
    ("changes", "facts", "why"),
    [
        ({}, {}, Why.FULL),
        ({"is_cancelled": True}, {}, Why.CANCELLED),
        ({"next_start": None}, {}, Why.BEGUN),
        ({}, {"offer_until": START}, Why.ASKED),
        ({}, {"capacity": 9}, Why.OVER_LIMIT),
        ({}, {"offered": 1}, Why.OTHERS_ASKED),
        ({}, {"offered": 1, "place": 2}, Why.FULL_OR_KEPT),
        ({}, {"capacity": 11}, Why.SOON),
        ({}, {"capacity": 11, "place": 2}, Why.FULL),
        ({}, {"capacity": None}, Why.SOON),
    ],
)
def test_everybody_is_told_why(changes: dict[str, object], facts: dict[str, object], why: Why) -> None:
    known = {
        "capacity": 10,
        "taken": 10,
        "offered": 0,
        "place": 1,
        "offer_until": None,
        "now": START - timedelta(days=1),
        **facts,
    }
    assert decide_why(replace(terms(START), **changes), **known) is why  # type: ignore[arg-type]


def test_a_short_offer_gets_no_reminder() -> None:
    assert is_worth_reminding(START, START + timedelta(hours=2))
    assert not is_worth_reminding(START, START + timedelta(hours=1, minutes=59))
