"""What pages and mails say about a registration, in the language being spoken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.catalogue.models import Event, Mode, Session, SessionStatus
from app.catalogue.place_text import place_line
from app.catalogue.queries import next_session, sessions_of
from app.catalogue.rules import RoomState, decide_room, ways_ahead
from app.catalogue.times_text import short_when, when_text
from app.core.clock import now
from app.core.i18n import gettext as _
from app.core.i18n import language, said
from app.core.times import zone as rules_of
from app.registration.models import Registration, RegistrationStatus
from app.registration.own_sessions import OwnSessions, own_sessions, way_at


@dataclass(frozen=True)
class EventFacts:
    """An event in words. `more` are the times of further sessions, each with its place where `places_differ`.

    Of a cancelled event `lost` are the times of several that don't take place, and `lost_from` is when those begin of
    which the person hears now, if these are several.
    """

    title: str
    when: str
    short_when: str
    place: str
    directions: str
    more: tuple[str, ...]
    more_heading: str
    places_differ: bool
    called_off: tuple[str, ...]
    lost: tuple[str, ...]
    lost_from: str
    organization: str
    email: str
    phone: str
    url: str
    session: Session

    @property
    def starts(self) -> datetime:
        """The start by the clocks of the event's zone."""
        return self.session.starts_at.astimezone(rules_of(self.session.zone))


def own_facts(
    registration: Registration,
    base_url: str,
    mode: str | None = None,
    own: OwnSessions | None = None,
    also_lost: Collection[str] = (),
) -> EventFacts:
    """The facts of what this person comes to, with the place that fits `mode`, or the own one.

    `own` are the person's sessions, where they have been asked for already; `also_lost` is as in `event_facts`.
    """
    own = own or own_sessions(registration)
    event = registration.event
    facts = event_facts(event, base_url, mode or registration.mode, own.coming, also_lost)
    if not (own.held.seats or own.are_past):
        return facts
    heading = _("You had signed up for:") if own.are_past else _("Your sessions:")
    more = _more(event, own.coming, language(), mode or registration.mode, fewest=1)
    return replace(facts, more=more, more_heading=heading)


def event_facts(
    event: Event,
    base_url: str,
    mode: str | None = None,
    sessions: Sequence[Session] | None = None,
    also_lost: Collection[str] = (),
) -> EventFacts:
    """The facts of `event` (its organization must be loaded), with the place that fits `mode`; of these `sessions`.

    `also_lost` are the UIDs of those that were called off alone and are news all the same once the event is cancelled.
    """
    speech = language()
    sessions = sessions_of(event.id) if sessions is None else sessions
    lost = _lost(event, sessions)
    news = [one for one in lost if not one.called_off_alone or one.uid in also_lost]
    session = next_session(sessions, now())
    return EventFacts(
        title=said(event.title, speech),
        when=when_of(session),
        short_when=short_when_of(session),
        place=place_of(session, mode, speech),
        directions=directions_to(session, mode, speech),
        more=_more(event, sessions, speech, mode),
        places_differ=_places_differ(sessions, speech, mode),
        called_off=_called_off(event, sessions, speech),
        lost=tuple(line_of(one, speech) for one in lost) if len(lost) > 1 else (),
        lost_from=short_when_of(news[0]) if len(news) > 1 else "",
        more_heading=_("All meetings:") if len(ahead(sessions)) == len(sessions) else _("Still to come:"),
        organization=said(event.organization.name, speech),
        email=event.contact_email or event.organization.email,
        phone=event.contact_phone or event.organization.phone or "",
        url=f"{base_url}/e/{event.slug}",
        session=session,
    )


def _lost(event: Event, sessions: Sequence[Session]) -> list[Session]:
    """Of a cancelled event what was still to come then, also what had been called off alone: nobody shall go there."""
    at = event.cancelled_at
    if at is None or not event.is_cancelled:
        return []
    return [one for one in sessions if one.status == SessionStatus.CANCELLED and one.ends_at > at]


def attends(session: Session, mode: str | None) -> str | None:
    """As `way_at`; None for a session that is held both ways, for nobody in particular."""
    is_open = mode is None and session.is_in_person and session.is_online
    return None if is_open else way_at(session, mode or "")


def directions_to(session: Session, mode: str | None, speech: str) -> str:
    """How to find the place, for who goes there."""
    goes = attends(session, mode) != Mode.ONLINE and session.status == SessionStatus.SCHEDULED
    return said(session.venue.directions, speech) if session.venue and goes else ""


def place_of(session: Session, mode: str | None, speech: str) -> str:
    """Where to be: the place in the hall, or online."""
    online = _("Online, through your own page")
    place = place_line(session.venue, session.room, session.place_note, speech)
    if attends(session, mode) == Mode.ONLINE:
        return online
    if mode is None and session.is_online:
        return _("%(place)s, or online", place=place)
    return place


def when_of(session: Session) -> str:
    """Day and hours of a session."""
    return when_text(session.starts_at, session.ends_at, session.zone, all_day=session.is_all_day, language=language())


def short_when_of(session: Session) -> str:
    """The same for a narrow place."""
    return short_when(session.starts_at, session.ends_at, session.zone, all_day=session.is_all_day, language=language())


