"""The pages that belong to one registration."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.models import Mode
from app.catalogue.rules import SignUpState
from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.core.limits import Limit, limited
from app.core.pages import keep_not
from app.messaging.mail import qr_png
from app.registration import operations
from app.registration.companions import companions_of, others_who_owe, party_of, with_own_address
from app.registration.facts import headline_of, room_words
from app.registration.forms import AddressForm, OwnNameForm, WayForm
from app.registration.models import Registration, RegistrationStatus
from app.registration.own_calendar import personal_calendar
from app.registration.own_sessions import own_sessions, way_at
from app.registration.party_lines import party_facts, remarks_on
from app.registration.qr import qr_svg
from app.registration.rules import Way, Ways, change_deadline, may_cancel, may_change
from app.registration.session_lines import chosen_slots, own_slots
from app.registration.session_words import own_clash_words
from app.registration.sign_up_words import closed_words
from app.registration.tickets import came_by_mail, code_of, manage_url
from app.registration.views.answers import may_answer
from app.registration.views.blueprint import (
    about,
    ask_about_address,
    mine_by,
    own_page,
    registration,
    take_suggested_address,
)
from app.registration.views.parties import may_send_other
from app.registration.views.sessions import may_choose
from app.registration.waiting import terms_of, ways_of
from app.registration.waiting_words import (
    all_queue_facts,
    asked_later_words,
    deadline_words,
    main_queue,
    queue_facts,
)
from app.registration.way_hints import has_ways, only_way, way_hints


@registration.get("/r/<token>")
def page(token: str) -> BaseResponse:
    """The registration's own page: number, ticket, what next."""
    found = mine_by(token)
    ended = not found.is_active
    own = own_sessions(found)
    queues = all_queue_facts(found, own)
    known = about(found, token, own=own)
    return own_page(
        "page",
        **known,
        ended=ended,
        headline=headline_of(found),
        is_online=way_at(known["facts"].session, found.mode) == Mode.ONLINE,
        room_words=room_words(known["facts"].session),
        note=request.args.get("note", ""),
        may_cancel=may_cancel(found.status, found.event.ends_at, now()),
        may_switch=has_ways(found) and (found.has_seat or bool(_ways(found).open)),
        svg=qr_svg(code_of(found)) if found.has_seat else None,
        queue=main_queue(found, queues),
        session_offers=[facts for facts in queues if facts.session and facts.is_open],
        slots=chosen_slots(own_slots(found, own, queues)),
        clash=own_clash_words(own.clash) if found.has_seat else "",
        may_choose=may_choose(found, own),
        may_answer=may_answer(found),
        may_send_other=may_send_other(found),
        asked_too=_asked_too(found),
        party=party_facts(found) if found.party_id else None,
        remarks=remarks_on(found),
        is_over=found.event.ends_at <= now(),
        until=_held_until(found),
        may_lag=found.contact_id is not None and not came_by_mail(token, found),
        asked_later=asked_later_words(found),
    )


@registration.route("/r/<token>/offer", methods=["GET", "POST"])
def offer(token: str) -> BaseResponse:
    """Take the offered seat, or leave it to the next one."""
    found = mine_by(token)
    if found.event.is_cancelled:
        return redirect(url_for("registration.page", token=token), 303)
    if request.method != "POST":
        offers = [queue for queue in all_queue_facts(found) if queue.is_open]
        if not offers:
            return redirect(url_for("registration.page", token=token), 303)
        mode = offers[0].mode if offers[0].session is None else None
        return own_page("offer", **about(found, token, mode), offers=offers, problem="")
    answer, session = request.form.get("answer"), request.form.get("session") or None
    try:
        if answer == "yes":
            mode = None if session else request.form.get("mode")
            operations.accept_offer(registration_id=found.id, mode=mode, session=session)
        elif answer == "no":
            declined = operations.decline_offer(registration_id=found.id, session=session)
            note = None if session and not declined else _note_of_no(found, declined=declined)
            return redirect(url_for("registration.page", token=token, note=note), 303)
    except DomainError as error:
        again = mine_by(token)
        return own_page("offer", status_of(error), **about(again, token), offers=[], problem=error.message)
    return redirect(url_for("registration.page", token=token), 303)


def _note_of_no(found: Registration, *, declined: bool) -> str | None:
    """What the own page says after a no by somebody who has a seat."""
    if not found.has_seat:
        return None
    if declined:
        return "declined"
    return "taken" if request.form.get("mode", found.mode) == found.mode else None


