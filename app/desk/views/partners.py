"""Partners of an event: the seats kept for their guests, their links, and what they may see."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Deed
from app.catalogue import queries as catalogue
from app.catalogue.models import Event, EventStatus, Mode, SignUp
from app.catalogue.queries import DeskPartner
from app.catalogue.values import PartnerValues
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import ngettext, said
from app.core.pages import absolute
from app.desk.blueprint import desk, event_for, page
from app.desk.partner_form import KINDS, PartnerForm, partner_data
from app.desk.qr import qr_svg
from app.registration import operations, waiting
from app.registration.guests import Figures, figures_of, release_text
from app.registration.operations.partners import CantKeep, NoSuchPartner, TooLateToKeep, partner_page_token


@desk.get("/events/<public_id>/partners")
def partners(public_id: str) -> Response:
    """Everybody with a part in the event, with seats kept and people who came by the link."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    figures = figures_of(event.id)
    rows = [
        {
            "partner": one.row,
            "name": said(one.name),
            "kind": KINDS.get(one.row.kind, one.row.kind),
            "figures": figures.get(one.row.id, Figures()),
            "release_day": release_text(event, one.row) if one.pools else "",
            "link": _link(event, one),
        }
        for one in catalogue.desk_partners(event.id)
    ]
    return page("partners", "events", event=event, rows=rows, is_open=_is_open(event))


@desk.get("/events/<public_id>/partners/new")
def new_partner(public_id: str) -> Response:
    """The form of a new partner."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    return _form_page(event, None, PartnerForm(data=partner_data(event, None, {})))


@desk.post("/events/<public_id>/partners/new")
def add_partner(public_id: str) -> ResponseReturnValue:
    """Put the partner on the event."""
    actor, event = event_for(public_id, Deed.EDIT_EVENTS)
    form = PartnerForm(request.form)
    form.offer()
    if not form.validate() or not form.check_day(event):
        return _form_page(event, None, form, 422)
    try:
        partner_id = operations.add_partner(actor=actor, event_id=event.id, values=form.read(event, None))
    except DomainError as refusal:
        _refuse(form, refusal)
        return _form_page(event_for(public_id)[1], None, form, status_of(refusal))
    flash(_("The partner is added. Here is the link for its guests."))
    return redirect(url_for("desk.partner", public_id=public_id, partner_id=partner_id), 303)


@desk.get("/events/<public_id>/partners/<number:partner_id>")
def partner(public_id: str, partner_id: int) -> Response:
    """One partner: its links, and the form with what is agreed."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    found = _partner_of(event, partner_id)
    return _form_page(event, found, PartnerForm(data=partner_data(event, found.row, found.pools)))


@desk.post("/events/<public_id>/partners/<number:partner_id>")
def edit_partner(public_id: str, partner_id: int) -> ResponseReturnValue:
    """Save, after asking when people would get a seat and a mail because of it."""
    actor, event = event_for(public_id, Deed.EDIT_EVENTS)
    found = _partner_of(event, partner_id)
    form = PartnerForm(request.form)
    form.offer()
    if not form.validate() or not form.check_day(event):
        return _form_page(event, found, form, 422)
    values = form.read(event, found.row)
    moving_up = _who_moves_up(event, found, values)
    if moving_up and "sure" not in request.form:
        return _form_page(event, found, form, moving_up=moving_up)
    try:
        operations.edit_partner(actor=actor, partner_id=partner_id, values=values)
    except DomainError as refusal:
        _refuse(form, refusal)
        event = event_for(public_id)[1]
        return _form_page(event, _partner_of(event, partner_id), form, status_of(refusal))
    flash(" ".join([_("Saved."), _told(moving_up)]).strip())
    return redirect(url_for("desk.partner", public_id=public_id, partner_id=partner_id), 303)


@desk.post("/events/<public_id>/partners/<number:partner_id>/link")
def renew_partner_link(public_id: str, partner_id: int) -> ResponseReturnValue:
    """Another link for the guests, or another address of the partner's own page."""
    actor, event = event_for(public_id, Deed.EDIT_EVENTS)
    found = _partner_of(event, partner_id)
    if request.form.get("deed") == "page":
        operations.renew_partner_page(actor=actor, partner_id=found.row.id)
        flash(_("The partner’s page has a new address."))
    else:
        operations.renew_partner_link(actor=actor, partner_id=found.row.id)
        flash(_("There is a new link for the guests. The old one gives no kept seats any more."))
    return redirect(url_for("desk.partner", public_id=public_id, partner_id=partner_id), 303)


