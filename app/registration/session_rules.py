"""Pure decisions about choosing sessions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.registration.rules import HasTimes


def overlap(one: HasTimes, other: HasTimes) -> bool:
    """Whether nobody can be at both. Where one ends as the other begins, one can; days as a whole overlap, too."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def first_clash(sessions: Mapping[int, HasTimes], chosen: Collection[int]) -> tuple[int, int] | None:
    """The first two of those chosen at which nobody can be both; None where all go together."""
    known = [one for one in chosen if one in sessions]
    in_time = sorted(known, key=lambda one: (sessions[one].starts_at, sessions[one].ends_at, one))
    return next((pair for pair in combinations(in_time, 2) if overlap(sessions[pair[0]], sessions[pair[1]])), None)


@dataclass(frozen=True)
class Wish:
    """A session that somebody chose. `is_rather`: it was full, so it is waited for, with others meanwhile."""

    session_id: int
    is_rather: bool = False


@dataclass(frozen=True)
class Held:
    """What somebody has at sessions: seats for good, and places in queues, offers among them."""

    seats: frozenset[int] = frozenset()
    waits: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Clash:
    """Two chosen sessions that don't go together; `is_of_waits` where both are waited for."""

    one: int
    other: int
    is_of_waits: bool


@dataclass(frozen=True)
class Move:
    """From what somebody has to what is wished: what is left and what is asked for."""

    leaves_seats: frozenset[int]
    leaves_waits: frozenset[int]
    takes: tuple[int, ...]
    takes_rather: tuple[int, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it is."""
        return not (self.leaves_seats or self.leaves_waits or self.takes or self.takes_rather)


def decide_move(held: Held, wishes: Sequence[Wish]) -> Move:
    """What to do for somebody who has `held` and wants `wishes` instead."""
    wanted = {wish.session_id for wish in wishes}
    new = [wish for wish in wishes if wish.session_id not in held.seats | held.waits]
    return Move(
        leaves_seats=held.seats - wanted,
        leaves_waits=held.waits - wanted,
        takes=tuple(wish.session_id for wish in new if not wish.is_rather),
        takes_rather=tuple(wish.session_id for wish in new if wish.is_rather),
    )


def find_clash(sessions: Mapping[int, HasTimes], held: Held, move: Move) -> Clash | None:
    """What doesn't go together: nobody has two seats at a time, nor waits for two; for one beside a seat one may."""
    seats = (held.seats - move.leaves_seats) | set(move.takes)
    waits = (held.waits - move.leaves_waits) | set(move.takes_rather)
    for chosen, is_of_waits in ((seats, False), (waits, True)):
        pair = first_clash(sessions, chosen)
        if pair is not None:
            return Clash(*pair, is_of_waits=is_of_waits)
    return None
