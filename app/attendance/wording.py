"""What the door and the room page say, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.attendance.models import Verdict
from app.attendance.operations.scans import ScanResult
from app.attendance.rules import JoinDecision
from app.catalogue.event_times import when_of
from app.catalogue.models import Session
from app.catalogue.rules import ROOM_OPENS_BEFORE
from app.catalogue.times_text import date_text, full_moment_text, moment_text
from app.core.i18n import gettext as _
from app.core.i18n import language, lazy_gettext, said
from app.core.times import local_time

_HEADLINES = {
    Verdict.WELCOME: lazy_gettext("Welcome"),
    Verdict.ALREADY_IN: lazy_gettext("Already in"),
    Verdict.WRONG_EVENT: lazy_gettext("Another event"),
    Verdict.WRONG_DAY: lazy_gettext("Another day"),
    Verdict.TOO_EARLY: lazy_gettext("Too early"),
    Verdict.CANCELLED: lazy_gettext("Cancelled"),
    Verdict.NOT_CONFIRMED: lazy_gettext("Not confirmed"),
    Verdict.ONLINE_ONLY: lazy_gettext("Online only"),
    Verdict.UNKNOWN: lazy_gettext("Unknown ticket"),
    Verdict.NOT_A_TICKET: lazy_gettext("Not a ticket"),
}


@dataclass(frozen=True)
class Words:
    """A few large words, and one sentence below them."""

    headline: str
    detail: str


def verdict_words(result: ScanResult) -> Words:
    """What the phone shows for one scan."""
    return Words(str(_HEADLINES[result.verdict]), _detail(result))


def _detail(result: ScanResult) -> str:
    event = result.event
    if event is None:
        return _not_kept(result.verdict)
    if result.verdict is Verdict.ALREADY_IN and result.entry_at:
        return _(
            "%(time)s, gate %(gate)s",
            time=_clock(result.entry_at, result.at, event.zone),
            gate=result.entry_gate,
        )
    if result.verdict is Verdict.WRONG_EVENT and result.other:
        when = when_of(result.other.id)
        return _("For “%(title)s”, %(when)s", title=said(result.other.title), when=when)
    if result.verdict in (Verdict.WRONG_DAY, Verdict.TOO_EARLY):
        return _("The event is on %(when)s", when=when_of(event.id))
    if result.verdict is Verdict.CANCELLED and event.is_cancelled:
        return _("The whole event is cancelled")
    return ""


def _not_kept(verdict: Verdict) -> str:
    if verdict is Verdict.WRONG_EVENT:
        return _("This phone is not paired for that event")
    return _("The scan could not be read")


def _clock(at: datetime, seen_at: datetime | None, zone: str) -> str:
    """The hour alone on the same day, else with its day."""
    local = local_time(at, zone)
    if seen_at and local_time(seen_at, zone).date() != local.date():
        return moment_text(at, zone, language())
    return f"{local:%H:%M}"


def _opens_words(part: Session) -> str:
    """When the room opens. Of whole days nobody names an hour, least of all one of the evening before."""
    spoken = language()
    if part.is_all_day:
        return _("It opens on %(day)s and stays open until the end.", day=date_text(part.starts_at, part.zone, spoken))
    opens = moment_text(part.starts_at - ROOM_OPENS_BEFORE, part.zone, spoken)
    when = full_moment_text(part.starts_at, part.zone, spoken)
    return _("It opens on %(opens)s. The event begins on %(when)s.", opens=opens, when=when)


def join_words(decision: JoinDecision, part: Session) -> Words:
    """What the room page says, and why the room is closed where it is."""
    return {
        JoinDecision.OPEN: Words(_("The room is open"), _("Press the button to get the link.")),
        JoinDecision.EARLY: Words(_("The room is not open yet"), _opens_words(part)),
        JoinDecision.OVER: Words(_("This event is over"), _("The room is closed now.")),
        JoinDecision.CANCELLED: Words(
            _("There is no room to join"),
            _("The event or your seat was cancelled, so the room stays closed."),
        ),
        JoinDecision.NOT_CONFIRMED: Words(
            _("Your seat is not confirmed yet"), _("The room opens to people with a confirmed seat.")
        ),
        JoinDecision.IN_PERSON: Words(
            _("Your seat is in the hall"),
            _("The link is for people who watch online. Ask the organizers if you want to change."),
        ),
        JoinDecision.NO_ADDRESS: Words(
            _("The link is not here yet"),
            _("The organizers have not given its address. Please reload this page in a few minutes."),
        ),
    }[decision]
