"""What one can do with the catalogue."""

from app.catalogue.operations.copies import copy_event
from app.catalogue.operations.events import (
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
from app.catalogue.operations.venues import create_room, create_venue, edit_venue

__all__ = [
    "ModeInUse",
    "NotReady",
    "PeopleSignedUp",
    "StaleForm",
    "TooFewSeats",
    "copy_event",
    "create_event",
    "create_room",
    "create_venue",
    "delete_draft",
    "edit_event",
    "edit_venue",
    "mark_cancelled",
    "publish_event",
    "unpublish_event",
    "what_is_missing",
]
