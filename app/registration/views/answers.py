"""The page where somebody who signed up changes what was answered."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.registration import operations
from app.registration.models import Registration
from app.registration.questions.forms import AnswersForm, AnswersOnlyForm
from app.registration.questions.queries import answers_of, own_answers, questions_to_ask, suggested_names
from app.registration.rules import change_deadline, may_change
from app.registration.views.blueprint import about, mine_by, own_page, registration
from app.registration.waiting import terms_of
from app.registration.waiting_words import deadline_words


@registration.route("/r/<token>/answers", methods=["GET", "POST"])
def answers(token: str) -> BaseResponse:
    """Answer otherwise, until the event's deadline; what is sensitive is never shown, for links are passed on."""
    found = mine_by(token)
    if not may_answer(found):
        return redirect(url_for("registration.page", token=token), 303)
    form = _form(found)
    if request.method != "POST":
        return _page(found, token, form)
    if not form.validate():
        return _page(found, token, form, 422)
    try:
        done = operations.change_own_answers(
            registration_id=found.id, answers=form.given_answers, kept=form.kept_answers
        )
    except DomainError as error:
        form.refuse(error)
        return _page(mine_by(token), token, form, status_of(error))
    return redirect(url_for("registration.page", token=token, note="answers" if done else None), 303)


def may_answer(found: Registration) -> bool:
    """Whether there is something to answer for this person, perhaps only to look at."""
    is_over = found.event.is_cancelled or found.event.ends_at <= now()
    return found.is_active and not is_over and found.event.asks_questions


def _form(found: Registration) -> AnswersOnlyForm:
    asked = questions_to_ask(found.event)
    formdata = request.form if request.method == "POST" else None
    known, suggestions = answers_of(found.id), suggested_names(asked)
    return AnswersOnlyForm.of(
        formdata, AnswersForm(formdata, asked, answers=known, suggestions=suggestions, discreet=True)
    )


def _page(found: Registration, token: str, form: AnswersOnlyForm, status: int = 200) -> BaseResponse:
    terms = terms_of(found.event_id)
    deadline = change_deadline(terms)
    is_late = not may_change(terms, now())
    return own_page(
        "answers",
        status,
        **about(found, token),
        form=form,
        given=[one for one in own_answers(found) if not one.question.is_sensitive] if is_late else [],
        typed=form.typed_words() if is_late and status != 200 else [],
        until=deadline_words(deadline, terms.zone) if deadline else "",
        is_late=is_late,
    )
