"""Events with their tracks, partners, sessions and seats."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.accounts.models import Organization
from app.catalogue.audiences import AUDIENCES
from app.catalogue.derive import derive_event
from app.catalogue.formats import FORMATS
from app.catalogue.models import (
    Event,
    EventLedger,
    EventSlug,
    EventStatus,
    Programme,
    Project,
    SeatPool,
    Session,
    SignUp,
    SignUpWay,
)
from app.catalogue.operations.moves import keep_move, told_of
from app.catalogue.operations.writing import later_than
from app.catalogue.topics import TOPICS
from app.catalogue.values import SIGN_UP_SETTINGS
from app.core.i18n import gettext as _
from app.core.security.links import new_public_id
from app.exchange.load.parts import load_partners, load_seats, load_tracks
from app.exchange.load.sessions import Plan, Raise, keep_sessions, plan_sessions
from app.exchange.load.times import WrongTime, instant, is_relative
from app.exchange.load.work import Work, changed_names, given, set_values
from app.registration import seats
from app.registration.ledger import raise_change_number

SAME = (
    *("slug", "status", "cancellation_reason", "format", "audience", "topic", "language", "title", "summary"),
    *("description", "zone", "sign_up", "sign_up_url", "price", "contact_phone", "colour"),
    *SIGN_UP_SETTINGS,
)
EVENT = {name: name for name in SAME}
IN_ENTRY = {"slug", "summary", "format", "topic"}  # what a calendar entry says besides title, time and place


def load_events(work: Work, document: dict[str, Any]) -> None:
    """Events by their key, or else by their short name."""
    for number, entry in enumerate(document.get("events", [])):
        place = f"events[{number}]"
        name = entry.get("key", entry["slug"])
        if not work.name("events", name) or (name != entry["slug"] and not work.name("events", entry["slug"])):
            work.problem(f"{place}.slug", _("“%(name)s” comes twice in this list.", name=name))
            continue
        _load_event(work, place, entry)


def find_event(work: Work, name: str) -> Event | None:
    """The event with this key, or else with this short name."""
    by_key = work.session.scalar(select(Event).where(Event.source_key == name))
    return by_key or work.session.scalar(select(Event).where(Event.slug == name))


def _load_event(work: Work, place: str, entry: dict[str, Any]) -> None:
    before = len(work.problems)
    organization = work.find(Organization, f"{place}.organization", "organizations", entry["organization"])
    event = find_event(work, entry.get("key", entry["slug"]))
    _check_slug(work, place, entry, event)
    _check_codes(work, place, entry)
    zone = _zone(entry, event, organization)
    if organization is None or not work.is_zone(f"{place}.zone", zone):
        return
    values = _values(work, place, entry, event, organization, zone)
    old = _sessions_of(work, event)
    plans = plan_sessions(work, place, entry, old, zone)
    _check_sign_up(work, place, entry, event)
    _check_status(work, place, entry, event)
    if len(work.problems) > before:
        return
    if event is None:
        event = _add(work, values, organization, plans)
        _load_parts(work, place, entry, event, plans)
        return
    seats.hold(event.id)  # people may be signing up
    told = told_of(event, old)
    if _change(work, event, values, plans) | _load_parts(work, place, entry, event, plans):
        work.changed["events"] += 1
        keep_move(event, told)
        event.changed_at = later_than(event.changed_at)
        work.session.flush()
        raise_change_number(event.id)


def _load_parts(work: Work, place: str, entry: dict[str, Any], event: Event, plans: list[Plan]) -> bool:
    """Tracks, partners, sessions and seats of the event; whether anything is other than before."""
    tracks, tracks_changed = load_tracks(work, place, entry, event)
    partners, partners_changed = load_partners(work, place, entry, event)
    sessions, sessions_changed = keep_sessions(work, place, event, plans, tracks)
    derive_event(event, sessions)
    seats_changed = load_seats(work, place, entry, event, sessions, partners)
    return tracks_changed or partners_changed or sessions_changed or seats_changed


def _add(work: Work, values: dict[str, Any], organization: Organization, plans: list[Plan]) -> Event:
    """The new event's row; its sessions follow, and with them what it repeats of them."""
    defaults = {
        "public_id": new_public_id(),
        "status": EventStatus.PUBLISHED,
        "audience": "anyone",
        "topic": "other",
        "language": organization.language,
        "summary": {},
        "description": {},
        "sign_up": SignUp.HERE,
        "sign_up_way": SignUpWay.AT_ONCE,
        "price": {},
        "created_at": work.loaded_at,
        "changed_at": work.loaded_at,
        "starts_at": min(plan.starts_at for plan in plans),
        "ends_at": max(plan.ends_at for plan in plans),
        "is_in_person": any(plan.values.get("is_in_person") for plan in plans),
        "is_online": any(plan.values.get("is_online") for plan in plans),
    }
    event = Event(**{**defaults, **values})
    _stamp_status(work, event)
    work.session.add(event)
    work.session.flush()
    work.session.add(EventLedger(event_id=event.id, change_number=0))
    work.added["events"] += 1
    work.redrawn.add(event.id)
    return event


