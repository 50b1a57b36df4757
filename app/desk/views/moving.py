"""Moving a person to another date of a series."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import queries as catalogue
from app.catalogue.event_times import whens_of
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.desk.blueprint import desk, page
from app.desk.forms import MovePersonForm
from app.desk.views.people import load_person
from app.registration import operations
from app.registration.models import Registration
from app.registration.operations.sign_up import EventFull


@desk.get("/people/<public_id>/move")
def move(public_id: str) -> Response:
    """The other dates, with their seats."""
    _actor, row = load_person(public_id)
    return _page(row, MovePersonForm(data={"tell": True}))


@desk.post("/people/<public_id>/move")
def move_person(public_id: str) -> ResponseReturnValue:
    """Give the person a place there, and none here."""
    actor, row = load_person(public_id)
    dates = {one.event.public_id: one.event.id for one in catalogue.other_dates(row.event)}
    form = MovePersonForm(request.form)
    form.date.choices = [(one, one) for one in dates]
    if not form.validate():
        return _page(row, form, 422)
    notify = form.tell.data and row.contact is not None
    try:
        moved = operations.move_person(
            actor=actor,
            registration_id=row.id,
            to_event_id=dates[form.date.data],
            may_wait=form.may_wait.data,
            notify=notify,
        )
    except EventFull:
        form.refuse(_("All seats are taken on that date. Choose another one, or tick the waiting list."), "date")
        return _page(load_person(public_id)[1], form, 409)
    except DomainError as refusal:
        form.refuse(refusal)
        return _page(load_person(public_id)[1], form, status_of(refusal))
    told = _("The person gets a mail.") if notify else _("Tell the person the number below.")
    flash(" ".join([_("The person has another date now."), told]))
    return redirect(url_for("desk.person", public_id=moved), 303)


def _page(row: Registration, form: MovePersonForm, status: int = 200) -> Response:
    dates = catalogue.other_dates(row.event)
    whens = whens_of([one.event.id for one in dates])
    form.date.choices = [(one.event.public_id, whens[one.event.id]) for one in dates]
    hints = {one.event.public_id: _left(one.free.get(row.mode, 0)) for one in dates}
    return page("move_person", "events", status, person=row, form=form, hints=hints)


def _left(free: int | None) -> str:
    if free is None:
        return _("No limit of seats")
    return ngettext("%(num)s seat left", "%(num)s seats left", free) if free else _("All taken")
