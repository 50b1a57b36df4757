"""Choosing the organization whose desk is open, for people who work for several."""

from __future__ import annotations

from flask import Response, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import CHOSEN
from app.core.errors import Missing
from app.desk.blueprint import desk, page


@desk.get("/organizations")
def organizations() -> Response:
    """The organizations the person works for."""
    return page("organizations", "", organizations=g.organizations)


@desk.post("/organizations")
def choose_organization() -> ResponseReturnValue:
    """Open another organization's desk."""
    chosen = request.form.get("organization", type=int)
    if chosen not in {one.id for one in g.organizations}:
        raise Missing
    session[CHOSEN] = chosen
    return redirect(url_for("desk.events"), 303)
