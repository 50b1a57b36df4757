"""Looks at finished calendar bytes for what some calendar program would read wrongly: bytes in, findings out.

Each rule has a name; its words for people are with who shows them. The rules are those of decision 4.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from app.catalogue.ics.text import OCTETS_PER_LINE

MAX_EVENTS = 1000
NEEDED = ("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "STATUS", "TRANSP", "DTSTART", "DTEND", "SUMMARY", "URL")
ONCE = (*NEEDED, "CREATED", "DESCRIPTION", "LOCATION", "GEO", "CATEGORIES", "ORGANIZER", "RECURRENCE-ID")
IN_CALENDAR = ("VERSION", "PRODID")
PERSONAL = ("ATTENDEE", "BEGIN:VALARM")
ONLINE = ("Online", "Онлайн")
"""What stands for the place, in each language, where there is none on the map."""

_UTC = re.compile(r"\d{8}T\d{6}Z")
_LOCAL = re.compile(r"\d{8}T\d{6}")
_DAY = re.compile(r"\d{8}")
_GEO = re.compile(r"-?\d{1,2}\.\d+;-?\d{1,3}\.\d+")
_UNESCAPED = re.compile(r"(?:^|[^\\])(?:\\\\)*[,;]")
_COMMA = re.compile(r"(?:^|[^\\])(?:\\\\)*\\,")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TEXTS = ("SUMMARY", "LOCATION", "DESCRIPTION", "NAME", "X-WR-CALNAME", "UID")


class Finding(NamedTuple):
    """A rule that is broken, and where: the UID of the entry, or "" for the calendar as a whole."""

    rule: str
    uid: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One unfolded content line."""

    name: str
    parameters: str
    value: str


