"""Where events take place."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organization
from app.core.db import Base


class Venue(Base):
    """A place with an address. `spaced_capacity` counts seats when people sit apart."""

    __tablename__ = "venue"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[dict[str, str]]
    address: Mapped[dict[str, str]]
    district: Mapped[str | None] = mapped_column(String(100), index=True)
    directions: Mapped[dict[str, str]]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    capacity: Mapped[int | None]
    spaced_capacity: Mapped[int | None]
    is_outdoors: Mapped[bool] = mapped_column(default=False)
    has_step_free_access: Mapped[bool] = mapped_column(default=False)

    organization: Mapped[Organization] = relationship(lazy="raise_on_sql")


class Room(Base):
    """A room in a venue."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("venue_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[dict[str, str]]
    capacity: Mapped[int | None]
    spaced_capacity: Mapped[int | None]

    venue: Mapped[Venue] = relationship(lazy="raise_on_sql")
