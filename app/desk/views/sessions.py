"""The meetings of an event: all of them, and what is done with one."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Deed, Person
from app.catalogue import operations as catalogue_operations
from app.catalogue import queries as catalogue
from app.catalogue.models import Event, EventStatus, Session, SessionStatus
from app.catalogue.times_text import when_text
from app.catalogue.values import SessionValues
from app.core.clock import now
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext
from app.desk.blueprint import desk, edit_closed, event_for, page
from app.desk.forms import CancelSessionForm
from app.desk.pressed import ASKING, pressed, typed
from app.desk.session_form import RepeatForm, needs_tracks
from app.desk.session_lines import days_of, doubled_words, title_of
from app.desk.told import told_words
from app.registration import operations as registration_operations
from app.registration import queries as registration
from app.registration.operations import Repetition, cancelling_of


def session_for(public_id: str, session_id: int) -> tuple[Person, Event, Session]:
    """The person, who may edit the event, the event, and one session of it. Raises `Missing`, `NotAllowed`."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    found = next((one for one in catalogue.sessions_of(event.id) if one.id == session_id), None)
    if found is None:
        raise Missing
    return person, event, found


def question_before(
    person: Person, event: Event, new: SessionValues | Repetition, *, has_form: bool = True
) -> Response | None:
    """Whether people shall hear of meetings before they are added; None where that is answered, or nobody would hear.

    What was typed travels on as hidden fields. Without `has_form` there is nothing to go back to: one click did it.
    """
    if pressed() not in ASKING:
        return None
    added = registration_operations.rehearse_added_meetings(actor=person, event_id=event.id, new=new)
    if not added.told.all:
        return None
    facts = {"told": added.told, "meetings": added.lines, "beside": added.beside, "has_form": has_form}
    return page("meetings_confirm", "events", event=event, typed=typed(), **facts)


def add_as_answered(person: Person, event: Event, new: SessionValues | Repetition) -> tuple[int, list[str]]:
    """Add the meetings and say how many they are and who hears of them. Raises what `add_meetings` raises."""
    notify = pressed() != "save_quietly"
    added = registration_operations.add_meetings(actor=person, event_id=event.id, new=new, notify=notify)
    return added.number, told_words(added.told) if notify and added.told.all else _untold_words(event)


def _untold_words(event: Event) -> list[str]:
    """That nobody hears of what was added, where somebody counts on the event."""
    if event.status == EventStatus.PUBLISHED and registration.has_people(event.id):
        return [_("Those who signed up get no mail about it.")]
    return []