class Entry:
    """The lines of one VEVENT, by name; those of its alarms are not counted."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.counts = Counter(line.name for line in _own(lines))

    def value(self, name: str) -> str:
        """The value of the first property of this name, or ""."""
        return next((line.value for line in self.lines if line.name == name), "")


def lint_vevent(data: bytes, *, is_public: bool = True) -> list[Finding]:
    """What is wrong with the bytes of one entry as `render_vevent` makes it; `is_public` forbids what is personal."""
    findings = list(_bytes(data))
    lines = _lines(data)
    if [lines[0].name, lines[-1].name] != ["BEGIN", "END"]:
        return [*findings, Finding("frame")]
    entry = Entry(lines)
    uid = entry.value("UID")
    findings += [found for rule in ENTRY_RULES for found in rule(entry)]
    if is_public:
        findings += _for_everybody(entry)
    return [found._replace(uid=uid) for found in findings]


def lint_calendar(data: bytes, *, is_feed: bool = True, is_public: bool = True) -> list[Finding]:
    """What is wrong with a feed or, unless `is_feed`, a download: the frame, its zones and each entry.

    `is_public` forbids what is personal.
    """
    findings = list(_bytes(data))
    head, entries = _split(data)
    lines = _lines(head)
    findings += _head(lines, is_feed=is_feed)
    findings += _zones(lines, entries)
    if len(entries) > MAX_EVENTS:
        findings.append(Finding("too-many", detail=str(len(entries))))
    uids = Counter(Entry(_lines(entry)).value("UID") for entry in entries)
    findings += [Finding("uid-twice", uid) for uid, times in uids.items() if times > 1]
    for entry in entries:
        findings += [found for found in lint_vevent(entry, is_public=is_public) if found.rule not in BYTE_RULES]
    return findings


BYTE_RULES = frozenset({"line-end", "long-line", "cut-letter", "cut-escape", "control"})


def _bytes(data: bytes) -> Iterator[Finding]:
    plain = data.replace(b"\r\n", b"")
    if not data.endswith(b"\r\n") or b"\n" in plain or b"\r" in plain:
        yield Finding("line-end")
    if _CONTROLS.search(data):
        yield Finding("control")
    pieces = data.split(b"\r\n")
    if any(len(piece) > OCTETS_PER_LINE for piece in pieces):
        yield Finding("long-line")
    for piece, following in pairwise(pieces):
        if not following.startswith(b" "):
            continue
        if following[1:2] and following[1] & 0xC0 == 0x80:
            yield Finding("cut-letter")
        if len(piece) < OCTETS_PER_LINE - 1 and (len(piece) - len(piece.rstrip(b"\\"))) % 2:
            yield Finding("cut-escape")


def _lines(data: bytes) -> list[Line]:
    text = data.replace(b"\r\n ", b"").decode("utf-8", "replace")
    return [_line(one) for one in text.replace("\r\n", "\n").strip("\n").split("\n")]


def _line(text: str) -> Line:
    """Name, parameters and value; a colon inside a quoted parameter ends nothing."""
    quoted = False
    for place, letter in enumerate(text):
        quoted ^= letter == '"'
        if letter == ":" and not quoted:
            name, _, parameters = text[:place].partition(";")
            return Line(name.upper(), parameters, text[place + 1 :])
    return Line(text.upper(), "", "")


def _split(data: bytes) -> tuple[bytes, list[bytes]]:
    """What stands around the entries, and each of these."""
    entries = re.findall(rb"^BEGIN:VEVENT\r\n.*?^END:VEVENT\r\n", data, re.MULTILINE | re.DOTALL)
    head = re.sub(rb"^BEGIN:VEVENT\r\n.*?^END:VEVENT\r\n", b"", data, flags=re.MULTILINE | re.DOTALL)
    return head, entries


def _counted(entry: Entry) -> Iterator[Finding]:
    for name in NEEDED:
        if not entry.counts[name]:
            yield Finding("missing", detail=name)
    for name in ONCE:
        if entry.counts[name] > 1:
            yield Finding("twice", detail=name)
    for line in entry.lines:
        if not line.value:
            yield Finding("empty", detail=line.name)


def _stamps(entry: Entry) -> Iterator[Finding]:
    if entry.value("DTSTAMP") != entry.value("LAST-MODIFIED"):
        yield Finding("stamps-differ")
    for name in ("DTSTAMP", "LAST-MODIFIED", "CREATED"):
        if entry.counts[name] and not _UTC.fullmatch(entry.value(name)):
            yield Finding("stamp-not-utc", detail=name)
    if not entry.value("SEQUENCE").isdecimal():
        yield Finding("sequence")


def _times(entry: Entry) -> Iterator[Finding]:
    moments = [line for line in entry.lines if line.name in ("DTSTART", "DTEND")]
    for line in moments:
        if not _is_moment(line):
            yield Finding("floating", detail=line.name)
    if len(moments) == 2 and moments[0].parameters == moments[1].parameters and moments[0].value >= moments[1].value:
        yield Finding("end-not-later")
    if len({"VALUE=DATE" in line.parameters for line in moments}) > 1:
        yield Finding("half-day")


def _is_moment(line: Line) -> bool:
    if "VALUE=DATE" in line.parameters:
        return _DAY.fullmatch(line.value) is not None
    if "TZID=" in line.parameters:
        return _LOCAL.fullmatch(line.value) is not None
    return _UTC.fullmatch(line.value) is not None


def _state(entry: Entry) -> Iterator[Finding]:
    status, transparency = entry.value("STATUS"), entry.value("TRANSP")
    if status not in ("CONFIRMED", "TENTATIVE", "CANCELLED"):
        yield Finding("status")
    if (status == "CANCELLED") != (transparency == "TRANSPARENT"):
        yield Finding("cancelled-busy")
    if status == "CANCELLED" and entry.counts["CONFERENCE"]:
        yield Finding("cancelled-room")


def _links(entry: Entry) -> Iterator[Finding]:
    for line in entry.lines:
        if line.name in ("URL", "IMAGE", "CONFERENCE") and not line.value.startswith(("http://", "https://")):
            yield Finding("link", detail=line.name)
        if line.name == "ORGANIZER" and not line.value.startswith("mailto:"):
            yield Finding("organizer")
        if line.name == "CONFERENCE" and "VALUE=URI" not in line.parameters:
            yield Finding("conference")
        if line.name == "GEO" and not _GEO.fullmatch(line.value):
            yield Finding("geo")
        if line.name == "GEO" and entry.value("LOCATION") in ONLINE:
            yield Finding("geo-online")
    if entry.counts["DESCRIPTION"] and not re.search("https?://", entry.value("DESCRIPTION")):
        yield Finding("no-link-in-words")


def _words(entry: Entry) -> Iterator[Finding]:
    for line in entry.lines:
        if line.name in _TEXTS and _UNESCAPED.search(line.value):
            yield Finding("unescaped", detail=line.name)
        if line.name == "CATEGORIES" and _COMMA.search(line.value):
            yield Finding("comma-in-category")
        if line.name == "LOCATION" and "\\n" in line.value.replace("\\\\", ""):
            yield Finding("two-line-place")


def _repeats(entry: Entry) -> Iterator[Finding]:
    if any(entry.counts[name] for name in ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")):
        yield Finding("repeats")


def _for_everybody(entry: Entry) -> Iterator[Finding]:
    """The words lead to the event's page and to no other, and nothing is there that is for one person only."""
    if entry.counts["DESCRIPTION"] and not entry.value("DESCRIPTION").endswith(entry.value("URL")):
        yield Finding("no-link-in-words")
    if entry.counts["ATTENDEE"] or any(line.value == "VALARM" for line in entry.lines):
        yield Finding("personal")


