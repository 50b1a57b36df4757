"""Seat pools for lists and sign-up: no objects that the database session would have to watch."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.rules import free_of


@dataclass(frozen=True, slots=True)
class Seats:
    """A seat pool as it was at the moment of asking."""

    id: int
    event_id: int
    mode: str
    session_id: int | None
    partner_id: int | None
    capacity: int | None
    taken: int
    waiting: int

    @property
    def free(self) -> int | None:
        """As in `SeatPool`."""
        return free_of(self.capacity, self.taken, self.waiting)
