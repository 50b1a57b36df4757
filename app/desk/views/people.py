"""Who comes: the list, the printed list, and one person's page."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.accounts.desk_page import need, person_here, use_organization
from app.accounts.permissions import Deed, Person
from app.attendance import queries as attendance
from app.catalogue import queries as catalogue
from app.catalogue.event_times import span_text
from app.catalogue.models import Event, Session, SignUp
from app.core.clock import now
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import language, said
from app.core.text import clean_line
from app.desk.blueprint import desk, event_for, page
from app.desk.forms import CancelPersonForm, DecideForm, NameForm, PersonAddressForm, PersonWayForm
from app.desk.told import decision_words
from app.messaging import queries as messaging
from app.registration import operations, queries, waiting
from app.registration.companions import party_of
from app.registration.models import Registration, RegistrationStatus
from app.registration.operations.people import Unreachable
from app.registration.own_sessions import own_sessions
from app.registration.purposes import purpose_name
from app.registration.questions.queries import own_answers
from app.registration.rules import Way
from app.registration.session_lines import chosen_slots, own_slots
from app.registration.session_words import title_of, when_of
from app.registration.tickets import manage_token
from app.registration.waiting_words import queue_facts
from app.registration.way_hints import only_way, way_hints

PAGE_SIZE = 100
PENDING = RegistrationStatus.PENDING
PRINT_LIMIT = 5000
QUERY_LIMIT = 100


@desk.get("/events/<public_id>/people")
def people(public_id: str) -> Response:
    """The list, by state, searchable."""
    _person, event = event_for(public_id, Deed.SEE_PEOPLE)
    return _people_page(event, request.args.get("status", ""), DecideForm(data={"tell": True}))


def _people_page(event: Event, status: str, decide_form: DecideForm, code: int = 200) -> Response:
    q = _whole_reference(clean_line(request.args.get("q", ""))[:QUERY_LIMIT])
    status = status if status in list(RegistrationStatus) else ""
    sessions = [choice.session for choice in catalogue.choices_of(event.id).to_choose]
    session = _asked_for(sessions)
    session_id = session.id if session else None
    partners = catalogue.desk_partners(event.id)
    partner_id = next((one.row.id for one in partners if str(one.row.id) == request.args.get("partner")), None)
    counts = queries.count_people(event.id, q, session_id, partner_id)
    total = counts.get(status, 0) if status else sum(counts.values())
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    offset = (number - 1) * PAGE_SIZE
    rows = queries.people_of(
        event.id,
        status=status or None,
        q=q,
        session_id=session_id,
        partner_id=partner_id,
        limit=PAGE_SIZE,
        offset=offset,
    )
    return page(
        "people",
        "events",
        code,
        event=event,
        is_over=event.ends_at <= now() or event.sign_up != SignUp.HERE,
        rows=rows,
        came=attendance.admission_of([row.id for row in rows]),
        decide_form=decide_form,
        queued=waiting.queued_modes([row.id for row in rows]),
        joined={join.registration_id for join in attendance.joins_of(event.id)},
        counts=counts,
        total=total,
        status=status,
        q=q,
        number=number,
        pages=pages,
        sessions=[(one.code, f"{when_of(one)}: {title_of(one)}") for one in sessions],
        session=session.code if session else "",
        partners=[(one.row.id, said(one.name)) for one in partners],
        partner=partner_id,
    )


@desk.get("/events/<public_id>/people/decide")
def undecided_people(public_id: str) -> Response:
    """The list again, for whoever reloads the page after a decision that was refused."""
    _person, event = event_for(public_id, Deed.SEE_PEOPLE)
    return _people_page(event, PENDING, DecideForm(data={"tell": True}))


@desk.post("/events/<public_id>/people/decide")
def decide_people(public_id: str) -> ResponseReturnValue:
    """Take or decline those who were ticked."""
    actor, event = event_for(public_id, Deed.SEE_PEOPLE)
    pending = {row.public_id: row.id for row in queries.people_of(event.id, status=PENDING, limit=PRINT_LIMIT)}
    form = DecideForm(request.form)
    if not form.validate():
        return _people_page(event, PENDING, form, 422)
    ticked = form.people.data
    try:
        done = operations.decide_people(
            actor=actor,
            registration_ids=[pending[one] for one in ticked if one in pending],
            accept=request.form.get("deed") == "accept",
            message=form.message.data,
            notify=form.tell.data,
        )
    except DomainError as refusal:
        flash(refusal.message)
    else:
        flash(decision_words(done, stale=sum(one not in pending for one in ticked)))
    return redirect(url_for("desk.people", public_id=public_id, status=PENDING), 303)


@desk.get("/events/<public_id>/people/print")
def print_people(public_id: str) -> Response:
    """Everybody with a place, by name, with a box to tick: for paper at the door."""
    _person, event = event_for(public_id, Deed.SEE_PEOPLE)
    session = _asked_for([choice.session for choice in catalogue.choices_of(event.id).to_choose])
    session_id = session.id if session else None
    rows = queries.people_of(event.id, status=RegistrationStatus.CONFIRMED, session_id=session_id, limit=PRINT_LIMIT)
    when = when_of(session) if session else span_text(catalogue.sessions_of(event.id), language())
    title = title_of(session) if session else ""
    return page("print_people", "events", event=event, rows=rows, when=when, title=title)


@desk.get("/people/<public_id>")
def person(public_id: str) -> Response:
    """One person: facts, history, mails, and what can be done."""
    return _person_page(*load_person(public_id))


@desk.post("/people/<public_id>/name")
def correct_person(public_id: str) -> ResponseReturnValue:
    """Write name and telephone right."""
    actor, row = load_person(public_id)
    form = NameForm(request.form)
    if not form.validate():
        return _person_page(actor, row, name_form=form)
    notify = form.notify.data and row.contact is not None
    try:
        operations.correct_person(
            actor=actor,
            registration_id=row.id,
            name=form.name.data,
            phone=form.phone.data or None,
            wants_call=form.wants_call.data,
            notify=notify,
        )
    except DomainError as refusal:
        form.refuse(refusal, "phone" if isinstance(refusal, Unreachable) else "name")
        return _person_page(*load_person(public_id), name_form=form)
    done = _("The changes are saved.")
    flash(" ".join([done, _("The person gets a mail.")]) if notify else done)
    return redirect(url_for("desk.person", public_id=public_id), 303)


@desk.post("/people/<public_id>/address")
def correct_address(public_id: str) -> ResponseReturnValue:
    """Write the e-mail address right, or add one."""
    actor, row = load_person(public_id)
    form = PersonAddressForm(request.form)
    if not form.validate():
        return _person_page(actor, row, address_form=form)
    try:
        done = operations.correct_persons_address(
            actor=actor, registration_id=row.id, email=form.email.data.lower(), notify=form.send.data
        )
    except DomainError as refusal:
        form.refuse(refusal, "email")
        return _person_page(*load_person(public_id), address_form=form)
    if not done:
        flash(_("It was this way already, so nothing has changed."))
    else:
        told = _("The person gets a mail.") if form.send.data else ""
        flash(" ".join([_("The change is saved."), told]).strip())
    return redirect(url_for("desk.person", public_id=public_id), 303)


@desk.post("/people/<public_id>/way")
def switch_person(public_id: str) -> ResponseReturnValue:
    """Let the person come another way."""
    actor, row = load_person(public_id)
    form = PersonWayForm(request.form)
    form.offer(waiting.ways_of(row.event_id, row.id))
    chosen = Way.of_code(request.form.get("way", ""))
    if not chosen.mode:
        form.validate()
        return _person_page(actor, row, way_form=form)
    notify = form.tell.data and row.contact is not None
    try:
        done = operations.switch_person(actor=actor, registration_id=row.id, way=chosen, notify=notify)
    except DomainError as refusal:
        form.refuse(refusal, "way")
        return _person_page(*load_person(public_id), way_form=form)
    if not done:
        flash(_("It was this way already, so nothing has changed."))
        return redirect(url_for("desk.person", public_id=public_id), 303)
    told = _("The person gets a mail.") if notify else ""
    flash(" ".join([_("The change is saved."), told]).strip())
    return redirect(url_for("desk.person", public_id=public_id), 303)


@desk.post("/people/<public_id>/ticket")
def resend_ticket(public_id: str) -> ResponseReturnValue:
    """Mail the ticket once more."""
    actor, row = load_person(public_id)
    try:
        operations.resend_ticket(actor=actor, registration_id=row.id)
    except DomainError as refusal:
        return _person_page(*load_person(public_id), refusal=refusal)
    flash(_("The ticket is on its way again, by mail.") if row.has_seat else _("The mail is on its way again."))
    return redirect(url_for("desk.person", public_id=public_id), 303)


@desk.get("/people/<public_id>/cancel")
def cancel_person(public_id: str) -> Response:
    """What happens, with the button."""
    _actor, row = load_person(public_id)
    return page("cancel_person", "events", person=row, form=CancelPersonForm(data={"notify": True}))


@desk.post("/people/<public_id>/cancel")
def take_off(public_id: str) -> ResponseReturnValue:
    """Take the person off the list."""
    actor, row = load_person(public_id)
    form = CancelPersonForm(request.form)
    form.validate()
    has_address = row.contact is not None
    notify = form.notify.data and has_address
    waited = row.waits
    operations.cancel_person(actor=actor, registration_id=row.id, notify=notify)
    done = _("The person is off the waiting list.") if waited else _("The seat is free again.")
    told = _("The person gets a mail.") if notify else ""
    flash(f"{done} {told}".strip())
    return redirect(url_for("desk.person", public_id=public_id), 303)


def _asked_for(sessions: Iterable[Session]) -> Session | None:
    """The session that the address names, for a list of those who come to it."""
    return next((one for one in sessions if one.code == request.args.get("session")), None)


def _whole_reference(q: str) -> str:
    """A reference typed as people read it, `482 913`, is one word."""
    return q.replace(" ", "") if re.fullmatch(r"\d{3} \d{3}", q) else q


def load_person(public_id: str) -> tuple[Person, Registration]:
    """The person whom the actor may see, with the desk of the event's organization. Raises `Missing`, `NotAllowed`."""
    actor = person_here()
    row = queries.find_by_public_id(public_id)
    if row is None or not actor.belongs_to(row.event.organization_id):
        raise Missing
    use_organization(row.event.organization)
    need(Deed.SEE_PEOPLE, row.event.organization_id)
    return actor, row