def _more(event: Event, sessions: Sequence[Session], speech: str, mode: str | None, fewest: int = 2) -> tuple[str, ...]:
    """The sessions that take place, a line each; nothing of a cancelled event, or of fewer than `fewest`.

    What is over is left out while something is still to come. Where they are not all at one place, it stands with each.
    """
    if event.is_cancelled or len(sessions) < fewest:
        return ()
    held = [one for one in sessions if one.status == SessionStatus.SCHEDULED]
    if not _places_differ(sessions, speech, mode):
        return tuple(line_of(one, speech) for one in ahead(held))
    return tuple(f"{line_of(one, speech)} · {place_of(one, mode, speech)}" for one in ahead(held))


def _places_differ(sessions: Sequence[Session], speech: str, mode: str | None) -> bool:
    """Whether it isn't enough to name one place; those of what was called off count, for they may be named beside."""
    return len({place_of(one, mode, speech) for one in sessions}) > 1


def _called_off(event: Event, sessions: Sequence[Session], speech: str) -> tuple[str, ...]:
    """Those of several sessions that don't take place though the event does, a line each."""
    off = [one for one in ahead(sessions) if one.status == SessionStatus.CANCELLED]
    return () if event.is_cancelled else tuple(line_of(one, speech) for one in off)


def ahead(sessions: Sequence[Session]) -> Sequence[Session]:
    """The sessions that are not over; all where each is."""
    return [one for one in sessions if one.ends_at > now()] or sessions


def line_of(session: Session, speech: str) -> str:
    """When a session is, with its own title, if it has one."""
    title = said(session.title, speech)
    return f"{when_of(session)}: {title}" if title else when_of(session)


def mode_word(mode: str) -> str:
    """How the person attends."""
    return _("online") if mode == Mode.ONLINE else _("in the hall")


def way_ahead(registration: Registration) -> str:
    """How the person comes to what is still to come: whoever has a seat, to what goes on one way only, that way."""
    ahead = ways_ahead(registration.event, now()).codes
    return ahead[0] if registration.has_seat and len(ahead) == 1 else registration.mode


def headline_of(registration: Registration) -> str:
    """What has become of a registration, in a few words."""
    if registration.event.is_cancelled:
        return _("This event will not take place")
    if registration.status == RegistrationStatus.WAITLISTED:
        return _("You are on the waiting list")
    if registration.status == RegistrationStatus.OFFERED:
        return _("A seat is free for you")
    if registration.status == RegistrationStatus.UNCONFIRMED:
        return _("One more step: please confirm")
    if registration.status == RegistrationStatus.PENDING:
        return _("The organizer decides about your place")
    if registration.is_active:
        return _("You are in")
    return headline_of_ended(registration)


def headline_of_ended(registration: Registration) -> str:
    """What became of a registration that no longer counts, whatever became of the event."""
    if registration.status == RegistrationStatus.DECLINED:
        return _("The organizer has no place for you")
    reasons = {
        "request": _("Your sign-up is taken back"),
        "no_button": _("Not confirmed in time"),
        "time": _("The offer is over"),
        "organizer": _("The organizer took you off the list"),
        "moved": _("You have another date now"),
        "silence": _("Your seat was passed on to the waiting list"),
        "replaced": _("Somebody else comes instead of you"),
        "other_place": _("You have another place at this event"),
    }
    if registration.ended_by in reasons:
        return reasons[registration.ended_by]
    return _("You left the waiting list") if registration.confirmed_at is None else _("Your seat was given back")


def state_of(registration: Registration) -> tuple[str, str, str]:
    """Where a registration stands: a word, its icon and kind, as the macro `state_tag` takes them."""
    if registration.event.is_cancelled and registration.is_active:
        return _("Event cancelled"), "cross", "bad"
    if registration.status == RegistrationStatus.WAITLISTED:
        return _("On the waiting list"), "clock", "warn"
    if registration.status == RegistrationStatus.OFFERED:
        return _("A seat is offered"), "clock", "note"
    if registration.status == RegistrationStatus.UNCONFIRMED:
        return _("Not confirmed yet"), "mail", "warn"
    if registration.status == RegistrationStatus.PENDING:
        return _("Not decided yet"), "clock", "warn"
    if registration.is_active:
        return _("Seat kept"), "ok", "ok"
    ends: dict[str | None, tuple[str, str, str]] = {
        "replaced": (_("Handed over"), "arrow", "plain"),
        "moved": (_("Has another date"), "arrow", "plain"),
        "silence": (_("Seat passed on"), "arrow", "plain"),
        "organizer": (_("Taken off the list"), "cross", "plain"),
        "time": (_("Offer over"), "cross", "plain"),
    }
    if registration.ended_by in ends:
        return ends[registration.ended_by]
    return _("Given back") if registration.confirmed_at else _("No seat"), "cross", "plain"


def room_words(session: Session) -> str:
    """Whether the online room of a session lets people in now."""
    state = decide_room(session.starts_at, session.ends_at, now())
    if state is RoomState.EARLY and session.is_all_day:
        return _("The room opens on the day itself. Enter it through this page.")
    if state is RoomState.EARLY:
        return _("The room opens 15 minutes before the start. Enter it through this page.")
    if state is RoomState.OPEN:
        return _("The room is open now. Enter it through this page.")
    return _("The meeting is over.")


def unknown_link_words() -> str:
    """What may have happened to a link that leads to no registration, and where the right one is."""
    return _(
        "We do not know this link. Perhaps a part of it is missing, or the e-mail address was corrected after it was "
        "sent. The link in our latest mail works, and we gladly send it again."
    )
