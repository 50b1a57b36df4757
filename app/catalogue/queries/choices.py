"""The sessions of an event that people choose, with their seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from app.catalogue.models import Mode, SeatPool, Session, SessionStatus
from app.catalogue.queries.events import sessions_of
from app.catalogue.queries.pools import Seats
from app.core.db import execute, table_of


@dataclass(frozen=True)
class Choice:
    """A session that one chooses, and its seats by mode."""

    session: Session
    pools: Mapping[str, Seats]

    def pool_for(self, mode: str) -> Seats | None:
        """Where somebody who comes to the event in this `mode` has a seat; None where there is no way to take part.

        Who is in the hall can look at what is held online only, but not the other way round.
        """
        return self.pools.get(mode) or (self.pools.get(Mode.ONLINE) if mode == Mode.IN_PERSON else None)


@dataclass(frozen=True)
class Choices:
    """The programme of an event: what one chooses, in order of time, and what is for everybody.

    Both are empty where there is nothing to choose.
    """

    to_choose: tuple[Choice, ...]
    common: tuple[Session, ...]

    @property
    def must_choose(self) -> bool:
        """Whether who chooses nothing has nothing to come to."""
        return bool(self.to_choose) and not any(one.status == SessionStatus.SCHEDULED for one in self.common)

    def by_code(self, code: str) -> Choice | None:
        """The session with this code."""
        return next((one for one in self.to_choose if one.session.code == code), None)

    def by_id(self, session_id: int) -> Choice:
        """The session with this number."""
        return next(one for one in self.to_choose if one.session.id == session_id)


def choices_of(event_id: int, sessions: Sequence[Session] | None = None) -> Choices:
    """What one can choose at the event, with the seats as they are at this moment."""
    pools: dict[int, dict[str, Seats]] = {}
    for row in execute(_SESSION_POOLS, {"event_id": event_id}):
        seats = Seats(*row)
        if seats.session_id is not None:
            pools.setdefault(seats.session_id, {})[seats.mode] = seats
    if not pools:
        return Choices((), ())  # as nearly everywhere, and every freed seat asks
    sessions = sessions_of(event_id) if sessions is None else sessions
    return Choices(
        to_choose=tuple(Choice(one, pools[one.id]) for one in sessions if one.id in pools),
        common=tuple(one for one in sessions if one.id not in pools),
    )


_pool = table_of(SeatPool)
_SESSION_POOLS = (
    select(*(_pool.c[name] for name in Seats.__slots__))
    .where(_pool.c.event_id == bindparam("event_id"), _pool.c.session_id.is_not(None), _pool.c.partner_id.is_(None))
    .order_by(_pool.c.id)
)
