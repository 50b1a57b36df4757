"""What one can do with data files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.catalogue.derive import derive_event
from app.catalogue.entries import store_calendar_entries
from app.catalogue.models import Event, Session
from app.catalogue.operations.writing import later_than
from app.catalogue.version import raise_version
from app.core import audit
from app.core.audit import Actor
from app.core.clock import now
from app.core.db import transaction
from app.exchange.load.consents import load_consents
from app.exchange.load.events import load_events
from app.exchange.load.frame import load_programmes, load_projects, load_venues
from app.exchange.load.people import load_organizations, load_people
from app.exchange.load.problems import LoadRefused
from app.exchange.load.questions import load_answers, load_event_questions, load_questions
from app.exchange.load.reading import read_document
from app.exchange.load.registrations import load_registrations
from app.exchange.load.work import Work

PARTS: tuple[Callable[[Work, dict[str, Any]], None], ...] = (
    load_organizations,
    load_consents,
    load_questions,
    load_people,
    load_venues,
    load_projects,
    load_programmes,
    load_events,
    load_event_questions,
    load_registrations,
    load_answers,
)
PRIVATE = {"answers", "consents", "event_questions", "people", "projects", "questions", "registrations", "roles"}


@dataclass(frozen=True)
class Loaded:
    """How many things of each kind were added and changed; the kinds are the names of the file's lists."""

    added: dict[str, int]
    changed: dict[str, int]

    @property
    def is_nothing(self) -> bool:
        """Whether the database said the same before."""
        return not self.added and not self.changed


def load_data(*, actor: Actor, content: bytes) -> Loaded:
    """Bring the database to what the file says, all or nothing; the same file again changes no row.

    Changes: whatever the file names, what follows from it (seats taken, calendar entries, the catalogue's
    version, doors' change numbers), and one line of audit. Outside: nothing, no mail goes to anybody.
    Raises `LoadRefused` with every problem that was found.
    """
    document = read_document(content)
    with transaction() as session:
        work = Work(session=session, loaded_at=now())
        for load in PARTS:
            load(work, document)
        if work.problems:
            raise LoadRefused(work.problems)
        _renew_entries(work)
        loaded = Loaded(added=dict(work.added), changed=dict(work.changed))
        if not loaded.is_nothing:
            audit.record(actor, "load_data", added=loaded.added, changed=loaded.changed)
        if (work.added.keys() | work.changed.keys()) - PRIVATE:
            raise_version()
    return loaded


def _renew_entries(work: Work) -> None:
    """Render the entries that say something new: of changed events, and what moved with venue or name."""
    coming = (
        select(Session, Event)
        .join(Session.event)
        .where(Session.ends_at > work.loaded_at, Event.id.not_in(work.redrawn))
    )
    touched: set[int] = set()
    for session, event in work.session.execute(
        coming.where(
            Session.venue_id.in_(work.moved_venues) | Event.organization_id.in_(work.moved_organizations)
        ).order_by(Session.id)
    ):
        session.changed_at = later_than(session.changed_at)
        session.sequence += session.is_in_person and session.venue_id in work.moved_venues
        touched.add(event.id)
    for event_id in sorted(touched):
        event = work.session.get_one(Event, event_id)
        event.changed_at = later_than(event.changed_at)
        derive_event(event, list(work.session.scalars(select(Session).where(Session.event_id == event_id))))
    work.session.flush()
    for event_id in sorted(work.redrawn | touched):
        store_calendar_entries(event_id)
