"""What rows of the catalogue say a second time, for lists and searches, and how it follows from the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update

from app.accounts.models import Organization
from app.catalogue.formats import FORMATS
from app.catalogue.models import Event, EventPartner, SeatPool, Session, Venue
from app.catalogue.rules import kept_until, whole_of
from app.core.db import db, execute
from app.core.i18n import in_language
from app.core.settings import settings
from app.core.text import fold
from app.core.times import wall_time
from config import LANGUAGES

SEARCH_LENGTH = 20_000


def new_uid(public_id: str) -> str:
    """The UID of a session's calendar entry; it never changes, wherever Lectern moves to."""
    return f"{public_id}@{urlsplit(settings().base_url).hostname}"


def derive_session(session: Session, *, starts_fold: int = 0, ends_fold: int = 0) -> None:
    """Set the instants from wall time and zone. Raises `times.TimeInGap` and `times.UnknownZone`."""
    session.starts_at = wall_time(session.starts_local, session.zone, starts_fold).at
    session.ends_at = wall_time(session.ends_local, session.zone, ends_fold).at


def derive_event(event: Event, sessions: Sequence[Session]) -> None:
    """Set what the event repeats of its sessions, organization and venues.

    A session that was called off alone no longer counts for the span.
    """
    counted = whole_of(sessions)
    event.starts_at = min(session.starts_at for session in counted)
    event.ends_at = max(session.ends_at for session in counted)
    event.is_in_person = any(session.is_in_person for session in counted)
    event.is_online = any(session.is_online for session in counted)
    event.in_person_until = _last_end((one for one in counted if one.is_in_person), event.ends_at)
    event.online_until = _last_end((one for one in counted if one.is_online), event.ends_at)
    event.search_text = search_text(event, sessions)
    derive_kept(event)


def _last_end(held: Iterable[Session], end: datetime) -> datetime | None:
    """When the last of these ends, if that is before the end of all."""
    last = max((session.ends_at for session in held), default=end)
    return last if last < end else None


def derive_kept(event: Event) -> None:
    """Set until when seats are kept for the event's partners: their day moves along with the start."""
    partners = select(EventPartner.id, EventPartner.release_days).where(
        EventPartner.event_id == event.id,
        EventPartner.id.in_(select(SeatPool.partner_id).where(SeatPool.event_id == event.id)),
    )
    for partner_id, days in db.session.execute(partners).all():
        of_partner = update(SeatPool).where(SeatPool.partner_id == partner_id)
        until = of_partner.values(kept_until=kept_until(event.starts_at, event.zone, days))
        execute(until.execution_options(synchronize_session=False))


def search_text(event: Event, sessions: Iterable[Session]) -> str:
    """All that a search looks through, folded: titles, summary, format, organization and venues in every language."""
    organization = db.session.get_one(Organization, event.organization_id)
    texts = [event.title, event.summary, organization.name, _format_names(event.format)]
    for session in sessions:
        texts.append(session.title)
        if session.venue_id is not None and session.is_in_person:
            texts.append(db.session.get_one(Venue, session.venue_id).name)
    words = dict.fromkeys(text for said in texts for text in (said or {}).values() if text)
    return fold(" ".join(words))[:SEARCH_LENGTH]


def _format_names(code: str) -> dict[str, str]:
    names = {}
    for spoken in LANGUAGES if code in FORMATS else ():
        with in_language(spoken):
            names[spoken] = str(FORMATS[code].name)
    return names
