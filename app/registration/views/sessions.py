"""The page where somebody who signed up chooses other sessions."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.registration import operations
from app.registration.forms import SessionsForm
from app.registration.models import Registration, RegistrationStatus
from app.registration.own_sessions import OwnSessions, own_sessions
from app.registration.rules import change_deadline, may_change
from app.registration.session_lines import known_full, own_slots, told_full
from app.registration.session_words import changed_meanwhile_words
from app.registration.views.blueprint import about, mine_by, own_page, registration
from app.registration.waiting import terms_of
from app.registration.waiting_words import deadline_words


@registration.route("/r/<token>/sessions", methods=["GET", "POST"])
def sessions(token: str) -> BaseResponse:
    """Choose other sessions, wait for a full one, or leave one."""
    found = mine_by(token)
    own = own_sessions(found)
    if not may_choose(found, own):
        return redirect(url_for("registration.page", token=token), 303)
    form = SessionsForm(request.form if request.method == "POST" else None, data={"sessions": own.codes})
    form.sessions.choices = [(one.session.code, one.session.code) for one in own.choices.to_choose]
    if request.method != "POST":
        return _page(found, token, form, own)
    if not form.validate():
        return _page(found, token, form, own, 422)
    if request.form.get("before", own.before) != own.before:
        form.refuse(changed_meanwhile_words(), "sessions")
        return _page(found, token, form, own, 409)
    told = known_full(own.choices, request.form.get("full", "").split(), found.mode)
    try:
        done = operations.choose_sessions(registration_id=found.id, sessions=form.sessions.data or [], told_full=told)
    except DomainError as error:
        found = mine_by(token)
        form.refuse(error, "sessions")
        return _page(found, token, form, own_sessions(found), status_of(error))
    return redirect(url_for("registration.page", token=token, note="changed" if done else None), 303)


def may_choose(found: Registration, own: OwnSessions) -> bool:
    """Whether there is something to choose for this person, perhaps only to look at."""
    is_over = found.event.is_cancelled or found.event.ends_at <= now()
    counts = found.is_active and found.status != RegistrationStatus.UNCONFIRMED
    return counts and not is_over and bool(own.choices.to_choose)


def _page(found: Registration, token: str, form: SessionsForm, own: OwnSessions, status: int = 200) -> BaseResponse:
    terms = terms_of(found.event_id)
    deadline = change_deadline(terms)
    return own_page(
        "sessions",
        status,
        **about(found, token, own=own),
        form=form,
        slots=own_slots(found, own),
        full=" ".join(told_full(own.choices)),
        before=own.before,
        until=deadline_words(deadline, terms.zone) if deadline else "",
        is_late=not may_change(terms, now()),
    )
