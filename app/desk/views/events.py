"""The list of events, and one event: look, publish, copy, cancel."""

from __future__ import annotations

from flask import Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import organization_here, person_here
from app.accounts.permissions import Deed, Person
from app.attendance import queries as attendance
from app.catalogue import operations as catalogue_operations
from app.catalogue import queries as catalogue
from app.catalogue.event_page import page_of
from app.catalogue.event_times import beside_text, meetings_text, whens_of
from app.catalogue.models import Event, Mode, SessionStatus
from app.catalogue.place_text import place_line
from app.catalogue.times_text import when_text
from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.pages import absolute
from app.desk.blueprint import desk, event_for, page
from app.desk.forms import CancelEventForm
from app.desk.pressed import pressed
from app.desk.told import told_words
from app.registration import operations as registration_operations
from app.registration import queries as registration
from app.registration import waiting
from app.registration.answers import count_answers
from app.registration.queries import told_of

TABS = ("upcoming", "drafts", "past")


@desk.get("/")
def events() -> ResponseReturnValue:
    """Events to come, drafts, and past ones."""
    person = person_here()
    if person.is_administrator and g.organization is None:
        return redirect(url_for("desk.admin"), 303)
    organization = organization_here()
    which = request.args.get("show", TABS[0])
    which = which if which in TABS else TABS[0]
    rows = catalogue.events_of_organization(organization.id, now=now(), which=which)
    return page(
        "events",
        "events",
        rows=rows,
        whens=whens_of([row.id for row in rows]),
        seats=catalogue.seats_by_event([row.id for row in rows]),
        which=which,
        counts=catalogue.count_events_of(organization.id, now()),
        may=_rights(person, organization.id),
    )


@desk.get("/events/<public_id>")
def event(public_id: str) -> Response:
    """One event: where it stands, who comes, what to do next."""
    person, row = event_for(public_id)
    return _event_page(person, row)


@desk.get("/events/<public_id>/preview")
def preview(public_id: str) -> Response:
    """The public page as it would look now, drafts too."""
    _person, row = event_for(public_id)
    shown = page_of(
        row,
        catalogue.sessions_of(row.id),
        catalogue.pools_of(row.id),
        catalogue.partners_of(row.id),
        now(),
        is_preview=True,
    )
    return page("preview", "events", page=shown, event=row)


@desk.get("/events/<public_id>/publish")
def publish(public_id: str) -> Response:
    """What publishing does, with the button."""
    _person, row = event_for(public_id, Deed.EDIT_EVENTS)
    return _publish_page(row)


@desk.post("/events/<public_id>/publish")
def publish_event(public_id: str) -> ResponseReturnValue:
    """Show the event to everybody."""
    person, row = event_for(public_id, Deed.EDIT_EVENTS)
    try:
        catalogue_operations.publish_event(actor=person, event_id=row.id)
    except DomainError as refusal:
        return _publish_page(event_for(public_id)[1], status_of(refusal), refusal=refusal.message)
    flash(_("The event is published. Everybody can find it now."))
    return redirect(url_for("desk.event", public_id=public_id), 303)


def _publish_page(row: Event, status: int = 200, **more: str) -> Response:
    return page(
        "publish",
        "events",
        status,
        event=row,
        facts=_facts(row),
        is_over=row.ends_at <= now(),
        has_room=_has_room(row),
        missing=catalogue_operations.what_is_missing(row, catalogue.sessions_of(row.id)),
        **more,
    )


def _has_room(row: Event) -> bool:
    """Whether online people would find a way in."""
    return any(session.room_url for session in catalogue.sessions_of(row.id))


@desk.post("/events/<public_id>/delete")
def delete_draft(public_id: str) -> ResponseReturnValue:
    """Throw a draft away."""
    person, row = event_for(public_id, Deed.EDIT_EVENTS)
    try:
        registration_operations.delete_draft(actor=person, event_id=row.id)
    except DomainError as refusal:
        return _event_page(person, event_for(public_id)[1], status_of(refusal), refusal.message)
    flash(_("The draft is deleted."))
    return redirect(url_for("desk.events", show="drafts"), 303)


@desk.post("/events/<public_id>/unpublish")
def unpublish_event(public_id: str) -> ResponseReturnValue:
    """Make the event a draft again."""
    person, row = event_for(public_id, Deed.EDIT_EVENTS)
    try:
        registration_operations.unpublish_event(actor=person, event_id=row.id)
    except DomainError as refusal:
        _person, row = event_for(public_id)
        return _event_page(person, row, status_of(refusal), refusal.message)
    flash(_("The event is a draft again. Nobody else sees it."))
    return redirect(url_for("desk.event", public_id=public_id), 303)


