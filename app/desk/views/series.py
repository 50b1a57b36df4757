"""The same event on other dates: making a series, its dates, and how many one person may have."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Deed
from app.catalogue import operations as catalogue_operations
from app.catalogue import queries as catalogue
from app.catalogue.event_times import whens_of
from app.catalogue.models import Event
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.desk.blueprint import desk, event_for, page
from app.desk.session_form import SeriesForm, SeriesLimitForm
from app.desk.session_lines import doubled_words
from app.registration import operations as registration_operations


@desk.get("/events/<public_id>/series")
def series(public_id: str) -> Response:
    """The dates of the series, and the form for more."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    return _page(event)


@desk.post("/events/<public_id>/series")
def repeat_event(public_id: str) -> ResponseReturnValue:
    """Make the other dates."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    form = SeriesForm(request.form)
    if not form.validate():
        return _page(event, 422, form=form)
    try:
        made = registration_operations.repeat_event(
            actor=person,
            event_id=event.id,
            times=form.times.data,
            weeks=int(form.weeks.data),
            is_published=form.publish.data,
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return _page(event_for(public_id, Deed.EDIT_EVENTS)[1], status_of(refusal), form=form)
    words = [ngettext("There is %(num)d more date.", "There are %(num)d more dates.", len(made))]
    for event_id in made:
        words += doubled_words(catalogue.sessions_of(event_id), [])
    flash(" ".join(words))
    return redirect(url_for("desk.series", public_id=public_id), 303)


@desk.post("/events/<public_id>/series/limit")
def limit_series(public_id: str) -> ResponseReturnValue:
    """How many dates one person may have."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    form = SeriesLimitForm(request.form)
    if not form.validate():
        return _page(event, 422, limit_form=form)
    try:
        catalogue_operations.limit_series(actor=person, event_id=event.id, per_person=form.per_person.data)
    except DomainError as refusal:
        form.refuse(refusal)
        return _page(event, status_of(refusal), limit_form=form)
    flash(_("Saved."))
    return redirect(url_for("desk.series", public_id=public_id), 303)


def _page(
    event: Event, status: int = 200, form: SeriesForm | None = None, limit_form: SeriesLimitForm | None = None
) -> Response:
    found = catalogue.series_of(event)
    dates = catalogue.dates_of(found.id) if found else []
    ids = [one.id for one in dates]
    seats, whens = catalogue.seats_by_event(ids), whens_of(ids)
    return page(
        "series",
        "events",
        status,
        event=event,
        series=found,
        dates=[(one, whens[one.id], seats.get(one.id, [])) for one in dates],
        form=form or SeriesForm(data={"weeks": "1"}),
        limit_form=limit_form or SeriesLimitForm(data={"per_person": found.per_person if found else None}),
        wrong=form or limit_form,
    )
