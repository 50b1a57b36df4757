"""Events, and what hangs on one as a whole."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organization, User
from app.catalogue.models.frame import Programme, Project, Series
from app.core.db import Base
from app.core.security.links import link_code, new_public_id

IS_THERE = text("slug IS NOT NULL")


class EventStatus(StrEnum):
    """A draft is seen on the desk only."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class SignUp(StrEnum):
    """How one comes: by signing up here, without, or on another site."""

    HERE = "here"
    JUST_COME = "just_come"
    ELSEWHERE = "elsewhere"


class SignUpWay(StrEnum):
    """When a sign-up counts: at once, after the mail's button, or when the organizer says so."""

    AT_ONCE = "at_once"
    AFTER_MAIL = "after_mail"
    I_DECIDE = "i_decide"


class Event(Base):
    """What one signs up for.

    `starts_at` and `ends_at` span its sessions; they and `search_text` are derived, for lists. So are `in_person_until`
    and `online_until`: when the last meeting of that way ends, where the event goes on without it. Times of opening and
    closing are instants. Who waits gets a freed seat at once until `offer_lead_hours` before the start, then an offer
    for `offer_hours`. Until `change_lead_hours` before it people change by themselves how they come. Reminders go out
    `reminder_hours` and `late_reminder_hours` before; 0 means none.
    `reconfirm_days` before (0: never) people are asked whether they come, and from `release_hours` before the seats of
    those who were silent go to those who wait. A sign-up that needs the mail's button is held for `confirm_minutes`.
    Where it `asks_guardian`, a parent or guardian signs for people under 18. One person may sign up `largest_party`
    people by one form, the own name included. `asks_questions` is derived, so that an event without questions isn't
    looked through for them.
    `moved_online_at` says that it was to be held in a hall, too, and is online only since then; `moved_to_hall_at` the
    same the other way round.
    `changed_at` moves with everything that the public sees of the event.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_status_ends_at_starts_at", "status", "ends_at", "starts_at"),
        Index("ix_event_organization_id_starts_at", "organization_id", "starts_at"),
        # On PostgreSQL, who changes a key waits for all that refer to the row, and everybody who signs up does. A
        # partial index makes no key: a renamed event gets its new address, and nobody waits or deadlocks. SQLite has
        # no such locks, and would not look anything up by a partial index.
        Index("uq_event_slug", "slug", unique=True, postgresql_where=IS_THERE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    slug: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(12))
    format: Mapped[str] = mapped_column(String(20))
    audience: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8))
    title: Mapped[dict[str, str]]
    summary: Mapped[dict[str, str]]
    description: Mapped[dict[str, str]]
    zone: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    is_in_person: Mapped[bool]
    is_online: Mapped[bool]
    in_person_until: Mapped[datetime | None]
    online_until: Mapped[datetime | None]
    sign_up: Mapped[str] = mapped_column(String(12))
    sign_up_way: Mapped[str] = mapped_column(String(12))
    sign_up_url: Mapped[str | None] = mapped_column(String(500))
    sign_up_opens_at: Mapped[datetime | None]
    sign_up_closes_at: Mapped[datetime | None]
    has_waiting_list: Mapped[bool] = mapped_column(default=True)
    offer_lead_hours: Mapped[int] = mapped_column(default=24)
    offer_hours: Mapped[int] = mapped_column(default=4)
    change_lead_hours: Mapped[int] = mapped_column(default=0)
    reminder_hours: Mapped[int] = mapped_column(default=24)
    late_reminder_hours: Mapped[int] = mapped_column(default=2)
    reconfirm_days: Mapped[int] = mapped_column(default=0)
    release_hours: Mapped[int] = mapped_column(default=24)
    confirm_minutes: Mapped[int] = mapped_column(default=60)
    asks_guardian: Mapped[bool] = mapped_column(default=False)
    largest_party: Mapped[int] = mapped_column(default=1)
    asks_questions: Mapped[bool] = mapped_column(default=False)
    price: Mapped[dict[str, str]]
    contact_email: Mapped[str | None] = mapped_column(String(254))
    contact_phone: Mapped[str | None] = mapped_column(String(40))
    colour: Mapped[str | None] = mapped_column(String(7))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    search_text: Mapped[str] = mapped_column(Text, default="")
    cancellation_reason: Mapped[str | None] = mapped_column(String(1000))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    moved_online_at: Mapped[datetime | None]
    moved_to_hall_at: Mapped[datetime | None]
    source_key: Mapped[str | None] = mapped_column(String(200), unique=True)

    organization: Mapped[Organization] = relationship(lazy="raise_on_sql")
    project: Mapped[Project | None] = relationship(lazy="raise_on_sql")
    programme: Mapped[Programme | None] = relationship(lazy="raise_on_sql")
    series: Mapped[Series | None] = relationship(lazy="raise_on_sql")

    @property
    def mode(self) -> str:
        """`in_person`, `online` or `hybrid`."""
        if self.is_in_person and self.is_online:
            return "hybrid"
        return "online" if self.is_online else "in_person"

    @property
    def is_published(self) -> bool:
        """Whether the public may see it; a cancelled event stays to be seen."""
        return self.status != EventStatus.DRAFT

    @property
    def is_cancelled(self) -> bool:
        """Whether it will not take place."""
        return self.status == EventStatus.CANCELLED


class EventLedger(Base):
    """The event's change number: raised last by every transaction that changes who comes, and read by the doors."""

    __tablename__ = "event_ledger"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    change_number: Mapped[int] = mapped_column(default=0)


class EventSlug(Base):
    """An address that an event once had; it leads to the present one."""

    __tablename__ = "event_slug"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)


class PartnerKind(StrEnum):
    """What an organization is to an event that isn't its own."""

    CO_ORGANIZER = "co_organizer"
    PARTNER = "partner"
    FUNDER = "funder"


class EventPartner(Base):
    """An organization shown on an event; one of ours may get desk rights on it.

    `code` is what its link says (`?via=`). `seats_in_person` and `seats_online` were agreed to be kept for its guests;
    while they are, they have pools of their own. They join everybody's `release_days` before the day of the start,
    and did so at `released_at`. The partner's own page says how many come, or who, if it `shows_names`; of its secret
    the row keeps a hash, unless there is none yet.
    """

    __tablename__ = "event_partner"
    __table_args__ = (
        Index("uq_event_partner_public_id", "public_id", unique=True),
        Index("uq_event_partner_code", "code", unique=True),
        Index("uq_event_partner_page_hash", "page_hash", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(20))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[dict[str, str]]
    website: Mapped[str | None] = mapped_column(String(300))
    has_desk_rights: Mapped[bool] = mapped_column(default=False)
    public_id: Mapped[str] = mapped_column(String(16), default=new_public_id)
    code: Mapped[str] = mapped_column(String(12), default=link_code)
    seats_in_person: Mapped[int] = mapped_column(default=0)
    seats_online: Mapped[int] = mapped_column(default=0)
    release_days: Mapped[int] = mapped_column(default=7)
    released_at: Mapped[datetime | None]
    shows_names: Mapped[bool] = mapped_column(default=False)
    page_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    page_generation: Mapped[int] = mapped_column(default=0)
    key_number: Mapped[int | None]


class EventHelper(Base):
    """A user who helps with one event without a role in its organization."""

    __tablename__ = "event_helper"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)

    user: Mapped[User] = relationship(lazy="raise_on_sql")
