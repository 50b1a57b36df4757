"""What one can ask of the catalogue."""

from app.catalogue.queries.cards import (
    Card,
    Frame,
    FramePage,
    Page,
    upcoming_cards,
    upcoming_frames,
    with_seats,
)
from app.catalogue.queries.desk import DeskEvent, count_events_of, events_of_organization
from app.catalogue.queries.events import (
    event_values,
    find_event_for,
    find_present_slug,
    find_public_event,
    next_session,
    partners_of,
    pools_of,
    seen_of,
    sessions_of,
    tracks_of,
)
from app.catalogue.queries.feeds import FeedEntry, entries_of, entry_bytes, feed_entries
from app.catalogue.queries.filters import Filters
from app.catalogue.queries.places import (
    find_programme,
    find_venue,
    find_venue_for,
    programmes,
    projects_of,
    public_organizations,
    public_venues,
    rooms_of,
    venues_of,
)

__all__ = [
    "Card",
    "DeskEvent",
    "FeedEntry",
    "Filters",
    "Frame",
    "FramePage",
    "Page",
    "count_events_of",
    "entries_of",
    "entry_bytes",
    "event_values",
    "events_of_organization",
    "feed_entries",
    "find_event_for",
    "find_present_slug",
    "find_programme",
    "find_public_event",
    "find_venue",
    "find_venue_for",
    "next_session",
    "partners_of",
    "pools_of",
    "programmes",
    "projects_of",
    "public_organizations",
    "public_venues",
    "rooms_of",
    "seen_of",
    "sessions_of",
    "tracks_of",
    "upcoming_cards",
    "upcoming_frames",
    "venues_of",
    "with_seats",
]