ENTRY_RULES: tuple[Callable[[Entry], Iterator[Finding]], ...] = (
    _counted,
    _stamps,
    _times,
    _state,
    _links,
    _words,
    _repeats,
)


def _head(lines: list[Line], *, is_feed: bool) -> Iterator[Finding]:
    own = _own(lines)
    counts = Counter(line.name for line in own)
    values = {line.name: line for line in own}
    for name in IN_CALENDAR:
        if counts[name] != 1:
            yield Finding("calendar-head", detail=name)
    if counts["UID"]:
        yield Finding("calendar-uid")
    if counts["METHOD"]:
        yield Finding("method")
    if is_feed:
        yield from _feed(values)
    elif counts["NAME"] or counts["X-WR-CALNAME"]:
        yield Finding("named-download")


def _feed(values: dict[str, Line]) -> Iterator[Finding]:
    nothing = Line("", "", "")
    refresh = values.get("REFRESH-INTERVAL", nothing)
    if "VALUE=DURATION" not in refresh.parameters or "X-PUBLISHED-TTL" not in values:
        yield Finding("refresh")
    if not values.get("NAME", nothing).value or values["NAME"].value != values.get("X-WR-CALNAME", nothing).value:
        yield Finding("name")


def _own(lines: list[Line]) -> list[Line]:
    """The properties of a component itself, without those of others inside it."""
    own, depth = [], 0
    for line in lines:
        depth += line.name == "BEGIN"
        if depth == 1 and line.name not in ("BEGIN", "END"):
            own.append(line)
        depth -= line.name == "END"
    return own


def _zones(lines: list[Line], entries: list[bytes]) -> Iterator[Finding]:
    described = Counter(line.value for line in lines if line.name == "TZID")
    used = {name.decode() for entry in entries for name in re.findall(rb"TZID=([^:;\r]+)", entry)}
    for zone in sorted(used - described.keys()):
        yield Finding("zone-missing", detail=zone)
    for zone, times in described.items():
        if times > 1:
            yield Finding("zone-twice", detail=zone)
    if any(line.name == "RDATE" for line in lines):
        yield Finding("zone-rdate")
