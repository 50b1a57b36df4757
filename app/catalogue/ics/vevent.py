"""VEVENT: one session as bytes, rendered once by the deed that changes it and stored; and a person's copy."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from app.catalogue.ics.text import clean_line, clean_text, content_line, escape, fold, mailto, quoted, uri
from app.core.times import is_ambiguous, whole_days

PersonalStatus = Literal["confirmed", "tentative", "cancelled"]

_END = b"END:VEVENT\r\n"
# `render_vevent` writes these six in this order, so that a person's copy needs no parsing.
_HEAD = re.compile(
    rb"SEQUENCE:(?P<sequence>\d+)\r\nDTSTAMP:(?P<changed>\w+)\r\nLAST-MODIFIED:\w+\r\n"
    rb"CREATED:(?P<created>\w+)\r\nSTATUS:(?P<status>\w+)\r\nTRANSP:\w+\r\n"
)
_SUMMARY = re.compile(rb"^SUMMARY[:;][^\r]*(?:\r\n [^\r]*)*\r\n", re.MULTILINE)
_ORGANIZER = re.compile(rb"^ORGANIZER[:;][^\r]*(?:\r\n [^\r]*)*\r\n", re.MULTILINE)
_PUBLIC_PLACE = re.compile(rb"^(?:LOCATION|GEO|CONFERENCE)[:;][^\r]*(?:\r\n [^\r]*)*\r\n", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What the calendar entry of a session says; `None`, `""` and `()` leave a property out.

    `starts_local` and `ends_local` are naive wall times in `zone` and the truth; `starts_at` and `ends_at`
    are the instants derived from them, and are written only where a wall time is ambiguous. The end of an
    all-day session is any time on its last day, or the midnight after it. `changed_at` and `created_at` are
    aware.
    """

    uid: str
    sequence: int
    changed_at: datetime
    created_at: datetime
    status: Literal["scheduled", "cancelled"]
    starts_local: datetime
    ends_local: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    all_day: bool
    title: str
    url: str
    language: Literal["en", "ru"]
    cancelled_prefix: str
    description: str = ""
    location: str = ""
    geo: tuple[float, float] | None = None
    categories: tuple[str, ...] = ()
    organizer_name: str = ""
    organizer_email: str = ""
    conference_url: str | None = None
    related_uid: str | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalPlace:
    """Where one person takes part: a place with its map point, or a page of ours, never the room's own address."""

    location: str = ""
    geo: tuple[float, float] | None = None
    conference_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What makes a person's copy part of a scheduling message (RFC 5546 §3.2.2, §3.2.5): who invites whom, and when."""

    organizer_name: str
    organizer_email: str
    attendee_name: str
    attendee_email: str
    sent_at: datetime


def render_vevent(facts: SessionFacts) -> bytes:
    """The session's VEVENT (RFC 5545 §3.6.1, RFC 7986), the same bytes for the same facts."""
    cancelled = facts.status == "cancelled"
    page = uri(facts.url)
    title = facts.cancelled_prefix + facts.title if cancelled else facts.title
    description = clean_text(facts.description).strip()
    in_language = f";LANGUAGE={facts.language}"
    return b"".join(
        [
            b"BEGIN:VEVENT\r\n",
            content_line("UID", escape(clean_line(facts.uid))),
            _head(facts.sequence, _utc(facts.changed_at), _utc(facts.created_at), cancelled=cancelled),
            *_times(facts),
            _optional("SUMMARY" + in_language, escape(clean_line(title))),
            _location(facts.location),
            _geo(facts.geo),
            _categories(facts.categories),
            content_line("URL", page.encode()),
            _organizer(facts.organizer_name, facts.organizer_email),
            _optional("RELATED-TO", escape(clean_line(facts.related_uid or ""))),
            _optional("IMAGE;VALUE=URI;DISPLAY=BADGE", uri(facts.image_url or "").encode()),
            _conference(facts.conference_url),
            # The last property, so that a person's copy can add to it by a continuation line.
            content_line("DESCRIPTION" + in_language, escape(f"{description}\n\n{page}".lstrip("\n"))),
            _END,
        ]
    )


