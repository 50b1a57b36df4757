"""Calendar programs as readers: what libical, ical.js and icalendar make of our bytes."""

import json
import shutil
import subprocess
import sysconfig
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import icalendar
import pytest

FOLDER = Path(__file__).parent
SYSTEM_PYTHON = "/usr/bin/python3"
READERS = ("icalendar", "libical", "ical.js")


class NotInstalled(Exception):
    """The reader isn't on this machine; the text says what to install."""


@dataclass(frozen=True)
class Entry:
    """One event as read: times in UTC as 20261025T010000Z, days as 20261025."""

    uid: str
    sequence: int
    starts: str
    ends: str
    summary: str
    description: str
    location: str
    names: frozenset[str]


@contextmanager
def opened(name: str) -> Iterator["Reader"]:
    """One of `READERS`. Raises `NotInstalled`."""
    if name == "icalendar":
        with _present_rules():
            yield read_by_icalendar
    elif name == "libical":
        hint = "libical isn't installed: apt-get install python3-gi gir1.2-ical-3.0"
        with _program([SYSTEM_PYTHON, str(FOLDER / "libical_reader.py")], hint) as reader:
            yield reader
    else:
        node = shutil.which("node") or str(Path(sysconfig.get_path("scripts"), "node"))
        with _program([node, str(FOLDER / "icaljs_reader.mjs")], "ical.js isn't installed: npm ci") as reader:
            yield reader


@contextmanager
def installed(name: str) -> Iterator["Reader"]:
    """The same; where it isn't installed, the test is skipped."""
    try:
        with opened(name) as reader:
            yield reader
    except NotInstalled as missing:
        pytest.skip(str(missing))


@contextmanager
def _present_rules() -> Iterator[None]:
    """icalendar takes a zone's rules from the machine, which may be years behind: give it the pinned ones."""
    former = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath(to=former)
        zoneinfo.ZoneInfo.clear_cache()


class Reader(Protocol):
    def __call__(self, data: bytes) -> list[Entry]: ...


def read_by_icalendar(data: bytes) -> list[Entry]:
    events: list[Any] = list(icalendar.Calendar.from_ical(data).walk("VEVENT"))
    return [
        Entry(
            uid=str(event["UID"]),
            sequence=int(event["SEQUENCE"]),
            starts=_moment(event["DTSTART"].dt),
            ends=_moment(event["DTEND"].dt),
            summary=str(event.get("SUMMARY", "")),
            description=str(event.get("DESCRIPTION", "")),
            location=str(event.get("LOCATION", "")),
            names=frozenset(name for name, _ in event.property_items(recursive=False)) - {"BEGIN", "END"},
        )
        for event in events
    ]


def _moment(value: Any) -> str:
    if not isinstance(value, datetime):
        return f"{value:%Y%m%d}"
    if value.tzinfo is None:
        return f"floating {value:%Y%m%dT%H%M%S}"
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@contextmanager
def _program(command: list[str], hint: str) -> Iterator[Reader]:
    if not Path(command[0]).exists():
        raise NotInstalled(hint)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as program:
        questions, answers, complaints = program.stdin, program.stdout, program.stderr
        assert questions
        assert answers
        assert complaints
        if answers.readline() != "ready\n":
            raise NotInstalled(f"{hint} ({complaints.read().strip().splitlines()[-1:]})")

        def read(data: bytes) -> list[Entry]:
            questions.write(json.dumps(data.decode()) + "\n")
            questions.flush()
            answer = answers.readline()
            if not answer:
                raise AssertionError(f"the reader died: {complaints.read()}")
            return [Entry(**each | {"names": frozenset(each["names"])}) for each in json.loads(answer)]

        yield read
        questions.close()
