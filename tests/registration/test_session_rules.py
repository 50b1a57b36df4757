"""Which sessions go together, and what somebody leaves and asks for: pure decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registration.session_rules import Clash, Held, Move, Wish, decide_move, find_clash, first_clash, overlap

DAY = datetime(2026, 12, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Hours:
    starts_at: datetime
    ends_at: datetime


def hours(starts: float, ends: float) -> Hours:
    return Hours(DAY + timedelta(hours=starts), DAY + timedelta(hours=ends))


def held(seats: str = "", waits: str = "") -> Held:
    return Held(frozenset(map(int, seats)), frozenset(map(int, waits)))


spans = st.builds(lambda begins, lasts: hours(begins, begins + lasts), st.integers(0, 12), st.integers(1, 4))
programmes = st.lists(spans, min_size=1, max_size=6).map(lambda found: dict(enumerate(found)))
numbers = st.frozensets(st.integers(0, 7))
wishes_of_all_kinds = st.lists(
    st.builds(Wish, st.integers(0, 7), is_rather=st.booleans()), unique_by=lambda wish: wish.session_id
)


@pytest.mark.parametrize(
    ("one", "other", "clashes"),
    [
        ((10, 11), (10, 11), True),
        ((10, 12), (11, 13), True),
        ((10, 13), (11, 12), True),
        ((10, 11), (11, 12), False),
        ((10, 11), (12, 13), False),
        ((0, 24), (0, 24), True),  # days as a whole
        ((0, 24), (24, 48), False),
        ((0, 24), (9, 10), True),
    ],
)
def test_sessions_overlap_unless_one_ends_as_the_other_begins(
    one: tuple[int, int], other: tuple[int, int], clashes: bool
) -> None:
    assert overlap(hours(*one), hours(*other)) is clashes
    assert overlap(hours(*other), hours(*one)) is clashes


@given(spans, spans)
def test_sessions_overlap_where_some_instant_is_within_both(one: Hours, other: Hours) -> None:
    halves = [DAY + timedelta(minutes=30 + 60 * number) for number in range(20)]
    both = [at for at in halves if one.starts_at < at < one.ends_at and other.starts_at < at < other.ends_at]
    assert overlap(one, other) is bool(both)


def test_the_first_clash_is_the_earliest_pair_in_time() -> None:
    sessions = {1: hours(14, 16), 2: hours(10, 12), 3: hours(15, 17), 4: hours(11, 13)}
    assert first_clash(sessions, [1, 2, 3, 4]) == (2, 4)
    assert first_clash(sessions, [3, 1]) == (1, 3)
    assert first_clash(sessions, [1, 2]) is None
    assert first_clash(sessions, [1, 99]) is None, "what is not on the programme clashes with nothing"
    assert first_clash(sessions, []) is None


@given(programmes, numbers)
def test_a_clash_is_found_exactly_where_there_is_one(sessions: dict[int, Hours], chosen: frozenset[int]) -> None:
    pairs = list(combinations(sorted(chosen & set(sessions)), 2))
    found = first_clash(sessions, chosen)
    assert (found is not None) is any(overlap(sessions[one], sessions[other]) for one, other in pairs)
    if found is not None:
        assert set(found) <= chosen
        assert overlap(sessions[found[0]], sessions[found[1]])
        assert sessions[found[0]].starts_at <= sessions[found[1]].starts_at


def test_a_move_leaves_what_is_not_wished_and_asks_for_what_is_new() -> None:
    move = decide_move(held(seats="12", waits="34"), [Wish(2), Wish(4), Wish(5), Wish(6, is_rather=True)])
    assert move == Move(frozenset({1}), frozenset({3}), takes=(5,), takes_rather=(6,))
    assert not move.is_nothing


def test_who_wishes_what_is_there_moves_nothing_however_it_is_said() -> None:
    assert decide_move(held(seats="1", waits="2"), [Wish(2), Wish(1, is_rather=True)]).is_nothing
    assert decide_move(Held(), []).is_nothing


@given(numbers, numbers, wishes_of_all_kinds)
def test_after_a_move_one_has_or_has_asked_for_exactly_what_was_wished(
    seats: frozenset[int], waits: frozenset[int], wishes: list[Wish]
) -> None:
    move = decide_move(Held(seats, waits), wishes)
    asked = [*move.takes, *move.takes_rather]
    kept = (seats - move.leaves_seats) | (waits - move.leaves_waits)
    assert len(asked) == len(set(asked))
    assert kept | set(asked) == {wish.session_id for wish in wishes}
    assert not kept & set(asked)
    assert set(move.takes_rather) <= {wish.session_id for wish in wishes if wish.is_rather}


AT_ONCE = {1: hours(10, 11), 2: hours(10, 11), 3: hours(10, 11), 4: hours(11, 12)}


@pytest.mark.parametrize(
    ("has", "wishes", "clash"),
    [
        (held(), [Wish(1), Wish(2)], Clash(1, 2, is_of_waits=False)),
        (held(), [Wish(1), Wish(4)], None),
        (held(), [Wish(1), Wish(2, is_rather=True)], None),
        (held(), [Wish(1, is_rather=True), Wish(2, is_rather=True)], Clash(1, 2, is_of_waits=True)),
        (held(), [Wish(1), Wish(2, is_rather=True), Wish(4)], None),
        (held(seats="1"), [Wish(1), Wish(2)], Clash(1, 2, is_of_waits=False)),
        (held(seats="1"), [Wish(2)], None),
        (held(seats="1"), [Wish(1), Wish(2, is_rather=True)], None),
        (held(seats="1", waits="2"), [Wish(1), Wish(2), Wish(3, is_rather=True)], Clash(2, 3, is_of_waits=True)),
        (held(seats="1", waits="2"), [Wish(1), Wish(3, is_rather=True)], None),
        (held(waits="2"), [Wish(2), Wish(1)], None),
        (held(seats="1", waits="1"), [Wish(1)], None),  # online meanwhile
        (held(seats="1", waits="2"), [Wish(1), Wish(2), Wish(3)], Clash(1, 3, is_of_waits=False)),
    ],
)
def test_nobody_sits_in_two_at_a_time_nor_waits_for_two_but_waits_beside_a_seat(
    has: Held, wishes: list[Wish], clash: Clash | None
) -> None:
    assert find_clash(AT_ONCE, has, decide_move(has, wishes)) == clash


@given(programmes, numbers, numbers, wishes_of_all_kinds)
def test_whatever_passes_has_no_two_seats_and_no_two_waits_at_a_time(
    sessions: dict[int, Hours], seats: frozenset[int], waits: frozenset[int], wishes: list[Wish]
) -> None:
    move = decide_move(Held(seats, waits), wishes)
    sits = (seats - move.leaves_seats) | set(move.takes)
    queues = (waits - move.leaves_waits) | set(move.takes_rather)
    clashes = [first_clash(sessions, chosen) for chosen in (sits, queues)]
    found = find_clash(sessions, Held(seats, waits), move)
    assert (found is None) is (clashes == [None, None])
    if found is not None:
        assert (found.one, found.other) == clashes[found.is_of_waits]
