"""Which ways of coming are open to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.registration.rules import QueueTerms, Way, decide_ways, may_change

HALL, ONLINE = "in_person", "online"
BOTH_FREE = {HALL: 3, ONLINE: None}
HALL_FULL = {HALL: 0, ONLINE: 5}
BOTH_FULL = {HALL: 0, ONLINE: 0}


def codes(free: dict[str, int | None], now: str | None = None, *, has_list: bool = True) -> list[str]:
    return [way.code for way in decide_ways(free, has_list=has_list, now=None if now is None else Way.of_code(now))]


@pytest.mark.parametrize("code", ["online", "in_person", "online+in_person", "in_person+online", "+online", ""])
def test_a_way_is_read_as_it_was_written(code: str) -> None:
    assert Way.of_code(code).code == code


def test_a_newcomer_may_have_a_seat_wait_or_both() -> None:
    assert codes(BOTH_FREE) == ["in_person", "online"]
    assert codes(HALL_FULL) == ["online", "online+in_person", "+in_person"]
    assert codes(HALL_FULL, has_list=False) == ["online"]
    assert codes(BOTH_FULL) == ["+in_person", "+online"]
    assert codes(BOTH_FULL, has_list=False) == []
    assert codes({HALL: 0}) == ["+in_person"]


@pytest.mark.parametrize(
    ("now", "free", "expected"),
    [
        ("online", BOTH_FREE, ["in_person"]),
        ("in_person", HALL_FULL, ["online"]),
        ("online", HALL_FULL, ["online+in_person"]),
        ("online", BOTH_FULL, ["online+in_person"]),
        ("online+in_person", BOTH_FULL, ["online"]),
        ("+in_person", HALL_FULL, ["online", "online+in_person"]),
        ("+in_person", BOTH_FULL, ["+online"]),
    ],
)
def test_the_own_seat_is_never_full_and_nobody_gives_one_up_just_to_wait(
    now: str, free: dict[str, int | None], expected: list[str]
) -> None:
    assert codes(free, now) == expected


def test_who_waits_keeps_the_place_when_the_list_is_switched_off() -> None:
    assert codes(HALL_FULL, "+in_person", has_list=False) == ["online", "online+in_person"]


def test_changes_end_so_many_hours_before_the_start() -> None:
    start = datetime(2026, 12, 3, 18, 30, tzinfo=UTC)
    terms = QueueTerms(False, start, "Europe/Moscow", 24, 4, change_lead_hours=2)
    minute = timedelta(minutes=1)
    assert may_change(terms, start - timedelta(hours=2) - minute)
    assert not may_change(terms, start - timedelta(hours=2))
    assert not may_change(QueueTerms(False, None, "Europe/Moscow", 24, 4, 0), start)
    assert not may_change(QueueTerms(True, start, "Europe/Moscow", 24, 4, 0), start - timedelta(days=9))
