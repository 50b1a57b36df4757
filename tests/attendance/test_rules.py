"""The door's and the room's decisions."""

from datetime import UTC, datetime, timedelta

import pytest

from app.attendance.models import Verdict
from app.attendance.rules import (
    Colour,
    DeviceState,
    DoorEvent,
    Entry,
    JoinDecision,
    Ticket,
    colour_of,
    corrected_time,
    decide_device,
    decide_join,
    decide_second_entry,
    decide_verdict,
    is_reference,
    is_ticket,
    pairing_ends,
)

STARTS = datetime(2026, 12, 3, 15, 30, tzinfo=UTC)  # 18:30 in Moscow
ENDS = STARTS + timedelta(hours=2)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def door_event(**changes):
    values = {
        "id": 1,
        "public_id": "e" * 16,
        "organization_id": 1,
        "title": {"en": "A talk"},
        "zone": "Europe/Moscow",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "is_cancelled": False,
        "hours": ((STARTS, ENDS),),
    }
    return DoorEvent(**{**values, **changes})


def ticket(**changes):
    values = {"registration_id": 7, "event_id": 1, "status": "confirmed", "mode": "in_person", "name": "Pat"}
    return Ticket(**{**values, **changes})


def test_a_confirmed_person_is_welcome():
    assert decide_verdict(door_event(), ticket(), STARTS) is Verdict.WELCOME


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"event_id": 2}, Verdict.WRONG_EVENT),
        ({"event_id": 2, "status": "cancelled"}, Verdict.WRONG_EVENT),
        ({"status": "cancelled"}, Verdict.CANCELLED),
        ({"status": "unconfirmed"}, Verdict.NOT_CONFIRMED),
        ({"status": "pending"}, Verdict.NOT_CONFIRMED),
        ({"status": "waitlisted"}, Verdict.NOT_CONFIRMED),
        ({"status": "offered"}, Verdict.NOT_CONFIRMED),
        ({"status": "expired"}, Verdict.NOT_CONFIRMED),
        ({"status": "declined"}, Verdict.NOT_CONFIRMED),
        ({"mode": "online"}, Verdict.ONLINE_ONLY),
    ],
)
def test_others_are_not(changes, verdict):
    assert decide_verdict(door_event(), ticket(**changes), STARTS) is verdict


def test_a_cancelled_event_lets_nobody_in():
    assert decide_verdict(door_event(is_cancelled=True), ticket(), STARTS) is Verdict.CANCELLED


def test_an_unknown_code_and_something_else_are_told_apart():
    assert decide_verdict(door_event(), None, STARTS) is Verdict.UNKNOWN
    assert decide_verdict(door_event(), None, STARTS, is_readable=False) is Verdict.NOT_A_TICKET


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        (STARTS - 120 * MINUTE, Verdict.WELCOME),
        (STARTS - 120 * MINUTE - SECOND, Verdict.TOO_EARLY),
        (STARTS - timedelta(hours=18), Verdict.TOO_EARLY),  # 00:30 in Moscow, the same day there
        (STARTS - timedelta(hours=19), Verdict.WRONG_DAY),  # 23:30 the evening before, though one day in UTC
        (ENDS + 180 * MINUTE, Verdict.WELCOME),
        (ENDS + 180 * MINUTE + SECOND, Verdict.WRONG_DAY),
    ],
)
def test_doors_open_two_hours_before_and_close_three_hours_after(at, verdict):
    assert decide_verdict(door_event(), ticket(), at) is verdict


def test_between_two_evenings_of_a_course_the_doors_are_closed():
    second = (STARTS + timedelta(days=7), ENDS + timedelta(days=7))
    course = door_event(ends_at=second[1], hours=((STARTS, ENDS), second))
    assert decide_verdict(course, ticket(), STARTS + timedelta(days=3)) is Verdict.WRONG_DAY
    assert decide_verdict(course, ticket(), second[0]) is Verdict.WELCOME
    assert decide_verdict(course, ticket(), second[0] - timedelta(hours=3)) is Verdict.TOO_EARLY


def test_a_code_read_twice_by_one_phone_is_green_again_for_a_moment():
    entry = Entry(client_id="a", device_id=1, gate="A", at=STARTS)
    again = {"client_id": "b", "device_id": 1}
    assert decide_second_entry(entry, **again, at=STARTS + 3 * SECOND) is Verdict.WELCOME
    assert decide_second_entry(entry, **again, at=STARTS + 4 * SECOND) is Verdict.ALREADY_IN
    assert decide_second_entry(entry, client_id="b", device_id=2, at=STARTS) is Verdict.ALREADY_IN
    assert decide_second_entry(entry, client_id="a", device_id=2, at=ENDS) is Verdict.WELCOME


