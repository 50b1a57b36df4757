"""How many seats an event has. Who holds them is registration's matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import delete, func, select, update

from app.catalogue.models import Event, Mode, SeatPool, Session
from app.catalogue.queries import kept_capacity, modes_ahead, pools_of, whole_capacity
from app.catalogue.values import EventValues, SessionValues
from app.core.db import db, execute
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.i18n import ngettext


class TooFewSeats(Refused):
    """More seats are taken than the new number of seats."""

    code = "too_few_seats"


class ModeInUse(Refused):
    """People have signed up for the way of coming that is to be taken away."""

    code = "mode_in_use"


def set_pools(event: Event, values: EventValues) -> None:
    """Give each offered mode its pool of seats, in the pools' order. Raises `TooFewSeats` and `ModeInUse`.

    The seats of a mode of which all is over stay with those who had them. Its sessions must be as they were before.
    """
    lost = modes_ahead(event.id) - modes_of(values)
    kept = {mode: limit for mode, limit in whole_capacity(pools_of(event.id)).items() if mode not in lost}
    _fit(event.id, None, kept | _wanted(values), anyway=values.confirm_over_limit)


def set_session_pools(session: Session, values: SessionValues) -> None:
    """Give a session that is chosen a pool of its own in each mode, and one for everybody none.

    Raises `TooFewSeats` and `ModeInUse`.
    """
    wanted = _wanted(values) if values.is_chosen else {}
    _fit(session.event_id, session.id, wanted, anyway=values.confirm_over_limit)


def follow_modes(session: Session) -> None:
    """After its modes changed, give a session that is chosen seats in just those. Raises `ModeInUse`."""
    limits = {pool.mode: pool.capacity for pool in _pools(session.event_id, session.id)}
    if limits:
        _fit(session.event_id, session.id, {mode: limits.get(mode) for mode in modes_of(session)}, anyway=True)


def follow_sessions(event: Event, before: set[str], *, keeps_lost: bool = False) -> None:
    """After its sessions changed, give the event as a whole a pool in each mode that is still to be had.

    `before` is what `modes_ahead` said until now. The pools of one that is lost go: raises `ModeInUse` where people
    have seats in them. With `keeps_lost` these stay until `close_modes` takes them away.
    """
    offered = modes_ahead(event.id)
    if not keeps_lost:
        close_modes(event, before - offered)
    for mode in sorted(offered - {pool.mode for pool in _pools(event.id)}):
        db.session.add(SeatPool(event_id=event.id, mode=mode, capacity=None))
    db.session.flush()


def close_modes(event: Event, lost: Iterable[str]) -> None:
    """Take away all seats of the event as a whole in these modes. Raises `ModeInUse` while people have some."""
    pools = {pool.mode: pool for pool in _pools(event.id)}
    for mode in sorted(lost):
        if mode in pools:
            _take_away(pools[mode])


def modes_of(offering: Event | Session | EventValues | SessionValues) -> set[str]:
    """The modes that one can choose from."""
    modes = ((Mode.IN_PERSON, offering.is_in_person), (Mode.ONLINE, offering.is_online))
    return {mode for mode, is_offered in modes if is_offered}


def _wanted(values: EventValues | SessionValues) -> dict[str, int | None]:
    limits = {Mode.IN_PERSON: values.capacity_in_person, Mode.ONLINE: values.capacity_online}
    return {mode: limit for mode, limit in limits.items() if mode in modes_of(values)}


def _fit(event_id: int, session_id: int | None, wanted: dict[str, int | None], *, anyway: bool) -> None:
    """Bring the pools of an event as a whole, or of a session, to the wanted limits by mode."""
    missing = dict(wanted)
    kept = kept_capacity(pools_of(event_id)) if session_id is None else Counter[str]()
    for pool in _pools(event_id, session_id):
        if pool.mode in wanted:
            _set_capacity(pool, missing.pop(pool.mode), kept[pool.mode], anyway=anyway)
        else:
            _take_away(pool)
    for mode, capacity in missing.items():
        db.session.add(SeatPool(event_id=event_id, session_id=session_id, mode=mode, capacity=capacity))
    db.session.flush()


def _pools(event_id: int, session_id: int | None = None) -> list[SeatPool]:
    """The pools of the event as a whole, or of the session, in the pools' order."""
    query = select(SeatPool).where(
        SeatPool.event_id == event_id,
        SeatPool.session_id.is_not_distinct_from(session_id),
        SeatPool.partner_id.is_(None),
    )
    return list(db.session.scalars(query.order_by(SeatPool.id)))