@desk.get("/events/<public_id>/sessions")
def sessions(public_id: str) -> Response:
    """All meetings of the event, by day."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    return _sessions_page(event)


@desk.get("/events/<public_id>/sessions/<number:session_id>/copy")
def ask_to_copy_session(public_id: str, session_id: int) -> ResponseReturnValue:
    """The question of `copy_session` once more, as after a change of the language."""
    person, event, row = session_for(public_id, session_id)
    try:
        return question_before(person, event, _one_more(row), has_form=False) or _to_list(event)
    except DomainError as refusal:
        return _sessions_page(event_for(public_id)[1], status_of(refusal), refusal.message)


@desk.post("/events/<public_id>/sessions/<number:session_id>/copy")
def copy_session(public_id: str, session_id: int) -> ResponseReturnValue:
    """One more like this, a week later, after asking when people would get a mail because of it."""
    person, event, row = session_for(public_id, session_id)
    known = [one.id for one in catalogue.sessions_of(event.id)]
    new = _one_more(row)
    try:
        if question := question_before(person, event, new, has_form=False):
            return question
        if pressed() == "ask":
            return _to_list(event)
        _number, heard = add_as_answered(person, event, new)
    except DomainError as refusal:
        return _sessions_page(event_for(public_id)[1], status_of(refusal), refusal.message)
    doubled = doubled_words(catalogue.sessions_of(event.id), known)
    flash(" ".join([_("There is one more meeting, a week later."), *doubled, *heard]))
    return _to_list(event)


@desk.get("/events/<public_id>/sessions/<number:session_id>/repeat")
def repeat(public_id: str, session_id: int) -> Response:
    """How often, with the button."""
    _person, event, row = session_for(public_id, session_id)
    if event.is_cancelled:
        return edit_closed(event)
    return _repeat_page(event, row, RepeatForm(data={"weeks": "1"}))


@desk.post("/events/<public_id>/sessions/<number:session_id>/repeat")
def repeat_session(public_id: str, session_id: int) -> ResponseReturnValue:
    """Add all the repetitions at once, after asking the same."""
    person, event, row = session_for(public_id, session_id)
    form = RepeatForm(request.form)
    if pressed() == "back":
        return _repeat_page(event, row, form)
    if not form.validate():
        return _repeat_page(event, row, form, 422)
    known = [one.id for one in catalogue.sessions_of(event.id)]
    new = Repetition(row.id, form.times.data, int(form.weeks.data))
    try:
        if question := question_before(person, event, new):
            return question
        if pressed() == "ask":
            return _repeat_page(event, row, form)
        made, heard = add_as_answered(person, event, new)
    except DomainError as refusal:
        form.refuse(refusal)
        return _repeat_page(*session_for(public_id, session_id)[1:], form, status_of(refusal))
    words = [ngettext("%(num)d meeting is added.", "%(num)d meetings are added.", made)]
    flash(" ".join([*words, *doubled_words(catalogue.sessions_of(event.id), known), *heard]))
    return _to_list(event)


@desk.get("/events/<public_id>/sessions/<number:session_id>/cancel")
def ask_to_cancel_session(public_id: str, session_id: int) -> ResponseReturnValue:
    """What cancelling one meeting does and how many people are told, with the button."""
    _person, event, row = session_for(public_id, session_id)
    if event.is_cancelled:
        return edit_closed(event)
    if row.status == SessionStatus.CANCELLED:
        flash(_("This meeting is cancelled already."))
        return _to_list(event)
    if not any(one.status == SessionStatus.SCHEDULED for one in catalogue.sessions_of(event.id) if one.id != row.id):
        return _sessions_page(event, 409, _("No other meeting is left. Cancel the event as a whole instead."))
    return _cancel_page(event, row, CancelSessionForm())


@desk.post("/events/<public_id>/sessions/<number:session_id>/cancel")
def cancel_session(public_id: str, session_id: int) -> ResponseReturnValue:
    """Call one meeting off and tell everybody who comes to it."""
    person, event, row = session_for(public_id, session_id)
    form = CancelSessionForm(request.form)
    if pressed() == "back":
        return _cancel_page(event, row, form)
    if not form.validate():
        return _cancel_page(event, row, form, 422)
    told = cancelling_of(event, row).told
    try:
        registration_operations.cancel_session(actor=person, session_id=row.id, reason=form.reason.data)
    except DomainError as refusal:
        form.refuse(refusal)
        return _cancel_page(*session_for(public_id, session_id)[1:], form, status_of(refusal))
    flash(" ".join([_("The meeting is cancelled."), *told_words(told)]))
    return _to_list(event)


@desk.post("/events/<public_id>/sessions/<number:session_id>/remove")
def remove_session(public_id: str, session_id: int) -> ResponseReturnValue:
    """Take a meeting out of a draft."""
    person, event, row = session_for(public_id, session_id)
    try:
        catalogue_operations.remove_session(actor=person, session_id=row.id)
    except DomainError as refusal:
        return _sessions_page(event_for(public_id)[1], status_of(refusal), refusal.message)
    flash(_("The meeting is taken out."))
    return _to_list(event)


def _one_more(row: Session) -> Repetition:
    return Repetition(row.id, times=1, weeks=1)


def _to_list(event: Event) -> ResponseReturnValue:
    return redirect(url_for("desk.sessions", public_id=event.public_id), 303)


def _sessions_page(event: Event, status: int = 200, refusal: str | None = None) -> Response:
    rows = catalogue.sessions_of(event.id)
    held = [row for row in rows if row.status == SessionStatus.SCHEDULED]
    return page(
        "sessions",
        "events",
        status,
        event=event,
        days=days_of(event, rows, catalogue.pools_of(event.id), now()),
        number=len(rows),
        is_new=event.published_at is None,
        may_cancel=len(held) > 1,
        has_tracks=needs_tracks(event, catalogue.tracks_of(event.id)),
        refusal=refusal,
    )


def _repeat_page(event: Event, row: Session, form: RepeatForm, status: int = 200) -> Response:
    return page("session_repeat", "events", status, event=event, session=row, facts=_facts(event, row), form=form)


def _cancel_page(event: Event, row: Session, form: CancelSessionForm, status: int = 200) -> Response:
    cancelling = cancelling_of(event, row)
    return page(
        "session_cancel",
        "events",
        status,
        event=event,
        session=row,
        facts=_facts(event, row),
        form=form,
        cancelling=cancelling,
        over_limit=over_limit_words(event, cancelling.lost),
        left=sum(one.status == SessionStatus.SCHEDULED for one in catalogue.sessions_of(event.id)) - 1,
    )


def over_limit_words(event: Event, lost: str | None) -> str:
    """That those who come the other way from now on are more than there are seats for; "" where they are not."""
    seats = {one.mode: one for one in catalogue.whole_seats(catalogue.pools_of(event.id))}
    kept = next((one for one in seats.values() if one.mode != lost), None)
    if lost not in seats or kept is None or kept.capacity is None:
        return ""
    together = kept.taken + seats[lost].taken
    if together <= kept.capacity:
        return ""
    return ngettext(
        "That makes %(num)d person, though the limit is %(limit)d. Nobody loses a seat.",
        "That makes %(num)d people, though the limit is %(limit)d. Nobody loses a seat.",
        together,
        limit=kept.capacity,
    )


def _facts(event: Event, row: Session) -> list[tuple[str, str]]:
    when = when_text(row.starts_at, row.ends_at, row.zone, all_day=row.is_all_day, language=language())
    return [(_("Meeting"), title_of(event, row)), (_("When"), when)]
