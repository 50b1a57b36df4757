"""The sessions that one person comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.catalogue.models import Event, Mode, Session, SessionStatus
from app.catalogue.queries import Choices, choices_of, sessions_of
from app.core.db import db
from app.registration import seats
from app.registration.models import Registration, RegistrationStatus
from app.registration.session_rules import Held, first_clash, overlap
from app.registration.session_seats import held_at_sessions, kept_wishes

SEATED = (RegistrationStatus.CONFIRMED, RegistrationStatus.UNCONFIRMED)


@dataclass(frozen=True)
class OwnSessions:
    """What a person comes to, in order of time, and how; `choices` says what else there is.

    `wished` are those that the person will get, or wait for, once there is a seat at the event. `are_past` says that it
    is what the person came to until the seat was given back.
    """

    coming: tuple[Session, ...]
    modes: dict[int, str]
    choices: Choices
    held: Held
    wished: frozenset[int]
    are_past: bool = False

    @property
    def chosen(self) -> list[Session]:
        """Of what people choose, what this person has chosen and has a seat at."""
        return [one.session for one in self.choices.to_choose if one.session.id in self.held.seats]

    @property
    def seat_codes(self) -> list[str]:
        """Where one chooses, the codes of all that the person has a seat at; elsewhere it goes without saying."""
        return [one.code for one in self.coming] if self.held.seats else []

    @property
    def clash(self) -> tuple[Session, Session] | None:
        """Two chosen sessions with a seat at the same time, as there may be after one was moved."""
        ahead = {one.id: one for one in self.chosen if one.status == SessionStatus.SCHEDULED}
        pair = first_clash(ahead, list(ahead))
        return (ahead[pair[0]], ahead[pair[1]]) if pair else None

    def left_for(self, session: Session) -> list[Session]:
        """What the person leaves for this session: seats at the same time."""
        return [one for one in self.chosen if one.id != session.id and overlap(one, session)]

    @property
    def before(self) -> str:
        """What was chosen when a form was made, to notice that it was changed meanwhile."""
        return " ".join(sorted(self.codes))

    @property
    def codes(self) -> list[str]:
        """The codes of all that the person has chosen, waits for or wishes."""
        chosen = self.held.seats | self.held.waits | self.wished
        return [one.session.code for one in self.choices.to_choose if one.session.id in chosen]


def own_sessions(registration: Registration) -> OwnSessions:
    """What the person comes to: what is for everybody, and where one chooses, what was chosen.

    Who has no seat yet, or nothing chosen of an event where one must, is shown all of it.
    """
    sessions = sessions_of(registration.event_id)
    modes = {one.id: way_at(one, mode_then(registration, one.ends_at)) for one in sessions}
    choices = choices_of(registration.event_id, sessions)
    if not choices.to_choose:
        return OwnSessions(tuple(sessions), modes, choices, Held(), frozenset())
    held = held_at_sessions(registration.id)
    modes |= {one.session_id: one.mode for one in seats.session_seats_of(registration.id) if not one.is_offered}
    to_choose = {one.session.id for one in choices.to_choose}
    coming = [one for one in sessions if one.id not in to_choose or one.id in held.seats]
    has_place = registration.status in SEATED and any(one.status == SessionStatus.SCHEDULED for one in coming)
    wished = frozenset(wish.session_id for wish in kept_wishes(registration.id))
    return OwnSessions(tuple(coming if has_place else sessions), modes, choices, held, wished)


def way_at(session: Session, mode: str) -> str:
    """How somebody who comes in this mode takes part in the session: what is held one way only, that way."""
    if session.is_in_person and session.is_online:
        return mode
    return Mode.IN_PERSON if session.is_in_person else Mode.ONLINE


def mode_then(registration: Registration, at: datetime) -> str:
    """The mode in which somebody came to what ended at that time."""
    for kept in registration.ways_before or ():
        until, mode = kept.split()
        if at <= datetime.fromisoformat(until):
            return mode
    return registration.mode


def keep_way(registration: Registration, at: datetime) -> None:
    """Remember how somebody has come so far, or was to, before it is another way; of what hasn't begun, nothing.

    Kept in the order of time.
    """
    if db.session.get_one(Event, registration.event_id).starts_at < at:
        registration.ways_before = [*(registration.ways_before or ()), f"{at.isoformat()} {registration.mode}"]


def past_sessions(registration: Registration, codes: Sequence[str]) -> OwnSessions:
    """What the person came to, by the codes that were noted when the seat was given back; everything without any."""
    own = own_sessions(registration)
    if not codes:
        return own
    return replace(own, coming=tuple(one for one in own.coming if one.code in codes), are_past=True)
