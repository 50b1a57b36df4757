"""What one can do with the catalogue."""

from app.catalogue.operations.copies import copy_event
from app.catalogue.operations.entries import renew_entries
from app.catalogue.operations.events import (
    AlreadyCancelled,
    ModeInUse,
    NotReady,
    PeopleSignedUp,
    StaleForm,
    TooFewSeats,
    create_event,
    delete_draft,
    edit_event,
    mark_cancelled,
    publish_event,
    unpublish_event,
    what_is_missing,
)
from app.catalogue.operations.guards import event_to_edit
from app.catalogue.operations.series import limit_series, repeat_event
from app.catalogue.operations.sessions import (
    NothingToRepeat,
    OnlySession,
    SessionCancelled,
    add_session,
    edit_session,
    mark_session_cancelled,
    remove_session,
    repeat_session,
)
from app.catalogue.operations.tracks import TrackInUse, add_track, move_track, remove_track, rename_track
from app.catalogue.operations.venues import create_room, create_venue, edit_venue
from app.catalogue.operations.writing import WrongPlace, WrongTime

__all__ = [
    "AlreadyCancelled",
    "ModeInUse",
    "NotReady",
    "NothingToRepeat",
    "OnlySession",
    "PeopleSignedUp",
    "SessionCancelled",
    "StaleForm",
    "TooFewSeats",
    "TrackInUse",
    "WrongPlace",
    "WrongTime",
    "add_session",
    "add_track",
    "copy_event",
    "create_event",
    "create_room",
    "create_venue",
    "delete_draft",
    "edit_event",
    "edit_session",
    "edit_venue",
    "event_to_edit",
    "limit_series",
    "mark_cancelled",
    "mark_session_cancelled",
    "move_track",
    "publish_event",
    "remove_session",
    "remove_track",
    "rename_track",
    "renew_entries",
    "repeat_event",
    "repeat_session",
    "unpublish_event",
    "what_is_missing",
]
