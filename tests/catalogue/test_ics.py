"""VEVENT, its personal copy and VCALENDAR, as written and as three calendar programs read them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.catalogue.ics import PersonalPlace, calendar, content_line, quoted, render_personal, render_vevent
from tests.catalogue.ics_cases import PAGE, session_facts, unfolded, utc, value_of, wall
from tests.readers.calendars import Entry, Reader

ROOT = Path(__file__).parents[2]
ROOM = "https://lectern.example/r/q7/room"
FULL: dict[str, Any] = {
    "title": "Ночное небо; звёзды, планеты 🔭",
    "description": "Первая строка\n\nC:\\New, вторая; строка",
    "location": "Дом учёных,\r\nул. Ленина, 1",
    "language": "ru",
    "geo": (59.9386312, 30.3141),
    "categories": ("lecture", "arts, crafts", "", "lecture"),
    "organizer_name": 'Лекторий "Орбита"',
    "organizer_email": "hello@orbita.example",
    "conference_url": PAGE,
    "related_uid": "conference@lectern.example",
    "image_url": "https://lectern.example/i/sky.png",
}


def read_one(reader: Reader, vevent: bytes, zone: str = "Europe/Berlin") -> Entry:
    (entry,) = reader(calendar([vevent], zones=[zone], name="All events"))
    return entry


def test_a_full_session_is_written_as_calendars_expect() -> None:
    assert unfolded(render_vevent(session_facts(**FULL))) == [
        "BEGIN:VEVENT",
        "UID:01j-night-sky@lectern.example",
        "SEQUENCE:2",
        "DTSTAMP:20260504T102030Z",
        "LAST-MODIFIED:20260504T102030Z",
        "CREATED:20260501T080000Z",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "DTSTART;TZID=Europe/Berlin:20260701T180000",
        "DTEND;TZID=Europe/Berlin:20260701T193000",
        "SUMMARY;LANGUAGE=ru:Ночное небо\\; звёзды\\, планеты 🔭",
        "LOCATION:Дом учёных\\, ул. Ленина\\, 1",
        "GEO:59.938631;30.314100",
        "CATEGORIES:lecture,arts crafts",
        f"URL:{PAGE}",
        "ORGANIZER;CN=\"Лекторий 'Орбита'\":mailto:hello@orbita.example",
        "RELATED-TO:conference@lectern.example",
        "IMAGE;VALUE=URI;DISPLAY=BADGE:https://lectern.example/i/sky.png",
        f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:{PAGE}",
        f"DESCRIPTION;LANGUAGE=ru:Первая строка\\n\\nC:\\\\New\\, вторая\\; строка\\n\\n{PAGE}",
        "END:VEVENT",
    ]


def test_what_is_missing_leaves_no_empty_property() -> None:
    lines = unfolded(render_vevent(session_facts(title="\0", location=" ", categories=(" ",), organizer_name="X")))
    assert [line.partition(":")[0] for line in lines if line.partition(":")[2] == ""] == []
    names = {line.partition(":")[0].partition(";")[0] for line in lines}
    assert names.isdisjoint({"SUMMARY", "LOCATION", "CATEGORIES", "ORGANIZER", "GEO", "CONFERENCE", "RELATED-TO"})
    assert f"DESCRIPTION;LANGUAGE=en:{PAGE}" in lines


def test_a_cancelled_session_says_so_in_every_way() -> None:
    vevent = render_vevent(session_facts(status="cancelled", cancelled_prefix="Отменено: ", title="Небо"))
    assert value_of(vevent, "STATUS") == "CANCELLED"
    assert value_of(vevent, "TRANSP") == "TRANSPARENT"
    assert value_of(vevent, "SUMMARY") == "Отменено: Небо"


@pytest.mark.parametrize(
    ("starts", "ends", "zone", "starts_at", "ends_at"),
    [
        ("2026-01-15T18:00", "2026-01-15T19:30", "Europe/Berlin", "20260115T170000Z", "20260115T183000Z"),
        ("2026-07-15T18:00", "2026-07-15T19:30", "Europe/Berlin", "20260715T160000Z", "20260715T173000Z"),
        ("2026-03-29T01:30", "2026-03-29T04:00", "Europe/Berlin", "20260329T003000Z", "20260329T020000Z"),
        ("2026-10-25T01:30", "2026-10-25T04:00", "Europe/Berlin", "20261024T233000Z", "20261025T030000Z"),
        ("2026-07-15T18:00", "2026-07-15T19:30", "Europe/Moscow", "20260715T150000Z", "20260715T163000Z"),
        ("2026-07-15T18:00", "2026-07-15T19:30", "America/New_York", "20260715T220000Z", "20260715T233000Z"),
        ("2026-03-01T18:00", "2026-04-01T18:00", "Africa/Casablanca", "20260301T180000Z", "20260401T170000Z"),
        (
            "2026-01-15T18:00",
            "2026-07-15T18:00",
            "Australia/Lord_Howe",
            "20260115T070000Z",
            "20260715T073000Z",
        ),
        ("2026-07-01T22:00", "2026-07-02T02:00", "Europe/Berlin", "20260701T200000Z", "20260702T000000Z"),
        ("2026-10-23T10:00", "2026-10-26T18:00", "Europe/Berlin", "20261023T080000Z", "20261026T170000Z"),
    ],
)
def test_readers_agree_on_the_time(
    starts: str, ends: str, zone: str, starts_at: str, ends_at: str, reader: Reader
) -> None:
    entry = read_one(reader, render_vevent(session_facts(starts, ends, zone)), zone)
    assert (entry.starts, entry.ends) == (starts_at, ends_at)


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [("2026-10-25T00:30", "2026-10-25T01:15"), ("2026-10-25T01:15", "2026-10-25T01:45")],
)
def test_readers_agree_on_both_passes_of_an_ambiguous_hour(starts_at: str, ends_at: str, reader: Reader) -> None:
    facts = session_facts("2026-10-25T02:30", "2026-10-25T02:45", starts_at=utc(starts_at), ends_at=utc(ends_at))
    entry = read_one(reader, render_vevent(facts))
    assert (entry.starts, entry.ends) == (
        f"{utc(starts_at):%Y%m%dT%H%M%SZ}",
        f"{utc(ends_at):%Y%m%dT%H%M%SZ}",
    )


def test_a_time_that_new_zone_rules_put_into_a_gap_is_still_written() -> None:
    vevent = render_vevent(session_facts(starts_local=wall("2026-03-29T02:30")))
    assert "DTSTART;TZID=Europe/Berlin:20260329T023000" in unfolded(vevent)


@pytest.mark.parametrize(
    ("starts", "ends", "first_free_day"),
    [
        ("2026-07-01T00:00", "2026-07-01T23:59", "20260702"),
        ("2026-07-01T00:00", "2026-07-02T00:00", "20260702"),
        ("2026-07-01T00:00", "2026-07-01T00:00", "20260702"),
        ("2026-07-01T10:00", "2026-07-03T18:00", "20260704"),
        ("2026-10-24T00:00", "2026-10-27T00:00", "20261027"),
    ],
)
def test_all_day_ends_with_the_first_free_day(starts: str, ends: str, first_free_day: str, reader: Reader) -> None:
    entry = read_one(reader, render_vevent(session_facts(starts, ends, all_day=True)))
    assert (entry.starts, entry.ends) == (starts[:10].replace("-", ""), first_free_day)


HOSTILE = 'Talk\r\nATTENDEE:mailto:x@y\nBEGIN:VALARM;a,b\0\x1b\\n\\N\u2028END:VEVENT "^n'


def test_hostile_words_stay_words(reader: Reader) -> None:
    facts = session_facts(
        title=HOSTILE,
        description=HOSTILE,
        location=HOSTILE,
        url=PAGE + HOSTILE,
        uid="u" + HOSTILE,
        categories=(HOSTILE,),
        organizer_name=HOSTILE,
        organizer_email="a@b.example" + HOSTILE,
        conference_url=PAGE + HOSTILE,
        related_uid=HOSTILE,
        image_url=PAGE + HOSTILE,
        geo=(0.0, -0.5),
    )
    vevent = render_vevent(facts)
    one_line = 'Talk ATTENDEE:mailto:x@y BEGIN:VALARM;a,b\\n\\N END:VEVENT "^n'
    entry = read_one(reader, vevent)
    assert (entry.summary, entry.location) == (one_line, one_line)
    assert entry.description.startswith('Talk\nATTENDEE:mailto:x@y\nBEGIN:VALARM;a,b\\n\\N\nEND:VEVENT "^n\n\nhttps://')
    assert entry.names == read_one(reader, render_vevent(session_facts(**FULL))).names
    assert vevent.count(b"\r\nEND:VEVENT") == 1


def test_a_personal_copy_carries_what_is_personal(reader: Reader) -> None:
    session = render_vevent(session_facts(**FULL))
    personal = render_personal(
        session,
        sequence_bonus=3,
        changed_at=utc("2026-06-01T12:00:00"),
        place=PersonalPlace(conference_url=ROOM),
        note=f"Ваша комната:\n{ROOM}",
        status="tentative",
        extra_lines=[content_line(f"ATTENDEE;CN={quoted('Анна, «Ё»')}", b"mailto:anna@mail.example")],
    )
    assert value_of(personal, "SEQUENCE") == "5"
    assert value_of(personal, "DTSTAMP") == value_of(personal, "LAST-MODIFIED") == "20260601T120000Z"
    assert value_of(personal, "STATUS") == "TENTATIVE"
    assert f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:{ROOM}" in unfolded(personal)
    before, after = read_one(reader, session), read_one(reader, personal)
    assert after.description == f"{before.description}\nВаша комната:\n{ROOM}"
    assert (after.uid, after.starts, after.ends, after.summary) == (
        before.uid,
        before.starts,
        before.ends,
        before.summary,
    )
    assert after.names == (before.names | {"ATTENDEE"}) - {"LOCATION", "GEO"}
    assert personal.count(b"CONFERENCE") == 1


def test_a_personal_copy_without_anything_personal_is_the_session_itself() -> None:
    session = render_vevent(session_facts(**FULL))
    assert render_personal(session, sequence_bonus=0, changed_at=utc("2026-01-01T00:00:00")) == session


def test_a_long_public_place_is_replaced_whole() -> None:
    session = render_vevent(session_facts(conference_url=PAGE + "?" + "x" * 300, location="Зал" * 90, geo=(1.0, 2.0)))
    place = PersonalPlace(conference_url=ROOM)
    changed = render_personal(session, sequence_bonus=0, changed_at=utc("2026-01-01T00:00:00"), place=place)
    assert b"xxx" not in changed
    assert changed.replace(
        b"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:" + ROOM.encode() + b"\r\n", b""
    ) == render_vevent(session_facts())


def test_who_comes_to_the_hall_reads_of_the_hall_alone() -> None:
    session = render_vevent(session_facts(conference_url=PAGE, location="Hall, or online"))
    place = PersonalPlace(location="Hall", geo=(59.5, 30.25))
    lines = unfolded(render_personal(session, sequence_bonus=0, changed_at=utc("2026-01-01T00:00:00"), place=place))
    assert [line for line in lines if line.startswith(("LOCATION", "GEO", "CONFERENCE"))] == [
        "LOCATION:Hall",
        "GEO:59.500000;30.250000",
    ]


@pytest.mark.parametrize(
    ("session", "person", "together", "transparency"),
    [
        ("scheduled", "confirmed", "CONFIRMED", "OPAQUE"),
        ("scheduled", "cancelled", "CANCELLED", "TRANSPARENT"),
        ("cancelled", "confirmed", "CANCELLED", "TRANSPARENT"),
        ("cancelled", "tentative", "CANCELLED", "TRANSPARENT"),
    ],
)
def test_a_person_is_never_surer_than_the_session(session: str, person: Any, together: str, transparency: str) -> None:
    vevent = render_vevent(session_facts(status=session))
    personal = render_personal(vevent, sequence_bonus=1, changed_at=utc("2026-06-01T12:00:00"), status=person)
    assert (value_of(personal, "STATUS"), value_of(personal, "TRANSP")) == (together, transparency)


def test_only_our_own_events_can_be_made_personal() -> None:
    with pytest.raises(ValueError, match="render_vevent"):
        render_personal(b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", sequence_bonus=0, changed_at=utc("2026-06-01T12:00:00"))


def test_a_public_feed_has_its_name_and_addresses() -> None:
    feed = calendar([], zones=[], name="Talks, walks", source=PAGE + ".ics", url=PAGE)
    assert unfolded(feed) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lectern//Lectern//EN",
        "NAME:Talks\\, walks",
        "X-WR-CALNAME:Talks\\, walks",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        f"SOURCE;VALUE=URI:{PAGE}.ics",
        f"URL:{PAGE}",
        "END:VCALENDAR",
    ]


def test_a_download_has_none_of_it() -> None:
    assert unfolded(calendar([], zones=[], refresh=False)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lectern//Lectern//EN",
        "END:VCALENDAR",
    ]


def test_an_invitation_names_its_method() -> None:
    assert value_of(calendar([], zones=[], method="REQUEST", refresh=False), "METHOD") == "REQUEST"


def test_each_zone_comes_once_and_in_order() -> None:
    feed = unfolded(calendar([], zones=["Europe/Moscow", "Europe/Berlin", "Europe/Moscow"]))
    assert [line for line in feed if line.startswith("TZID")] == ["TZID:Europe/Berlin", "TZID:Europe/Moscow"]


def test_two_processes_write_the_same_bytes() -> None:
    program = (
        "import hashlib;from tests.catalogue.test_ics import full_feed;print(hashlib.sha256(full_feed()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": zone},
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert digests == {hashlib.sha256(full_feed()).hexdigest()}


def full_feed() -> bytes:
    zones = ("Africa/Cairo", "Africa/Casablanca", "America/New_York", "Australia/Lord_Howe", "Europe/Berlin")
    sessions = [render_vevent(session_facts(zone=zone, **FULL)) for zone in zones]
    personal = render_personal(sessions[0], sequence_bonus=1, changed_at=utc("2026-06-01T12:00:00"), note="x")
    return calendar([*sessions, personal], zones=zones, name="All")
