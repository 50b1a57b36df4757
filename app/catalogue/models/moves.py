"""What the public was told before a meeting was moved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class PreviousStart(Base):
    """A start that a meeting of a public event once had, and no longer has, by the clocks of `zone`."""

    __tablename__ = "previous_start"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(String(64))
    is_all_day: Mapped[bool] = mapped_column(default=False)
    moved_at: Mapped[datetime]
