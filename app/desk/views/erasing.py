"""Erasing a person's data."""

from __future__ import annotations

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.core.errors import DomainError
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, page
from app.desk.views.people import load_person
from app.privacy import operations
from app.registration.companions import companions_of


@desk.get("/people/<public_id>/erase")
def erase(public_id: str) -> Response:
    """What goes and what stays, with the button."""
    _actor, row = load_person(public_id)
    return page("erase_person", "events", person=row, others=[one.name for one in companions_of(row)])


@desk.post("/people/<public_id>/erase")
def erase_person(public_id: str) -> ResponseReturnValue:
    """Forget who it was."""
    actor, row = load_person(public_id)
    try:
        operations.erase_person(actor=actor, registration_id=row.id)
    except DomainError as refusal:
        flash(refusal.message)
        return redirect(url_for("desk.person", public_id=public_id), 303)
    flash(_("The data of this person is erased."))
    return redirect(url_for("desk.people", public_id=row.event.public_id), 303)