def _person_page(
    _actor: Person,
    row: Registration,
    *,
    name_form: NameForm | None = None,
    way_form: PersonWayForm | None = None,
    address_form: PersonAddressForm | None = None,
    refusal: DomainError | None = None,
) -> Response:
    organization_id = row.event.organization_id
    lines = accounts.audit_about("registration", row.id, organization_id)
    wrong = name_form or way_form or address_form
    status = 422 if wrong else status_of(refusal) if refusal else 200
    ways = waiting.ways_of(row.event_id, row.id)
    way_form = way_form or PersonWayForm(data={"tell": True, "way": only_way(row, ways)})
    way_form.offer(ways)
    return page(
        "person",
        "events",
        status,
        person=row,
        form=wrong,
        way_form=way_form,
        ways=ways,
        hints=way_hints(row, ways),
        queue=queue_facts(row),
        party=party_of(row),
        slots=chosen_slots(own_slots(row, own_sessions(row))),
        consents=queries.given_consents(row.id),
        answers=own_answers(row),
        purpose_name=purpose_name,
        token=manage_token(row),
        decide_form=DecideForm(data={"tell": True}),
        is_over=row.event.is_cancelled or row.event.ends_at <= now(),
        name_form=name_form
        or NameForm(data={"name": row.name, "phone": row.phone or "", "wants_call": row.wants_call}),
        address_form=address_form
        or PersonAddressForm(data={"email": row.contact.email if row.contact else "", "send": True}),
        refusal=refusal and refusal.message,
        lines=lines,
        names=accounts.names_of([line.actor_id for line in lines if line.actor_kind == "user"]),
        mails=messaging.messages_about(row.public_id, organization_id),
        admission=attendance.admission_of([row.id]).get(row.id),
        partner=next(
            (said(one.name) for one in catalogue.desk_partners(row.event_id) if one.row.id == row.partner_id), ""
        ),
        joins=[join for join in attendance.joins_of(row.event_id) if join.registration_id == row.id],
    )
