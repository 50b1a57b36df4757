"""What subscribers see of events now, and whether it is what would be rendered today."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Organization
from app.catalogue.entries import rendered_entries
from app.catalogue.ics.lint import Finding, lint_vevent
from app.catalogue.models import Event, EventStatus, Session, SessionCalendar
from app.catalogue.queries.events import sessions_of
from app.core.db import db, execute

MOST = 300


@dataclass(frozen=True, slots=True)
class EntryHealth:
    """The entry of a session in one language; `vevent` is empty where none is stored."""

    session: Session
    language: str
    vevent: bytes
    is_stale: bool
    findings: list[Finding]

    @property
    def is_well(self) -> bool:
        """Whether nothing is to be done."""
        return not self.is_stale and not self.findings


@dataclass(frozen=True, slots=True)
class EventHealth:
    """The entries of all sessions of an event."""

    event: Event
    entries: list[EntryHealth]

    @property
    def stale(self) -> int:
        """How many entries aren't what would be rendered now."""
        return sum(entry.is_stale for entry in self.entries)

    @property
    def faults(self) -> int:
        """How many entries have findings."""
        return sum(bool(entry.findings) for entry in self.entries)


def health_of(event: Event) -> EventHealth:
    """The stored entries of an event beside fresh ones. `event` comes with its organization."""
    sessions = sessions_of(event.id)
    return EventHealth(event, _entries(event, sessions, _stored([session.id for session in sessions])))


def health_of_coming(now: datetime, organization_id: int | None = None) -> list[EventHealth]:
    """The same for the next public events of an organization, or of all."""
    query = (
        select(Event, Organization)
        .join(Organization, Organization.id == Event.organization_id)
        .where(Event.status != EventStatus.DRAFT, Event.ends_at > now)
        .order_by(Event.starts_at, Event.id)
        .limit(MOST)
    )
    if organization_id is not None:
        query = query.where(Event.organization_id == organization_id)
    return [health_of(event) for event, _organization in db.session.execute(query)]


def _entries(event: Event, sessions: list[Session], stored: dict[tuple[int, str], bytes]) -> list[EntryHealth]:
    organization = db.session.get_one(Organization, event.organization_id)
    return [
        EntryHealth(
            session,
            language,
            present := stored.get((session.id, language), b""),
            present != fresh,
            lint_vevent(present) if present else [],
        )
        for session, language, fresh in rendered_entries(event, organization, sessions)
    ]


def _stored(session_ids: Collection[int]) -> dict[tuple[int, str], bytes]:
    rows = execute(
        select(SessionCalendar.session_id, SessionCalendar.language, SessionCalendar.vevent).where(
            SessionCalendar.session_id.in_(session_ids)
        )
    )
    return {(session_id, language): vevent for session_id, language, vevent in rows}
