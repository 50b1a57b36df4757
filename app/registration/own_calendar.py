"""The calendars of people: the file of one registration, that of a mail, and the feed of everything in one mailbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, TypeVar

from app.catalogue.ics import Invitation, calendar
from app.catalogue.models import Session, SessionStatus
from app.catalogue.queries import CANCELLED_KEPT, KEPT
from app.core.clock import midnight
from app.core.db import db
from app.core.i18n import gettext as _
from app.core.settings import settings
from app.messaging.letters import Letter, Renderer
from app.registration import mailboxes
from app.registration.entries import Entry, Revision, entries_for
from app.registration.models import Registration

TRIES = 5
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
T = TypeVar("T")


def personal_calendar(registration: Registration, language: str, *, by_mail: bool = False) -> bytes:
    """The `.ics` file that the registration's own page gives: what its mails and the feed say, to whom they came.

    To anybody else it tells of this registration alone and counts its own changes, whatever else is in the mailbox: who
    signs up a stranger's address sees this page, and must learn nothing of that stranger.
    """
    if by_mail:
        return made_of_one_state(
            lambda: mailboxes.entry_state(registration.public_id),
            lambda: file_of(mailbox_entries(registration, language)),
        )
    # Before its own first change it has the public entry's number, and must not be newer than what the mailbox has.
    changed_at = registration.changed_at if registration.changes else LONG_AGO
    revision = Revision(registration.changes, changed_at)
    return file_of(entries_for([registration], language, revision, only_coming=True))


def mailbox_entries(registration: Registration, language: str, invitation: Invitation | None = None) -> list[Entry]:
    """The entries of everybody in the registration's mailbox who comes to that event, for a mail to this mailbox."""
    if registration.contact_id is None:
        return []
    people = mailboxes.people_at(registration.contact_id, registration.event_id)
    revision = mailboxes.revision_of(registration)
    return entries_for(people, language, revision, only_coming=True, invitation=invitation)


def file_of(entries: Sequence[Entry]) -> bytes:
    """A file without METHOD that is added to a calendar once."""
    return calendar([entry.vevent for entry in entries], zones=_zones(entries), refresh=False)


def feed_of(contact_id: int, language: str, alarm: str, day: date) -> bytes:
    """Everything that this mailbox has signed up for, from 90 days ago on; what was cancelled, until a week after."""
    begin = midnight(day)
    people = mailboxes.people_since(contact_id, begin - KEPT)
    entries: list[Entry] = []
    for _event_id, group in groupby(people, key=lambda person: person.event_id):
        together = list(group)
        made = entries_for(together, language, mailboxes.revision_of(together[0]), alarm=alarm)
        entries += [entry for entry in made if _is_kept(entry.session, begin)]
    entries.sort(key=lambda entry: (entry.session.starts_at, entry.session.id))
    name = _("%(site)s: my registrations", site=settings().site_name)
    return calendar([entry.vevent for entry in entries], zones=_zones(entries), name=name)


def _is_kept(session: Session, begin: datetime) -> bool:
    kept = CANCELLED_KEPT if session.status == SessionStatus.CANCELLED else KEPT
    return session.ends_at >= begin - kept


def _zones(entries: Iterable[Entry]) -> set[str]:
    return {entry.zone for entry in entries} or {settings().default_time_zone}


def of_one_state(renderer: Renderer) -> Renderer:
    """The same renderer of a mail, that begins anew when its registration or event changes while it is at work.

    Objects that somebody still holds from an earlier query are read anew: they would stand for what holds now.
    """

    def letter(facts: dict[str, Any]) -> Letter | None:
        db.session.expire_all()
        return made_of_one_state(lambda: mailboxes.entry_state(facts["registration"]), lambda: renderer(facts))

    return letter


def made_of_one_state(read: Callable[[], object], make: Callable[[], T]) -> T:
    """What `make` gives, made again where `read` says that something changed meanwhile.

    Each query sees its own moment. Without this an entry could have a new number with old words, and the next entry
    the same number with other words, which calendar programs would never take.
    """
    before, made = read(), make()
    for _try in range(TRIES):
        after = read()
        if after == before:
            break
        db.session.expunge_all()
        before, made = after, make()
    return made