@registration.route("/r/<token>/confirm", methods=["GET", "POST"])
def confirm(token: str) -> BaseResponse:
    """The mail's button: the page asks once more, for programs follow links, too."""
    found = mine_by(token)
    if request.method == "POST":
        try:
            operations.confirm_address(registration_id=found.id)
        except DomainError as error:
            return own_page(
                "confirm", status_of(error), **about(mine_by(token), token), problem=error.message, companions=[]
            )
        return redirect(url_for("registration.page", token=token), 303)
    if found.status != RegistrationStatus.UNCONFIRMED or found.event.is_cancelled:
        return redirect(url_for("registration.page", token=token), 303)
    companions = [one.name for one in party_of(found) if one.id != found.id and one.is_undecided]
    return own_page("confirm", **about(found, token), problem="", until=_held_until(found), companions=companions)


def _held_until(found: Registration) -> str:
    """Until when a sign-up waits for the mail's button."""
    is_ahead = found.hold_until is not None and found.hold_until > now()
    return deadline_words(found.hold_until, found.event.zone) if found.hold_until and is_ahead else ""


@registration.route("/r/<token>/reconfirm", methods=["GET", "POST"])
def reconfirm(token: str) -> BaseResponse:
    """Say that one comes, or go where one can give the seat back or come another way."""
    found = mine_by(token)
    if request.method == "POST":
        values = about(found, token)
        start = values["facts"].session.starts_at.isoformat()
        if found.owes_answer and request.form.get("seen", start) != start:
            moved = _("It has another time since you opened the page. Please look again, and then answer.")
            return own_page("reconfirm", 409, **values, problem="", moved=moved, **_choices(found))
        try:
            operations.confirm_coming(registration_id=found.id)
        except DomainError as error:
            return own_page("reconfirm", status_of(error), **about(found, token), problem=error.message)
        return redirect(url_for("registration.page", token=token, note="comes"), 303)
    if not found.owes_answer or found.event.is_cancelled:
        return redirect(url_for("registration.page", token=token), 303)
    return own_page("reconfirm", **about(found, token), problem="", **_choices(found))


def _choices(found: Registration) -> dict[str, Any]:
    """What one can answer, and for whom else it counts."""
    return {"has_ways": has_ways(found), "asked_too": _asked_too(found)}


def _asked_too(found: Registration) -> list[str]:
    """The names of those for whom the person's answer counts, too."""
    return [one.name for one in others_who_owe(found)]


@registration.route("/r/<token>/edit", methods=["GET", "POST"])
def edit(token: str) -> BaseResponse:
    """Come another way: to the hall, online, or online while waiting for the hall."""
    found = mine_by(token)
    if not has_ways(found):
        return redirect(url_for("registration.page", token=token), 303)
    ways = _ways(found)
    if request.method != "POST":
        return _edit_page(found, token, WayForm(data={"way": only_way(found, ways)}), ways)
    form = WayForm(request.form)
    form.offer(ways)
    chosen = Way.of_code(request.form.get("way", ""))
    if not chosen.mode:
        form.validate()
        return _edit_page(found, token, form, ways, 422)
    try:
        done = operations.switch_mode(registration_id=found.id, way=chosen)
    except DomainError as error:
        found = mine_by(token)
        ways = _ways(found)
        form.refuse(error, "way" if ways.open else None)
        return _edit_page(found, token, form, ways, status_of(error))
    return redirect(url_for("registration.page", token=token, note="changed" if done else None), 303)


def _ways(found: Registration) -> Ways:
    """What is open to the person by now."""
    ways = ways_of(found.event_id, found.id)
    return ways if may_change(terms_of(found.event_id), now()) else ways.once_late


def _edit_page(found: Registration, token: str, form: WayForm, ways: Ways, status: int = 200) -> BaseResponse:
    terms = terms_of(found.event_id)
    deadline = change_deadline(terms)
    form.offer(ways)
    return own_page(
        "edit",
        status,
        **about(found, token),
        form=form,
        ways=ways,
        hints=way_hints(found, ways),
        queue=queue_facts(found),
        until=deadline_words(deadline, terms.zone) if deadline else "",
        is_late=not may_change(terms, now()),
    )


@registration.get("/r/<token>/ticket")
def ticket(token: str) -> BaseResponse:
    """The ticket to print or to show."""
    found = mine_by(token)
    if not found.has_seat or found.mode == Mode.ONLINE:
        return redirect(url_for("registration.page", token=token), 303)
    code = code_of(found)
    letters = " ".join(code[start : start + 4] for start in range(0, len(code), 4))
    return own_page("ticket", **about(found, token), svg=qr_svg(code), code=letters)


@registration.get("/r/<token>/letter")
def letter(token: str) -> BaseResponse:
    """Everything on one page in large type, to print for people who use no telephone screen."""
    found = mine_by(token)
    if not found.is_active or found.is_undecided or found.event.is_cancelled:
        return redirect(url_for("registration.page", token=token), 303)
    own = own_sessions(found)
    ways = {own.modes[one.id] for one in own.coming if one.ends_at > now()} or {found.mode}
    to_hall = Mode.IN_PERSON in ways
    return own_page(
        "letter",
        **about(found, token, own=own),
        queue=queue_facts(found),
        svg=qr_svg(code_of(found) if to_hall else manage_url(found)) if found.has_seat else None,
        to_hall=to_hall,
        own_url=manage_url(found) if Mode.ONLINE in ways else "",
    )


