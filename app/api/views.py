"""The page that describes the API to people."""

from __future__ import annotations

from typing import cast

from apiflask import APIBlueprint, APIFlask
from flask import Response, current_app, make_response, render_template
from flask.blueprints import BlueprintSetupState

from app.api.openapi import describe_api, read_json
from app.api.reference import anchor, endpoints_of, shapes_of
from app.core.access import Access, declare
from app.core.pages import keep_public

api = APIBlueprint("api", __name__, url_prefix="/api", enable_openapi=False)
declare(api, Access.PUBLIC)
api.before_app_request(read_json)


@api.record_once
def _describe(state: BlueprintSetupState) -> None:
    app = cast("APIFlask", state.app)
    with app.app_context():
        describe_api(app)


@api.get("/docs")
def docs() -> Response:
    """Endpoints and shapes, from the same description that machines read."""
    spec = cast("APIFlask", current_app).spec
    assert isinstance(spec, dict)
    page = render_template(
        "api/docs.html", endpoints=endpoints_of(spec), shapes=shapes_of(spec), spec=spec, anchor=anchor
    )
    return keep_public(make_response(page))
