"""Pages about other people: all tickets of a party, letting it be split, and sending somebody else instead."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import language
from app.core.limits import Limit, limited
from app.registration import operations, queries
from app.registration.companions import party_of, with_own_address
from app.registration.forms import OtherPersonForm
from app.registration.models import Registration
from app.registration.party_lines import party_facts, with_tickets
from app.registration.qr import qr_svg
from app.registration.rules import may_cancel
from app.registration.tickets import code_of
from app.registration.values import SignUpValues
from app.registration.views.blueprint import about, mine_by, own_page, registration


@registration.get("/r/<token>/tickets")
def tickets(token: str) -> BaseResponse:
    """The tickets of all whom the person brings, to print or to show."""
    found = mine_by(token)
    party = party_of(found)
    people = with_tickets(found, party) if found.leads_party else []
    if len(people) < 2:
        return redirect(url_for("registration.page", token=token), 303)
    shown = [{"name": one.name, "reference": one.reference, "svg": qr_svg(code_of(one))} for one in people]
    others = [one.name for one in with_own_address(found)]
    return own_page("tickets", **about(found, token), tickets=shown, others=others)


@registration.get("/r/<token>/split")
def split(token: str) -> BaseResponse:
    """Ask whether the people of the party may move up one by one."""
    found = mine_by(token)
    party = party_facts(found)
    if party is None or not party.may_split:
        return redirect(url_for("registration.page", token=token), 303)
    return own_page("split", **about(found, token), problem="")


@registration.post("/r/<token>/split")
def split_now(token: str) -> BaseResponse:
    """Let the people of the party move up one by one."""
    found = mine_by(token)
    try:
        operations.split_party(registration_id=found.id)
    except DomainError as error:
        return own_page("split", status_of(error), **about(mine_by(token), token), problem=error.message)
    return redirect(url_for("registration.page", token=token, note="split"), 303)


def may_send_other(found: Registration) -> bool:
    """Whether somebody else can come instead."""
    is_open = not found.event.is_cancelled and may_cancel(found.status, found.event.ends_at, now())
    return is_open and not found.is_undecided


@registration.route("/r/<token>/replace", methods=["GET", "POST"])
@limited(Limit(lambda settings: settings.find_limit))
def replace(token: str) -> BaseResponse:
    """Send somebody else instead."""
    found = mine_by(token)
    if not may_send_other(found):
        return redirect(url_for("registration.page", token=token), 303)
    form = OtherPersonForm(request.form if request.method == "POST" else None)
    if request.method != "POST":
        return own_page("replace", **about(found, token), form=form)
    if not form.validate():
        return own_page("replace", 422, **about(found, token), form=form)
    consents = queries.current_consents(found.event.organization_id, found.event_id)
    values = SignUpValues(
        name=form.name.data,
        email=form.email.data.lower() or None,
        mode=found.mode,
        language=language(),
        consent_text_ids=tuple(consent.id for consent in consents if consent.is_required),
    )
    try:
        fresh = operations.replace_person(registration_id=found.id, values=values)
    except DomainError as error:
        form.refuse(error, "name")
        return own_page("replace", status_of(error), **about(mine_by(token), token), form=form)
    if values.email:  # the page of who has an own address is nobody else's
        return redirect(url_for("registration.page", token=token), 303)
    return redirect(url_for("registration.page", token=fresh), 303)
