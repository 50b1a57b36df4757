"""Signing up, and the pages that belong to one registration."""

from __future__ import annotations

import secrets
from typing import Any

from apiflask import APIBlueprint
from flask import Response, abort, g, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.models import EventStatus, Mode
from app.catalogue.queries import SignUpFrame, find_present_slug, find_public_event, pools_of, sign_up_frame_at
from app.catalogue.rules import SignUpState, decide_sign_up, free_seats, takes_waiting
from app.core.access import Access, declare
from app.core.clock import now
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import language, remember_language, speak
from app.core.limits import Limit, limited
from app.core.pages import keep_not
from app.core.settings import settings
from app.messaging.mail import qr_png
from app.registration import operations, queries
from app.registration.entries import personal_calendar
from app.registration.facts import event_facts, headline_of, mode_word, room_words, state_of, unknown_link_words
from app.registration.forms import AddressForm, FindForm, SignUpForm, sign_up_form
from app.registration.models import Registration
from app.registration.operations.sign_up import EventFull, FormSentBefore, SignUpValues, closed_words
from app.registration.qr import qr_svg
from app.registration.rules import may_cancel, suggest_address
from app.registration.tickets import code_of, manage_token, spaced
from app.registration.waiting_words import queue_facts
from config import LANGUAGES

registration = APIBlueprint("registration", __name__, enable_openapi=False)
declare(
    registration,
    Access.LINK,
    sign_up=Access.PUBLIC,
    signed_up_before=Access.PUBLIC,
    find=Access.PUBLIC,
    links_sent=Access.PUBLIC,
)

VIA_LIMIT = 80


def _typed_address() -> str:
    """Whose limit it is; an empty address is a slip, which counts against nobody."""
    try:
        typed = request.form.get("email", "").strip().lower()[:254]
    except RequestEntityTooLarge:  # the view will say so
        typed = ""
    return typed or secrets.token_hex(8)


def _is_done(response: Response) -> bool:
    """Only what came to something counts; whoever corrects a form ten times isn't shut out."""
    return response.status_code == 303


@registration.route("/e/<slug>/sign-up", methods=["GET", "POST"])
@limited(
    Limit(lambda settings: settings.sign_up_limit),
    Limit(lambda settings: settings.sign_up_address_limit, whose=_typed_address, counts=_is_done),
)
def sign_up(slug: str) -> BaseResponse:
    """The form, and a place."""
    other_language = request.form.get("lang") if request.form.get("lang") in LANGUAGES else None
    if other_language:
        speak(other_language)
    event = sign_up_frame_at(slug)
    if event is None or event.status == EventStatus.DRAFT:
        return _moved(slug)
    state = decide_sign_up(event, event.pools, now())
    free = free_seats(event.pools)
    consents = queries.current_consents(event.organization_id)
    formdata = request.form if request.method == "POST" else None
    asked = {"mode": request.args.get("mode")} if request.args.get("mode") in free else {}
    form = sign_up_form(formdata, modes=list(free), consents=consents, data=asked)
    page: dict[str, Any] = {"slug": slug, "form": form, "state": state, "free": free, "queued": _queued(event, free)}
    page["waiting"] = sum(pool.waiting for pool in event.pools if pool.partner_id is None)
    if other_language:
        return _in_other_language(other_language, **page)
    can_try = state in (SignUpState.OPEN, SignUpState.WAITING_LIST, SignUpState.FULL)
    closed = "" if can_try else closed_words(state)
    if closed or request.method != "POST":
        return _form_page("sign_up", 409 if request.method == "POST" else 200, **page, closed=closed)
    if form.trap.caught:
        return redirect(url_for("registration.signed_up_before", slug=slug), 303)
    _take_suggested_address(form)
    is_valid = form.validate()
    suggestion = _ask_about_address(form)
    if suggestion or not is_valid:
        return _form_page("sign_up", 422, **page, closed="", suggestion=suggestion)
    return _sign_up(event, form, page)


def _queued(event: SignUpFrame, free: dict[str, int | None]) -> list[str]:
    """The full modes that one can queue up for."""
    return [mode for mode, left in free.items() if left == 0] if takes_waiting(event, now()) else []


def _in_other_language(code: str, **page: Any) -> BaseResponse:
    """The form as it was typed so far; nothing is checked or kept yet."""
    response = _form_page("sign_up", 200, **page, closed="")
    remember_language(response, code)
    return response


def _take_suggested_address(form: SignUpForm | AddressForm) -> None:
    """After "did you mean …?" the person chose the suggestion."""
    if request.form.get("address") == "suggested":
        form.email.data = suggest_address(form.email.data) or form.email.data