@registration.get("/r/<token>/ticket.png")
def ticket_png(token: str) -> BaseResponse:
    """The square code as a picture to keep."""
    found = mine_by(token)
    if not found.has_seat:
        abort(404)
    return _file(qr_png(code_of(found), box=16), "image/png", "ticket.png")


@registration.get("/r/<token>/ticket.svg")
def ticket_svg(token: str) -> BaseResponse:
    """The square code as a drawing, sharp at any size."""
    found = mine_by(token)
    if not found.has_seat:
        abort(404)
    return _file(qr_svg(code_of(found)).encode(), "image/svg+xml", "ticket.svg")


@registration.get("/r/<token>/event.ics")
def calendar(token: str) -> BaseResponse:
    """The calendar entry with the person's own links."""
    found = mine_by(token)
    if not found.has_seat:
        abort(404)
    content = personal_calendar(found, language(), by_mail=came_by_mail(token, found))
    return _file(content, "text/calendar; charset=utf-8", "event.ics")


@registration.route("/r/<token>/cancel", methods=["GET", "POST"])
def cancel(token: str) -> BaseResponse:
    """Ask, and give the seat back."""
    found = mine_by(token)
    if found.event.is_cancelled:
        return redirect(url_for("registration.page", token=token), 303)
    if request.method == "POST":
        try:
            everybody = bool(request.form.get("everybody"))
            operations.cancel_registration(registration_id=found.id, with_companions=everybody)
        except DomainError as error:
            return own_page("cancel", status_of(error), **about(found, token), problem=error.message)
        return redirect(url_for("registration.page", token=token), 303)
    if not found.is_active:
        return redirect(url_for("registration.page", token=token), 303)
    over = not may_cancel(found.status, found.event.ends_at, now())
    problem = closed_words(SignUpState.PAST) if over else ""
    companions = [one.name for one in companions_of(found)] if found.leads_party else []
    others = [one.name for one in with_own_address(found)] if found.leads_party else []
    return own_page("cancel", **about(found, token), problem=problem, companions=companions, others=others)


@registration.route("/r/<token>/name", methods=["GET", "POST"])
@limited(Limit(lambda settings: settings.find_limit))
def name(token: str) -> BaseResponse:
    """Correct a slip in the own name."""
    found = mine_by(token)
    if not found.is_active or found.event.is_cancelled or found.event.ends_at <= now():
        return redirect(url_for("registration.page", token=token), 303)
    form = OwnNameForm(request.form if request.method == "POST" else None, data={"name": found.name})
    if request.method != "POST":
        return own_page("name", **about(found, token), form=form)
    if not form.validate():
        return own_page("name", 422, **about(found, token), form=form)
    try:
        done = operations.correct_own_name(registration_id=found.id, name=form.name.data)
    except DomainError as error:
        form.refuse(error, "name")
        return own_page("name", status_of(error), **about(mine_by(token), token), form=form)
    return redirect(url_for("registration.page", token=token, note="changed" if done else None), 303)


@registration.route("/r/<token>/address", methods=["GET", "POST"])
@limited(Limit(lambda settings: settings.find_limit))
def address(token: str) -> BaseResponse:
    """Correct a wrong e-mail address; the ticket goes to the new one."""
    found = mine_by(token)
    if not found.is_active:
        return redirect(url_for("registration.page", token=token), 303)
    current = found.contact.email if found.contact else ""
    form = AddressForm(request.form if request.method == "POST" else None, data={"email": current})
    if request.method != "POST":
        return _address_page(found, token, form)
    take_suggested_address(form)
    is_valid = form.validate()
    suggestion = ask_about_address(form)
    if suggestion or not is_valid:
        return _address_page(found, token, form, 422, suggestion)
    try:
        new = operations.correct_address(registration_id=found.id, email=form.email.data.lower())
    except DomainError as error:
        form.refuse(error, "email")
        return _address_page(found, token, form, status_of(error))
    return redirect(url_for("registration.page", token=new, note="address"), 303)


def _address_page(
    found: Registration, token: str, form: AddressForm, status: int = 200, suggestion: str | None = None
) -> BaseResponse:
    asked = request.form.get("asked")
    return own_page("address", status, **about(found, token), form=form, suggestion=suggestion, asked=asked)


def _file(content: bytes, kind: str, name: str) -> BaseResponse:
    response = keep_not(Response(content, content_type=kind))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response
