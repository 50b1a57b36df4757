"""What people answered to an event's questions: all together, and one person's."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Deed
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, event_for, page
from app.desk.views.people import load_person
from app.registration import operations
from app.registration.models import Registration
from app.registration.questions import queries
from app.registration.questions.forms import AnswersForm, AnswersOnlyForm
from app.registration.questions.words import keep_words


@desk.get("/events/<public_id>/questions/answers")
def answered(public_id: str) -> Response:
    """Question by question: how many gave each answer, and what was written."""
    _person, event = event_for(public_id, Deed.SEE_PEOPLE)
    people, summaries = queries.summaries_of(event)
    return page("answered", "events", event=event, people=people, summaries=summaries, keep_words=keep_words)


@desk.get("/people/<public_id>/answers")
def person_answers(public_id: str) -> Response:
    """What the person answered, to correct."""
    _actor, row = load_person(public_id)
    return _page(row, _form(row))


@desk.post("/people/<public_id>/answers")
def correct_answers(public_id: str) -> ResponseReturnValue:
    """Write the answers right."""
    actor, row = load_person(public_id)
    form = _form(row)
    if not form.validate():
        return _page(row, form, 422)
    try:
        done = operations.correct_answers(actor=actor, registration_id=row.id, answers=form.given_answers)
    except DomainError as refusal:
        form.refuse(refusal)
        return _page(load_person(public_id)[1], form, status_of(refusal))
    flash(_("The answers are saved.") if done else _("It was this way already, so nothing has changed."))
    return redirect(url_for("desk.person", public_id=public_id), 303)


def _form(row: Registration) -> AnswersOnlyForm:
    asked = queries.questions_to_ask(row.event)
    formdata = request.form if request.method == "POST" else None
    known, suggestions = queries.answers_of(row.id), queries.suggested_names(asked)
    return AnswersOnlyForm.of(
        formdata, AnswersForm(formdata, asked, answers=known, suggestions=suggestions, needed=False)
    )


def _page(row: Registration, form: AnswersOnlyForm, status: int = 200) -> Response:
    return page("person_answers", "events", status, person=row, form=form)
