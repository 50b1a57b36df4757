"""Signing up: the form, and a place."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.models import EventStatus, SignUpWay
from app.catalogue.queries import (
    Choices,
    FoundPartner,
    SignUpFrame,
    choices_of,
    find_partner,
    find_present_slug,
    find_public_event,
    meetings_ahead,
    open_pools,
    pools_ahead,
    pools_of,
    sign_up_frame_at,
)
from app.catalogue.rules import SignUpState, decide_sign_up, free_seats, kept_seats, takes_waiting
from app.catalogue.seats_text import kept_words
from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import language, remember_language, said, speak
from app.core.limits import Limit, limited
from app.core.pages import keep_not, moved_to
from app.core.settings import settings
from app.core.text import clean_line
from app.registration import operations, queries
from app.registration.facts import event_facts
from app.registration.forms import SignUpForm, companion_numbers, sign_up_form, with_one_more, without_one
from app.registration.operations.first_choice import has_choices
from app.registration.operations.sign_up import EventFull, FormSentBefore
from app.registration.queries import AskedConsent
from app.registration.questions.queries import questions_of, suggested_names
from app.registration.rules import Way
from app.registration.session_lines import known_full, slots_of, told_full
from app.registration.session_seats import ChoiceRefused
from app.registration.sign_up_words import closed_words
from app.registration.values import Companion, SignUpResult, SignUpValues
from app.registration.views.blueprint import ask_about_address, registration, take_suggested_address
from app.registration.waiting import asks_first
from app.registration.way_words import sign_up_hints
from config import LANGUAGES

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
    via = clean_line(request.args.get("via", ""))[:VIA_LIMIT]
    guest_of = find_partner(event.id, via)
    pools, partner_id = open_pools(event, event.pools, now()), guest_of.id if guest_of else None
    state = decide_sign_up(event, pools, now(), partner_id)
    free = free_seats(pools, partner_id)
    consents = queries.current_consents(event.organization_id, event.id)
    choices = choices_of(event.id) if has_choices(event) else None
    form = _make_form(event, list(free), consents, choices)
    page: dict[str, Any] = {"slug": slug, "form": form, "state": state, **_ways(event, pools, partner_id)}
    page |= _for_guests(pools, guest_of) | {"via": via or None, "partner_id": partner_id}
    page |= _sessions(event, choices) | {"asks_guardian": event.asks_guardian, "largest_party": event.largest_party}
    page["consents"] = consents
    if other_language or request.form.get("add") or request.form.get("remove"):
        return _as_typed(other_language, **page)
    can_try = state in (SignUpState.OPEN, SignUpState.WAITING_LIST, SignUpState.FULL)
    closed = "" if can_try else closed_words(state)
    if closed or request.method != "POST":
        return _form_page("sign_up", 409 if request.method == "POST" else 200, **page, closed=closed)
    if form.trap.caught:
        return redirect(url_for("registration.signed_up_before", slug=slug), 303)
    take_suggested_address(form)
    is_valid = form.validate()
    suggestion = ask_about_address(form)
    if suggestion or not is_valid:
        return _form_page("sign_up", 422, **page, closed="", suggestion=suggestion)
    return _sign_up(event, form, page)


def _make_form(
    event: SignUpFrame, modes: list[str], consents: Sequence[AskedConsent], choices: Choices | None
) -> SignUpForm:
    """The form of this event, with what was sent."""
    formdata = request.form if request.method == "POST" else None
    asked = {"mode": request.args.get("mode")} if request.args.get("mode") in modes else {}
    codes = [choice.session.code for choice in choices.to_choose] if choices else []
    form = sign_up_form(formdata, modes=modes, consents=consents, sessions=codes, others=_others(event), data=asked)
    if event.asks_questions:
        questions = questions_of(event.id)
        form.ask(formdata, questions, suggested_names(questions))
    if not event.asks_guardian:
        form.forget_guardian()
    return form


def _others(event: SignUpFrame) -> str:
    """Which lines for people who come along the form has, with the one that was just asked for or taken out."""
    others = request.form.get("others", "")
    if request.form.get("add") and len(companion_numbers(others)) < event.largest_party - 1:
        return with_one_more(others)
    return without_one(others, request.form.get("remove", ""))


def _for_guests(pools: Sequence[Any], guest_of: FoundPartner | None) -> dict[str, str]:
    """How many seats there are for guests of the partner by whose link somebody came."""
    return {"kept": kept_words(said(guest_of.name), kept_seats(pools, guest_of.id)) if guest_of else ""}


def _ways(event: SignUpFrame, pools: Sequence[Any], partner_id: int | None) -> dict[str, Any]:
    """The modes with their free seats, those that one can queue up for, and what one should know about each."""
    free = free_seats(pools, partner_id)
    queued = [mode for mode, left in free.items() if left == 0] if takes_waiting(event, now()) else []
    waiting: Counter[str] = Counter()
    for pool in pools:
        waiting[pool.mode] += pool.waiting if pool.partner_id is None else 0
    listed = [] if event.sign_up_way == SignUpWay.I_DECIDE else queued  # one asks, and the organizer puts on the list
    return {
        "free": free,
        "queued": queued,
        "waiting": waiting.total(),
        "hints": sign_up_hints(
            free,
            waiting,
            listed,
            meetings_ahead(event.id, now()) if len(free) > 1 else None,
            meanwhile=event.sign_up_way == SignUpWay.AT_ONCE,
        ),
        "way": event.sign_up_way,
        "minutes": event.confirm_minutes,
        "asks_first": any(asks_first(event.id, mode) for mode in queued),
    }


def _sessions(event: SignUpFrame, choices: Choices | None) -> dict[str, Any]:
    """The sessions that one can choose, hour by hour, and those that the form says are full."""
    if choices is None:
        return {"slots": [], "full": "", "must_choose": False}
    return {
        "slots": slots_of(choices, has_list=event.has_waiting_list),
        "full": " ".join(told_full(choices)),
        "must_choose": choices.must_choose,
    }


def _as_typed(other_language: str | None, **page: Any) -> BaseResponse:
    """The form as it was typed so far, in another language or with other people; nothing is checked or kept yet."""
    response = _form_page("sign_up", 200, **page, closed="")
    if other_language:
        remember_language(response, other_language)
    return response


def _sign_up(event: SignUpFrame, form: SignUpForm, page: dict[str, Any]) -> BaseResponse:
    way = Way.of_code(form.mode.data)
    told = request.form.get("full", "").split()
    values = SignUpValues(
        name=form.name.data,
        email=form.email.data.lower(),
        mode=way.mode,
        language=language(),
        consent_text_ids=form.consent_text_ids,
        submission_key=form.key.data,
        via=page["via"],
        # Only who was told of the list has agreed to it: the form may be older than the last seat.
        may_wait=form.mode.data in request.form.get("queued", "").split(),
        also_wait_for=way.queue,
        guardian_name=(form.guardian.data or None) if event.asks_guardian else None,
        sessions=tuple(form.sessions.data or ()),
        told_full=tuple(known_full(choices_of(event.id), told, way.mode)) if told else (),
        answers=form.given_answers,
    )
    try:
        result = _register(event, form, values, page["consents"])
    except EventFull as full:
        page |= _ways(event, pools_ahead(event, pools_of(event.id), now()), page["partner_id"])
        page["short"] = [way.mode] if "size" in full.details and takes_waiting(event, now()) else []
        form.refuse(full)
        return _form_page("sign_up", 409, **page, closed="")
    except ChoiceRefused as refused:
        page |= _sessions(event, choices_of(event.id))
        form.refuse(refused, "sessions")
        return _form_page("sign_up", status_of(refused), **page, closed="")
    except DomainError as error:
        if isinstance(error, FormSentBefore):
            form.key.renew()
        form.refuse(error)
        return _form_page("sign_up", status_of(error), **page, closed="")
    if result.is_new and result.token:
        return redirect(url_for("registration.page", token=result.token, lang=request.args.get("lang")), 303)
    return redirect(url_for("registration.signed_up_before", slug=event.slug), 303)


def _register(
    event: SignUpFrame, form: SignUpForm, values: SignUpValues, consents: Sequence[AskedConsent]
) -> SignUpResult:
    """The person alone, or with those who come along, for whom only what is required is said to be agreed to."""
    required = {consent.id for consent in consents if consent.is_required}
    companions = [
        Companion(
            name=one.name.data,
            email=one.email.data.lower() or None,
            guardian_name=values.guardian_name if one.minor.data else None,
            consent_text_ids=tuple(sorted(required.intersection(values.consent_text_ids))),
            answers=one.given_answers,
        )
        for one in form.companions
        if one.is_filled
    ]
    if not form.is_minor.data:
        values = replace(values, guardian_name=None)
    if not companions:
        return operations.register(event_id=event.id, values=values)
    return operations.register_party(
        event_id=event.id, values=values, companions=companions, may_be_split=form.may_be_split.data
    )


def _form_page(template: str, status: int, *, slug: str, **values: Any) -> BaseResponse:
    event = find_public_event(slug)
    if event is None:
        abort(404)
    kept_form = "sign-up" if "form" in values and not values["closed"] else ""
    values = {"suggestion": None, "short": [], "asked": request.form.get("asked"), "kept_form": kept_form, **values}
    facts = event_facts(event, settings().base_url)
    if "form" in values:
        values["form"].show_ways(values["hints"])
    text = render_template(f"registration/{template}.html", event=event, facts=facts, **values)
    return keep_not(Response(text, status=status))


def _moved(slug: str) -> BaseResponse:
    """To the event that once had this address; a form that was filled in there meanwhile goes along."""
    present = find_present_slug(slug)
    if present is None:
        abort(404)
    arguments: dict[str, Any] = {**request.args.to_dict(), "slug": present}
    return moved_to(url_for("registration.sign_up", **arguments), 308 if request.method == "POST" else 301)


@registration.get("/e/<slug>/sign-up/look-in-your-mail")
def signed_up_before(slug: str) -> BaseResponse:
    """A neutral answer: who may know more finds it in the mail."""
    event = sign_up_frame_at(slug)
    if event is None or event.status == EventStatus.DRAFT:
        return _moved(slug)
    return _form_page("look_in_your_mail", 200, slug=slug, way=event.sign_up_way, minutes=event.confirm_minutes)
