"""What one can do with the sections of a conference."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from app.accounts.permissions import Person
from app.catalogue import queries
from app.catalogue.models import Event, Session, Track
from app.catalogue.operations.guards import event_to_edit
from app.catalogue.operations.writing import WrongPlace, finish, later_than
from app.core import audit
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Missing, Refused
from app.core.i18n import gettext as _
from app.core.text import fold


class TrackInUse(Conflict):
    """Sessions belong to the section."""

    code = "track_in_use"


def add_track(*, actor: Person, event_id: int, title: dict[str, str]) -> int:
    """Add a section after the others and return its id; one of that name is taken as it is. Raises `Refused`."""
    _check(title)
    with transaction():
        event = event_to_edit(actor, event_id)
        track_id = track_for(event, None, title)
        assert track_id is not None
        _finish(actor, "add_track", event, track_id)
        return track_id


def rename_track(*, actor: Person, track_id: int, title: dict[str, str]) -> None:
    """Give a section another name. Raises `Refused` for an empty one."""
    _check(title)
    with transaction():
        event, track = _track_to_edit(actor, track_id)
        track.title = title
        _finish(actor, "rename_track", event, track_id)


def move_track(*, actor: Person, track_id: int, by: int) -> None:
    """Move a section up or down among the others: `by` -1 or 1."""
    with transaction():
        event, track = _track_to_edit(actor, track_id)
        tracks = queries.tracks_of(event.id)
        place = tracks.index(track)
        tracks.insert(max(0, place + by), tracks.pop(place))
        for position, each in enumerate(tracks):
            each.position = position
        _finish(actor, "move_track", event, track_id)


def remove_track(*, actor: Person, track_id: int) -> None:
    """Take a section away for good. Raises `TrackInUse` while a session belongs to it."""
    with transaction():
        event, track = _track_to_edit(actor, track_id)
        if db.session.scalar(select(func.count()).where(Session.track_id == track_id)):
            raise TrackInUse(_("Meetings belong to this section. Give them another one first."))
        db.session.expunge(track)
        execute(delete(Track).where(Track.id == track_id))
        _finish(actor, "remove_track", event, track_id)


def track_for(event: Event, track_id: int | None, new_title: dict[str, str]) -> int | None:
    """The section that is meant: a new one, or one of the event's. In a running transaction. Raises `WrongPlace`."""
    tracks = queries.tracks_of(event.id)
    if any(new_title.values()):
        known = next((track.id for track in tracks if _names(track.title) & _names(new_title)), None)
        return known or _make(event.id, max((track.position for track in tracks), default=-1) + 1, new_title)
    if track_id is not None and track_id not in [track.id for track in tracks]:
        raise WrongPlace(_("This section is gone. Choose another one."))
    return track_id


def _make(event_id: int, position: int, title: dict[str, str]) -> int:
    track = Track(event_id=event_id, position=position, title=title)
    db.session.add(track)
    db.session.flush()
    return track.id


def _names(title: dict[str, str]) -> set[str]:
    return {fold(text) for text in title.values() if text}


def _check(title: dict[str, str]) -> None:
    if not any(title.values()):
        raise Refused(_("Please write the name of the section."))


def _track_to_edit(actor: Person, track_id: int) -> tuple[Event, Track]:
    track = db.session.get(Track, track_id)
    if track is None:
        raise Missing
    return event_to_edit(actor, track.event_id), track


def _finish(actor: Person, action: str, event: Event, track_id: int) -> None:
    event.changed_at = later_than(event.changed_at)
    audit.record(
        actor.actor,
        action,
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("track", track_id),
    )
    finish(event)
