"""Where errors become answers: pages for people, problem+json (RFC 9457) for machines."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from apiflask import APIFlask
from flask import Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from app.core.errors import Conflict, DomainError, Missing, NotAllowed, Refused, TooMany
from app.core.i18n import gettext as _
from app.core.i18n import ngettext

STATUS = (
    (Refused, 422),
    (Conflict, 409),
    (NotAllowed, 403),
    (Missing, 404),
    (TooMany, 429),
)
MINUTES_TOLD = 100
log = structlog.get_logger()


def status_of(error: DomainError) -> int:
    """The HTTP status of an operation's error."""
    return next((status for family, status in STATUS if isinstance(error, family)), 422)


def wants_json() -> bool:
    """Whether the one who asks is a machine."""
    return request.path.startswith("/api/")


def problem(status: int, code: str, detail: str = "", **more: Any) -> Response:
    """A problem+json answer; `code` is stable, `title` and `detail` are for people."""
    body = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    return response


def title_of(status: int) -> str:
    """A short name of the status in the reader's language."""
    titles = {
        400: _("We could not read this request"),
        401: _("Please sign in"),
        403: _("You may not do this"),
        404: _("We could not find this page"),
        405: _("This address can’t be used that way"),
        409: _("This can’t be done now"),
        410: _("This link no longer works"),
        413: _("That was too much at once"),
        422: _("Please check what you entered"),
        429: _("Too many tries"),
        500: _("Something went wrong on our side"),
        503: _("Lectern is not ready yet"),
    }
    return titles.get(status) or HTTPStatus(status).phrase


def advice_on(status: int) -> str:
    """What to do about it, in one or two short sentences."""
    advice = {
        400: _("Go back, reload the page and try again."),
        403: _("If you think you should be able to, ask the owner of your organization."),
        404: _("The address may be mistyped, or the page is gone. All events are on the first page."),
        405: _("Go back and use the button on the page."),
        410: _("Ask for a new link."),
        413: _("Shorten the text or choose a smaller file, then try again."),
        500: _("It has been written down for us. Please try again in a few minutes."),
    }
    return advice.get(status, "")


def wait_words(seconds: int) -> str:
    """After which time one may try again, rather a little too long than too short."""
    minutes = -(-seconds // 60)
    if minutes < MINUTES_TOLD:
        when = ngettext("Please try again in %(num)d minute.", "Please try again in %(num)d minutes.", minutes)
    else:
        hours = -(-minutes // 60)
        when = ngettext("Please try again in about %(num)d hour.", "Please try again in about %(num)d hours.", hours)
    rest = _("Trying sooner does not make it longer. Nothing you entered was lost if you go back.")
    return f"{when} {rest}"


def error_page(status: int, detail: str = "") -> Response:
    """A kind page that says what happened and what to do next."""
    text = render_template(
        "errors/error.html", title=title_of(status), detail=detail or advice_on(status), status=status
    )
    response = Response(text, status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def answer(status: int, code: str, detail: str = "", **more: Any) -> Response:
    """The error as the asker can read it."""
    return problem(status, code, detail or advice_on(status), **more) if wants_json() else error_page(status, detail)


def register_error_handlers(app: APIFlask) -> None:
    """Map every error that leaves a view."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _domain_error(error: DomainError) -> Response:
    words = error.message
    if isinstance(error, TooMany):
        words = words or wait_words(error.seconds)
    response = answer(status_of(error), error.code, words, **({"details": error.details} if error.details else {}))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response(request.environ)  # type: ignore[return-value]
    response = answer(status, HTTPStatus(status).name.lower())
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    log.error("unexpected_error", endpoint=request.endpoint, method=request.method, exc_info=error)
    return answer(500, "internal_error")
