"""Sessions of an event: what the file says of each, checked first, stored then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import select

from app.catalogue.derive import derive_session, new_uid
from app.catalogue.formats import FORMATS
from app.catalogue.models import Event, Mode, Room, Session, SessionStatus, Track, Venue
from app.catalogue.operations.writing import LONGEST, later_than
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.core.security.links import new_public_id
from app.core.times import wall_time
from app.exchange.load.times import WrongTime, is_relative, resolve
from app.exchange.load.work import Work, changed_names, given, set_values

SESSION = {"title": "title", "format": "format", "all_day": "is_all_day", "place_note": "place_note"}
ROOM = {"room_url": "room_url", "room_note": "room_note"}
DEFAULTS: dict[str, Any] = {"title": {}, "place_note": {}, "room_note": {}}
SILENT = {"position", "track_id", "room_url", "room_note", "called_off_alone"}  # no calendar entry says these


class Raise(IntEnum):
    """What a change does to a session's calendar entry: nothing, a later stamp, or a new revision."""

    NOTHING = 0
    STAMP = 1
    SEQUENCE = 2


@dataclass
class Plan:
    """One session of the file, with the row that it had before, and what it is to hold."""

    row: Session | None
    values: dict[str, Any]
    track: str | None
    says_track: bool
    says_status: str | None
    starts_at: datetime
    ends_at: datetime
    raises: Raise = Raise.NOTHING


def plan_sessions(work: Work, place: str, entry: dict[str, Any], old: list[Session], zone: str) -> list[Plan]:
    """What each session of the file is to hold. Sessions are known by their place in the list."""
    if len(entry["sessions"]) < len(old):
        work.problem(f"{place}.sessions", too_few(len(old)))
    rows: list[Session | None] = [*old, *[None] * len(entry["sessions"])]
    plans = []
    for number, said in enumerate(entry["sessions"]):
        here = f"{place}.sessions[{number}]"
        plan = _plan(work, here, said, rows[number], zone, str(said.get("format") or entry["format"]))
        if plan is not None:
            plan.values["position"] = number
            plans.append(plan)
    return plans


def too_few(count: int) -> str:
    """A list got shorter: nothing that was loaded is ever deleted, for people may count on it."""
    return ngettext(
        "%(num)d was loaded before and can’t be left out. Keep it first.",
        "%(num)d were loaded before and none can be left out. Keep them first, in their order.",
        count,
    )


def _plan(
    work: Work, place: str, entry: dict[str, Any], row: Session | None, event_zone: str, format_code: str
) -> Plan | None:
    before = len(work.problems)
    zone = str(entry.get("zone", row.zone if row else event_zone))
    if not work.is_zone(f"{place}.zone", zone):
        return None
    if entry.get("format") is not None and entry["format"] not in FORMATS:
        work.problem(f"{place}.format", _("This must be one of %(codes)s.", codes=", ".join(FORMATS)))
    values = {**({} if row else DEFAULTS), **given(entry, SESSION | ROOM), "zone": zone}
    values |= _modes(entry, row) | _place(work, place, entry, row)
    values |= _times(work, place, entry | _times_before(entry, row), zone, format_code)
    _check_place(work, place, entry, values, row)
    if len(work.problems) > before:
        return None
    return Plan(
        row=row,
        values=values,
        track=entry.get("track"),
        says_track="track" in entry,
        says_status=entry.get("status"),
        starts_at=wall_time(values["starts_local"], zone).at,
        ends_at=wall_time(values["ends_local"], zone).at,
    )


def _times_before(entry: dict[str, Any], row: Session | None) -> dict[str, Any]:
    """Times counted from the first loading stay what they became then."""
    if row is None:
        return {}
    starts, ends = row.starts_local.isoformat(), row.ends_local.isoformat()
    if is_relative(entry["starts"]):
        return {"starts": starts, "ends": ends}
    return {"ends": ends} if is_relative(entry.get("ends")) else {}


def _times(work: Work, place: str, entry: dict[str, Any], zone: str, format_code: str) -> dict[str, Any]:
    name = "starts"
    try:
        starts = resolve(entry["starts"], zone, work.loaded_at)
        name = "ends" if "ends" in entry else "minutes"
        if "ends" in entry:
            ends = resolve(entry["ends"], zone, work.loaded_at)
        else:
            usual = FORMATS[format_code].default_minutes if format_code in FORMATS else 60
            ends = _after(starts, entry.get("minutes", usual), zone, work.loaded_at)
    except WrongTime as wrong:
        work.problem(f"{place}.{name}", str(wrong))
        return {}
    lasts = wall_time(ends, zone).at - wall_time(starts, zone).at
    if not timedelta(0) < lasts <= LONGEST:
        work.problem(f"{place}.ends", _("The end must come after the beginning, by a month at most."))
    return {"starts_local": starts, "ends_local": ends}


def _after(starts: datetime, minutes: int, zone: str, loaded_at: datetime) -> datetime:
    return resolve((starts + timedelta(minutes=minutes)).isoformat(timespec="minutes"), zone, loaded_at)


