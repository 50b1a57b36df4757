"""What hangs on an event beside its sessions: tracks, partners, seat pools."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select, update

from app.accounts.models import Organization
from app.catalogue.derive import derive_kept
from app.catalogue.models import Event, EventPartner, Mode, SeatPool, Session, Track
from app.catalogue.queries import whole_capacity
from app.core.db import execute
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.exchange.load.sessions import too_few
from app.exchange.load.work import Work, changed_names, given, set_values

PARTNER = {
    "kind": "kind",
    "name": "name",
    "website": "website",
    "desk_rights": "has_desk_rights",
    "release_days": "release_days",
    "shows_names": "shows_names",
}


def load_tracks(work: Work, place: str, entry: dict[str, Any], event: Event) -> tuple[dict[str, Track], bool]:
    """The event's tracks by the codes that the file gives them; they are known by their place in the list."""
    old = list(work.session.scalars(select(Track).where(Track.event_id == event.id).order_by(Track.position)))
    said = entry.get("tracks", [])
    if "tracks" in entry and len(said) < len(old):
        work.problem(f"{place}.tracks", too_few(len(old)))
    tracks, is_changed = {}, False
    for number, track in enumerate(said):
        row = old[number] if number < len(old) else Track(event_id=event.id, title={})
        is_changed |= _bring(work, row, {"position": number, "title": track["title"]})
        if track["code"] in tracks:
            name = track["code"]
            work.problem(f"{place}.tracks[{number}].code", _("“%(name)s” comes twice in this list.", name=name))
        tracks[track["code"]] = row
    work.session.flush()
    return tracks, is_changed


def load_partners(work: Work, place: str, entry: dict[str, Any], event: Event) -> tuple[list[EventPartner], bool]:
    """The event's partners, known by their place in the list."""
    query = select(EventPartner).where(EventPartner.event_id == event.id).order_by(EventPartner.position)
    old = list(work.session.scalars(query))
    said = entry.get("partners", [])
    if "partners" in entry and len(said) < len(old):
        work.problem(f"{place}.partners", too_few(len(old)))
    partners, is_changed = [], False
    for number, partner in enumerate(said):
        here = f"{place}.partners[{number}]"
        values = given(partner, PARTNER) | {"position": number}
        if "organization" in partner:
            found = work.find(Organization, f"{here}.organization", "organizations", partner["organization"])
            values["organization_id"] = found.id if found else None
        elif "name" not in partner:
            work.problem(here, _("Give the partner a name, or name an organization."))
        row = old[number] if number < len(old) else EventPartner(event_id=event.id, name={}, has_desk_rights=False)
        is_changed |= _bring(work, row, values)
        partners.append(row)
    work.session.flush()
    return partners or old, is_changed


def _bring(work: Work, row: Track | EventPartner, values: dict[str, Any]) -> bool:
    """Bring the row up to date, or add it; whether that changed anything."""
    is_changed = row not in work.session or bool(changed_names(row, values))
    set_values(row, values)
    work.session.add(row)
    return is_changed


def load_seats(
    work: Work,
    place: str,
    entry: dict[str, Any],
    event: Event,
    sessions: list[Session],
    partners: list[EventPartner],
) -> bool:
    """The event's seat pools by mode, session and partner; whether one is new or has another capacity."""
    is_changed = False
    for number, seats in enumerate(with_released(entry.get("seats", []), partners)):
        here = f"{place}.seats[{number}]"
        pool = _pool(work, here, seats, event, sessions, partners)
        if pool is None:
            continue
        if not work.name("seats", f"{event.id} {pool.mode} {pool.session_id} {pool.partner_id}"):
            work.problem(here, _("These seats come twice in this list."))
        elif pool not in work.session:
            work.session.add(pool)
            work.session.flush()
            is_changed = True
        elif pool.capacity != seats["capacity"]:
            is_changed |= _set_capacity(work, f"{here}.capacity", pool, seats["capacity"])
    _add_whole_pools(work, event)
    _agree_on_kept(work, place, event, partners)
    return is_changed