def _ask_about_address(form: SignUpForm | AddressForm) -> str | None:
    """Ask about a slip, and say what may have been meant; not of an address that was asked about and sent again."""
    is_asked = bool(form.email.errors) or request.form.get("asked") == form.email.data
    suggestion = None if is_asked else suggest_address(form.email.data)
    if suggestion:
        form.refuse(_("Did you mean %(address)s?", address=suggestion), "email")
    return suggestion


def _sign_up(event: SignUpFrame, form: SignUpForm, page: dict[str, Any]) -> BaseResponse:
    values = SignUpValues(
        name=form.name.data,
        email=form.email.data.lower(),
        mode=form.mode.data,
        language=language(),
        consent_text_ids=form.consent_text_ids,
        submission_key=form.key.data,
        via=(request.args.get("via") or "")[:VIA_LIMIT] or None,
        # Only who was told of the list has agreed to it: the form may be older than the last seat.
        may_wait=form.mode.data in request.form.get("queued", "").split(),
    )
    try:
        result = operations.register(event_id=event.id, values=values)
    except EventFull as full:
        page["free"] = free_seats(pools_of(event.id))
        page["queued"] = _queued(event, page["free"])
        form.refuse(full)
        return _form_page("sign_up", 409, **page, closed="")
    except DomainError as error:
        if isinstance(error, FormSentBefore):
            form.key.renew()
        form.refuse(error)
        return _form_page("sign_up", status_of(error), **page, closed="")
    if result.is_new and result.token:
        return redirect(url_for("registration.page", token=result.token), 303)
    return redirect(url_for("registration.signed_up_before", slug=event.slug), 303)


def _form_page(template: str, status: int, *, slug: str, **values: Any) -> BaseResponse:
    event = find_public_event(slug)
    if event is None:
        abort(404)
    kept_form = "sign-up" if "form" in values and not values["closed"] else ""
    values = {"suggestion": None, "asked": request.form.get("asked"), "kept_form": kept_form, **values}
    facts = event_facts(event, settings().base_url)
    text = render_template(f"registration/{template}.html", event=event, facts=facts, **values)
    return keep_not(Response(text, status=status))


def _moved(slug: str) -> BaseResponse:
    """To the event that once had this address."""
    present = find_present_slug(slug)
    if present is None:
        abort(404)
    return redirect(url_for("registration.sign_up", slug=present), 301)


@registration.get("/e/<slug>/sign-up/look-in-your-mail")
def signed_up_before(slug: str) -> BaseResponse:
    """A neutral answer: who may know more finds it in the mail."""
    if find_public_event(slug) is None:
        return _moved(slug)
    return _form_page("look_in_your_mail", 200, slug=slug)


@registration.route("/find", methods=["GET", "POST"])
@limited(Limit(lambda settings: settings.find_limit))
def find() -> BaseResponse:
    """Ask for one's links by mail. The answer is the same for every address."""
    form = FindForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        if not form.trap.caught:
            operations.request_links(email=form.email.data.lower(), language=language())
        return redirect(url_for("registration.links_sent"), 303)
    status = 422 if request.method == "POST" else 200
    page = _find_page("find", form=form)
    return keep_not(Response(page, status=status))


@registration.get("/find/sent")
def links_sent() -> BaseResponse:
    """What happens next, whoever asked."""
    return keep_not(Response(_find_page("links_sent")))


@registration.get("/me/<token>")
def mine(token: str) -> BaseResponse:
    """Everything one address has signed up for, by a link that soon runs out."""
    contact = queries.find_contact_by_link(token)
    if contact is None:
        return _gone()
    rows = [
        (row, event_facts(row.event, settings().base_url, row.mode), manage_token(row), state_of(row))
        for row in queries.registrations_of_contact(contact.id)
    ]
    return _own_page("mine", contact=contact, rows=rows)


@registration.get("/r/<token>")
def page(token: str) -> BaseResponse:
    """The registration's own page: number, ticket, what next."""
    found = _mine(token)
    ended = not found.is_active
    about = _about(found, token)
    return _own_page(
        "page",
        **about,
        ended=ended,
        headline=headline_of(found),
        room_words=room_words(about["facts"].session),
        note=request.args.get("note", ""),
        may_cancel=may_cancel(found.status, found.event.ends_at, now()),
        svg=qr_svg(code_of(found)) if found.has_seat else None,
        queue=queue_facts(found),
    )