def _modes(entry: dict[str, Any], row: Session | None) -> dict[str, bool]:
    if "modes" not in entry and row is not None:
        return {}
    modes = entry.get("modes", [Mode.IN_PERSON])
    return {"is_in_person": Mode.IN_PERSON in modes, "is_online": Mode.ONLINE in modes}


def _place(work: Work, place: str, entry: dict[str, Any], row: Session | None) -> dict[str, int | None]:
    """Venue and room; another venue without a room leaves the old venue's room behind."""
    values: dict[str, int | None] = {}
    venue_id = row.venue_id if row else None
    if "venue" in entry:
        venue = work.find(Venue, f"{place}.venue", "venues", entry["venue"])
        venue_id = venue.id if venue else None
        values["venue_id"] = venue_id
    if "room" not in entry:
        if row is not None and row.venue_id != venue_id:
            values["room_id"] = None
        return values
    code = entry["room"]
    values["room_id"] = None
    if code is not None and venue_id is not None:
        room_id = work.session.scalar(select(Room.id).where(Room.venue_id == venue_id, Room.code == code))
        values["room_id"] = room_id
        if room_id is None:
            work.problem(f"{place}.room", _("This venue has no room “%(name)s”.", name=code))
    elif code is not None and "venue" not in entry:
        work.problem(f"{place}.room", _("Name the venue of this room."))
    return values


def _check_place(work: Work, place: str, entry: dict[str, Any], values: dict[str, Any], row: Session | None) -> None:
    def now_or_before(name: str) -> Any:
        return values[name] if name in values else getattr(row, name, None)

    has_place = entry.get("venue") or now_or_before("venue_id") or now_or_before("place_note")
    if now_or_before("is_in_person") and not has_place:
        work.problem(f"{place}.venue", _("Say where it takes place: a venue or a place_note."))
    if now_or_before("room_url") and not now_or_before("is_online"):
        work.problem(f"{place}.room_url", _("Only an online session has a room to join. Add online to its modes."))


def keep_sessions(
    work: Work, place: str, event: Event, plans: list[Plan], tracks: dict[str, Track]
) -> tuple[list[Session], bool]:
    """Store the sessions; returns them, and whether one that was there before changed."""
    is_changed = False
    sessions = []
    _set_statuses(event, plans)
    for number, plan in enumerate(plans):
        if plan.says_track:
            plan.values["track_id"] = _track_id(work, f"{place}.sessions[{number}].track", plan.track, tracks)
        if plan.row is None:
            is_changed = True
            sessions.append(_add(work, event, plan))
        else:
            is_changed |= _change(work, event, plan.row, plan)
            sessions.append(plan.row)
    return sessions, is_changed


def _set_statuses(event: Event, plans: list[Plan]) -> None:
    """As the file says of each session itself, else as it was; a cancelled event took along what was still to come."""
    alone = _called_off_alone(event, plans)
    at = event.cancelled_at if event.is_cancelled else None
    is_over = at is not None and all(plan.ends_at <= at for plan in plans)
    for plan, is_alone in zip(plans, alone, strict=True):
        known = plan.says_status or (plan.row.status if plan.row else SessionStatus.SCHEDULED)
        is_lost = at is not None and (is_over or plan.ends_at > at)
        plan.values["status"] = SessionStatus.CANCELLED if is_lost else known
        plan.values["called_off_alone"] = is_alone


def _called_off_alone(event: Event, plans: list[Plan]) -> list[bool]:
    """As the file says of each session itself, else as it was; nothing is alone where all are off with the event."""
    found = [
        plan.says_status == SessionStatus.CANCELLED
        if plan.says_status
        else plan.row is not None and plan.row.called_off_alone
        for plan in plans
    ]
    return [False] * len(found) if event.is_cancelled and all(found) else found


def _track_id(work: Work, place: str, code: str | None, tracks: dict[str, Track]) -> int | None:
    if code is None:
        return None
    if code not in tracks:
        work.problem(place, _("This event has no track “%(name)s”.", name=code))
        return None
    return tracks[code].id


def _add(work: Work, event: Event, plan: Plan) -> Session:
    row = Session(
        event_id=event.id,
        uid=new_uid(new_public_id()),
        sequence=0,
        created_at=work.loaded_at,
        changed_at=work.loaded_at,
        **plan.values,
    )
    derive_session(row)
    work.session.add(row)
    work.session.flush()
    work.redrawn.add(event.id)
    return row


def _change(work: Work, event: Event, row: Session, plan: Plan) -> bool:
    """Bring a session up to date; a move, another title, mode or status is a new revision."""
    changed = changed_names(row, plan.values)
    set_values(row, plan.values)
    if changed & {"starts_local", "ends_local", "zone"}:
        derive_session(row)
    if changed - SILENT:
        plan.raises = max(plan.raises, Raise.STAMP if changed - SILENT == {"format"} else Raise.SEQUENCE)
    if plan.raises:
        row.sequence += plan.raises == Raise.SEQUENCE
        row.changed_at = later_than(row.changed_at)
        work.redrawn.add(event.id)
    return bool(changed)
