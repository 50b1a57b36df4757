"""Putting somebody on the list: a guest, or a person who phoned."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Deed
from app.catalogue import queries as catalogue
from app.catalogue.models import Event, EventStatus, SeatPool, SignUp
from app.catalogue.rules import free_seats, takes_waiting
from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.desk.blueprint import desk, event_for, page
from app.desk.forms import OVER, WAIT, WHEN_FULL, AddPersonForm
from app.desk.words import MODES
from app.registration import operations, queries
from app.registration.operations import SignUpValues
from app.registration.operations.sign_up import EventFull, SignUpClosed
from app.registration.questions.forms import AnswersForm
from app.registration.questions.queries import questions_to_ask, suggested_names
from app.registration.session_lines import known_full, slots_of, told_full
from app.registration.session_seats import ChoiceRefused


@desk.get("/events/<public_id>/people/add")
def add_person(public_id: str) -> Response:
    """The form."""
    _person, event = event_for(public_id, Deed.SEE_PEOPLE)
    if event.status != EventStatus.PUBLISHED or event.ends_at <= now() or event.sign_up != SignUp.HERE:
        raise SignUpClosed(_("Nobody can be added to this event: it is a draft, cancelled, over, or has no sign-up."))
    return _form_page(event, _offer(event, AddPersonForm(data={"tell": True})))


@desk.post("/events/<public_id>/people/add")
def put_on_list(public_id: str) -> ResponseReturnValue:
    """Add the person; where no seat is left, ask what to do."""
    actor, event = event_for(public_id, Deed.SEE_PEOPLE)
    form = _offer(event, AddPersonForm(request.form))
    if not form.validate():
        return _form_page(event, form, 422)
    notify = form.tell.data and bool(form.email.data)
    try:
        added = operations.add_person(
            actor=actor,
            event_id=event.id,
            values=_values(event, form),
            wants_call=form.wants_call.data,
            over_limit=form.when_full.data == OVER,
            notify=notify,
        )
    except EventFull:
        _offer(event, form)
        form.refuse(_("All seats are taken. Choose what to do with this person."), "when_full")
        return _form_page(event, form, 409, is_full=True)
    except ChoiceRefused as refusal:
        form.refuse(refusal, "sessions")
        return _form_page(event, form, status_of(refusal))
    except DomainError as refusal:
        form.refuse(refusal)
        return _form_page(event, form, status_of(refusal))
    waits = form.when_full.data == WAIT and _waits(added)
    done = _("%(name)s is on the waiting list.") if waits else _("%(name)s is added.")
    told = _("The person gets a mail.") if notify else _("Tell the person the number below.")
    flash(f"{done % {'name': form.name.data}} {told}")
    return redirect(url_for("desk.person", public_id=added), 303)


def _offer(event: Event, form: AddPersonForm) -> AddPersonForm:
    """Fill in the ways of coming; the only one needs no choice."""
    modes = list(free_seats(_pools(event)))
    form.mode.choices = [(mode, words) for mode, words in MODES.items() if mode in modes]
    if len(modes) == 1:
        form.mode.data = modes[0]
    partners = [(str(one.row.id), said(one.name)) for one in catalogue.desk_partners(event.id)]
    form.partner.choices = [("", _("nobody")), *partners]
    form.sessions.choices = [(one.session.code, one.session.code) for one in catalogue.choices_of(event.id).to_choose]
    asked = questions_to_ask(event)
    if asked and form.answers is None:
        formdata = request.form if request.method == "POST" else None
        form.answers = AnswersForm(formdata, asked, suggestions=suggested_names(asked), needed=False)
    if not takes_waiting(event, now()):
        form.when_full.choices = [choice for choice in WHEN_FULL if choice[0] != WAIT]
    return form


def _values(event: Event, form: AddPersonForm) -> SignUpValues:
    told = request.form.get("full", "").split()
    required = [text.id for text in queries.current_consents(event.organization_id, event.id) if text.is_required]
    return SignUpValues(
        name=form.name.data,
        email=form.email.data.lower() or None,
        mode=form.mode.data,
        language=event.language,
        phone=form.phone.data or None,
        consent_text_ids=tuple(required),
        partner_id=int(form.partner.data) if form.partner.data else None,
        may_wait=form.when_full.data == WAIT,
        sessions=tuple(form.sessions.data or ()),
        told_full=tuple(known_full(catalogue.choices_of(event.id), told, form.mode.data)) if told else (),
        answers=form.given_answers,
    )


def _form_page(event: Event, form: AddPersonForm, status: int = 200, **more: Any) -> Response:
    free = free_seats(_pools(event))
    is_full = more.get("is_full") or (bool(free) and all(left == 0 for left in free.values()))
    pools = [pool for pool in _pools(event) if pool.session_id is None and pool.partner_id is None]
    choices = catalogue.choices_of(event.id)
    more = {
        "slots": slots_of(choices, has_list=event.has_waiting_list) if choices.to_choose else [],
        "full": " ".join(told_full(choices)),
    }
    return page("add_person", "events", status, event=event, form=form, free=free, is_full=is_full, pools=pools, **more)


def _pools(event: Event) -> list[SeatPool]:
    """The seats of what is still to come; who was at what is over takes part in the rest as well."""
    return catalogue.pools_ahead(event, catalogue.pools_of(event.id), now())


def _waits(public_id: str) -> bool:
    row = queries.find_by_public_id(public_id)
    return row is not None and row.waits