@registration.route("/r/<token>/offer", methods=["GET", "POST"])
def offer(token: str) -> BaseResponse:
    """Take the offered seat, or leave it to the next one."""
    found = _mine(token)
    if found.event.is_cancelled:
        return redirect(url_for("registration.page", token=token), 303)
    if request.method != "POST":
        queue = queue_facts(found)
        if queue is None or not queue.is_open:
            return redirect(url_for("registration.page", token=token), 303)
        return _own_page("offer", **_about(found, token), queue=queue, problem="")
    answer = request.form.get("answer")
    try:
        if answer == "yes":
            operations.accept_offer(registration_id=found.id)
        elif answer == "no" and not operations.decline_offer(registration_id=found.id) and found.has_seat:
            return redirect(url_for("registration.page", token=token, note="taken"), 303)
    except DomainError as error:
        again = _mine(token)
        return _own_page("offer", status_of(error), **_about(again, token), queue=None, problem=error.message)
    return redirect(url_for("registration.page", token=token), 303)


@registration.get("/r/<token>/ticket")
def ticket(token: str) -> BaseResponse:
    """The ticket to print or to show."""
    found = _mine(token)
    if not found.has_seat or found.mode == Mode.ONLINE:
        return redirect(url_for("registration.page", token=token), 303)
    code = code_of(found)
    letters = " ".join(code[start : start + 4] for start in range(0, len(code), 4))
    return _own_page("ticket", **_about(found, token), svg=qr_svg(code), code=letters)


@registration.get("/r/<token>/ticket.png")
def ticket_png(token: str) -> BaseResponse:
    """The square code as a picture to keep."""
    found = _mine(token)
    if not found.has_seat:
        abort(404)
    return _file(qr_png(code_of(found), box=16), "image/png", "ticket.png")


@registration.get("/r/<token>/ticket.svg")
def ticket_svg(token: str) -> BaseResponse:
    """The square code as a drawing, sharp at any size."""
    found = _mine(token)
    if not found.has_seat:
        abort(404)
    return _file(qr_svg(code_of(found)).encode(), "image/svg+xml", "ticket.svg")


@registration.get("/r/<token>/event.ics")
def calendar(token: str) -> BaseResponse:
    """The calendar entry with the person's own links."""
    found = _mine(token)
    if not found.has_seat:
        abort(404)
    return _file(personal_calendar(found, language()), "text/calendar; charset=utf-8", "event.ics")


@registration.route("/r/<token>/cancel", methods=["GET", "POST"])
def cancel(token: str) -> BaseResponse:
    """Ask, and give the seat back."""
    found = _mine(token)
    if found.event.is_cancelled:
        return redirect(url_for("registration.page", token=token), 303)
    if request.method == "POST":
        try:
            operations.cancel_registration(registration_id=found.id)
        except DomainError as error:
            return _own_page("cancel", status_of(error), **_about(found, token), problem=error.message)
        return redirect(url_for("registration.page", token=token), 303)
    if not found.is_active:
        return redirect(url_for("registration.page", token=token), 303)
    over = not may_cancel(found.status, found.event.ends_at, now())
    problem = closed_words(SignUpState.PAST) if over else ""
    return _own_page("cancel", **_about(found, token), problem=problem)


@registration.route("/r/<token>/address", methods=["GET", "POST"])
@limited(Limit(lambda settings: settings.find_limit))
def address(token: str) -> BaseResponse:
    """Correct a wrong e-mail address; the ticket goes to the new one."""
    found = _mine(token)
    if not found.is_active:
        return redirect(url_for("registration.page", token=token), 303)
    current = found.contact.email if found.contact else ""
    form = AddressForm(request.form if request.method == "POST" else None, data={"email": current})
    if request.method != "POST":
        return _address_page(found, token, form)
    _take_suggested_address(form)
    is_valid = form.validate()
    suggestion = _ask_about_address(form)
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
    return _own_page("address", status, **_about(found, token), form=form, suggestion=suggestion, asked=asked)


def _mine(token: str) -> Registration:
    found = queries.find_by_manage_token(token)
    if found is None:
        raise Missing(unknown_link_words())
    return found


def _about(found: Registration, token: str) -> dict[str, Any]:
    return {
        "registration": found,
        "token": token,
        "facts": event_facts(found.event, settings().base_url, found.mode),
        "mode_word": mode_word(found.mode),
        "reference": spaced(found.reference),
    }


def _own_page(template: str, status: int = 200, **values: Any) -> BaseResponse:
    """A page whose address is a secret: kept by nobody and found by no search engine."""
    response = keep_not(Response(render_template(f"registration/{template}.html", **values), status=status))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _gone() -> BaseResponse:
    page = _find_page("link_over")
    return keep_not(Response(page, status=404))


def _find_page(template: str, **values: Any) -> str:
    """A page under "My registrations" in the menu."""
    g.section = "find"
    return render_template(f"registration/{template}.html", **values)


def _file(content: bytes, kind: str, name: str) -> BaseResponse:
    response = keep_not(Response(content, content_type=kind))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response
