"""Next month's event made of last month's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import inspect, select

from app.accounts.permissions import Person
from app.catalogue import derive, queries
from app.catalogue.models import Event, EventLedger, EventPartner, Mode, SeatPool, Session, Track
from app.catalogue.operations.events import new_event, new_session
from app.catalogue.operations.guards import event_to_edit
from app.catalogue.operations.writing import EVENT_FIELDS, MODE_FIELDS, SESSION_FIELDS, WrongTime, derive_times, finish
from app.catalogue.times_text import day_text
from app.core import audit
from app.core.clock import now
from app.core.db import db, transaction
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.times import TimeInGap, wall_time

WEEK = timedelta(days=7)
FOUR_WEEKS = 4 * WEEK


def copy_event(*, actor: Person, event_id: int) -> int:
    """Make a draft like the event and return its id: same weekdays and hours, four weeks later or ahead.

    Sessions, tracks, partners and numbers of seats, those of sessions and kept ones too, come along; people, links of
    partners, dates of opening and the reason of a cancellation don't.
    """
    with transaction():
        source = event_to_edit(actor, event_id)
        copy = copy_of(source, _shift(source), leaves_gaps=True)
        assert copy is not None
        audit.record(
            actor.actor,
            "copy_event",
            organization_id=copy.organization_id,
            event_id=copy.id,
            source=source.id,
        )
        finish(copy)
        return copy.id


def copy_of(
    source: Event, shift: timedelta, unless: Collection[datetime] = (), *, leaves_gaps: bool = False
) -> Event | None:
    """A draft like the event, so much later by the clocks on the wall; `finish` is left to the caller.

    None where it would start at one of the instants `unless`. Needs a running transaction. Gaps are as for `like`.
    """
    first = like(queries.sessions_of(source.id)[0], 0, shift, leaves_gaps=leaves_gaps)
    if first.starts_at in unless:
        return None
    copy = new_event(source.organization_id, source.title)
    for name in EVENT_FIELDS:
        setattr(copy, name, getattr(source, name))
    copy.sign_up_opens_at = copy.sign_up_closes_at = None
    copy.series_id = source.series_id
    copy.starts_at, copy.ends_at = source.starts_at, source.ends_at
    copy.is_in_person, copy.is_online = source.is_in_person, source.is_online
    db.session.add(copy)
    db.session.flush()
    db.session.add(EventLedger(event_id=copy.id, change_number=0))
    sessions = _copy_sessions(source, copy, shift, leaves_gaps=leaves_gaps)
    partners = [new for _old, new in _copy_rows(EventPartner, source, unlike=_OWN_OF_PARTNER, event_id=copy.id)]
    _copy_pools(source, copy, {old.id: new.id for old, new in sessions}, partners)
    derive.derive_event(copy, [new for _old, new in sessions])
    return copy


def _copy_sessions(source: Event, copy: Event, shift: timedelta, *, leaves_gaps: bool) -> list[tuple[Session, Session]]:
    """Each session of the source, with its copy."""
    tracks = {old.id: new.id for old, new in _copy_rows(Track, source, event_id=copy.id)}
    made = []
    for old in queries.sessions_of(source.id):
        session = like(old, old.position, shift, leaves_gaps=leaves_gaps)
        session.event_id = copy.id
        session.track_id = tracks.get(old.track_id) if old.track_id else None
        db.session.add(session)
        made.append((old, session))
    db.session.flush()
    return made


def like(old: Session, position: int, shift: timedelta, *, leaves_gaps: bool = False) -> Session:
    """A session like the old one, so much later by the clocks on the wall; it has no event, track or seats yet.

    An hour that the clocks skip on the other day becomes the next one if it `leaves_gaps`, as in a draft that somebody
    will look at. Else it raises `WrongTime` with the two nearest hours, and so does a date that is too far away.
    """
    session = new_session(position)
    for name in (*SESSION_FIELDS, *MODE_FIELDS, "title", "format"):
        setattr(session, name, getattr(old, name))
    happens = _that_happens if leaves_gaps else _that_must_happen
    session.starts_local = happens(old.starts_local + shift, old.zone)
    session.ends_local = happens(old.ends_local + shift, old.zone)
    derive_times(session)
    return session


def _shift(source: Event) -> timedelta:
    behind = max(now() - source.starts_at, timedelta(0))
    return max(FOUR_WEEKS, WEEK * (behind // WEEK + 1))


def _that_happens(local: datetime, zone: str) -> datetime:
    """The wall time, or the next reading of it where the clocks skip it."""
    try:
        return wall_time(local, zone).local
    except TimeInGap as gap:
        return gap.after


def _that_must_happen(local: datetime, zone: str) -> datetime:
    try:
        return wall_time(local, zone).local
    except TimeInGap as gap:
        raise WrongTime(
            _(
                "On %(date)s the clocks skip %(hour)s. "
                "Repeat it up to there, and add that date at %(before)s or %(after)s.",
                date=day_text(local.date(), language()),
                hour=f"{local:%H:%M}",
                before=f"{gap.before:%H:%M}",
                after=f"{gap.after:%H:%M}",
            )
        ) from None


def _copy_pools(source: Event, copy: Event, sessions: Mapping[int, int], partners: Sequence[EventPartner]) -> None:
    pools = [pool for pool in queries.pools_of(source.id) if pool.partner_id is None]
    whole = queries.whole_capacity(queries.pools_of(source.id))
    for pool in pools:
        if pool.session_id is None:
            _add_whole(copy, pool.mode, whole[pool.mode], partners)
        else:
            own = sessions[pool.session_id]
            db.session.add(SeatPool(event_id=copy.id, session_id=own, mode=pool.mode, capacity=pool.capacity))
    db.session.flush()


def _add_whole(copy: Event, mode: str, capacity: int | None, partners: Iterable[EventPartner]) -> None:
    """Everybody's seats of a mode, and of these as many for partners as were agreed, released meanwhile or not."""
    everybodys = SeatPool(event_id=copy.id, mode=mode, capacity=capacity)
    db.session.add(everybodys)
    db.session.flush()  # the pool that everybody uses comes first, for most people need no other
    for partner in partners:
        number = partner.seats_online if mode == Mode.ONLINE else partner.seats_in_person
        if number and everybodys.capacity is not None and number <= everybodys.capacity:
            everybodys.capacity -= number
            db.session.add(SeatPool(event_id=copy.id, partner_id=partner.id, mode=mode, capacity=number))


# Two events can't share a link, nor a secret.
_OWN_OF_PARTNER = ("public_id", "code", "page_hash", "page_generation", "key_number", "released_at")


def _copy_rows(model: Any, source: Event, unlike: Collection[str] = (), **changed: Any) -> list[tuple[Any, Any]]:
    """Each row of the model that belongs to the source, with its copy, which is new in what it must be `unlike` in."""
    names = [column.key for column in inspect(model).column_attrs if column.key not in ("id", *unlike)]
    pairs = []
    for old in db.session.scalars(select(model).where(model.event_id == source.id).order_by(model.id)):
        new = model(**{name: getattr(old, name) for name in names} | changed)
        db.session.add(new)
        pairs.append((old, new))
    db.session.flush()
    return pairs