def _set_capacity(pool: SeatPool, whole: int | None, kept: int, *, anyway: bool) -> None:
    """Of so many seats as a whole give everybody those that aren't kept for partners.

    By one conditional statement, for somebody may be signing up at this moment; what stays as it is needs none.
    """
    capacity = _everybodys(pool, whole, kept)
    if pool.capacity == capacity:
        return
    change = update(SeatPool).where(SeatPool.id == pool.id)
    if capacity is not None and not anyway:
        change = change.where(SeatPool.taken <= capacity)
    if execute(change.values(capacity=capacity).execution_options(synchronize_session=False)).rowcount:
        return
    taken = _taken(pool) + kept
    raise TooFewSeats(_taken_words(taken, kept), mode=pool.mode, taken=taken, capacity=whole)


def _everybodys(pool: SeatPool, whole: int | None, kept: int) -> int | None:
    """How many of so many seats aren't kept. Raises `TooFewSeats` where there is nothing to keep them from."""
    if not kept:
        return whole
    if whole is not None and whole >= kept:
        return whole - kept
    words = ngettext(
        "%(num)d seat is kept for a partner. Give at least as many, or keep fewer on the page “Partners”.",
        "%(num)d seats are kept for partners. Give at least as many, or keep fewer on the page “Partners”.",
        kept,
    )
    if whole is None:
        words = _("Seats are kept for partners, so their number must have a limit. See the page “Partners”.")
    raise TooFewSeats(words, mode=pool.mode, taken=kept, capacity=whole)


def _taken_words(taken: int, kept: int) -> str:
    if kept:
        return ngettext(
            "%(num)d seat is taken, or kept for a partner. Keep at least as many, or tick the box to go over the "
            "limit.",
            "%(num)d seats are taken, or kept for partners. Keep at least as many, or tick the box to go over the "
            "limit.",
            taken,
        )
    return ngettext(
        "%(num)d seat is taken already. Keep at least as many, or tick the box to go over the limit.",
        "%(num)d seats are taken already. Keep at least as many, or tick the box to go over the limit.",
        taken,
    )


def _take_away(pool: SeatPool) -> None:
    """Remove a pool that nobody uses; with one of the event as a whole go the seats kept of it."""
    if pool.session_id is None:
        _take_kept_away(pool)
    empty = delete(SeatPool).where(SeatPool.id == pool.id, SeatPool.taken == 0, SeatPool.waiting == 0)
    if execute(empty.execution_options(synchronize_session=False)).rowcount:
        db.session.expunge(pool)
        return
    taken = _in_use(pool)
    raise ModeInUse(_in_use_words(pool, taken), mode=pool.mode, taken=taken)


def _take_kept_away(pool: SeatPool) -> None:
    of_mode = SeatPool.event_id == pool.event_id, SeatPool.mode == pool.mode, SeatPool.partner_id.is_not(None)
    taken = execute(select(func.coalesce(func.sum(SeatPool.taken), 0)).where(*of_mode)).scalar_one()
    if taken:
        raise ModeInUse(_in_use_words(pool, taken), mode=pool.mode, taken=taken)
    execute(delete(SeatPool).where(*of_mode).execution_options(synchronize_session=False))


def _in_use_words(pool: SeatPool, taken: int) -> str:
    if pool.session_id is not None:
        return ngettext(
            "%(num)d person has chosen this meeting that way. Keep it, or make the meeting for everybody.",
            "%(num)d people have chosen this meeting that way. Keep it, or make the meeting for everybody.",
            taken,
        )
    if pool.mode == Mode.ONLINE:
        return ngettext(
            "%(num)d person has signed up for online. Keep it, or take that person off the list first.",
            "%(num)d people have signed up for online. Keep it, or take them off the list first.",
            taken,
        )
    return ngettext(
        "%(num)d person has signed up for the hall. Keep it, or take that person off the list first.",
        "%(num)d people have signed up for the hall. Keep it, or take them off the list first.",
        taken,
    )


def seats_taken(event_id: int) -> dict[str, int]:
    """Seats held or waited for in each mode, all pools together."""
    held = func.sum(SeatPool.taken + SeatPool.waiting)
    query = select(SeatPool.mode, held).where(SeatPool.event_id == event_id).group_by(SeatPool.mode)
    return {mode: count or 0 for mode, count in execute(query)}


def _taken(pool: SeatPool) -> int:
    return execute(select(SeatPool.taken).where(SeatPool.id == pool.id)).scalar_one()  # type: ignore[no-any-return]


def _in_use(pool: SeatPool) -> int:
    """Seats held, and people who wait for one."""
    return execute(select(SeatPool.taken + SeatPool.waiting).where(SeatPool.id == pool.id)).scalar_one()  # type: ignore[no-any-return]
