"""Putting an event up and changing it."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import need, organization_here
from app.accounts.permissions import Deed
from app.catalogue import operations as catalogue_operations
from app.catalogue import queries as catalogue
from app.catalogue.models import Event, EventStatus, Mode, Session
from app.catalogue.rules import EventChange, decide_change
from app.catalogue.values import EventValues
from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.core.times import wall_time
from app.desk.blueprint import desk, edit_closed, event_for, page
from app.desk.change_words import differences, left_behind
from app.desk.event_data import blank_data, data_of
from app.desk.event_difference import told_apart
from app.desk.event_form import EventForm
from app.desk.pressed import ASKING, pressed, typed
from app.desk.told import told_words
from app.registration import operations as registration_operations
from app.registration import waiting
from app.registration.answers import count_to_ask_at_once
from app.registration.operations.events import concerns_all
from app.registration.operations.meetings import is_alone, whom_it_concerns
from app.registration.operations.mode_lost import lost_mode, users_of
from app.registration.queries import NOBODY, Told, told_of


@desk.get("/events/new")
def new() -> Response:
    """An empty form."""
    need(Deed.EDIT_EVENTS)
    form = EventForm(data=blank_data(organization_here()))
    form.offer(organization_here())
    return page("event_form", "events", form=form, event=None)


@desk.post("/events/new")
def create_event() -> ResponseReturnValue:
    """Make a draft."""
    person = need(Deed.EDIT_EVENTS)
    organization = organization_here()
    form = EventForm(request.form)
    form.offer(organization)
    if pressed() == "back":
        return page("event_form", "events", form=form, event=None)
    values = form.read(None) if form.validate() else None
    if values is None:
        return page("event_form", "events", 422, form=form, event=None)
    try:
        event_id = catalogue_operations.create_event(actor=person, organization_id=organization.id, values=values)
    except DomainError as refusal:
        form.refuse(refusal)
        return page("event_form", "events", status_of(refusal), form=form, event=None)
    event = catalogue.find_event_for(person, event_id)
    assert event is not None
    flash(_("The draft is saved. Look at it, then publish it."))
    return redirect(url_for("desk.event", public_id=event.public_id), 303)


@desk.get("/events/<public_id>/edit")
def edit(public_id: str) -> Response:
    """The form with the event as it is."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    if event.is_cancelled:
        return edit_closed(event)
    session = _shown(event)
    before = _values(event, session)
    form = _form_of(event, session, before)
    return _form_page(form, event)


@desk.post("/events/<public_id>/edit")
def change_event(public_id: str) -> ResponseReturnValue:
    """Save, after asking when people would get a mail because of it."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    form = EventForm(request.form)
    session = _shown(event, form.session.data)
    before = _values(event, session)
    form.offer(event.organization, before.zone)
    deed = pressed()
    if deed == "back":
        return _form_page(form, event)
    values = form.read(before) if form.validate() else None
    if values is None:
        return _form_page(form, event, 422)
    told = _people_to_tell(event, session, before, values)
    moving_up = _people_who_move_up(event, before, values)
    asking = _people_to_ask(event, before, values)
    notify = deed != "save_quietly"
    try:
        if (told.all or moving_up or asking) and deed in ASKING:
            registration_operations.rehearse_change(
                actor=person, event_id=event.id, values=values, seen=form.seen.data, session_id=session.id
            )
            return _question(event, before, values, told, moving_up, asking)
        if deed == "ask":
            return _form_page(form, event)
        change = registration_operations.change_event(
            actor=person,
            event_id=event.id,
            values=values,
            seen=form.seen.data,
            session_id=session.id,
            notify=notify,
        )
    except catalogue_operations.StaleForm as stale:
        return _stale_page(form, event_for(public_id)[1], values, stale)
    except DomainError as refusal:
        _refuse(form, refusal)
        return _form_page(form, event_for(public_id)[1], status_of(refusal))
    words = [_("Saved."), *told_words(told if change.moved and notify else NOBODY)]
    if moving_up:
        words.append(
            ngettext("%(num)d person moves up and is told.", "%(num)d people move up and are told.", moving_up)
        )
    return _saved(event, [*words, left_behind(before, values, values.language)])


def _saved(event: Event, words: list[str]) -> ResponseReturnValue:
    flash(" ".join(filter(None, words)))
    return redirect(url_for("desk.event", public_id=event.public_id), 303)


def _shown(event: Event, number: str = "") -> Session:
    """The session that the form shows: the one that it was made with, else the next one."""
    sessions = catalogue.sessions_of(event.id)
    found = next((session for session in sessions if str(session.id) == number), None)
    return found or catalogue.next_session(sessions, now())


def _values(event: Event, session: Session) -> EventValues:
    return catalogue.event_values(event, [session], catalogue.pools_of(event.id))


def _form_of(event: Event, session: Session, values: EventValues) -> EventForm:
    """The form with the event as it is."""
    form = EventForm(data={**data_of(values, catalogue.seen_of(event)), "session": str(session.id)})
    form.offer(event.organization, values.zone)
    return form


def _people_to_tell(event: Event, session: Session, before: EventValues, values: EventValues) -> Told:
    """Who would hear of this change; nobody where it doesn't matter to them. The ways of coming reach all sessions."""
    change = decide_change(before, values)
    if event.status != EventStatus.PUBLISHED or not change.moved:
        return NOBODY
    whom = whom_it_concerns(before, values, change)
    if concerns_all(event, change, is_zone_new=before.zone != values.zone):
        return told_of(event.id, whom=whom) if event.ends_at > now() else NOBODY
    ends_at = wall_time(values.ends_local, values.zone, values.ends_fold).at
    if max(session.ends_at, ends_at) <= now():
        return NOBODY
    return told_of(event.id, session.id, whom=whom)


