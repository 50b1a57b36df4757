"""The sections of a conference."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Deed, Person
from app.catalogue import operations
from app.catalogue import queries as catalogue
from app.catalogue.models import Event, Track
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, event_for, page
from app.desk.event_data import other_language
from app.desk.session_form import TrackForm

NEW = "new"


@desk.get("/events/<public_id>/tracks")
def tracks(public_id: str) -> Response:
    """The sections in their order, each with its name to change."""
    _person, event = event_for(public_id, Deed.EDIT_EVENTS)
    return _tracks_page(event)


@desk.post("/events/<public_id>/tracks")
def add_track(public_id: str) -> ResponseReturnValue:
    """Add a section."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    form = TrackForm(request.form, prefix=NEW)
    if not form.validate():
        return _tracks_page(event, form, 422)
    operations.add_track(actor=person, event_id=event.id, title=form.read(event))
    flash(_("The section is added."))
    return _to_list(event)


@desk.post("/events/<public_id>/tracks/<number:track_id>")
def change_track(public_id: str, track_id: int) -> ResponseReturnValue:
    """Rename a section, move it up or down, or take it away."""
    person, event = event_for(public_id, Deed.EDIT_EVENTS)
    track = next((one for one in catalogue.tracks_of(event.id) if one.id == track_id), None)
    if track is None:
        raise Missing
    deed = request.form.get("deed", "rename")
    form = _form_of(event, track) if deed != "rename" else TrackForm(request.form, prefix=_prefix(track_id))
    if deed == "rename" and not form.validate():
        return _tracks_page(event, form, 422)
    try:
        _change(person, event, track, deed, form)
    except DomainError as refusal:
        form.refuse(refusal, "title")
        return _tracks_page(event_for(public_id)[1], form, status_of(refusal))
    return _to_list(event)


def _change(person: Person, event: Event, track: Track, deed: str, form: TrackForm) -> None:
    if deed == "rename":
        operations.rename_track(actor=person, track_id=track.id, title=form.read(event))
    elif deed == "remove":
        operations.remove_track(actor=person, track_id=track.id)
    else:
        operations.move_track(actor=person, track_id=track.id, by=-1 if deed == "up" else 1)
    flash(_("Saved."))


def _to_list(event: Event) -> ResponseReturnValue:
    return redirect(url_for("desk.tracks", public_id=event.public_id), 303)


def _form_of(event: Event, track: Track) -> TrackForm:
    first, second = event.language, other_language(event.language)
    data = {"title": track.title.get(first, ""), "title_other": track.title.get(second, "")}
    return TrackForm(data=data, prefix=_prefix(track.id))


def _tracks_page(event: Event, wrong: TrackForm | None = None, status: int = 200) -> Response:
    """All sections; `wrong` is the form that was refused, in its place."""
    used = {session.track_id for session in catalogue.sessions_of(event.id)}
    rows = []
    for track in catalogue.tracks_of(event.id):
        form = wrong if wrong is not None and _is_of(wrong, _prefix(track.id)) else _form_of(event, track)
        rows.append((track, form, track.id in used))
    added = wrong if wrong is not None and _is_of(wrong, NEW) else TrackForm(prefix=NEW)
    return page("tracks", "events", status, event=event, rows=rows, added=added, wrong=wrong)


def _is_of(form: TrackForm, prefix: str) -> bool:
    return str(form.title.name) == f"{prefix}-title"


def _prefix(track_id: int) -> str:
    return f"track{track_id}"
