"""What groups events: projects for reports, programmes and series for the public, tracks inside a conference."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Project(Base):
    """A grant to which events belong, for reports."""

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("organization_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[dict[str, str]]
    funder: Mapped[str | None] = mapped_column(String(200))
    contract_number: Mapped[str | None] = mapped_column(String(100))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    target_people: Mapped[int | None]
    target_events: Mapped[int | None]


class Programme(Base):
    """An umbrella, such as a forum, over events of several organizations."""

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[dict[str, str]]
    summary: Mapped[dict[str, str]]


class Series(Base):
    """Events made together by a repetition rule, each with its own registration.

    `per_person` is how many of them one person may sign up for; None for all.
    """

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[dict[str, str]]
    per_person: Mapped[int | None]


class Track(Base):
    """A section, committee or trajectory of a conference."""

    __tablename__ = "track"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[dict[str, str]]
