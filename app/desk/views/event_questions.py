"""What an event asks: its list of questions, in order, each with its condition."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Deed, Person
from app.catalogue.models import Event
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, event_for, page
from app.desk.question_form import EventQuestionForm, event_question_form
from app.registration import operations
from app.registration.questions import queries
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.forms import AnswersForm
from app.registration.questions.kinds import KINDS
from app.registration.questions.words import condition_words, never_asked


@desk.get("/events/<public_id>/questions")
def event_questions(public_id: str) -> Response:
    """The questions in their order, those of the library that aren't asked, and how people see it."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    return _list_page(event)


@desk.post("/events/<public_id>/questions")
def add_event_question(public_id: str) -> ResponseReturnValue:
    """Ask one more question of the library."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    try:
        operations.add_event_question(
            actor=person, event_id=event.id, question_id=request.form.get("question", 0, type=int)
        )
    except DomainError as refusal:
        return _list_page(event_for(public_id)[1], status_of(refusal), refusal.message)
    flash(_("The sign-up form asks this now."))
    return _to_list(public_id)


@desk.get("/events/<public_id>/questions/<number:question_id>")
def event_question(public_id: str, question_id: int) -> Response:
    """Whether an answer is needed, and when the question is asked."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    asked, place = _find(event, question_id)
    return _one_page(event, asked[place], event_question_form(None, asked[place], asked[:place]))


@desk.post("/events/<public_id>/questions/<number:question_id>")
def change_event_question(public_id: str, question_id: int) -> ResponseReturnValue:
    """Save how the question is asked, move it up or down, or ask it no longer."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    asked, place = _find(event, question_id)
    deed = request.form.get("deed", "save")
    if deed != "save":
        return _arrange(person, event, question_id, deed)
    form = event_question_form(request.form, asked[place], asked[:place])
    if not form.validate():
        return _one_page(event, asked[place], form, 422)
    try:
        operations.set_event_question(
            actor=person,
            event_id=event.id,
            question_id=question_id,
            is_required=form.is_required.data,
            only_if=form.only_if,
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return _one_page(event_for(public_id)[1], asked[place], form, status_of(refusal))
    flash(_("Saved."))
    return _to_list(public_id)


def _arrange(person: Person, event: Event, question_id: int, deed: str) -> ResponseReturnValue:
    try:
        if deed == "remove":
            operations.remove_event_question(actor=person, event_id=event.id, question_id=question_id)
            flash(_("It is not asked any more. What people answered stays with them; add it again to see it."))
            return _to_list(event.public_id)
        by = -1 if deed == "up" else 1
        operations.move_event_question(actor=person, event_id=event.id, question_id=question_id, by=by)
    except DomainError as refusal:
        return _list_page(event_for(event.public_id)[1], status_of(refusal), refusal.message)
    flash(_("Saved."))
    return _to_list(event.public_id)


def _find(event: Event, question_id: int) -> tuple[tuple[AskedQuestion, ...], int]:
    """What the event asks, and the question's place in it. Raises `Missing`."""
    asked = queries.questions_of(event.id)
    place = next((place for place, one in enumerate(asked) if one.id == question_id), None)
    if place is None:
        raise Missing
    return asked, place


def _to_list(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("desk.event_questions", public_id=public_id), 303)


def _list_page(event: Event, status: int = 200, refusal: str | None = None) -> Response:
    asked = queries.questions_of(event.id)
    known = {one.id for one in asked}
    library = [row for row in queries.library_of(event.organization_id) if not row.is_archived]
    return page(
        "event_questions",
        "events",
        status,
        event=event,
        rows=[(one, KINDS[one.kind], condition_words(one, asked), never_asked(one, asked)) for one in asked],
        library=[row for row in library if row.id not in known],
        has_library=bool(library),
        kinds=KINDS,
        preview=AnswersForm(None, asked, prefix="preview"),
        refusal=refusal,
    )


def _one_page(event: Event, question: AskedQuestion, form: EventQuestionForm, status: int = 200) -> Response:
    return page("event_question", "events", status, event=event, question=question, form=form)