def test_green_is_for_the_welcome_alone():
    colours = {verdict: colour_of(verdict) for verdict in Verdict}
    assert [verdict for verdict, colour in colours.items() if colour is Colour.GREEN] == [Verdict.WELCOME]
    assert [verdict for verdict, colour in colours.items() if colour is Colour.RED] == [Verdict.ALREADY_IN]


@pytest.mark.parametrize("text", ["ABCDEFGHIJKLMNO2", "2345672345672345"])
def test_a_ticket_has_sixteen_characters_of_base32(text):
    assert is_ticket(text)


@pytest.mark.parametrize(
    "text", [None, "", "ABCDEFGHIJKLMNO1", "abcdefghijklmno2", "ABCDEFGHIJKLMNO2\n", "АBCDEFGHIJKLMNO2"]
)
def test_nothing_else_is_a_ticket(text):
    assert not is_ticket(text)


def test_a_reference_is_six_digits_of_ascii():
    assert is_reference("482913")
    for text in (None, "", "48291", "4829133", "٤٨٢٩١٣", "482 913", "482913\n"):
        assert not is_reference(text)


def test_a_scan_is_as_old_as_the_phone_says_whatever_its_clock():
    received, paired = STARTS, STARTS - timedelta(hours=3)
    for clock in (timedelta(0), timedelta(days=-20_000), timedelta(days=200_000)):
        sent = received + clock
        at = corrected_time(sent - 5 * MINUTE, sent_at=sent, received_at=received, paired_at=paired)
        assert at == received - 5 * MINUTE


@pytest.mark.parametrize(
    "age", [timedelta(days=-700_000), timedelta(days=-1), timedelta(days=1), timedelta(days=700_000)]
)
def test_a_scan_lies_between_pairing_and_receipt(age):
    received, paired = STARTS, STARTS - timedelta(hours=3)
    sent = datetime(2000, 1, 1, tzinfo=UTC) if age < timedelta(0) else datetime(2999, 1, 1, tzinfo=UTC)
    at = corrected_time(sent - age, sent_at=sent, received_at=received, paired_at=paired)
    assert at == (received if age < timedelta(0) else paired)


def test_a_phone_is_good_until_twelve_hours_after_its_last_event_even_if_that_was_moved():
    made_for = ENDS + timedelta(hours=12)
    assert pairing_ends(made_for, []) == made_for
    assert pairing_ends(made_for, [ENDS - timedelta(days=1)]) == made_for
    assert pairing_ends(made_for, [ENDS, ENDS + timedelta(days=7)]) == made_for + timedelta(days=7)


def test_a_phone_is_revoked_before_it_is_anything_else():
    times = {"ends_at": ENDS, "now": STARTS}
    assert decide_device(paired_at=None, revoked_at=None, **times) is DeviceState.WAITING
    assert decide_device(paired_at=STARTS, revoked_at=None, **times) is DeviceState.PAIRED
    assert decide_device(paired_at=STARTS, revoked_at=STARTS, **times) is DeviceState.REVOKED
    assert decide_device(paired_at=STARTS, revoked_at=None, ends_at=ENDS, now=ENDS) is DeviceState.EXPIRED
    assert decide_device(paired_at=STARTS, revoked_at=STARTS, ends_at=ENDS, now=ENDS) is DeviceState.REVOKED


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({}, JoinDecision.OPEN),
        ({"now": STARTS - 15 * MINUTE}, JoinDecision.OPEN),
        ({"now": STARTS - 15 * MINUTE - SECOND}, JoinDecision.EARLY),
        ({"now": ENDS - SECOND}, JoinDecision.OPEN),
        ({"now": ENDS}, JoinDecision.OVER),
        ({"mode": "in_person"}, JoinDecision.IN_PERSON),
        ({"status": "waitlisted"}, JoinDecision.NOT_CONFIRMED),
        ({"status": "cancelled"}, JoinDecision.CANCELLED),
        ({"is_cancelled": True}, JoinDecision.CANCELLED),
        ({"has_address": False}, JoinDecision.NO_ADDRESS),
        ({"has_address": False, "now": STARTS - timedelta(days=1)}, JoinDecision.EARLY),
    ],
)
def test_the_room_opens_to_confirmed_online_places_shortly_before_the_start(changes, decision):
    values = {
        "status": "confirmed",
        "mode": "online",
        "is_cancelled": False,
        "has_address": True,
        "starts_at": STARTS,
        "ends_at": ENDS,
        "now": STARTS,
    }
    assert decide_join(**{**values, **changes}) is decision
