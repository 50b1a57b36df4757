"""Tables of the catalogue."""

from app.catalogue.models.calendar import CatalogueVersion, SessionCalendar
from app.catalogue.models.event import (
    Event,
    EventHelper,
    EventLedger,
    EventPartner,
    EventSlug,
    EventStatus,
    PartnerKind,
    SignUp,
    SignUpWay,
)
from app.catalogue.models.frame import Programme, Project, Series, Track
from app.catalogue.models.moves import PreviousStart
from app.catalogue.models.session import IN_A_HALL, Mode, SeatPool, Session, SessionStatus
from app.catalogue.models.venue import Room, Venue

__all__ = [
    "IN_A_HALL",
    "CatalogueVersion",
    "Event",
    "EventHelper",
    "EventLedger",
    "EventPartner",
    "EventSlug",
    "EventStatus",
    "Mode",
    "PartnerKind",
    "PreviousStart",
    "Programme",
    "Project",
    "Room",
    "SeatPool",
    "Series",
    "Session",
    "SessionCalendar",
    "SessionStatus",
    "SignUp",
    "SignUpWay",
    "Track",
    "Venue",
]
