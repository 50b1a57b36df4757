"""How clean values become rows, the same way for a new event, an edited one and a copy."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, update

from app.catalogue import derive, version
from app.catalogue.entries import store_calendar_entries
from app.catalogue.models import Event, EventLedger, Programme, Project, Room, Session, Venue
from app.catalogue.values import SIGN_UP_SETTINGS, EventValues, SessionValues
from app.core import clock
from app.core.db import db, execute
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.times import TimeInGap, UnknownZone

LONGEST = timedelta(days=31)

EVENT_FIELDS = (
    "title",
    "format",
    "audience",
    "topic",
    "language",
    "zone",
    "summary",
    "description",
    "sign_up",
    *SIGN_UP_SETTINGS,
    "sign_up_url",
    "sign_up_opens_at",
    "sign_up_closes_at",
    "price",
    "contact_email",
    "contact_phone",
    "colour",
    "project_id",
    "programme_id",
)
MODE_FIELDS = ("is_in_person", "is_online")
SESSION_FIELDS = (
    "zone",
    "starts_local",
    "ends_local",
    "is_all_day",
    "venue_id",
    "room_id",
    "place_note",
    "room_url",
    "room_note",
)


class WrongTime(Refused):
    """The times can't be as they were given."""

    code = "wrong_time"


class WrongPlace(Refused):
    """The venue, room, project or programme isn't one that this organization can use."""

    code = "wrong_place"


def fill_event(event: Event, values: EventValues) -> None:
    """Give the event what the values say of it as a whole."""
    for name in EVENT_FIELDS:
        setattr(event, name, getattr(values, name))


def fill_session(session: Session, values: EventValues | SessionValues) -> None:
    """Give the session what the values say of time, place and room. Raises `WrongTime`."""
    for name in SESSION_FIELDS:
        setattr(session, name, getattr(values, name))
    derive_times(session, values.starts_fold, values.ends_fold)


def fill_modes(session: Session, values: EventValues | SessionValues) -> None:
    """Give the session the ways of attending."""
    for name in MODE_FIELDS:
        setattr(session, name, getattr(values, name))


def derive_times(session: Session, starts_fold: int = 0, ends_fold: int = 0) -> None:
    """Derive the session's instants. Raises `WrongTime` for a skipped hour or an end that isn't later."""
    try:
        derive.derive_session(session, starts_fold=starts_fold, ends_fold=ends_fold)
    except TimeInGap as gap:
        raise WrongTime(
            _(
                "On that day the clocks skip this hour. Choose %(before)s or %(after)s.",
                before=f"{gap.before:%H:%M}",
                after=f"{gap.after:%H:%M}",
            )
        ) from None
    except UnknownZone as unknown:
        raise WrongTime(_("We do not know the time zone %(zone)s.", zone=unknown.name)) from None
    except OverflowError:
        raise WrongTime(_("This date is too far away.")) from None
    if session.ends_at <= session.starts_at:
        raise WrongTime(_("The end must be later than the start."))
    if session.ends_at - session.starts_at > LONGEST:
        raise WrongTime(_("One meeting can last a month at most. Check the dates."))


def check_belongings(values: EventValues, organization_id: int) -> None:
    """Raise `WrongPlace` unless the place and the programme exist, and the project is the organization's."""
    check_place(values)
    session = db.session()
    if values.project_id is not None:
        project = session.get(Project, values.project_id)
        if project is None or project.organization_id != organization_id:
            raise WrongPlace(_("This project is gone. Choose another one."))
    if values.programme_id is not None and session.get(Programme, values.programme_id) is None:
        raise WrongPlace(_("This programme is gone. Choose another one."))


def check_place(values: EventValues | SessionValues) -> None:
    """Raise `WrongPlace` unless the venue exists and has the room.

    Venues are shared by everybody: one hall serves many organizers.
    """
    session = db.session()
    if values.venue_id is not None and session.get(Venue, values.venue_id) is None:
        raise WrongPlace(_("This place is gone. Choose another one."))
    if values.room_id is not None:
        room = session.get(Room, values.room_id)
        if room is None or room.venue_id != values.venue_id:
            raise WrongPlace(_("This room is not in the chosen place."))


def check_modes(values: EventValues | SessionValues) -> None:
    """Raise `Refused` for what nobody could attend."""
    if not (values.is_in_person or values.is_online):
        raise Refused(_("Say whether people come in person, online or either."))


def later_than(before: datetime) -> datetime:
    """Now, and in any case a later second than `before`: calendars tell versions apart by the second."""
    return max(clock.now(), before.replace(microsecond=0) + timedelta(seconds=1))


def finish(event: Event) -> None:
    """The end of every deed on an event: entries, the catalogue's version, the event's change number."""
    store_calendar_entries(event.id)
    version.raise_version()
    raised = update(EventLedger).where(EventLedger.event_id == event.id)
    if not execute(raised.values(change_number=EventLedger.change_number + 1)).rowcount:
        execute(insert(EventLedger).values(event_id=event.id, change_number=1))
