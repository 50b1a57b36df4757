"""Places where events are held."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import need, organization_here, person_here
from app.accounts.permissions import Deed
from app.catalogue import operations, queries
from app.catalogue.models import Venue
from app.catalogue.place_text import place_line
from app.catalogue.values import VenueValues
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.desk.blueprint import desk, page
from app.desk.change_words import Difference
from app.desk.event_data import other_language
from app.desk.forms import VenueForm, degrees
from app.desk.pressed import ASKING, pressed, typed
from app.desk.told import told_words
from app.registration.operations import change_venue, rehearse_venue_change
from app.registration.queries import Told
from config import LANGUAGES

_SAME = ("district", "capacity", "spaced_capacity", "is_outdoors", "has_step_free_access")
_TEXTS = ("name", "address", "directions")


@desk.get("/venues")
def venues() -> Response:
    """The organization's places."""
    organization = organization_here()
    may_edit = person_here().may(Deed.EDIT_VENUES, organization.id)
    return page("venues", "venues", venues=queries.venues_of(organization.id), may_edit=may_edit)


@desk.get("/venues/new")
def new_venue() -> Response:
    """An empty form."""
    need(Deed.EDIT_VENUES)
    return page("venue_form", "venues", form=VenueForm(), venue=None)


@desk.post("/venues/new")
def create_venue() -> ResponseReturnValue:
    """Add a place."""
    person = need(Deed.EDIT_VENUES)
    organization = organization_here()
    form = VenueForm(request.form)
    if not form.validate():
        return page("venue_form", "venues", 422, form=form, venue=None)
    try:
        operations.create_venue(
            actor=person, organization_id=organization.id, values=_values(form, organization.language)
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return page("venue_form", "venues", status_of(refusal), form=form, venue=None)
    flash(_("The place is saved."))
    return redirect(url_for("desk.venues"), 303)


@desk.get("/venues/<number:venue_id>")
def venue(venue_id: int) -> Response:
    """The form with the place as it is."""
    row = _load(venue_id)
    return page("venue_form", "venues", form=VenueForm(data=_data(row)), venue=row)


@desk.post("/venues/<number:venue_id>")
def edit_venue(venue_id: int) -> ResponseReturnValue:
    """Save the place; calendars of what is still to come there follow."""
    row = _load(venue_id)
    form = VenueForm(request.form)
    deed = pressed()
    if deed == "back":
        return page("venue_form", "venues", form=form, venue=row)
    if not form.validate():
        return page("venue_form", "venues", 422, form=form, venue=row)
    values = _values(form, organization_here().language)
    try:
        told = rehearse_venue_change(actor=person_here(), venue_id=row.id, values=values)
        if told.all and deed in ASKING:
            return _question(_load(venue_id), values, told)
        if deed == "ask":
            return page("venue_form", "venues", form=form, venue=_load(venue_id))
        change_venue(actor=person_here(), venue_id=row.id, values=values, notify=deed != "save_quietly")
    except DomainError as refusal:
        form.refuse(refusal)
        return page("venue_form", "venues", status_of(refusal), form=form, venue=_load(venue_id))
    words = told_words(told) if deed != "save_quietly" else []
    flash(" ".join([_("The place is saved."), _("Subscribed calendars follow by themselves."), *words]))
    return redirect(url_for("desk.venues"), 303)


def _question(row: Venue, values: VenueValues, told: Told) -> Response:
    """Everything typed travels on as hidden fields, so that nothing is lost whatever the answer."""
    return page("venue_confirm", "venues", venue=row, typed=typed(), told=told, facts=_differences(row, values))


def _differences(row: Venue, values: VenueValues) -> list[Difference]:
    """Name and address before and after, in the reader's language where they differ in it, else in the one they do."""
    for code in sorted(LANGUAGES, key=lambda one: one != language()):
        before, after = (place_line(place, None, None, code) for place in (row, values))
        if before != after:
            return [Difference(_("Where"), before, after)]
    return []


def _load(venue_id: int) -> Venue:
    row = queries.find_venue_for(need(Deed.EDIT_VENUES), venue_id)
    if row is None or row.organization_id != organization_here().id:
        raise Missing
    return row


def _values(form: VenueForm, first: str) -> VenueValues:
    second = other_language(first)
    texts = {name: {first: form[name].data, second: form[f"{name}_other"].data} for name in _TEXTS}
    return VenueValues(
        **texts,
        district=form.district.data or None,
        latitude=degrees(form.latitude.data),
        longitude=degrees(form.longitude.data),
        capacity=form.capacity.data,
        spaced_capacity=form.spaced_capacity.data,
        is_outdoors=form.is_outdoors.data,
        has_step_free_access=form.has_step_free_access.data,
    )


def _data(row: Venue) -> dict[str, object]:
    first = organization_here().language
    second = other_language(first)
    texts = {name: getattr(row, name).get(first, "") for name in _TEXTS}
    others = {f"{name}_other": getattr(row, name).get(second, "") for name in _TEXTS}
    point = {name: "" if getattr(row, name) is None else str(getattr(row, name)) for name in ("latitude", "longitude")}
    return {**{name: getattr(row, name) for name in _SAME}, **texts, **others, **point}