def _change(work: Work, event: Event, values: dict[str, Any], plans: list[Plan]) -> bool:
    """Bring the event's own columns up to date; its sessions learn whether their entries say more."""
    changed = changed_names(event, values)
    if not changed:
        return False
    if "slug" in changed:
        _keep_old_address(work, event, values["slug"])
    set_values(event, values)
    _stamp_status(work, event)
    if "title" in changed:
        _raise_all(plans, Raise.SEQUENCE)
    elif changed & IN_ENTRY:
        _raise_all(plans, Raise.STAMP)
    return True


def _raise_all(plans: list[Plan], what: Raise) -> None:
    for plan in plans:
        plan.raises = max(plan.raises, what)


def _keep_old_address(work: Work, event: Event, slug: str) -> None:
    """The old address leads to the new one; an address that the event had before is its own again."""
    former = work.session.get(EventSlug, slug)
    if former is not None:
        work.session.delete(former)
    work.session.add(EventSlug(slug=event.slug, event_id=event.id))


def _stamp_status(work: Work, event: Event) -> None:
    if event.status != EventStatus.DRAFT and event.published_at is None:
        event.published_at = work.loaded_at
    if event.status == EventStatus.CANCELLED and event.cancelled_at is None:
        event.cancelled_at = work.loaded_at


def _values(
    work: Work, place: str, entry: dict[str, Any], event: Event | None, organization: Organization, zone: str
) -> dict[str, Any]:
    values = given(entry, EVENT) | {"organization_id": organization.id, "zone": zone}
    if "key" in entry:
        values["source_key"] = entry["key"]
    if "contact_email" in entry:
        address = entry["contact_email"]
        values["contact_email"] = work.email(f"{place}.contact_email", address) if address else None
    if "project" in entry:
        values["project_id"] = _project_id(work, place, entry, organization)
    if "programme" in entry:
        programme = work.find(Programme, f"{place}.programme", "programmes", entry["programme"])
        values["programme_id"] = programme.id if programme else None
    for name in ("sign_up_opens", "sign_up_closes"):
        if name in entry and not (event is not None and is_relative(entry[name])):
            values[f"{name}_at"] = _instant(work, f"{place}.{name}", entry[name], zone)
    return values


def _project_id(work: Work, place: str, entry: dict[str, Any], organization: Organization) -> int | None:
    slug = entry["project"]
    if slug is None:
        return None
    found = work.session.scalar(
        select(Project.id).where(Project.organization_id == organization.id, Project.slug == slug)
    )
    if found is None and ("projects", f"{organization.slug} {slug}") not in work.named:
        work.problem(f"{place}.project", _("This organization has no project “%(name)s”.", name=slug))
    return found


def _instant(work: Work, place: str, value: Any, zone: str) -> Any:
    try:
        return None if value is None else instant(value, zone, work.loaded_at)
    except WrongTime as wrong:
        work.problem(place, str(wrong))
        return None


def _zone(entry: dict[str, Any], event: Event | None, organization: Organization | None) -> str:
    default = event.zone if event else organization.zone if organization else ""
    return str(entry.get("zone", default))


def _sessions_of(work: Work, event: Event | None) -> list[Session]:
    if event is None:
        return []
    query = select(Session).where(Session.event_id == event.id).order_by(Session.position, Session.id)
    return list(work.session.scalars(query))


def _check_slug(work: Work, place: str, entry: dict[str, Any], event: Event | None) -> None:
    """An address leads to one event, also an address of old."""
    slug, own = entry["slug"], event.id if event else None
    owner = work.session.scalar(select(Event.id).where(Event.slug == slug))
    former = work.session.scalar(select(EventSlug.event_id).where(EventSlug.slug == slug))
    if {owner, former} - {own, None}:
        work.problem(f"{place}.slug", _("Another event has the address “%(name)s”.", name=slug))


def _check_codes(work: Work, place: str, entry: dict[str, Any]) -> None:
    for name, table in (("format", FORMATS), ("audience", AUDIENCES), ("topic", TOPICS)):
        if name in entry and entry[name] not in table:
            work.problem(f"{place}.{name}", _("This must be one of %(codes)s.", codes=", ".join(table)))


def _check_sign_up(work: Work, place: str, entry: dict[str, Any], event: Event | None) -> None:
    sign_up = entry.get("sign_up", event.sign_up if event else SignUp.HERE)
    url = entry.get("sign_up_url", event.sign_up_url if event else None)
    if sign_up == SignUp.ELSEWHERE and not url:
        work.problem(f"{place}.sign_up_url", _("Give the address where people sign up."))
    if sign_up == SignUp.HERE and event is None and not entry.get("seats"):
        work.problem(f"{place}.seats", _("Say how many seats there are, or null for no limit."))


def _check_status(work: Work, place: str, entry: dict[str, Any], event: Event | None) -> None:
    """What the public was told isn't taken back by a file."""
    if event is None or entry.get("status", event.status) == event.status:
        return
    if event.is_cancelled:
        work.problem(f"{place}.status", _("This event was cancelled and stays so. Load it as a new one."))
    elif entry["status"] == EventStatus.DRAFT and work.session.scalar(
        select(SeatPool.id).where(SeatPool.event_id == event.id, SeatPool.taken > 0).limit(1)
    ):
        work.problem(f"{place}.status", _("People have signed up, so this can’t become a draft again."))
