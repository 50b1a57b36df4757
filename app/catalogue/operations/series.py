"""Series: the same event on other dates, each with its own registration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.permissions import Person
from app.catalogue import queries, slugs
from app.catalogue.models import Event, Series
from app.catalogue.operations.copies import copy_of
from app.catalogue.operations.events import NotReady, publish, what_is_missing
from app.catalogue.operations.guards import event_to_edit
from app.catalogue.operations.sessions import NothingToRepeat
from app.catalogue.operations.writing import finish, later_than
from app.core import audit
from app.core.db import db, transaction
from app.core.errors import Refused
from app.core.i18n import gettext as _


def repeat_event(*, actor: Person, event_id: int, times: int, weeks: int, is_published: bool) -> list[int]:
    """Make a series of the event: so many more, always `weeks` later, as drafts or published; returns their ids.

    A date on which the series has an event already is left out, so that a second click makes nothing. Raises
    `NothingToRepeat`, `AlreadyCancelled`, `WrongTime`, and `NotReady` where a draft lacks what visitors need.
    """
    with transaction() as database:
        event = event_to_edit(actor, event_id)
        missing = what_is_missing(event, queries.sessions_of(event_id)) if is_published else []
        if missing:
            raise NotReady(" ".join(missing))
        if event.series_id is None:
            event.series_id = _new_series(event).id
            event.changed_at = later_than(event.changed_at)
        known = set(database.scalars(select(Event.starts_at).where(Event.series_id == event.series_id)))
        made = []
        for number in range(1, times + 1):
            copy = copy_of(event, timedelta(weeks=number * weeks), unless=known)
            if copy is None:
                continue
            if is_published:
                publish(copy)
            finish(copy)
            made.append(copy.id)
        if not made:
            raise NothingToRepeat(_("The series has an event on each of these dates already."))
        finish(event)
        _record(actor, "repeat_event", event, number=len(made))
        return made


def limit_series(*, actor: Person, event_id: int, per_person: int | None) -> None:
    """How many events of the series one person may sign up for; None for all. Raises `Refused` outside a series."""
    with transaction():
        event = event_to_edit(actor, event_id)
        if event.series_id is None:
            raise Refused(_("This event is not part of a series."))
        db.session.get_one(Series, event.series_id).per_person = per_person
        finish(event)  # the page of the series says it
        _record(actor, "limit_series", event, per_person=per_person)


def _new_series(event: Event) -> Series:
    series = Series(
        organization_id=event.organization_id, slug=slugs.free_series_slug(event.title), title=dict(event.title)
    )
    db.session.add(series)
    db.session.flush()
    return series


def _record(actor: Person, action: str, event: Event, **details: Any) -> None:
    audit.record(actor.actor, action, organization_id=event.organization_id, event_id=event.id, **details)
