"""Events, their hosts and places as search engines read them (schema.org); the online place is our own public page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from babel.core import get_global
from babel.numbers import get_territory_currencies

from app.accounts.models import Organization
from app.catalogue import markdown
from app.catalogue.event_page import EventPage
from app.catalogue.models import SessionStatus, SignUp
from app.catalogue.place_text import point_of
from app.catalogue.queries import NEVER_MOVED, AnyEvent, AnySession, AnyVenue, FormerStarts
from app.catalogue.rules import Modes, SignUpState, whole_of
from app.core.i18n import language as spoken_language
from app.core.i18n import said
from app.core.settings import settings
from app.core.times import days_in
from app.core.times import zone as rules_of

SCHEMA = "https://schema.org/"
ATTENDANCE = {
    (True, False): "OfflineEventAttendanceMode",
    (False, True): "OnlineEventAttendanceMode",
    (True, True): "MixedEventAttendanceMode",
}
# What one can do now, in the words of shops. Of a sign-up elsewhere we don't know how many seats are left.
AVAILABLE = {
    SignUpState.OPEN: "InStock",
    SignUpState.NOT_YET: "InStock",
    SignUpState.JUST_COME: "InStock",
    SignUpState.WAITING_LIST: "SoldOut",
    SignUpState.FULL: "SoldOut",
    SignUpState.ELSEWHERE: "",
}
FEW = "few"
Facts = dict[str, Any]


def structured(
    page: EventPage, sessions: Sequence[AnySession], previous_starts: FormerStarts = NEVER_MOVED, picture: str = ""
) -> Facts:
    """The event and its meetings, in the language spoken now. `picture` is the full address of its picture.

    The event was moved if the meeting was that it begins with; what was called off or added before is no move.
    """
    event = page.event
    address = settings().base_url + page.url
    held, ways = whole_of(sessions), Modes(page.hall_when is not None, page.online_when is not None)
    first, last = min(held, key=lambda one: one.starts_at), max(held, key=lambda one: one.ends_at)
    facts = {
        "@context": "https://schema.org",
        "@type": "EducationEvent",
        "name": page.title,
        "startDate": _start(first),
        "endDate": _end(last),
        "previousStartDate": _former(first, previous_starts),
        "eventStatus": _status(event, is_moved=first.id in previous_starts),
        "eventAttendanceMode": _attendance(ways),
        "location": _one_or_all(_places(ways, page.venue, page.place, address)),
        "image": [picture] if picture else None,
        "organizer": _organizer(event, page.organization_name),
        "description": page.plain_summary,
        "inLanguage": event.language,
        "keywords": ", ".join(page.kicker),
        "audience": {"@type": "Audience", "audienceType": page.audience} if page.audience else None,
        "isAccessibleForFree": page.is_free,
        "offers": _offer(page, address),
        "superEvent": _one_or_all(_part_of(event)),
        "subEvent": [_meeting(page, one, previous_starts, address) for one in sessions] if len(sessions) > 1 else None,
        "url": address,
    }
    return _said(facts)


def host_facts(organization: Organization) -> Facts:
    """Who holds events (schema.org Organization), in the language spoken now."""
    return _said(
        {
            "@context": "https://schema.org",
            "@type": "Organization",
            "name": said(organization.name),
            "description": markdown.plain(said(organization.about)),
            "url": f"{settings().base_url}/o/{organization.slug}",
            "sameAs": organization.website,
            "email": organization.email,
            "telephone": organization.phone,
        }
    )


def venue_facts(venue: AnyVenue) -> Facts:
    """Where events are held (schema.org Place), in the language spoken now."""
    return {"@context": "https://schema.org", **_place(venue, "")}


def trail(page: EventPage, list_name: str) -> Facts:
    """Where the page stands on the site (schema.org BreadcrumbList)."""
    base = settings().base_url
    steps = [(list_name, f"{base}/events"), (page.title, base + page.url)]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": address}
            for number, (name, address) in enumerate(steps, 1)
        ],
    }


def _status(event: AnyEvent, *, is_moved: bool) -> Any:
    if event.is_cancelled:
        return f"{SCHEMA}EventCancelled"
    return _moves(is_moved=is_moved, is_moved_online=event.moved_online_at is not None)


def _moves(*, is_moved: bool, is_moved_online: bool) -> Any:
    words = ["EventRescheduled"] * is_moved + ["EventMovedOnline"] * is_moved_online
    return _one_or_all([SCHEMA + word for word in words or ["EventScheduled"]])


def _attendance(held: Modes | AnySession) -> str:
    return SCHEMA + ATTENDANCE[held.is_in_person, held.is_online]


def _places(held: Modes | AnySession, venue: AnyVenue | None, words: str, address: str) -> list[Facts]:
    places = []
    if held.is_in_person:
        places.append(_place(venue, words))
    if held.is_online:
        places.append({"@type": "VirtualLocation", "url": address})
    return places


def _place(venue: AnyVenue | None, words: str) -> Facts:
    if venue is None:
        return _said({"@type": "Place", "name": words, "address": words})
    language = spoken_language()
    point = point_of(venue)
    street = said(venue.address, language)
    return _said(
        {
            "@type": "Place",
            "name": said(venue.name, language),
            "address": _said({"@type": "PostalAddress", "streetAddress": street}) if street else words,
            "geo": {"@type": "GeoCoordinates", "latitude": point[0], "longitude": point[1]} if point else None,
            "maximumAttendeeCapacity": venue.capacity,
            "url": f"{settings().base_url}/venues/{venue.slug}",
        }
    )


def _organizer(event: AnyEvent, name: str) -> Facts:
    return {"@type": "Organization", "name": name, "url": f"{settings().base_url}/o/{event.organization.slug}"}


def _offer(page: EventPage, address: str) -> Facts | None:
    """How to get a seat; nothing for what is over, closed or cancelled. A price in words has no number."""
    if page.state not in AVAILABLE:
        return None
    event = page.event
    word = "LimitedAvailability" if page.seats_kind == FEW else AVAILABLE[page.state]
    return _said(
        {
            "@type": "Offer",
            "url": event.sign_up_url if event.sign_up == SignUp.ELSEWHERE else address,
            "availability": f"{SCHEMA}{word}" if word else None,
            "validFrom": _instant(event.sign_up_opens_at, event.zone),
            "validThrough": _instant(event.sign_up_closes_at, event.zone),
            **({"price": 0, "priceCurrency": _currency(event.zone)} if page.is_free else {}),
        }
    )


@cache
def _currency(zone_name: str) -> str | None:
    """What one pays with where these clocks run; search engines want to be told even where nothing is paid."""
    name = get_global("zone_aliases").get(zone_name, zone_name)
    return next(iter(get_territory_currencies(get_global("zone_territories").get(name, "ZZ"))), None)


def _part_of(event: AnyEvent) -> list[Facts]:
    """The series and the programme that the event belongs to."""
    found = []
    for path, whole in (("series", event.series), ("p", event.programme)):
        if whole is not None:
            url = f"{settings().base_url}/{path}/{whole.slug}"
            found.append({"@type": "EventSeries", "name": said(whole.title, spoken_language()), "url": url})
    return found


def _meeting(page: EventPage, session: AnySession, previous_starts: FormerStarts, address: str) -> Facts:
    title = said(session.title, spoken_language())
    words = said(session.venue.name if session.venue else session.place_note, spoken_language())
    return _said(
        {
            "@type": "EducationEvent",
            "name": f"{page.title}: {title}" if title else page.title,
            "startDate": _start(session),
            "endDate": _end(session),
            "previousStartDate": _former(session, previous_starts),
            "eventStatus": _meeting_status(session, is_moved=session.id in previous_starts),
            "eventAttendanceMode": _attendance(session),
            "location": _one_or_all(_places(session, session.venue, words or page.place, address)),
            "organizer": _organizer(page.event, page.organization_name),
            "url": address,
        }
    )


def _meeting_status(session: AnySession, *, is_moved: bool) -> Any:
    if session.status == SessionStatus.CANCELLED:
        return f"{SCHEMA}EventCancelled"
    return _moves(is_moved=is_moved, is_moved_online=session.moved_online_at is not None)


def _former(session: AnySession, previous_starts: FormerStarts) -> Any:
    """When the meeting was to start before, each by the clocks that were told, and of whole days the day."""
    former = previous_starts.get(session.id, ())
    return _one_or_all([_moment(one.starts_at, one.zone, all_day=one.is_all_day) for one in former])


def _start(session: AnySession) -> str:
    return _moment(session.starts_at, session.zone, all_day=session.is_all_day)


def _end(session: AnySession) -> str:
    """Of whole days the last one: other than a calendar's, this end is a day on which it still is."""
    if not session.is_all_day:
        return _moment(session.ends_at, session.zone, all_day=False)
    return days_in(session.starts_at, session.ends_at, session.zone)[1].isoformat()


def _moment(at: datetime, zone: str, *, all_day: bool) -> str:
    local = at.astimezone(rules_of(zone))
    return local.date().isoformat() if all_day else local.isoformat(timespec="seconds")


def _instant(at: datetime | None, zone: str) -> str | None:
    return _moment(at, zone, all_day=False) if at else None


def _one_or_all(things: list[Any]) -> Any:
    return things[0] if len(things) == 1 else things or None


def _said(facts: Facts) -> Facts:
    """Without what nothing is known of."""
    return {name: value for name, value in facts.items() if value not in (None, "", [])}