@desk.post("/events/<public_id>/copy")
def copy_event(public_id: str) -> ResponseReturnValue:
    """Make a draft like this event and open it."""
    person, row = event_for(public_id, Deed.EDIT_EVENTS)
    copy_id = registration_operations.copy_event(actor=person, event_id=row.id)
    copy = catalogue.find_event_for(person, copy_id)
    assert copy is not None
    flash(_("This is the copy, a draft. Check the day and the hours."))
    return redirect(url_for("desk.edit", public_id=copy.public_id), 303)


@desk.get("/events/<public_id>/cancel")
def cancel(public_id: str) -> Response:
    """What cancelling does and how many people are told, with the button."""
    _person, row = event_for(public_id, Deed.EDIT_EVENTS)
    return _cancel_page(row, CancelEventForm())


@desk.post("/events/<public_id>/cancel")
def cancel_event(public_id: str) -> ResponseReturnValue:
    """Call the event off and tell everybody who counts on it."""
    person, row = event_for(public_id, Deed.EDIT_EVENTS)
    form = CancelEventForm(request.form)
    if pressed() == "back":
        return _cancel_page(row, form)
    if not form.validate():
        return _cancel_page(row, form, 422)
    try:
        told = told_of(row.id)
        registration_operations.cancel_event(actor=person, event_id=row.id, reason=form.reason.data)
    except DomainError as refusal:
        form.refuse(refusal)
        return _cancel_page(event_for(public_id)[1], form, status_of(refusal))
    flash(" ".join([_("The event is cancelled."), *told_words(told)]))
    return redirect(url_for("desk.event", public_id=public_id), 303)


def _rights(person: Person, organization_id: int) -> dict[str, bool]:
    deeds = {"edit": Deed.EDIT_EVENTS, "people": Deed.SEE_PEOPLE, "door": Deed.PAIR_DEVICES}
    return {name: person.may(deed, organization_id) for name, deed in deeds.items()}


def _facts(row: Event) -> list[tuple[str, str, str]]:
    """When the next meeting is, and where the next ones in the hall and online are: not always the same."""
    sessions = catalogue.sessions_of(row.id)
    session = catalogue.next_session(sessions, now())
    hall, online = (catalogue.next_held(sessions, mode, now()) for mode in (Mode.IN_PERSON, Mode.ONLINE))
    when = when_text(session.starts_at, session.ends_at, session.zone, all_day=session.is_all_day, language=language())
    facts = [("calendar", _("When"), when)]
    if hall is not None:
        place = place_line(hall.venue, hall.room, hall.place_note, language()) or _("Not said yet")
        facts.append(("place", _("Where"), _on(beside_text(session, hall, language()), place)))
    if online is not None:
        # The address itself stands in the form of those who may edit, and on a participant's page when it is time.
        ahead = [one for one in sessions if one.is_online and one.status == SessionStatus.SCHEDULED]
        unlinked = next((one for one in ahead if one.ends_at > now() and not one.room_url), None)
        words = _("No link yet") if unlinked else _("The link is set")
        facts.append(("online", _("Online room"), _on(beside_text(session, unlinked or online, language()), words)))
    return facts


def _on(date: str | None, words: str) -> str:
    return _("On %(date)s: %(words)s", date=date, words=words) if date else words


def _event_page(person: Person, row: Event, status: int = 200, refusal: str | None = None) -> Response:
    asked, answered = count_answers(row.id)
    return page(
        "event",
        "events",
        status,
        event=row,
        facts=_facts(row),
        pools=catalogue.whole_seats(catalogue.pools_of(row.id)),
        door=attendance.counts_of(row.id),
        joined=len({join.registration_id for join in attendance.joins_of(row.id)}),
        public_url=absolute(f"/e/{row.slug}"),
        may=_rights(person, row.organization_id),
        is_over=row.ends_at <= now(),
        has_room=_has_room(row),
        has_people=registration.has_people(row.id),
        meetings=len(catalogue.sessions_of(row.id)),
        waits=len(waiting.waiting_at(row.id)),
        asked=asked,
        undecided=registration.count_people(row.id),
        answered=answered,
        refusal=refusal,
    )


def _cancel_page(row: Event, form: CancelEventForm, status: int = 200) -> Response:
    number = meetings_text(catalogue.sessions_of(row.id), now(), language())
    facts = [*_facts(row), *[("calendar", _("Meetings"), number)] * bool(number)]
    return page("cancel", "events", status, event=row, facts=facts, form=form, told=told_of(row.id))
