"""Calendar health: what subscribers see of each event now, and whether every calendar can read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import moment, need, organization_here
from app.accounts.permissions import Deed
from app.catalogue import operations
from app.catalogue import queries as catalogue
from app.catalogue.event_times import whens_of
from app.catalogue.ics.reading import ReadEntry, read_entry
from app.catalogue.queries import EntryHealth
from app.catalogue.times_text import when_text
from app.core.clock import now
from app.core.i18n import LANGUAGE_NAMES, language, ngettext
from app.desk.blueprint import desk, event_for, page
from app.desk.health_words import finding_words


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One entry as the page shows it; `read` is None where no calendar could read it."""

    language: str
    read: ReadEntry | None
    when: str
    changed: str
    is_stale: bool
    findings: list[str]
    raw: str


@desk.get("/calendar")
def calendar_health() -> Response:
    """All coming events, those first that need something."""
    organization = organization_here()
    need(Deed.EDIT_EVENTS, organization.id)
    found = catalogue.health_of_coming(now(), organization.id)
    whens = whens_of([one.event.id for one in found])
    rows = [(one, whens[one.event.id]) for one in sorted(found, key=lambda one: not (one.stale or one.faults))]
    return page("calendar_health", "events", rows=rows, stale=sum(bool(one.stale) for one in found))


@desk.post("/calendar")
def renew_entries() -> ResponseReturnValue:
    """Make the stale entries anew."""
    organization = organization_here()
    person = need(Deed.EDIT_EVENTS, organization.id)
    renewed = operations.renew_entries(actor=person, organization_id=organization.id)
    flash(ngettext("The entry of %(num)d event is made anew.", "The entries of %(num)d events are made anew.", renewed))
    return redirect(_back(), 303)


@desk.get("/events/<public_id>/calendar")
def event_calendar(public_id: str) -> Response:
    """What subscribers see of one event, entry by entry."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    health = catalogue.health_of(event)
    return page("event_calendar", "events", event=event, lines=[_line(one) for one in health.entries], health=health)


def _back() -> str:
    """The list, or the page of the event at which the button was pressed."""
    public_id = request.form.get("event", "")
    if public_id:
        return url_for("desk.event_calendar", public_id=public_id)
    return url_for("desk.calendar_health")


def _line(entry: EntryHealth) -> EntryLine:
    read = read_entry(entry.vevent) if entry.vevent else None
    return EntryLine(
        language=LANGUAGE_NAMES[entry.language],
        read=read,
        when=_when(read, entry.session.zone) if read else "",
        changed=moment(read.changed_at) if read else "",
        is_stale=entry.is_stale,
        findings=list(dict.fromkeys(finding_words(found) for found in entry.findings)),
        raw=_printable(entry.vevent),
    )


def _printable(vevent: bytes) -> str:
    """The bytes as text, a sign in place of each that can't be shown."""
    text = vevent.decode("utf-8", "replace").replace("\r\n", "\n")
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def _when(read: ReadEntry, zone: str) -> str:
    shown = str(UTC) if read.is_all_day else zone
    return when_text(read.starts, read.ends, shown, all_day=read.is_all_day, language=language())
