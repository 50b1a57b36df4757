"""Tables of questions, of the events that ask them, and of answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Question(Base):
    """A question of an organization's library.

    `key` is its column in reports and never changes. `kind` is an entry of `KINDS`. `options` are what one can choose:
    `{"code", "label", "is_archived"}` each, the codes stable, too. Answers are deleted `keep_days` after the event's
    end; None: they are kept as long as the registration.
    """

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("organization_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    key: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    label: Mapped[dict[str, str]]
    help: Mapped[dict[str, str]]
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    lowest: Mapped[int | None]
    highest: Mapped[int | None]
    keep_days: Mapped[int | None]
    is_archived: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class EventQuestion(Base):
    """A question that an event asks, in order of `position`.

    It is shown only if an earlier question, `only_if_id`, is answered by one of `only_if_codes`; None: always.
    """

    __tablename__ = "event_question"
    __table_args__ = (UniqueConstraint("event_id", "question_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    position: Mapped[int]
    is_required: Mapped[bool] = mapped_column(default=False)
    only_if_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    only_if_codes: Mapped[list[str]]


class QuestionAnswer(Base):
    """What one person answered: `value` in the canonical form of the question's kind, never empty.

    `folded` is the same for answers that mean the same, where the kind can tell.
    """

    __tablename__ = "question_answer"
    __table_args__ = (
        UniqueConstraint("registration_id", "question_id"),
        Index("ix_question_answer_question_id_folded", "question_id", "folded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    value: Mapped[Any] = mapped_column(JSON)
    folded: Mapped[str | None] = mapped_column(String(200))
    given_at: Mapped[datetime]
