"""Sessions, and the limits on who can be there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.catalogue.models.event import Event
from app.catalogue.models.frame import Track
from app.catalogue.models.venue import Room, Venue
from app.core.db import Base


class Mode(StrEnum):
    """How one person attends."""

    IN_PERSON = "in_person"
    ONLINE = "online"


class SessionStatus(StrEnum):
    """Whether a session takes place."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class Session(Base):
    """One timed part of an event.

    Wall time (`starts_local`, `ends_local`: naive) and `zone` are the truth; `starts_at` and `ends_at` are derived, and
    derived again when the zone's rules change. `uid` never changes; `sequence` rises by one per saved change of time,
    place, title, modes or status; `changed_at` is the DTSTAMP of its calendar entry. `room_url` is secret.
    `called_off_alone` says that the event went on without it, and keeps saying so when the event is cancelled, too.
    `moved_online_at` says that it was to be held in a hall, and is online only since then.
    """

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_event_id_position", "event_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(12))
    called_off_alone: Mapped[bool] = mapped_column(default=False)
    title: Mapped[dict[str, str]]
    format: Mapped[str | None] = mapped_column(String(20))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id"))
    zone: Mapped[str] = mapped_column(String(64))
    starts_local: Mapped[datetime] = mapped_column(DateTime())
    ends_local: Mapped[datetime] = mapped_column(DateTime())
    is_all_day: Mapped[bool] = mapped_column(default=False)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    is_in_person: Mapped[bool]
    is_online: Mapped[bool]
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    place_note: Mapped[dict[str, str]]
    room_url: Mapped[str | None] = mapped_column(String(1000))
    room_note: Mapped[dict[str, str]]
    moved_online_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    venue: Mapped[Venue | None] = relationship(lazy="raise_on_sql")
    room: Mapped[Room | None] = relationship(lazy="raise_on_sql")
    track: Mapped[Track | None] = relationship(lazy="raise_on_sql")

    @property
    def mode(self) -> str:
        """`in_person`, `online` or `hybrid`."""
        if self.is_in_person and self.is_online:
            return "hybrid"
        return Mode.ONLINE if self.is_online else Mode.IN_PERSON

    @property
    def code(self) -> str:
        """What forms and mails call the session; as lasting as its UID."""
        return self.uid.partition("@")[0]


IN_A_HALL = Session.is_in_person.is_(True)
"""For queries of what is held at a venue: a session that went online keeps its place, for it may come back there."""


class SeatPool(Base):
    """A limit: seats for one mode of an event, or of one session, or kept for a partner.

    `capacity` None means no limit. Each mode that an event offers has one pool of the event as a whole. A session with
    pools of its own is chosen, one without is for everybody. A partner's pool is there until `kept_until`: then its
    seats join the open one. `fewest` is how many seats those in the queue need who need fewest, for some move up only
    together; 0 without a queue. Only `registration/seats` writes `taken`, `waiting` and `fewest`.
    """

    __tablename__ = "seat_pool"
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("waiting >= 0", name="waiting_not_negative"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity_not_negative"),
        Index(
            "uq_seat_pool_event_mode",
            "event_id",
            "mode",
            unique=True,
            sqlite_where=text("session_id IS NULL AND partner_id IS NULL"),
            postgresql_where=text("session_id IS NULL AND partner_id IS NULL"),
        ),
        Index(
            "uq_seat_pool_session_mode",
            "session_id",
            "mode",
            unique=True,
            sqlite_where=text("session_id IS NOT NULL AND partner_id IS NULL"),
            postgresql_where=text("session_id IS NOT NULL AND partner_id IS NULL"),
        ),
        Index(
            "uq_seat_pool_partner_mode",
            "partner_id",
            "mode",
            unique=True,
            sqlite_where=text("partner_id IS NOT NULL"),
            postgresql_where=text("partner_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("event_partner.id"))
    mode: Mapped[str] = mapped_column(String(12))
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    fewest: Mapped[int] = mapped_column(default=0)
    kept_until: Mapped[datetime | None]

    @property
    def free(self) -> int | None:
        """Seats a newcomer could have; None when there is no limit."""
        return free_of(self.capacity, self.taken, self.fewest)


def free_of(capacity: int | None, taken: int, fewest: int) -> int | None:
    """Seats a newcomer could have, who overtakes nobody; None when there is no limit.

    What is left belongs to those who wait, unless each of them needs more seats than that.
    """
    if capacity is None:
        return None
    left = max(capacity - taken, 0)
    return 0 if fewest and left >= fewest else left
