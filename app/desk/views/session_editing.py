"""Adding a meeting to an event and changing one."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Deed
from app.catalogue import operations as catalogue_operations
from app.catalogue import queries as catalogue
from app.catalogue.models import Event, Mode, Session, SessionStatus
from app.catalogue.rules import decide_session_change
from app.catalogue.values import SessionValues
from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.core.times import wall_time
from app.desk.blueprint import desk, edit_closed, event_for, page
from app.desk.change_words import differences, left_behind
from app.desk.event_difference import told_apart
from app.desk.pressed import ASKING, pressed, typed
from app.desk.session_form import SessionForm, blank_session_data, session_data
from app.desk.told import told_words
from app.desk.views.sessions import add_as_answered, over_limit_words, question_before, session_for
from app.registration import operations as registration_operations
from app.registration.operations import Rehearsal


@desk.get("/events/<public_id>/sessions/new")
def new_session(public_id: str) -> Response:
    """A form with the hours and the place of the last meeting."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    if event.is_cancelled:
        return edit_closed(event)
    last = _last(event)
    form = SessionForm(data=blank_session_data(event, last))
    form.offer(event, last, is_new=True)
    return _form_page(form, event, None)


@desk.post("/events/<public_id>/sessions/new")
def add_session(public_id: str) -> ResponseReturnValue:
    """Add a meeting, after asking when people would get a mail because of it."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    form = SessionForm(request.form)
    form.offer(event, _last(event), is_new=True)
    if pressed() == "back":
        return _form_page(form, event, None)
    if not form.validate():
        return _form_page(form, event, None, 422)
    values = form.read(event, None)
    try:
        if question := question_before(person, event, values):
            return question
        if pressed() == "ask":
            return _form_page(form, event, None)
        _number, heard = add_as_answered(person, event, values)
    except DomainError as refusal:
        _refuse(form, refusal)
        return _form_page(form, event_for(public_id)[1], None, status_of(refusal))
    return _done(event, values, [_("The meeting is added."), *heard])


@desk.get("/events/<public_id>/sessions/<number:session_id>")
def session(public_id: str, session_id: int) -> ResponseReturnValue:
    """The form with the meeting as it is."""
    _person, event, row = session_for(public_id, session_id)
    if event.is_cancelled:
        return edit_closed(event)
    if row.status == SessionStatus.CANCELLED:
        flash(_("This meeting is cancelled. Add another one instead."))
        return redirect(url_for("desk.sessions", public_id=public_id), 303)
    return _form_page(_form_of(event, row), event, row)


@desk.post("/events/<public_id>/sessions/<number:session_id>")
def change_session(public_id: str, session_id: int) -> ResponseReturnValue:
    """Save, after asking when people would get a mail because of it."""
    person, event, row = session_for(public_id, session_id)
    before = _values(event, row)
    form = SessionForm(request.form)
    form.offer(event, before)
    deed = pressed()
    if deed == "back":
        return _form_page(form, event, row)
    if not form.validate():
        return _form_page(form, event, row, 422)
    values = form.read(event, before)
    seen = str(form.seen.data)
    try:
        rehearsal = registration_operations.rehearse_session_change(
            actor=person, session_id=session_id, values=values, seen=seen
        )
        if rehearsal.told.all and deed in ASKING:
            return _question(event, before, values, rehearsal)
        if deed == "ask":
            return _form_page(form, event, row)
        notify = deed != "save_quietly"
        change = registration_operations.change_session(
            actor=person, session_id=session_id, values=values, seen=seen, notify=notify
        )
    except catalogue_operations.StaleForm as stale:
        return _stale_page(form, *session_for(public_id, session_id)[1:], values, stale)
    except DomainError as refusal:
        _refuse(form, refusal)
        return _form_page(form, *session_for(public_id, session_id)[1:], status_of(refusal))
    words = told_words(rehearsal.told) if change.moved and notify else []
    return _done(event, values, [_("Saved."), *words, left_behind(before, values, event.language)])


def _last(event: Event) -> SessionValues:
    """The latest meeting, which the next one will be like."""
    return catalogue.session_values(catalogue.sessions_of(event.id)[-1], [])


def _values(event: Event, row: Session) -> SessionValues:
    return catalogue.session_values(row, catalogue.pools_of(event.id))


def _form_of(event: Event, row: Session) -> SessionForm:
    """The form with the meeting as it is."""
    values = _values(event, row)
    form = SessionForm(data=session_data(event, values, catalogue.seen_of(event)))
    form.offer(event, values)
    return form


def _done(event: Event, values: SessionValues, words: list[str]) -> ResponseReturnValue:
    """Back to the list; a day that is over may be a slip."""
    if _ends_at(values) <= now():
        words.append(_("Its time is over already. If that is a slip, please correct the day."))
    flash(" ".join(filter(None, words)))
    return redirect(url_for("desk.sessions", public_id=event.public_id), 303)


def _ends_at(values: SessionValues) -> datetime:
    return wall_time(values.ends_local, values.zone, values.ends_fold).at


def _question(event: Event, before: SessionValues, values: SessionValues, rehearsal: Rehearsal) -> Response:
    """Everything typed travels on as hidden fields, so that nothing is lost whatever the answer."""
    return page(
        "session_confirm",
        "events",
        event=event,
        typed=typed(),
        told=rehearsal.told,
        facts=differences(before, values),
        left=left_behind(before, values, event.language),
        lost=rehearsal.lost,
        users=rehearsal.users,
        over_limit=over_limit_words(event, rehearsal.lost),
    )


def _refuse(form: SessionForm, refusal: DomainError) -> None:
    is_online = refusal.details.get("mode") == Mode.ONLINE
    fields: dict[type[DomainError], str] = {
        catalogue_operations.TooFewSeats: "capacity_online" if is_online else "capacity_in_person",
        catalogue_operations.ModeInUse: "modes",
        catalogue_operations.WrongPlace: "venue",
        catalogue_operations.WrongTime: "ends_on" if form.ends_on.data else "starts",
    }
    form.refuse(refusal, fields.get(type(refusal)))


def _stale_page(
    form: SessionForm, event: Event, row: Session, values: SessionValues, stale: DomainError
) -> ResponseReturnValue:
    """What was typed, beside what somebody else has saved; to save once more is to choose one's own.

    Where both are the same, the same form was sent twice.
    """
    if not decide_session_change(_values(event, row), values):
        return _done(event, values, [_("This is saved already.")])
    theirs = _form_of(event, row)
    form.refuse(stale)
    form.seen.data = theirs.seen.data
    return _form_page(form, event, row, status_of(stale), changed=told_apart(form, theirs))


def _form_page(form: SessionForm, event: Event, row: Session | None, status: int = 200, **more: object) -> Response:
    title = said(row.title) if row else ""
    return page("session_form", "events", status, form=form, event=event, session=row, title=title, **more)
