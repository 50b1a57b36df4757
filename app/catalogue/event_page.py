"""Everything that an event's page says, in one language, ready for the template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from markupsafe import Markup

from app.catalogue import calendar_links, markdown
from app.catalogue.audiences import AUDIENCES
from app.catalogue.entries import entry_title
from app.catalogue.event_times import beside_text, meetings_text
from app.catalogue.formats import FORMATS
from app.catalogue.models import (
    Mode,
    PartnerKind,
    SignUp,
)
from app.catalogue.place_text import place_line, point_of
from app.catalogue.programme import SessionPools, TrackLines, moved_from_text, programme
from app.catalogue.queries import (
    LOOKED_AT_AGAIN,
    NEVER_MOVED,
    AnyEvent,
    AnySession,
    AnyVenue,
    FormerStart,
    FormerStarts,
    FoundPartner,
    ShownPartner,
    next_held,
    next_session,
    shortened,
)
from app.catalogue.rules import (
    HasSeats,
    SignUpState,
    decide_sign_up,
    decide_sign_up_once_published,
    free_seats,
    kept_seats,
    takes_waiting,
    ways_ahead,
    whole_of,
)
from app.catalogue.seats_text import kept_words, seats_lines, seats_words
from app.catalogue.times_text import moment_text, when_text
from app.catalogue.topics import TOPICS
from app.core.i18n import gettext as _
from app.core.i18n import language as spoken_language
from app.core.i18n import said, spoken
from app.core.settings import settings
from app.core.times import days_in, local_time
from app.core.times import zone as rules_of

DESCRIPTION_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """What the template shows; `starts` and `ends` of the next meeting are on the clocks of its zone.

    `hall_when` is "" where the next meeting is in a hall, else when the next that is one, and None where none is any
    more; `online_when` says the same of meetings online. `place` is that of the hall.
    Whole days end with the last one itself, as programs read it: other than in a calendar, nothing is free on it.
    """

    event: AnyEvent
    is_preview: bool
    state: SignUpState
    changes_at: datetime
    url: str
    title: str
    title_language: str
    kicker: list[str]
    organization_name: str
    starts: datetime
    ends: date
    when: str
    all_day: bool
    meetings: str
    hall_when: str | None
    online_when: str | None
    place: str
    venue: AnyVenue | None
    venue_name: str
    directions: Markup
    map_url: str
    modes: tuple[str, ...]
    seats_text: str
    seats_kind: str
    seats_lines: list[str]
    price: str
    is_free: bool
    closes: str
    opens: str
    moved_from: str
    has_other_day: bool
    audience: str
    summary: Markup
    summary_language: str
    plain_summary: str
    description: Markup
    description_language: str
    via: str = ""
    kept_text: str = ""
    groups: list[TrackLines] = field(default_factory=list)
    several_ahead: bool = False
    is_chosen: bool = False
    partners: list[tuple[str, list[tuple[str, str | None]]]] = field(default_factory=list)
    contact_email: str = ""
    contact_phone: str = ""
    google_url: str = ""
    sign_up_host: str = ""


def page_of(
    event: AnyEvent,
    sessions: Sequence[AnySession],
    pools: Iterable[HasSeats],
    partners: Sequence[ShownPartner],
    now: datetime,
    *,
    is_preview: bool = False,
    via: str = "",
    guest_of: FoundPartner | None = None,
    previous_starts: FormerStarts = NEVER_MOVED,
) -> EventPage:
    """The page of the event at `now`, in the language spoken now. `event` comes with its organization.

    `via` is what the address says that led here; a guest of the partner whose code that is sees the seats kept for it.
    Of `previous_starts` those of the meeting that the page shows are told at its head: no other one was to be then.
    A preview shows a draft as it will look once it is published, with links that lead nowhere yet.
    """
    language = spoken_language()
    pools = list(pools)
    shown = next_session(sessions, now)
    partner_id = guest_of.id if guest_of else None
    state = (decide_sign_up_once_published if is_preview else decide_sign_up)(event, pools, now, partner_id)
    seats = free_seats(pools, partner_id)
    seats_text, seats_kind = seats_words(state, event, seats, language)
    title, title_language = spoken(event.title, language)
    summary, summary_language = spoken(event.summary, language)
    description, description_language = spoken(event.description, language)
    hall, online = (next_held(sessions, way, now) for way in (Mode.IN_PERSON, Mode.ONLINE))
    place = place_line(hall.venue, hall.room, hall.place_note, language) if hall else ""
    venue = hall.venue if hall else None
    price = said(event.price, language)
    several, session_pools = len(sessions) > 1, SessionPools(pools, has_list=takes_waiting(event, now))
    former = previous_starts.get(shown.id, ())
    return EventPage(
        event=event,
        is_preview=is_preview,
        state=state,
        changes_at=_changes_at(event, sessions, pools, now),
        url=f"/e/{event.slug}",
        title=title,
        title_language=title_language,
        kicker=_kicker(event),
        organization_name=said(event.organization.name, language),
        starts=shown.starts_at.astimezone(rules_of(shown.zone)),
        ends=_end(shown),
        when=when_text(shown.starts_at, shown.ends_at, shown.zone, all_day=shown.is_all_day, language=language),
        all_day=shown.is_all_day,
        meetings=meetings_text(sessions, now, language),
        hall_when=beside_text(shown, hall, language),
        online_when=beside_text(shown, online, language),
        place=place,
        venue=venue,
        venue_name=said(venue.name, language) if venue else "",
        directions=markdown.html(said(venue.directions, language)) if venue else Markup(),
        map_url=map_url(venue),
        modes=ways_ahead(event, now).codes,
        seats_text=seats_text,
        seats_kind=seats_kind,
        seats_lines=seats_lines(state, seats) or [seats_text],
        via=via,
        kept_text=kept_words(said(guest_of.name, language), kept_seats(pools, guest_of.id)) if guest_of else "",
        price=price or _("Free of charge"),
        is_free=not price,
        closes=_moment(event.sign_up_closes_at, event, language),
        opens=_moment(event.sign_up_opens_at, event, language),
        moved_from=moved_from_text(former[-1], shown, language) if former else "",
        has_other_day=bool(former) and _has_other_day(former[-1], shown),
        audience=str(AUDIENCES[event.audience].name) if event.audience in AUDIENCES else "",
        summary=markdown.html(summary),
        summary_language=summary_language,
        plain_summary=shortened(markdown.plain(summary), DESCRIPTION_LENGTH),
        description=markdown.html(description),
        description_language=description_language,
        groups=programme(sessions, session_pools, previous_starts, now, language, shown.zone) if several else [],
        several_ahead=sum(one.ends_at > now for one in whole_of(sessions)) > 1,
        is_chosen=any(pool.session_id is not None for pool in pools),
        partners=_partners(partners, language),
        contact_email=event.contact_email or event.organization.email,
        contact_phone=event.contact_phone or event.organization.phone or "",
        google_url="" if several else google_url(event, shown, place, language),  # it would take one session only
        sign_up_host=_host(event.sign_up_url) if event.sign_up == SignUp.ELSEWHERE else "",
    )


def _end(session: AnySession) -> date:
    if session.is_all_day:
        return days_in(session.starts_at, session.ends_at, session.zone)[1]
    return session.ends_at.astimezone(rules_of(session.zone))


def _changes_at(event: AnyEvent, sessions: Sequence[AnySession], pools: Iterable[HasSeats], now: datetime) -> datetime:
    """The next instant at which time alone makes it another page."""
    moments = [now + LOOKED_AT_AGAIN, event.sign_up_opens_at, event.sign_up_closes_at, event.starts_at, event.ends_at]
    moments += [session.ends_at for session in sessions]
    moments += [pool.kept_until for pool in pools]
    return min(moment for moment in moments if moment is not None and moment > now)


def _kicker(event: AnyEvent) -> list[str]:
    names = [str(FORMATS[event.format].name)] if event.format in FORMATS else []
    if event.topic in TOPICS and event.topic != "other":
        names.append(str(TOPICS[event.topic].name))
    return names


def _moment(at: datetime | None, event: AnyEvent, language: str) -> str:
    return moment_text(at, event.zone, language) if at else ""


def _has_other_day(former: FormerStart, session: AnySession) -> bool:
    """Whether it begins on another day than was told, each by its clocks, and not only at another hour."""
    was, becomes = (local_time(one.starts_at, one.zone) for one in (former, session))
    return was.date() != becomes.date()


def map_url(venue: AnyVenue | None) -> str:
    """A map that needs no account; "" without a point."""
    point = point_of(venue)
    if point is None:
        return ""
    north, east = f"{point[0]:.6f}", f"{point[1]:.6f}"
    return f"https://www.openstreetmap.org/?mlat={north}&mlon={east}#map=17/{north}/{east}"


def google_url(event: AnyEvent, session: AnySession, place: str, language: str) -> str:
    """Opens Google Calendar with this session filled in."""
    address = f"{settings().base_url}/e/{event.slug}"
    details = f"{markdown.plain(said(event.summary, language))}\n\n{address}".strip()
    title = entry_title(event.title, session.title, language)
    location = place or (_("Online") if session.is_online else "")
    if place and session.is_online:
        location = _("%(place)s, or online", place=place)
    return calendar_links.google_template_url(title, _google_dates(session), details, location)


def _google_dates(session: AnySession) -> str:
    if not session.is_all_day:
        return calendar_links.google_hours(session.starts_at, session.ends_at)
    return calendar_links.google_days(*days_in(session.starts_at, session.ends_at, session.zone))


def _partners(partners: Sequence[ShownPartner], language: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    words = {
        PartnerKind.CO_ORGANIZER: _("Organized together with"),
        PartnerKind.PARTNER: _("Partners"),
        PartnerKind.FUNDER: _("Supported by"),
    }
    groups = []
    for kind, heading in words.items():
        named = [(said(p.name, language), p.website) for p in partners if p.kind == kind]
        if named:
            groups.append((heading, named))
    return groups


def _host(url: str | None) -> str:
    return (url or "").partition("://")[2].partition("/")[0]
