"""What happens at the doors and at the online room, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.attendance import queries
from app.attendance.models import Admission, Device, OnlineJoin, Scan, Verdict
from app.attendance.operations import (
    DeviceGone,
    JoinRefused,
    PairingOver,
    UnknownPairing,
    create_device,
    join_room,
    pair_device,
    record_scans,
    revoke_device,
)
from app.attendance.operations.devices import BadDeviceName, BadGate, EventOver, NoEvent
from app.attendance.roster import Cursor, changes_since
from app.catalogue.models import Event, Session
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Missing, NotAllowed
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


def token_of(link):
    return link.url.partition("#")[2]


# Devices


def test_a_link_pairs_one_phone_and_no_second_one():
    event = open_event()
    link = create_device(actor=person("carol"), event_ids=[event.id], gate=" A ")
    assert link.url.startswith("http://127.0.0.1:5000/door/pair#")
    paired = pair_device(token=token_of(link), device_name="  Anna’s \x00 phone ")
    assert (paired.name, paired.gate) == ("Anna’s phone", "A")
    assert paired.event_titles == ["How to ask for money"]
    assert paired.expires_at == event.ends_at + timedelta(hours=12)
    device = queries.find_device(paired.credential)
    assert device is not None
    assert device.public_id == link.device_public_id
    with pytest.raises(PairingOver):
        pair_device(token=token_of(link), device_name="Another")
    assert queries.find_device(paired.credential) is not None


def test_neither_token_nor_credential_is_kept():
    link = create_device(actor=person("carol"), event_ids=[open_event().id], gate="A")
    paired = pair_device(token=token_of(link), device_name="Phone")
    row = db.session.execute(select(Device.__table__)).mappings().one()
    kept = {value for value in row.values() if isinstance(value, str | bytes)}
    for secret in (token_of(link), paired.credential):
        assert secret not in kept
        assert secret.encode() not in kept


def test_a_token_that_never_was_is_unknown():
    with pytest.raises(UnknownPairing):
        pair_device(token="x" * 43, device_name="Phone")


@pytest.mark.parametrize("name", ["", "   ", "\x00", "x" * 61])
def test_a_phone_needs_a_short_name(name):
    link = create_device(actor=person("carol"), event_ids=[open_event().id], gate="A")
    with pytest.raises(BadDeviceName):
        pair_device(token=token_of(link), device_name=name)
    assert pair_device(token=token_of(link), device_name="Phone").name == "Phone"


@pytest.mark.parametrize("gate", ["", " \t", "x" * 61])
def test_a_gate_needs_a_short_name(gate):
    with pytest.raises(BadGate):
        create_device(actor=person("carol"), event_ids=[open_event().id], gate=gate)


def test_who_may_pair_phones():
    event = open_event()
    for who in ("alice", "bob", "carol", "dora", "erin"):
        assert create_device(actor=person(who), event_ids=[event.id], gate="A").url
    with pytest.raises(NotAllowed):
        create_device(actor=person("dan"), event_ids=[event.id], gate="A")
    with pytest.raises(Missing):
        create_device(actor=person("olga"), event_ids=[event.id], gate="A")


def test_only_supervisors_make_a_supervisors_phone():
    event = open_event()
    with pytest.raises(NotAllowed):
        create_device(actor=person("carol"), event_ids=[event.id], gate="A", is_supervisor=True)
    create_device(actor=person("dora"), event_ids=[event.id], gate="A", is_supervisor=True)
    assert [device.is_supervisor for device in queries.devices_at(event.id)] == [True]


def test_a_phone_serves_events_of_one_organization_only():
    ours, theirs = open_event(), open_event(by="olga")
    with pytest.raises(Missing):
        create_device(actor=person("erin"), event_ids=[ours.id, theirs.id], gate="A")
    with pytest.raises(Missing):
        create_device(actor=person("erin"), event_ids=[ours.id, 10_000], gate="A")
    with pytest.raises(NoEvent):
        create_device(actor=person("erin"), event_ids=[], gate="A")
    assert count(Device) == 0


def test_an_event_that_is_over_needs_no_phone():
    event = open_event()
    link = create_device(actor=person("carol"), event_ids=[event.id], gate="A")
    with transaction():
        db.session.execute(update(Event).values(ends_at=now()))
        db.session.execute(update(Device).values(pairing_until=now()))
    with pytest.raises(EventOver):
        create_device(actor=person("carol"), event_ids=[event.id], gate="A")
    with pytest.raises(PairingOver):
        pair_device(token=token_of(link), device_name="Late")


def test_a_revoked_link_pairs_nothing():
    event = open_event()
    link = create_device(actor=person("carol"), event_ids=[event.id], gate="A")
    revoke_device(actor=person("carol"), device_public_id=link.device_public_id)
    with pytest.raises(PairingOver):
        pair_device(token=token_of(link), device_name="Phone")


def test_revoking_twice_is_one_deed():
    door = open_door(open_event())
    revoke_device(actor=person("carol"), device_public_id=door.public_id)
    first = db.session.get_one(Device, door.id).revoked_at
    revoke_device(actor=person("bob"), device_public_id=door.public_id)
    db.session.expire_all()
    assert db.session.get_one(Device, door.id).revoked_at == first
    lines = db.session.scalars(select(AuditLine.action).where(AuditLine.action == "revoke_device")).all()
    assert len(lines) == 1


def test_a_stranger_revokes_nothing():
    door = open_door(open_event())
    with pytest.raises(DeviceGone):
        revoke_device(actor=person("olga"), device_public_id=door.public_id)
    with pytest.raises(NotAllowed):
        revoke_device(actor=person("dan"), device_public_id=door.public_id)
    with pytest.raises(DeviceGone):
        revoke_device(actor=person("alice"), device_public_id="nothing")
    assert db.session.get_one(Device, door.id).revoked_at is None


# Scans


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
    result = only(record_scans(device_id=door.id, sent_at=now() + wrong, scans=[scan]))
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


# The roster


def test_a_phone_reads_the_roster_by_pages_and_then_only_what_changed():
    event = open_event()
    people = [sign_up(event, f"Person {number}") for number in range(5)]
    door = open_door(event)
    events = queries.door_events_of(door.id)
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
    events = queries.door_events_of(door.id)
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
    events = queries.door_events_of(open_door(one, two).id)
    first, cursor = changes_since(events, Cursor(), limit=4)
    second, cursor = changes_since(events, cursor, limit=4)
    assert [len(first), len(second)] == [4, 2]
    assert len({row.id for row in first + second}) == 6
    assert len({row.code for row in first + second}) == 6


@pytest.mark.parametrize("text", [None, "", "nonsense", "ffffffffffffffff:1.x", "\x00", "🎟"])
def test_a_cursor_that_makes_no_sense_is_the_beginning(text):
    event = open_event()
    sign_up(event)
    rows, _cursor = changes_since(queries.door_events_of(open_door(event).id), Cursor.parse(text))
    assert len(rows) == 1


# The online room


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
