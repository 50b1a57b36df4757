"""Calendar entries as they are sent, and the number that tells a feed whether anything changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class SessionCalendar(Base):
    """The bytes of a session's VEVENT in one language, rendered by the operation that changed the session."""

    __tablename__ = "session_calendar"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    vevent: Mapped[bytes] = mapped_column(LargeBinary)


class CatalogueVersion(Base):
    """One row: raised by every change that a public list or feed can show."""

    __tablename__ = "catalogue_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
