"""Phones at the doors: pairing links, who is connected, how many came through which gate."""

from __future__ import annotations

from datetime import timedelta
from string import ascii_uppercase

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import need, organization_here, person_here
from app.accounts.permissions import Deed
from app.attendance import operations, queries
from app.attendance.models import Device
from app.catalogue import queries as catalogue
from app.catalogue.event_times import whens_of
from app.catalogue.queries import DeskEvent
from app.catalogue.times_text import moment_text
from app.core.clock import now
from app.core.errors import DomainError
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import language, said
from app.desk.blueprint import desk, event_for, page
from app.desk.forms import GateForm
from app.desk.qr import qr_svg

DEVICES_SHOWN = 60
SOON = timedelta(hours=14)


@desk.get("/door")
def door() -> Response:
    """All gates of the organization."""
    need(Deed.PAIR_DEVICES)
    soon = [row.public_id for row in _coming()[0] if row.starts_at - now() < SOON]
    asked = request.args.getlist("event") or soon
    return _door_page(GateForm(data={"gate": _free_gate(), "events": asked}))


@desk.post("/door")
def pair() -> ResponseReturnValue:
    """Make a pairing link. It is shown once and kept nowhere, so the answer is the page itself."""
    person = need(Deed.PAIR_DEVICES)
    form = GateForm(request.form)
    form.events.choices = _choices(*_coming())
    if not form.validate():
        return _door_page(form, 422)
    chosen = [event_for(public_id, Deed.PAIR_DEVICES)[1] for public_id in form.events.data]
    zone = chosen[0].zone
    titles = [said(event.title) for event in chosen]
    try:
        link = operations.create_device(
            actor=person,
            event_ids=[event.id for event in chosen],
            gate=form.gate.data,
            is_supervisor=form.is_supervisor.data,
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return _door_page(form, status_of(refusal))
    return page(
        "pairing",
        "door",
        link=link,
        titles=titles,
        until=moment_text(link.expires_at, zone, language()),
        code=qr_svg(link.url, _("Square code with the pairing link")),
    )


@desk.post("/door/<public_id>/revoke")
def revoke(public_id: str) -> ResponseReturnValue:
    """Take a phone's access away."""
    operations.revoke_device(actor=person_here(), device_public_id=public_id)
    flash(_("This phone can no longer let people in."))
    return redirect(url_for("desk.door"), 303)


def _free_gate() -> str:
    """The first letter that no phone at work has: two doors of one name tell nobody who let the person in."""
    at_work = {device.gate for device in queries.devices_of(organization_here().id) if _state(device) in AT_WORK}
    return next((letter for letter in ascii_uppercase if letter not in at_work), "")


def _coming() -> tuple[list[DeskEvent], dict[int, str]]:
    """Published events that aren't over, and when each is; nobody comes to a draft."""
    rows = catalogue.events_of_organization(organization_here().id, now=now(), which="upcoming")
    rows = [row for row in rows if row.is_in_person and row.status == "published"]
    return rows, whens_of([row.id for row in rows])


def _choices(rows: list[DeskEvent], whens: dict[int, str]) -> list[tuple[str, str]]:
    return [(row.public_id, f"{whens[row.id]} · {said(row.title)}") for row in rows]


AT_WORK = ("waiting", "paired")


def _state(device: Device) -> str:
    if device.revoked_at:
        return "revoked"
    if device.expires_at <= now():
        return "over"
    return "paired" if device.paired_at else "waiting"


def _door_page(form: GateForm, status: int = 200) -> Response:
    organization = organization_here()
    coming, whens = _coming()
    form.events.choices = _choices(coming, whens)
    devices = queries.devices_of(organization.id)[:DEVICES_SHOWN]
    return page(
        "door",
        "door",
        status,
        form=form,
        coming=coming,
        counts=queries.counts_by_event([row.id for row in coming]),
        whens=whens,
        devices=[(device, _state(device)) for device in devices],
    )
