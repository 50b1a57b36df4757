"""Calendar entries: rendered once, by the operation that changes what they say, and stored as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organization
from app.catalogue import markdown
from app.catalogue.formats import FORMATS
from app.catalogue.ics import SessionFacts, render_vevent
from app.catalogue.models import Event, Session, SessionCalendar, SessionStatus
from app.catalogue.place_text import place_line, point_of
from app.catalogue.topics import TOPICS
from app.core.db import db, execute
from app.core.i18n import gettext as _
from app.core.i18n import in_language, said
from app.core.settings import settings
from config import LANGUAGES


def store_calendar_entries(event_id: int) -> None:
    """Render the entry of each session of the event in each language, in place of the stored ones."""
    db.session.flush()
    event = db.session.get_one(Event, event_id)
    organization = db.session.get_one(Organization, event.organization_id)
    sessions = db.session.scalars(
        select(Session)
        .where(Session.event_id == event_id)
        .order_by(Session.position, Session.id)
        .options(joinedload(Session.venue), joinedload(Session.room))
        .execution_options(populate_existing=True)  # else a session that was just moved would show the old place
    ).all()
    rows = [
        {"session_id": session.id, "language": language, "vevent": vevent}
        for session, language, vevent in rendered_entries(event, organization, sessions)
    ]
    execute(
        delete(SessionCalendar).where(
            SessionCalendar.session_id.in_(select(Session.id).where(Session.event_id == event_id))
        )
    )
    if rows:
        execute(insert(SessionCalendar), rows)


def rendered_entries(
    event: Event, organization: Organization, sessions: Sequence[Session]
) -> list[tuple[Session, str, bytes]]:
    """The entry of each session in each language, as it is to be now. Sessions come with venue and room."""
    rendered = []
    for language in LANGUAGES:
        with in_language(language):
            for session in sessions:
                vevent = render_vevent(entry_facts(event, organization, session, language))
                rendered.append((session, language, vevent))
    return rendered


def entry_facts(event: Event, organization: Organization, session: Session, language: str) -> SessionFacts:
    """What the entry of a session says; call it while `language` is spoken."""
    page = f"{settings().base_url}/e/{event.slug}"
    return SessionFacts(
        uid=session.uid,
        sequence=session.sequence,
        changed_at=session.changed_at,
        created_at=session.created_at,
        status=cast("Literal['scheduled', 'cancelled']", session.status),
        starts_local=session.starts_local,
        ends_local=session.ends_local,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        all_day=session.is_all_day,
        title=entry_title(event.title, session.title, language),
        url=page,
        language=cast("Literal['en', 'ru']", language),
        cancelled_prefix=_("Cancelled: "),
        description=markdown.plain(said(event.summary, language)),
        location=_location(session, language),
        geo=point_of(session.venue) if session.is_in_person else None,
        categories=_categories(session.format or event.format, event.topic),
        organizer_name=said(organization.name, language),
        organizer_email=organization.email,
        conference_url=page if session.is_online and session.status == SessionStatus.SCHEDULED else None,
    )


def entry_title(event_title: dict[str, str], session_title: dict[str, str] | None, language: str) -> str:
    """The event's title, followed by the session's own where it has one."""
    title = said(event_title, language)
    own = said(session_title, language)
    return f"{title}: {own}" if own else title


def _location(session: Session, language: str) -> str:
    place = ""
    if session.is_in_person:
        place = place_line(session.venue, session.room, session.place_note, language)
    if not session.is_online:
        return place
    words: str = _("%(place)s, or online", place=place) if place else _("Online")
    return words


def _categories(format_code: str, topic: str) -> tuple[str, ...]:
    names = [FORMATS[format_code].name] if format_code in FORMATS else []
    names += [TOPICS[topic].name] if topic in TOPICS and topic != "other" else []
    return tuple(str(name).replace(",", "") for name in names)
