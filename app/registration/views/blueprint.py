"""The blueprint of sign-up and of people's own pages, and what these pages share."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Access, declare
from app.core.clock import now
from app.core.errors import Missing
from app.core.i18n import gettext as _
from app.core.pages import keep_not
from app.core.settings import settings
from app.registration import queries
from app.registration.facts import mode_word, own_facts, unknown_link_words, way_ahead
from app.registration.forms import AddressForm, SignUpForm
from app.registration.models import Registration
from app.registration.own_sessions import OwnSessions
from app.registration.rules import suggest_address
from app.registration.tickets import spaced
from app.registration.waiting import joins_list
from app.registration.waiting_words import answer_by

registration = APIBlueprint("registration", __name__, enable_openapi=False)
declare(
    registration,
    Access.LINK,
    sign_up=Access.PUBLIC,
    signed_up_before=Access.PUBLIC,
    find=Access.PUBLIC,
    links_sent=Access.PUBLIC,
)


def mine_by(token: str) -> Registration:
    found = queries.find_by_manage_token(token)
    if found is None:
        raise Missing(unknown_link_words())
    return found


def about(found: Registration, token: str, mode: str | None = None, own: OwnSessions | None = None) -> dict[str, Any]:
    """What every page of a registration knows; its place is that of `mode`, or of the seat that the person has."""
    return {
        "registration": found,
        "token": token,
        "facts": own_facts(found, settings().base_url, mode, own),
        "mode_word": mode_word(way_ahead(found)),
        "reference": spaced(found.reference),
        "joins_list": joins_list(found),
        "answer_by": answer_by(found) if found.owes_answer else "",
        "has_begun": found.event.starts_at <= now(),
    }


def own_page(template: str, status: int = 200, **values: Any) -> BaseResponse:
    """A page whose address is a secret: kept by nobody and found by no search engine."""
    response = keep_not(Response(render_template(f"registration/{template}.html", **values), status=status))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def take_suggested_address(form: SignUpForm | AddressForm) -> None:
    """After "did you mean …?" the person chose the suggestion."""
    if request.form.get("address") == "suggested":
        form.email.data = suggest_address(form.email.data) or form.email.data


def ask_about_address(form: SignUpForm | AddressForm) -> str | None:
    """Ask about a slip, and say what may have been meant; not of an address that was asked about and sent again."""
    is_asked = bool(form.email.errors) or request.form.get("asked") == form.email.data
    suggestion = None if is_asked else suggest_address(form.email.data)
    if suggestion:
        form.refuse(_("Did you mean %(address)s?", address=suggestion), "email")
    return suggestion
