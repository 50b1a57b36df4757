"""The call list: people without e-mail, or who asked to be phoned, and what to tell them."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import need, organization_here, person_here, use_organization
from app.accounts.permissions import Deed
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.settings import settings
from app.desk.blueprint import desk, page
from app.desk.forms import AnswerForm
from app.registration import operations
from app.registration.calls import find_call, open_calls, words_to_say
from app.registration.facts import own_facts
from app.registration.operations import Answer


@desk.get("/calls")
def calls() -> Response:
    """Whom to phone."""
    need(Deed.SEE_PEOPLE)
    return _calls_page()


@desk.get("/calls/<int:call_id>")
def call(call_id: int) -> Response:
    """The list again, for whoever reloads the page after an answer that was refused."""
    _open_desk_of(call_id)
    return _calls_page()


@desk.post("/calls/<int:call_id>")
def answer_call(call_id: int) -> ResponseReturnValue:
    """What came of a call."""
    if find_call(call_id) is None:
        flash(_("There is something newer to say to this person. Please look again."))
        return redirect(url_for("desk.calls"), 303)
    _open_desk_of(call_id)
    form = AnswerForm(request.form)
    if not form.validate():
        return _calls_page(_("Please choose an answer."), 422)
    answer = Answer(form.answer.data)
    try:
        done = operations.answer_call(
            actor=person_here(), call_id=call_id, answer=answer, seen=request.form.get("seen")
        )
    except DomainError as refusal:
        return _calls_page(refusal.message, status_of(refusal))
    if not done:
        flash(_("This call has been made already."))
    elif answer is Answer.NO_ANSWER:
        flash(_("Nobody answered. The call stays on the list."))
    else:
        flash(_("Thank you, it is written down."))
    return redirect(url_for("desk.calls"), 303)


def _calls_page(refusal: str = "", status: int = 200) -> Response:
    found = open_calls(organization_here().id)
    rows = []
    for call in found:
        facts = own_facts(call.registration, settings().base_url, call.mode)
        rows.append((call, facts, words_to_say(call, facts), operations.state_of_call(call.registration)))
    return page("calls", "calls", status, rows=rows, refusal=refusal)


def _open_desk_of(call_id: int) -> None:
    """Show the desk of the call's organization. Raises `Missing`, `NotAllowed`."""
    found = find_call(call_id)
    if found is None or not person_here().belongs_to(found.registration.event.organization_id):
        raise Missing
    use_organization(found.registration.event.organization)
    need(Deed.SEE_PEOPLE)