def _people_who_move_up(event: Event, before: EventValues, values: EventValues) -> int:
    """How many of those who wait this change gives a seat, or the offer of one."""
    if EventChange.SEATS not in decide_change(before, values) or lost_mode(event, values):
        return 0  # where a way of coming goes, those who used it get the seats first
    return waiting.count_moving_up(
        event.id, {Mode.IN_PERSON: values.capacity_in_person, Mode.ONLINE: values.capacity_online}
    )


def _people_to_ask(event: Event, before: EventValues, values: EventValues) -> int:
    """How many people are asked at once whether they come, because it is time to from now on."""
    if values.reconfirm_days == before.reconfirm_days:
        return 0
    return count_to_ask_at_once(event, values.reconfirm_days)


def _question(
    event: Event, before: EventValues, values: EventValues, told: Told, moving_up: int, asking: int
) -> Response:
    """Everything typed travels on as hidden fields, so that nothing is lost whatever the answer."""
    return page(
        "confirm_change",
        "events",
        event=event,
        typed=typed(),
        told=told,
        moving_up=moving_up,
        asking=asking,
        lost=lost_mode(event, values),
        users=users_of(event.id, lost_mode(event, values)),
        facts=differences(before, values),
        left=left_behind(before, values, values.language),
        all_follow=before.zone != values.zone and not is_alone(event.id),
    )


def _refuse(form: EventForm, refusal: DomainError) -> None:
    if isinstance(refusal, catalogue_operations.TooFewSeats):
        is_online = refusal.details.get("mode") == Mode.ONLINE
        form.refuse(refusal, "capacity_online" if is_online else "capacity_in_person")
    elif isinstance(refusal, catalogue_operations.ModeInUse):
        form.refuse(refusal, "modes")
    elif isinstance(refusal, catalogue_operations.WrongTime):
        form.refuse(refusal, "ends_on" if form.ends_on.data else "starts")
    else:
        form.refuse(refusal)


def _stale_page(form: EventForm, event: Event, values: EventValues, stale: DomainError) -> ResponseReturnValue:
    """What was typed, beside what somebody else has saved; to save once more is to choose one's own.

    Where both are the same, the same form was sent twice.
    """
    session = _shown(event, form.session.data)
    saved = _values(event, session)
    if not decide_change(saved, values):
        return _saved(event, [_("This is saved already.")])
    theirs = _form_of(event, session, saved)
    form.refuse(stale)
    form.seen.data = theirs.seen.data
    return _form_page(form, event, status_of(stale), changed=told_apart(form, theirs))


def _form_page(form: EventForm, event: Event, status: int = 200, **more: object) -> Response:
    several = len(catalogue.sessions_of(event.id)) > 1
    kept = catalogue.kept_capacity(catalogue.pools_of(event.id))
    return page("event_form", "events", status, form=form, event=event, several=several, kept=kept, **more)