def render_personal(
    vevent: bytes,
    *,
    sequence_bonus: int,
    changed_at: datetime,
    place: PersonalPlace | None = None,
    note: str = "",
    status: PersonalStatus = "confirmed",
    title_prefix: str = "",
    invitation: Invitation | None = None,
    extra_lines: Iterable[bytes] = (),
) -> bytes:
    """One person's copy of a VEVENT made by `render_vevent`, for the personal feed and for mail.

    SEQUENCE grows by the registration's own count of changes; the stamps are the later of the two changes.
    `place` stands instead of the public place, map point and conference. `note` is added to the description.
    `status` can only weaken the session's; `title_prefix` says the same in words. With an `invitation` the recipient is
    the one attendee, who has said yes already, and DTSTAMP is when it is sent. `extra_lines` are finished content lines
    or components (VALARM) for the end.
    """
    head = _HEAD.search(vevent)
    if head is None:
        raise ValueError("not a VEVENT of render_vevent")
    addition = clean_text(note).strip()
    modified = max(head["changed"], _utc(changed_at))  # Bytes of one length sort as the instants do.
    body = vevent[head.end() : -len(_END)]
    if place is not None:
        body = _place(place) + _PUBLIC_PLACE.sub(b"", body)
    if title_prefix:
        body = _SUMMARY.sub(lambda line: _prefixed(line[0], title_prefix), body)
    if invitation is not None:
        body = _ORGANIZER.sub(b"", body)
    return b"".join(
        [
            vevent[: head.start()],
            _head(
                int(head["sequence"]) + sequence_bonus,
                modified,
                head["created"],
                stamped=_utc(invitation.sent_at) if invitation else modified,
                cancelled=status == "cancelled" or head["status"] == b"CANCELLED",
                tentative=status == "tentative",
            ),
            body,
            fold(b" \\n" + escape(addition)) if addition else b"",
            _invited(invitation) if invitation else b"",
            *extra_lines,
            _END,
        ]
    )


def _prefixed(summary: bytes, prefix: str) -> bytes:
    """The SUMMARY with words before the title; its parameters hold no colon."""
    name, _colon, title = summary.removesuffix(b"\r\n").replace(b"\r\n ", b"").partition(b":")
    return content_line(name.decode(), escape(clean_line(prefix) + " ") + title)


def _invited(invitation: Invitation) -> bytes:
    """ORGANIZER and the one ATTENDEE (RFC 5545 §3.8.4.1); who has signed up need not be asked for an answer."""
    name = clean_line(invitation.attendee_name)
    common_name = f";CN={quoted(name)}" if name else ""
    attendee = f"ATTENDEE{common_name};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE"
    return _organizer(invitation.organizer_name, invitation.organizer_email) + content_line(
        attendee, mailto(invitation.attendee_email).encode()
    )


def _head(
    sequence: int,
    changed: bytes,
    created: bytes,
    *,
    stamped: bytes | None = None,
    cancelled: bool,
    tentative: bool = False,
) -> bytes:
    status = b"CANCELLED" if cancelled else b"TENTATIVE" if tentative else b"CONFIRMED"
    transparency = b"TRANSPARENT" if cancelled else b"OPAQUE"
    return (b"SEQUENCE:%d\r\nDTSTAMP:%b\r\nLAST-MODIFIED:%b\r\nCREATED:%b\r\nSTATUS:%b\r\nTRANSP:%b\r\n") % (
        sequence,
        stamped or changed,
        changed,
        created,
        status,
        transparency,
    )


def _times(facts: SessionFacts) -> tuple[bytes, bytes]:
    if not facts.all_day:
        return (
            _moment("DTSTART", facts.starts_local, facts.starts_at, facts.zone),
            _moment("DTEND", facts.ends_local, facts.ends_at, facts.zone),
        )
    first, last = whole_days(facts.starts_local, facts.ends_local)
    # DTEND is the first day that is free again (RFC 5545 §3.6.1).
    return (
        content_line("DTSTART;VALUE=DATE", f"{first:%Y%m%d}".encode()),
        content_line("DTEND;VALUE=DATE", f"{last + timedelta(days=1):%Y%m%d}".encode()),
    )


def _moment(name: str, local: datetime, at: datetime, zone: str) -> bytes:
    """Wall time with its zone; both passes of an ambiguous hour in UTC.

    RFC 5545 §3.3.5 takes an ambiguous wall time for its first pass, but libical and ical.js take it for the
    second.
    """
    if is_ambiguous(local, zone):
        return content_line(name, _utc(at))
    return content_line(f"{name};TZID={zone}", f"{local:%Y%m%dT%H%M%S}".encode())


def _utc(moment: datetime) -> bytes:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}".encode()


def _optional(name: str, value: bytes) -> bytes:
    return content_line(name, value) if value else b""


def _place(place: PersonalPlace) -> bytes:
    return _location(place.location) + _geo(place.geo) + _conference(place.conference_url)


def _location(words: str) -> bytes:
    return _optional("LOCATION", escape(clean_line(words)))


def _geo(place: tuple[float, float] | None) -> bytes:
    if place is None:
        return b""
    # Six decimals are the most RFC 5545 §3.8.1.6 asks a reader to keep: ten centimetres.
    return content_line("GEO", f"{place[0]:.6f};{place[1]:.6f}".encode())


def _categories(categories: tuple[str, ...]) -> bytes:
    """A comma inside a category is escaped correctly by few and split by many, so there is none."""
    names = (clean_line(category.replace(",", " ")) for category in categories)
    return _optional("CATEGORIES", b",".join(escape(name) for name in dict.fromkeys(names) if name))


def _organizer(name: str, email: str) -> bytes:
    if not clean_line(email):
        return b""
    common_name = f";CN={quoted(name)}" if clean_line(name) else ""
    return content_line(f"ORGANIZER{common_name}", mailto(email).encode())


def _conference(address: str | None) -> bytes:
    return _optional("CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO", uri(address or "").encode())
