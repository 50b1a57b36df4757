"""The library of questions that an organization's events ask."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import need, organization_here
from app.accounts.permissions import Deed
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, page
from app.desk.question_form import QuestionForm, question_data
from app.registration import operations
from app.registration.operations.library import WrongKey
from app.registration.questions import queries
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds import KINDS
from app.registration.questions.models import Question
from app.registration.questions.ready_made import READY_MADE
from app.registration.questions.words import keep_words


@desk.get("/questions")
def questions() -> Response:
    """Every question with its kind and where it is asked, and those that are ready-made."""
    need(Deed.EDIT_EVENTS)
    rows = queries.library_of(organization_here().id)
    known = {row.key for row in rows}
    return page(
        "questions",
        "events",
        rows=[(row, queries.asked_as(row)) for row in rows],
        used=queries.events_that_ask([row.id for row in rows]),
        ready=[one for one in READY_MADE.values() if one.only_if is None and one.key not in known],
        kinds=KINDS,
        keep_words=keep_words,
    )


@desk.post("/questions/ready-made")
def add_ready_made() -> ResponseReturnValue:
    """Take a ready-made question into the library."""
    person = need(Deed.EDIT_EVENTS)
    operations.add_ready_made(actor=person, organization_id=organization_here().id, key=request.form.get("key", ""))
    flash(_("The question is in your library now."))
    return redirect(url_for("desk.questions"), 303)


@desk.get("/questions/new")
def new_question() -> Response:
    """The kinds to choose from, or the empty form of one."""
    need(Deed.EDIT_EVENTS)
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        return page("question_kinds", "events", kinds=KINDS)
    form = QuestionForm().for_kind(kind, is_new=True)
    form.add_blanks()
    return _form_page(form, kind, None)


@desk.post("/questions/new")
def create_question() -> ResponseReturnValue:
    """Add a question to the library."""
    person = need(Deed.EDIT_EVENTS)
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        raise Missing
    form = QuestionForm(request.form).for_kind(kind, is_new=True)
    if _is_arranging(form):
        return _form_page(form, kind, None)
    if not form.validate():
        return _form_page(form, kind, None, 422)
    organization = organization_here()
    try:
        operations.create_question(
            actor=person, organization_id=organization.id, values=form.read(kind, organization.language)
        )
    except DomainError as refusal:
        form.refuse(refusal, "key" if isinstance(refusal, WrongKey) else None)
        return _form_page(form, kind, None, status_of(refusal))
    flash(_("The question is in your library now."))
    return redirect(url_for("desk.questions"), 303)


@desk.get("/questions/<number:question_id>")
def question(question_id: int) -> Response:
    """The question, to change."""
    row = _load(question_id)
    form = QuestionForm(data=question_data(row, organization_here().language)).for_kind(row.kind, is_new=False)
    form.add_blanks()
    return _form_page(form, row.kind, row)


@desk.post("/questions/<number:question_id>")
def edit_question(question_id: int) -> ResponseReturnValue:
    """Save the question for all events that ask it, put it away, or take it out again."""
    row = _load(question_id)
    deed = request.form.get("deed")
    if deed in ("archive", "restore"):
        operations.archive_question(actor=need(Deed.EDIT_EVENTS), question_id=row.id, is_archived=deed == "archive")
        flash(_("The question is archived.") if deed == "archive" else _("The question can be chosen again."))
        return redirect(url_for("desk.questions"), 303)
    form = QuestionForm(request.form).for_kind(row.kind, is_new=False)
    if _is_arranging(form):
        return _form_page(form, row.kind, row)
    if not form.validate():
        return _form_page(form, row.kind, row, 422)
    values = form.read(row.kind, organization_here().language)
    try:
        operations.edit_question(actor=need(Deed.EDIT_EVENTS), question_id=row.id, values=values)
    except DomainError as refusal:
        form.refuse(refusal)
        return _form_page(form, row.kind, _load(question_id), status_of(refusal))
    flash(_("The question is saved."))
    return redirect(url_for("desk.questions"), 303)


def _is_arranging(form: QuestionForm) -> bool:
    """Whether the button was one that only arranges the answers; nothing is checked or saved yet."""
    if "more" in request.form:
        form.add_blanks()
        return True
    place = request.form.get("up", type=int)
    if place is not None:
        form.move_up(place)
    return place is not None


def _load(question_id: int) -> Question:
    need(Deed.EDIT_EVENTS)
    row = queries.find_question(organization_here().id, question_id)
    if row is None:
        raise Missing
    return row


def _form_page(form: QuestionForm, kind: str, row: Question | None, status: int = 200) -> Response:
    form.name_languages(organization_here().language)
    asked: AskedQuestion | None = queries.asked_as(row) if row else None
    return page("question_form", "events", status, form=form, kind=KINDS[kind], row=row, asked=asked)
