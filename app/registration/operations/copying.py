"""Copying events, making series of them and throwing drafts away, with what registration knows of them."""

from __future__ import annotations

from sqlalchemy import delete

from app.accounts.permissions import Person
from app.catalogue import operations as catalogue
from app.core.db import execute, transaction
from app.registration.models import OwnEntry
from app.registration.operations.event_questions import copy_questions
from app.registration.questions.models import EventQuestion


def copy_event(*, actor: Person, event_id: int) -> int:
    """Make a draft like the event, with its questions, and return its id. Raises what the catalogue's deed raises."""
    with transaction():
        copy_id = catalogue.copy_event(actor=actor, event_id=event_id)
        copy_questions(event_id, copy_id)
        return copy_id


def repeat_event(*, actor: Person, event_id: int, times: int, weeks: int, is_published: bool) -> list[int]:
    """Make a series of the event, each date with its questions; returns the ids. Raises what the catalogue raises."""
    with transaction():
        made = catalogue.repeat_event(
            actor=actor, event_id=event_id, times=times, weeks=weeks, is_published=is_published
        )
        for copy_id in made:
            copy_questions(event_id, copy_id)
        return made


def delete_draft(*, actor: Person, event_id: int) -> None:
    """Throw a draft away for good, with its list of questions. Raises what the catalogue's deed raises."""
    with transaction():
        for table in (EventQuestion, OwnEntry):
            execute(delete(table).where(table.event_id == event_id))
        catalogue.delete_draft(actor=actor, event_id=event_id)
