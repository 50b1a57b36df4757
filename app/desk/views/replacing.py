"""Writing somebody else onto the list instead of a person."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, page
from app.desk.forms import ReplacePersonForm
from app.desk.views.people import load_person
from app.registration import operations, queries
from app.registration.models import Registration
from app.registration.values import SignUpValues


@desk.get("/people/<public_id>/replace")
def replace(public_id: str) -> Response:
    """Who comes instead?"""
    _actor, row = load_person(public_id)
    return _page(row, ReplacePersonForm(data={"tell": True}))


@desk.post("/people/<public_id>/replace")
def replace_person(public_id: str) -> ResponseReturnValue:
    """Give the place to somebody else."""
    actor, row = load_person(public_id)
    form = ReplacePersonForm(request.form)
    if not form.validate():
        return _page(row, form, 422)
    try:
        fresh = operations.replace_for_person(
            actor=actor, registration_id=row.id, values=_values(row, form), notify=form.tell.data
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return _page(load_person(public_id)[1], form, status_of(refusal))
    told = _("Those who have an address get a mail.") if form.tell.data else _("Tell the person the number below.")
    flash(" ".join([_("%(name)s comes instead.", name=form.name.data), told]))
    return redirect(url_for("desk.person", public_id=fresh), 303)


def _values(row: Registration, form: ReplacePersonForm) -> SignUpValues:
    consents = queries.current_consents(row.event.organization_id, row.event_id)
    return SignUpValues(
        name=form.name.data,
        email=form.email.data.lower() or None,
        mode=row.mode,
        language=row.language,
        phone=form.phone.data or None,
        consent_text_ids=tuple(text.id for text in consents if text.is_required),
    )


def _page(row: Registration, form: ReplacePersonForm, status: int = 200) -> Response:
    return page("replace_person", "events", status, person=row, form=form)
