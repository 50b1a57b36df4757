"""What happens at the doors when a code is read, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.attendance import queries
from app.attendance.models import Admission, Scan, Verdict
from app.attendance.operations import (
    record_scans,
)
from app.core.clock import now
from app.core.db import db
from app.registration.operations import cancel_registration
from app.registration.operations.events import cancel_event
from tests.support.cast import person
from tests.support.door import open_door, open_event, scan_of
from tests.support.events import hybrid, local, make_event, sign_up

pytestmark = pytest.mark.usefixtures("context")


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def only(results):
    assert len(results) == 1
    return next(iter(results.values()))


def test_a_person_comes_in_once_over_two_doors():
    event = open_event()
    pat = sign_up(event)
    front, back = open_door(event, gate="front"), open_door(event, gate="back")
    first = only(front.scan(scan_of(event, pat, ago=600)))
    second = only(back.scan(scan_of(event, pat)))
    assert (first.verdict, first.name, first.mode) == (Verdict.WELCOME, "Pat Participant", "in_person")
    assert (second.verdict, second.name) == (Verdict.ALREADY_IN, "Pat Participant")
    assert (second.entry_gate, second.entry_at) == ("front", first.at)
    assert count(Admission) == 1
    assert count(Scan) == 2
    assert queries.admission_of([pat.id])[pat.id].gate == "front"


def test_counts_are_right_over_two_doors():
    event = open_event()
    people = [sign_up(event, f"Person {number}") for number in range(4)]
    sign_up(event, "Late Canceller")
    cancel_registration(registration_id=sign_up(event, "Gone Away").id)
    front, back = open_door(event, gate="front"), open_door(event, gate="back")
    for door, person_ in zip((front, back, front), people, strict=False):
        door.scan(scan_of(event, person_))
    back.scan(scan_of(event, people[0]))
    counts = queries.counts_of(event.id)
    assert (counts.inside, counts.expected, counts.by_gate) == (3, 5, {"front": 2, "back": 1})


def test_a_scan_sent_again_gets_its_first_answer_and_changes_nothing():
    event = open_event()
    pat = sign_up(event)
    front, back = open_door(event, gate="front"), open_door(event, gate="back")
    scan, refused = scan_of(event, pat, ago=60), scan_of(event, pat, ago=30)
    first = only(front.scan(scan))
    denied = only(back.scan(refused))
    numbers = (count(Scan), count(Admission), db.session.get_one(type(pat), pat.id).change_number)
    assert only(front.scan(scan)) == first
    assert only(back.scan(refused)) == denied
    assert only(back.scan(scan)) == first, "also when the phone was paired anew meanwhile"
    assert (count(Scan), count(Admission), db.session.get_one(type(pat), pat.id).change_number) == numbers


def test_a_code_read_twice_at_once_is_the_same_green():
    event = open_event()
    pat = sign_up(event)
    door = open_door(event)
    once, twice, later = (scan_of(event, pat, ago=ago) for ago in (60, 58, 50))
    results = door.scan(later, twice, once)
    assert results[once.client_id].verdict is Verdict.WELCOME
    assert results[twice.client_id].verdict is Verdict.WELCOME
    assert results[later.client_id].verdict is Verdict.ALREADY_IN
    assert count(Admission) == 1
    assert count(Scan) == 3


def test_a_reference_lets_in_and_is_known_at_its_own_event_only():
    event, other = open_event(), open_event(title={"en": "Another talk"})
    pat = sign_up(event)
    door = open_door(event, other)
    elsewhere = only(door.scan(scan_of(other, reference=pat.reference)))
    here = only(door.scan(scan_of(event, reference=pat.reference)))
    assert (elsewhere.verdict, elsewhere.name) == (Verdict.UNKNOWN, None)
    assert (here.verdict, here.name) == (Verdict.WELCOME, "Pat Participant")


def test_a_ticket_for_another_event_of_ours_says_which():
    event, other = open_event(), open_event(title={"en": "Another talk"})
    pat = sign_up(other)
    result = only(open_door(event).scan(scan_of(event, pat)))
    assert (result.verdict, result.name, result.mode) == (Verdict.WRONG_EVENT, None, None)
    assert result.other is not None
    assert result.other.title == {"en": "Another talk"}
    assert count(Admission) == 0
    assert count(Scan) == 1


def test_of_another_organizations_ticket_a_door_learns_nothing():
    event, theirs = open_event(), open_event(by="olga")
    result = only(open_door(event).scan(scan_of(event, sign_up(theirs))))
    assert (result.verdict, result.name, result.other) == (Verdict.WRONG_EVENT, None, None)


def test_a_door_scans_only_for_its_own_events():
    event, theirs = open_event(), open_event(by="olga")
    pat = sign_up(theirs)
    result = only(open_door(event).scan(scan_of(theirs, pat)))
    assert (result.verdict, result.event, result.name) == (Verdict.WRONG_EVENT, None, None)
    assert count(Scan) == 0
    assert count(Admission) == 0


def test_a_scan_id_of_another_organization_tells_nothing():
    event, theirs = open_event(), open_event(by="olga")
    scan = scan_of(theirs, sign_up(theirs))
    open_door(theirs, by="olga").scan(scan)
    stolen = scan_of(event, sign_up(event), client_id=scan.client_id)
    result = only(open_door(event).scan(stolen))
    assert (result.verdict, result.event, result.name) == (Verdict.WRONG_EVENT, None, None)
    assert count(Scan) == 1


@pytest.mark.parametrize("code", ["", "HTTPS://EXAMPLE.ORG", "x" * 10_000, "\x00", "🎟" * 16, "'; DROP TABLE scan;--"])
def test_something_else_is_written_down_as_no_ticket(code):
    event = open_event()
    result = only(open_door(event).scan(scan_of(event, code=code)))
    assert result.verdict is Verdict.NOT_A_TICKET
    stored = db.session.scalars(select(Scan)).one()
    assert (stored.verdict, stored.code_hash, stored.registration_id) == ("not_a_ticket", None, None)


def test_refusals_are_kept_as_scans():
    event = open_event()
    event_next_week = make_event(title={"en": "Next week"})
    online = make_event(hybrid(starts_local=local(minutes=30)))
    gone = sign_up(event, "Gone Away")
    cancel_registration(registration_id=gone.id)
    door = open_door(event, event_next_week, online)
    scans = [
        scan_of(event, gone),
        scan_of(event, code="ABCDEFGHIJKLMNO2"),
        scan_of(event_next_week, sign_up(event_next_week)),
        scan_of(online, sign_up(online, mode="online")),
    ]
    results = door.scan(*scans)
    verdicts = [results[scan.client_id].verdict for scan in scans]
    assert verdicts == [Verdict.CANCELLED, Verdict.UNKNOWN, Verdict.WRONG_DAY, Verdict.ONLINE_ONLY]
    assert count(Scan) == 4
    assert count(Admission) == 0


def test_a_cancelled_event_lets_nobody_in():
    event = open_event()
    pat = sign_up(event)
    door = open_door(event)
    cancel_event(actor=person("bob"), event_id=event.id, reason="Storm")
    assert only(door.scan(scan_of(event, pat))).verdict is Verdict.CANCELLED


def test_the_time_of_a_scan_is_the_phones_corrected_by_its_clock():
    event = open_event()
    pat = sign_up(event)
    door = open_door(event)
    wrong = timedelta(days=-400)
    scan = scan_of(event, pat, scanned_at=now() + wrong - timedelta(minutes=10))
    result = only(record_scans(door=door.now(), sent_at=now() + wrong, scans=[scan]))
    assert result.verdict is Verdict.WELCOME
    assert result.at is not None
    assert abs(now() - timedelta(minutes=10) - result.at) < timedelta(seconds=30)
    assert db.session.scalars(select(Scan.device_at)).one() == scan.scanned_at


def test_two_hundred_scans_at_once():
    event = open_event(capacity_in_person=None)
    people = [sign_up(event, f"Person {number}") for number in range(20)]
    door = open_door(event)
    scans = [scan_of(event, people[number % 20], ago=600 - number) for number in range(200)]
    results = door.scan(*scans)
    assert len(results) == 200
    welcome = [result for result in results.values() if result.verdict is Verdict.WELCOME]
    assert len(welcome) == 20
    assert count(Admission) == 20
    assert count(Scan) == 200