@desk.get("/events/<public_id>/partners/<number:partner_id>/remove")
def partner_to_remove(public_id: str, partner_id: int) -> Response:
    """What becomes of seats and guests, with the button."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    found = _partner_of(event, partner_id)
    return page(
        "partner_remove",
        "events",
        event=event,
        partner=found.row,
        name=said(found.name),
        figures=figures_of(event.id).get(partner_id, Figures()),
        moving_up=_who_moves_up(event, found, PartnerValues()),
    )


@desk.post("/events/<public_id>/partners/<number:partner_id>/remove")
def remove_partner(public_id: str, partner_id: int) -> ResponseReturnValue:
    """Take the partner off the event."""
    actor, event = event_for(public_id, Deed.EDIT_EVENTS)
    found = _partner_of(event, partner_id)
    moving_up = _who_moves_up(event, found, PartnerValues())
    operations.remove_partner(actor=actor, partner_id=partner_id)
    flash(" ".join([_("The partner is removed."), _told(moving_up)]).strip())
    return redirect(url_for("desk.partners", public_id=public_id), 303)


def _partner_of(event: Event, partner_id: int) -> DeskPartner:
    found = next((one for one in catalogue.desk_partners(event.id) if one.row.id == partner_id), None)
    if found is None:
        raise Missing
    return found


def _who_moves_up(event: Event, found: DeskPartner, values: PartnerValues) -> int:
    """How many of those who wait get a seat by keeping only so many."""
    if not event.is_published:
        return 0
    wanted = {Mode.IN_PERSON: values.seats_in_person, Mode.ONLINE: values.seats_online}
    whole = catalogue.whole_capacity(catalogue.pools_of(event.id))
    more = {}
    for mode, pool in found.pools.items():
        unused = (pool.capacity or 0) - max(wanted[Mode(mode)], pool.taken)
        if unused > 0 and whole.get(mode) is not None:
            more[mode] = (whole[mode] or 0) + unused
    return waiting.count_moving_up(event.id, more) if more else 0


def _told(moving_up: int) -> str:
    if not moving_up:
        return ""
    return ngettext("%(num)d person moves up and is told.", "%(num)d people move up and are told.", moving_up)


def _refuse(form: PartnerForm, refusal: DomainError) -> None:
    if isinstance(refusal, CantKeep):
        form.refuse(refusal, f"seats_{refusal.details['mode']}")
    elif isinstance(refusal, TooLateToKeep):
        form.refuse(refusal, "release_on")
    elif isinstance(refusal, NoSuchPartner):
        form.refuse(refusal, "name")
    else:
        form.refuse(refusal)


def _is_open(event: Event) -> bool:
    """Whether the links lead to a page that people can see."""
    return event.status == EventStatus.PUBLISHED and event.sign_up == SignUp.HERE


def _link(event: Event, found: DeskPartner) -> str:
    return absolute(f"/e/{event.slug}?via={found.row.code}")


def _form_page(
    event: Event, found: DeskPartner | None, form: PartnerForm, status: int = 200, moving_up: int = 0
) -> Response:
    form.offer()
    more: dict[str, Any] = {"partner": None}
    if found is not None:
        link, token = _link(event, found), partner_page_token(found.row)
        more = {
            "partner": found.row,
            "name": said(found.name),
            "link": link,
            "code": qr_svg(link, _("The link as a square code")),
            "page_url": absolute(f"/partner/{token}") if token else "",
            "figures": figures_of(event.id).get(found.row.id, Figures()),
        }
    free = {pool.mode: pool for pool in catalogue.pools_of(event.id) if pool.session_id is pool.partner_id is None}
    return page(
        "partner_form",
        "events",
        status,
        event=event,
        form=form,
        moving_up=moving_up,
        free=free,
        is_open=_is_open(event),
        **more,
    )
