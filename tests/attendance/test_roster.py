"""The list of people that a phone keeps."""

from __future__ import annotations

import pytest

from app.attendance.roster import Cursor, changes_since
from app.registration.operations import cancel_registration
from tests.support.door import open_door, open_event, scan_of
from tests.support.events import sign_up

pytestmark = pytest.mark.usefixtures("context")


def test_a_phone_reads_the_roster_by_pages_and_then_only_what_changed():
    event = open_event()
    people = [sign_up(event, f"Person {number}") for number in range(5)]
    door = open_door(event)
    events = door.now().events
    names, cursor = [], Cursor()
    for _page in range(4):
        rows, cursor = changes_since(events, cursor, limit=2)
        cursor = Cursor.parse(str(cursor))
        names += [row.name for row in rows]
    assert sorted(names) == [f"Person {number}" for number in range(5)]
    door.scan(scan_of(event, people[3]))
    rows, cursor = changes_since(events, cursor)
    assert [(row.name, row.gate, row.state) for row in rows] == [("Person 3", "A", "confirmed")]
    cancel_registration(registration_id=people[1].id)
    rows, cursor = changes_since(events, cursor)
    assert [(row.name, row.state) for row in rows] == [("Person 1", "cancelled")]
    assert changes_since(events, cursor) == ([], cursor)


def test_people_who_came_in_together_are_not_cut_apart_by_a_page():
    event = open_event()
    people = [sign_up(event, f"Person {number}") for number in range(5)]
    door = open_door(event)
    events = door.now().events
    _rows, cursor = changes_since(events, Cursor())
    door.scan(*(scan_of(event, one) for one in people))
    first, cursor = changes_since(events, cursor, limit=3)
    rest, cursor = changes_since(events, cursor, limit=3)
    assert sorted(row.name for row in first + rest) == [f"Person {number}" for number in range(5)]
    assert len(first) == 3


def test_a_roster_of_two_events_goes_on_where_it_stopped():
    one, two = open_event(), open_event(title={"en": "Another"})
    for event in (one, two):
        for number in range(3):
            sign_up(event, f"Person {number}")
    events = open_door(one, two).now().events
    first, cursor = changes_since(events, Cursor(), limit=4)
    second, cursor = changes_since(events, cursor, limit=4)
    assert [len(first), len(second)] == [4, 2]
    assert len({row.id for row in first + second}) == 6
    assert len({row.code for row in first + second}) == 6


@pytest.mark.parametrize("text", [None, "", "nonsense", "ffffffffffffffff:1.x", "\x00", "🎟"])
def test_a_cursor_that_makes_no_sense_is_the_beginning(text):
    event = open_event()
    sign_up(event)
    rows, _cursor = changes_since(open_door(event).now().events, Cursor.parse(text))
    assert len(rows) == 1
