"""VTIMEZONE by its readers: the zones are renamed, so that a reader's own zone data can't help it."""

from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue.ics import calendar, render_vevent, vtimezone
from app.core.times import UnknownZone, local_time, zone_names
from tests.catalogue.ics_cases import session_facts
from tests.readers.calendars import Reader, installed

HARD_ZONES = (
    "Africa/Cairo",  # changes on a Thursday at 24:00, in some years on 1 November
    "Africa/Casablanca",  # no rule, each change its own
    "America/New_York",
    "America/Nuuk",  # changes on the eve of a Sunday
    "America/Santiago",  # south, changes at 24:00, one year off the rule
    "Asia/Gaza",  # changes 50 hours after a Thursday's midnight
    "Asia/Jerusalem",
    "Australia/Lord_Howe",  # half an hour
    "Europe/Berlin",
    "Europe/Dublin",  # standard time in summer, by its law
    "Europe/Moscow",  # no changes
    "Pacific/Chatham",
    "UTC",
)


def instants(zone_name: str, first_year: int, last_year: int) -> list[datetime]:
    """The middle of every month, and every quarter of an hour around each change."""
    found = []
    day = datetime(first_year, 1, 1, 12, tzinfo=UTC)
    while day.year <= last_year:
        if day.day == 15:
            found.append(day)
        tomorrow = day + timedelta(days=1)
        offsets = [local_time(each, zone_name) - each.replace(tzinfo=None) for each in (day, tomorrow)]
        if offsets[0] != offsets[1]:
            quarters = [day + timedelta(minutes=15 * number) for number in range(97)]
            found += [
                each
                for each in quarters
                if local_time(each - timedelta(hours=2), zone_name) - local_time(each, zone_name)
                != local_time(each, zone_name) - local_time(each + timedelta(hours=2), zone_name)
            ]
        day = tomorrow
    return found


def disagreements(reader: Reader, zone_name: str, first_year: int, last_year: int) -> list[tuple[str, str]]:
    half_hour = timedelta(minutes=30)
    starts = instants(zone_name, first_year, last_year)
    events = [
        render_vevent(
            session_facts(
                starts_local=local_time(at, zone_name),
                ends_local=local_time(at + half_hour, zone_name),
                starts_at=at,
                ends_at=at + half_hour,
                zone=zone_name,
            )
        )
        for at in starts
    ]
    data = calendar(events, zones=[zone_name]).decode()
    for parting in ":=":
        data = data.replace(f"TZID{parting}{zone_name}", f"TZID{parting}Not-{zone_name}")
    entries = reader(data.encode())
    read = [moment for entry in entries for moment in (entry.starts, entry.ends)]
    meant = [f"{moment:%Y%m%dT%H%M%SZ}" for at in starts for moment in (at, at + half_hour)]
    assert len(read) == len(meant)
    return [pair for pair in zip(meant, read, strict=True) if pair[0] != pair[1]]


@pytest.mark.parametrize("zone_name", HARD_ZONES)
def test_readers_know_every_instant_from_our_bytes_alone(zone_name: str, reader: Reader) -> None:
    assert disagreements(reader, zone_name, 2025, 2027) == []


@pytest.mark.parametrize("zone_name", ["Africa/Cairo", "Africa/Casablanca", "America/Mexico_City", "Asia/Gaza"])
def test_readers_know_the_past_since_2020(zone_name: str, reader: Reader) -> None:
    assert disagreements(reader, zone_name, 2020, 2024) == []


@pytest.mark.slow
def test_libical_knows_every_instant_in_every_zone() -> None:
    with installed("libical") as libical:
        wrong = {name: disagreements(libical, name, 2020, 2030) for name in sorted(zone_names())}
    assert {name: pairs[:3] for name, pairs in wrong.items() if pairs} == {}


def test_a_zone_of_one_rule_starts_in_1970() -> None:
    assert vtimezone("Europe/Berlin").decode() == (
        "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n"
        "TZNAME:CEST\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\n"
        "BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"
        "TZNAME:CET\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
        "END:VTIMEZONE\r\n"
    )


def test_a_zone_without_changes_is_one_standard_time() -> None:
    assert vtimezone("Europe/Moscow").decode() == (
        "BEGIN:VTIMEZONE\r\nTZID:Europe/Moscow\r\n"
        "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZNAME:MSK\r\n"
        "TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\n"
        "END:VTIMEZONE\r\n"
    )


@pytest.mark.parametrize("zone_name", HARD_ZONES)
def test_no_zone_needs_rdate_and_each_has_a_standard_time(zone_name: str) -> None:
    lines = vtimezone(zone_name).decode().split("\r\n")
    assert not any(line.startswith("RDATE") for line in lines)
    assert "BEGIN:STANDARD" in lines


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UnknownZone):
        vtimezone("Mars/Olympus_Mons")
