"""What all JSON endpoints share: one kind of error, one description, one size of body."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, request
from werkzeug.exceptions import BadRequest

from app.core.http import answer
from app.core.i18n import gettext as _
from app.core.settings import settings

MAX_BODY = 512 * 1024
PROBLEM_TYPE = "application/problem+json"
PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "An error (RFC 9457). `code` is stable; the words are in the reader's language.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "details": {"type": "object", "description": "More facts about what was refused."},
        "errors": {
            "type": "object",
            "description": "By the place in the body: what is wrong there, in English, for the programmer.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
DESCRIPTION = "What machines may ask of Lectern. Times are UTC. Errors are problem+json (RFC 9457)."


def describe_api(app: APIFlask) -> None:
    """Tell APIFlask how our API describes itself and how it refuses."""
    values = settings()
    app.config.update(
        DESCRIPTION=DESCRIPTION,
        SERVERS=[{"url": values.base_url}],
        SECURITY_SCHEMES={
            "door": {
                "type": "apiKey",
                "in": "cookie",
                "name": "__Host-door" if values.secure else "door",
                "description": "The credential of a paired phone; `POST /api/v1/door/pair` sets it.",
            }
        },
        VALIDATION_ERROR_DESCRIPTION="Something in the body is missing or wrong: `invalid`",
    )
    app.error_processor(_refusal)
    app.spec_processor(_with_problems)


def read_json() -> Response | None:
    """Read a JSON body before any view does: one that is too large, too deep or no JSON is refused."""
    if not request.path.startswith("/api/v1/"):
        return None
    request.max_content_length = MAX_BODY
    if request.method not in ("POST", "PUT", "PATCH"):
        return None
    try:
        request.get_json(force=True)
    except (RecursionError, BadRequest):
        return answer(400, "bad_json", _("The body could not be read as JSON."))
    return None


def _refusal(error: HTTPError) -> Response:
    """The answer to a body that doesn't fit its schema, with the places in it."""
    places = {place: words for group in dict(error.detail).values() for place, words in group.items()}
    named = ", ".join(sorted(places)[:5])
    return answer(
        error.status_code,
        "invalid",
        _("Missing or wrong: %(places)s", places=named) if named else "",
        errors=places,
    )


def _with_problems(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """The description with every error as what it is: problem+json."""
    assert isinstance(spec, dict)
    schemas = spec.setdefault("components", {}).setdefault("schemas", {})
    for name in ("ValidationError", "HTTPError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    for operations in spec["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    response["content"] = {PROBLEM_TYPE: {"schema": PROBLEM_REF}}
    return spec
