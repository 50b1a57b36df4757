"""Tables of the door and of the online room."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organization
from app.catalogue.models import Event
from app.core.db import Base
from app.registration.models import Registration


class Verdict(StrEnum):
    """What the door says to a code."""

    WELCOME = "welcome"
    ALREADY_IN = "already_in"
    WRONG_EVENT = "wrong_event"
    WRONG_DAY = "wrong_day"
    TOO_EARLY = "too_early"
    CANCELLED = "cancelled"
    NOT_CONFIRMED = "not_confirmed"
    ONLINE_ONLY = "online_only"
    UNKNOWN = "unknown"
    NOT_A_TICKET = "not_a_ticket"


class Device(Base):
    """A phone at a door: paired by a one-time link, bound to events and a gate, until it ends or is revoked.

    Before pairing it has a `pairing_hash` only; pairing adds the `credential_hash` of the phone's cookie. The
    former stays, so that a used link can be told from one that never was.
    """

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    gate: Mapped[str] = mapped_column(String(60))
    name: Mapped[str | None] = mapped_column(String(80))
    is_supervisor: Mapped[bool] = mapped_column(default=False)
    pairing_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16), unique=True)
    credential_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16), unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    pairing_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    paired_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship(lazy="raise_on_sql")


class DeviceEvent(Base):
    """An event that a device may scan for."""

    __tablename__ = "device_event"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True, index=True)

    device: Mapped[Device] = relationship(lazy="raise_on_sql")
    event: Mapped[Event] = relationship(lazy="raise_on_sql")


class Scan(Base):
    """One attempt at a door. Rows are added, never changed.

    `client_id` was made by the phone, so that sending a scan twice stores it once. `at` is the phone's time
    corrected by its clock's error and kept between pairing and receipt.
    """

    __tablename__ = "scan"
    __table_args__ = (Index("ix_scan_event_id_id", "event_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(String(36), unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(12))
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    reference: Mapped[str | None] = mapped_column(String(6))
    device_at: Mapped[datetime]
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    shown: Mapped[str | None] = mapped_column(String(20))
    verdict: Mapped[str] = mapped_column(String(20))
    earlier_at: Mapped[datetime | None]
    earlier_gate: Mapped[str | None] = mapped_column(String(60))


class Admission(Base):
    """A person is in. One per person and scope (`event`, `day:…`, `session:…`) that hasn't been undone."""

    __tablename__ = "admission"
    __table_args__ = (
        Index(
            "uq_admission_scope",
            "registration_id",
            "scope",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_admission_event_id", "event_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    scope: Mapped[str] = mapped_column(String(40))
    client_id: Mapped[str] = mapped_column(String(36), unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    gate: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")


class OnlineJoin(Base):
    """A person entered the online room through the own page; that is online attendance."""

    __tablename__ = "online_join"
    __table_args__ = (Index("ix_online_join_event_id", "event_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    at: Mapped[datetime]
