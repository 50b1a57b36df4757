"""The sessions that a person comes to, chosen by the organizer."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, page
from app.desk.forms import PersonSessionsForm
from app.desk.views.people import load_person
from app.registration import operations
from app.registration.models import Registration
from app.registration.own_sessions import own_sessions
from app.registration.session_lines import known_full, own_slots, told_full
from app.registration.session_words import changed_meanwhile_words


@desk.get("/people/<public_id>/sessions")
def person_sessions(public_id: str) -> Response:
    """What the person comes to, and what else there is."""
    _actor, row = load_person(public_id)
    return _page(row, PersonSessionsForm(data={"tell": True, "sessions": own_sessions(row).codes}))


@desk.post("/people/<public_id>/sessions")
def choose_for_person(public_id: str) -> ResponseReturnValue:
    """Let the person come to other sessions."""
    actor, row = load_person(public_id)
    form = PersonSessionsForm(request.form)
    own = own_sessions(row)
    form.sessions.choices = [(one.session.code, one.session.code) for one in own.choices.to_choose]
    if not form.validate():
        return _page(row, form, 422)
    if request.form.get("before", own.before) != own.before:
        form.refuse(changed_meanwhile_words(), "sessions")
        return _page(row, form, 409)
    notify = form.tell.data and row.contact is not None
    told = known_full(own.choices, request.form.get("full", "").split(), row.mode)
    try:
        done = operations.choose_for_person(
            actor=actor, registration_id=row.id, sessions=form.sessions.data or [], told_full=told, notify=notify
        )
    except DomainError as refusal:
        form.refuse(refusal, "sessions")
        return _page(load_person(public_id)[1], form, status_of(refusal))
    if done:
        words = _("The person gets a mail.") if notify else ""
        flash(" ".join([_("The change is saved."), words]).strip())
    else:
        flash(_("It was this way already, so nothing has changed."))
    return redirect(url_for("desk.person", public_id=public_id), 303)


def _page(row: Registration, form: PersonSessionsForm, status: int = 200) -> Response:
    own = own_sessions(row)
    form.sessions.choices = [(one.session.code, one.session.code) for one in own.choices.to_choose]
    return page(
        "person_sessions",
        "events",
        status,
        person=row,
        form=form,
        slots=own_slots(row, own),
        full=" ".join(told_full(own.choices)),
        before=own.before,
        is_over=row.event.is_cancelled or row.event.ends_at <= now(),
    )