def with_released(said: list[dict[str, Any]], partners: list[EventPartner]) -> list[dict[str, Any]]:
    """What the file says of seats, where some that it keeps have gone to everybody since: they are everybody's."""
    freed: Counter[str] = Counter()
    left = []
    for seats in said:
        number = seats.get("partner", 0)
        if 0 < number <= len(partners) and partners[number - 1].released_at is not None:
            freed[seats["mode"]] += seats["capacity"] or 0
        else:
            left.append(seats)
    return [_and_freed(seats, freed) for seats in left]


def _and_freed(seats: dict[str, Any], freed: Counter[str]) -> dict[str, Any]:
    if "session" in seats or "partner" in seats or seats["capacity"] is None:
        return seats
    return {**seats, "capacity": seats["capacity"] + freed[seats["mode"]]}


def _agree_on_kept(work: Work, place: str, event: Event, partners: list[EventPartner]) -> None:
    """What is kept was agreed upon, and is kept until the partner's day."""
    pools = list(work.session.scalars(select(SeatPool).where(SeatPool.event_id == event.id)))
    whole = whole_capacity(pools)
    kept = [pool for pool in pools if pool.partner_id is not None]
    if any(whole.get(pool.mode) is None for pool in kept):
        work.problem(f"{place}.seats", _("Seats can be kept for a partner only where their number has a limit."))
    for pool in kept:
        for partner in partners:
            if partner.id == pool.partner_id:
                set_values(partner, {f"seats_{pool.mode}": pool.capacity or 0})
    derive_kept(event)


def _add_whole_pools(work: Work, event: Event) -> None:
    """Where only the sessions of an event have limits, the event as a whole has seats without one."""
    pools = list(work.session.scalars(select(SeatPool).where(SeatPool.event_id == event.id)))
    whole = {pool.mode for pool in pools if pool.session_id is None and pool.partner_id is None}
    for mode in sorted({pool.mode for pool in pools} - whole):
        work.session.add(SeatPool(event_id=event.id, mode=mode, capacity=None))
    work.session.flush()


def _pool(
    work: Work,
    place: str,
    seats: dict[str, Any],
    event: Event,
    sessions: list[Session],
    partners: list[EventPartner],
) -> SeatPool | None:
    """The pool as it is, or a new one; None after a problem."""
    session_id, partner_id = None, None
    offering = sessions
    if "partner" in seats and ("session" in seats or seats["capacity"] is None):
        work.problem(place, _("For a partner a number of seats at the event as a whole can be kept."))
        return None
    if "session" in seats:
        if seats["session"] > len(sessions):
            work.problem(f"{place}.session", _("The event has fewer sessions than that."))
            return None
        offering = [sessions[seats["session"] - 1]]
        session_id = offering[0].id
    if "partner" in seats:
        if seats["partner"] > len(partners):
            work.problem(f"{place}.partner", _("The event has fewer partners than that."))
            return None
        partner_id = partners[seats["partner"] - 1].id
    online = seats["mode"] == Mode.ONLINE
    if not any(session.is_online if online else session.is_in_person for session in offering):
        work.problem(f"{place}.mode", _("No session is held that way."))
        return None
    same = {"event_id": event.id, "mode": seats["mode"], "session_id": session_id, "partner_id": partner_id}
    return work.session.scalar(select(SeatPool).filter_by(**same)) or SeatPool(capacity=seats["capacity"], **same)


def _set_capacity(work: Work, place: str, pool: SeatPool, capacity: int | None) -> bool:
    """By one conditional statement, for somebody may be signing up at this moment."""
    change = update(SeatPool).where(SeatPool.id == pool.id)
    if capacity is not None:
        change = change.where(SeatPool.taken <= capacity)
    if execute(change.values(capacity=capacity)).rowcount:
        return True
    work.problem(
        place,
        ngettext(
            "%(num)d seat is taken already: there can’t be fewer.",
            "%(num)d seats are taken already: there can’t be fewer.",
            pool.taken,
        ),
    )
    return False
