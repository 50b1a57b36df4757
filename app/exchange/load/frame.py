"""What events stand in: venues with their rooms, projects, programmes."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from app.accounts.models import Organization
from app.catalogue.models import Programme, Project, Room, Venue
from app.core.i18n import gettext as _
from app.exchange.load.work import Work, changed_names, given

SAME = (
    "slug",
    "name",
    "address",
    "district",
    "directions",
    "latitude",
    "longitude",
    "capacity",
    "spaced_capacity",
)
VENUE = {name: name for name in SAME} | {"outdoors": "is_outdoors", "step_free": "has_step_free_access"}
SHOWN = {"name", "address", "latitude", "longitude"}
ROOM = {name: name for name in ("code", "name", "capacity", "spaced_capacity")}
PROJECT = {name: name for name in ("slug", "title", "funder", "contract_number", "target_people", "target_events")}
PROGRAMME = {name: name for name in ("slug", "title", "summary")}


def load_venues(work: Work, document: dict[str, Any]) -> None:
    """Venues by their short name, rooms by their code. Another name or address moves the events there."""
    for place, entry in work.entries(document, "venues", "slug"):
        organization = work.find(Organization, f"{place}.organization", "organizations", entry["organization"])
        if organization is None:
            continue
        known = work.session.scalar(select(Venue).where(Venue.slug == entry["slug"]))
        values = given(entry, VENUE) | {"organization_id": organization.id}
        is_moved = known is not None and bool(changed_names(known, values) & SHOWN)
        venue = work.keep("venues", Venue, known, values, {"directions": {}})
        for number, room in enumerate(entry.get("rooms", [])):
            is_moved |= _load_room(work, venue, f"{place}.rooms[{number}]", room)
        if is_moved:
            work.moved_venues.add(venue.id)


def _load_room(work: Work, venue: Venue, place: str, entry: dict[str, Any]) -> bool:
    """Whether a room that calendar entries may name has another name."""
    if not work.name("rooms", f"{venue.id} {entry['code']}"):
        work.problem(f"{place}.code", _("“%(name)s” comes twice in this list.", name=entry["code"]))
        return False
    known = work.session.scalar(select(Room).where(Room.venue_id == venue.id, Room.code == entry["code"]))
    values = given(entry, ROOM)
    is_moved = known is not None and "name" in changed_names(known, values)
    work.keep("rooms", Room, known, values, {"venue_id": venue.id})
    return is_moved


def load_projects(work: Work, document: dict[str, Any]) -> None:
    """Projects by organization and short name."""
    for number, entry in enumerate(document.get("projects", [])):
        place = f"projects[{number}]"
        organization = work.find(Organization, f"{place}.organization", "organizations", entry["organization"])
        if not work.name("projects", f"{entry['organization']} {entry['slug']}"):
            work.problem(f"{place}.slug", _("“%(name)s” comes twice in this list.", name=entry["slug"]))
            continue
        days = {name: _day(work, f"{place}.{name}", entry[name]) for name in ("starts_on", "ends_on") if name in entry}
        if organization is None:
            continue
        known = work.session.scalar(
            select(Project).where(Project.organization_id == organization.id, Project.slug == entry["slug"])
        )
        work.keep("projects", Project, known, given(entry, PROJECT) | days, {"organization_id": organization.id})


def _day(work: Work, place: str, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        work.problem(place, _("There is no such date."))
        return None


def load_programmes(work: Work, document: dict[str, Any]) -> None:
    """Programmes by their short name."""
    for _place, entry in work.entries(document, "programmes", "slug"):
        known = work.session.scalar(select(Programme).where(Programme.slug == entry["slug"]))
        work.keep("programmes", Programme, known, given(entry, PROGRAMME), {"summary": {}})
