"""The calendar entries of people who share a mailbox: the stored ones with what only they may know.

One entry per session, whoever of them comes to it, for a UID may stand in a calendar only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.catalogue.ics import Invitation, PersonalPlace, PersonalStatus, render_personal
from app.catalogue.models import Mode, Session, SessionStatus
from app.catalogue.place_text import place_line, point_of
from app.catalogue.queries import entries_of
from app.core.i18n import gettext as _
from app.registration import alarms
from app.registration.entry_words import note_of, title_prefix
from app.registration.models import Registration
from app.registration.standings import Place, Standing, places_of
from app.registration.tickets import manage_url


@dataclass(frozen=True)
class Entry:
    """A finished VEVENT, the zone that its calendar must describe, and the session that it is of."""

    vevent: bytes
    zone: str
    session: Session


@dataclass(frozen=True)
class Revision:
    """How often what people did has changed their entries, and when for the last time."""

    changes: int
    changed_at: datetime


def entries_for(
    people: Sequence[Registration],
    language: str,
    revision: Revision,
    *,
    only_coming: bool = False,
    alarm: str = alarms.NONE,
    invitation: Invitation | None = None,
) -> list[Entry]:
    """The entries of these people, who are all at one event, in the order of its sessions.

    SEQUENCE is the session's and the revision's together. None was over before they signed up; with `only_coming` none
    called off before that, either, and only those at which somebody has a seat for good. Call it while `language` is
    spoken.
    """
    if not people:
        return []
    places = [place for person in people for place in places_of(person) if not _was_over_before(place)]
    by_session: dict[int, list[Place]] = {}
    for place in places:
        if not only_coming or (place.standing is Standing.COMES and not _was_off_before(place)):
            by_session.setdefault(place.session.id, []).append(place)
    made = []
    for stored in entries_of(people[0].event_id, language):
        together = by_session.get(stored.session_id)
        if together:
            vevent = _render(stored.vevent, together, language, revision, alarm, invitation)
            made.append(Entry(vevent, stored.zone, together[0].session))
    return made


def _was_off_before(place: Place) -> bool:
    """Whether the session was called off when the person signed up, so that nobody has an entry to be struck out."""
    return place.session.status == SessionStatus.CANCELLED and place.session.changed_at < place.person.created_at


def _was_over_before(place: Place) -> bool:
    """Whether the session was over when the person joined the event, which went on."""
    return place.session.ends_at <= place.person.created_at < place.person.event.ends_at


def _render(
    vevent: bytes,
    places: Sequence[Place],
    language: str,
    revision: Revision,
    alarm: str,
    invitation: Invitation | None,
) -> bytes:
    session, is_off = places[0].session, b"\r\nSTATUS:CANCELLED\r\n" in vevent
    standing = max(place.standing for place in places)
    strongest = [place for place in places if place.standing is standing]
    comes = standing is Standing.COMES
    status: PersonalStatus = "confirmed" if comes else "tentative"
    return render_personal(
        vevent,
        sequence_bonus=revision.changes,
        changed_at=revision.changed_at,
        place=None if is_off else _place(session, strongest, language),  # the public one is where it was to be
        note=note_of(places, is_off=is_off),
        status=status,
        title_prefix="" if is_off else title_prefix(standing),
        invitation=invitation,
        extra_lines=alarms.lines(alarm, all_day=session.is_all_day) if comes and not is_off else (),
    )


def _place(session: Session, places: Iterable[Place], language: str) -> PersonalPlace:
    """Where these people are during a session: in the hall, online by the own page, or some here and some there."""
    online = [place for place in places if place.mode == Mode.ONLINE]
    is_here = any(place.mode != Mode.ONLINE for place in places) and session.is_in_person
    comes = [one for one in online if one.standing is Standing.COMES]
    room = f"{manage_url(comes[0].person)}/room" if comes else None
    if not is_here:
        return PersonalPlace(location=_("Online"), conference_url=room)
    words = place_line(session.venue, session.room, session.place_note, language)
    if online:
        words = _("%(place)s, or online", place=words)
    return PersonalPlace(location=words, geo=point_of(session.venue), conference_url=room)
