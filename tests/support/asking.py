"""Questions for tests, made by the real operations, and the sample answers of each way of asking."""

from __future__ import annotations

from typing import Any

from app.catalogue.models import Event
from app.core.db import db
from app.registration import operations
from app.registration.questions.kinds import KINDS
from app.registration.questions.kinds.kind import DAY, LINE, LINES, NUMBER, ONE, SEVERAL
from app.registration.questions.queries import library_of
from app.registration.questions.values import OptionValues, QuestionValues
from tests.support.cast import organization_id, person

OPTIONS = ("red", "green", "blue")
SAMPLES: dict[str, list[str]] = {
    LINE: ["Центр «Маяк»"],
    LINES: ["Two lines\nof text"],
    ONE: ["green"],
    SEVERAL: ["green", "red"],
    NUMBER: ["42"],
    DAY: ["3.12.2026"],
}


def sample(kind: str) -> list[str]:
    """What somebody could send to a question of this kind."""
    return ["yes"] if kind == "yes_no" else SAMPLES[KINDS[kind].control]


def values(kind: str = "short_text", label: str = "What else?", **more: Any) -> QuestionValues:
    """A question in both languages, with three colours where one chooses."""
    names = more.pop("options", OPTIONS) if KINDS[kind].has_options else ()
    options = tuple(OptionValues(name, {"en": name.title(), "ru": f"{name} по-русски"}) for name in names)
    return QuestionValues(kind=kind, label={"en": label, "ru": f"{label} (ru)"}, options=options, **more)


def make_question(kind: str = "short_text", label: str = "What else?", **more: Any) -> int:
    """A question in Lighthouse's library."""
    return operations.create_question(
        actor=person("bob"), organization_id=organization_id(), values=values(kind, label, **more)
    )


def ask(event: Event, question_id: int, *, required: bool = False, only_if: tuple[int, list[str]] | None = None) -> int:
    """Let the event ask it, after the others."""
    actor = person("bob")
    operations.add_event_question(actor=actor, event_id=event.id, question_id=question_id)
    operations.set_event_question(
        actor=actor, event_id=event.id, question_id=question_id, is_required=required, only_if=only_if
    )
    return question_id


def take_ready(event: Event, key: str) -> int:
    """Take a ready-made question into the library, and let the event ask it with what belongs to it."""
    operations.add_ready_made(actor=person("bob"), organization_id=organization_id(), key=key)
    question_id = question_of_key(key)
    operations.add_event_question(actor=person("bob"), event_id=event.id, question_id=question_id)
    return question_id


def question_of_key(key: str) -> int:
    """The question with this report key."""
    return next(row.id for row in library_of(organization_id()) if row.key == key)


def fresh(event: Event) -> Event:
    """The event as it is now."""
    db.session.expire_all()
    found = db.session.get(Event, event.id)
    assert found is not None
    return found
