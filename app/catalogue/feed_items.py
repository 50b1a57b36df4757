"""Events as news feeds tell them, in one language."""

from __future__ import annotations

from app.catalogue import markdown
from app.catalogue.formats import FORMATS
from app.catalogue.models import EventStatus, SessionStatus, SignUp
from app.catalogue.place_text import place_line, point_of
from app.catalogue.queries.feed_events import FeedEvent, FeedSession, FeedVenue
from app.catalogue.rules import Modes
from app.catalogue.syndication import FeedItem, Meeting, Place, lasting_id
from app.catalogue.times_text import when_text
from app.catalogue.topics import TOPICS
from app.core.i18n import gettext as _
from app.core.i18n import said, spoken
from app.core.settings import settings
from app.core.times import whole_days
from app.core.times import zone as rules_of


def feed_item(event: FeedEvent, language: str) -> FeedItem:
    """What the feeds say of the event; call it while `language` is spoken."""
    base = settings().base_url
    title, title_language = spoken(event.title, language)
    cancelled = event.status == EventStatus.CANCELLED
    return FeedItem(
        id=lasting_id(f"event {event.public_id}"),
        url=f"{base}/e/{event.slug}",
        calendar_url=f"{base}/e/{event.slug}.ics",
        title=_("Cancelled: ") + title if cancelled else title,
        own_title=title,
        title_language=title_language,
        cancelled=cancelled,
        published=event.published_at or event.created_at,
        updated=event.changed_at,
        format=event.format,
        audience=event.audience,
        topic=event.topic,
        event_language=event.language,
        tags=_tags(event),
        modes=Modes(event.is_in_person, event.is_online).codes,
        organization=event.organization_slug,
        organization_name=said(event.organization_name, language),
        organization_url=f"{base}/o/{event.organization_slug}",
        summary=markdown.plain(said(event.summary, language)),
        text_html=str(markdown.html(said(event.summary, language)) + markdown.html(said(event.description, language))),
        price=" ".join(said(event.price, language).split()),
        sign_up=event.sign_up,
        sign_up_url=_sign_up_url(event),
        sign_up_opens=event.sign_up_opens_at,
        sign_up_closes=event.sign_up_closes_at,
        meetings=tuple(_meeting(session, language) for session in event.sessions),
    )


def _tags(event: FeedEvent) -> tuple[str, ...]:
    names = [FORMATS[event.format].name] if event.format in FORMATS else []
    names += [TOPICS[event.topic].name] if event.topic in TOPICS and event.topic != "other" else []
    return tuple(str(name) for name in names)


def _sign_up_url(event: FeedEvent) -> str | None:
    """Where one signs up; None where one just comes, or where it won't take place."""
    if event.status == EventStatus.CANCELLED or event.sign_up == SignUp.JUST_COME:
        return None
    if event.sign_up == SignUp.ELSEWHERE:
        return event.sign_up_url
    return f"{settings().base_url}/e/{event.slug}/sign-up"


def _meeting(session: FeedSession, language: str) -> Meeting:
    zone = rules_of(session.zone)
    return Meeting(
        uid=session.uid,
        title=said(session.title, language),
        cancelled=session.status == SessionStatus.CANCELLED,
        starts=session.starts_at.astimezone(zone),
        ends=session.ends_at.astimezone(zone),
        zone=session.zone,
        all_day=session.is_all_day,
        last_day=whole_days(session.starts_local, session.ends_local)[1],
        modes=Modes(session.is_in_person, session.is_online).codes,
        when=when_text(session.starts_at, session.ends_at, session.zone, all_day=session.is_all_day, language=language),
        where=_where(session, language),
        place=_place(session.venue, language) if session.is_in_person else None,
    )


def _where(session: FeedSession, language: str) -> str:
    place = place_line(session.venue, session.room, session.place_note, language) if session.is_in_person else ""
    if not session.is_online:
        return place
    words: str = _("%(place)s, or online", place=place) if place else _("Online")
    return words


def _place(venue: FeedVenue | None, language: str) -> Place | None:
    if venue is None:
        return None
    return Place(
        name=said(venue.name, language),
        address=said(venue.address, language),
        district=venue.district or "",
        point=point_of(venue),
        url=f"{settings().base_url}/venues/{venue.slug}",
    )
