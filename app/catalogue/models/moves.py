"""What the public was told before an event was moved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class PreviousStart(Base):
    """A start that a public event once had, and no longer has, by the clocks of `zone`; search engines ask for it."""

    __tablename__ = "previous_start"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    zone: Mapped[str | None] = mapped_column(String(64))
    moved_at: Mapped[datetime]
