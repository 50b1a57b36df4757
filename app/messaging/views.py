"""The demo's letter box: what would have been mailed, to read in the browser. Outside demo mode it doesn't exist."""

from __future__ import annotations

from dataclasses import replace

from apiflask import APIBlueprint
from flask import Response, abort, render_template, url_for

from app.core.access import Access, declare
from app.core.pages import keep_not
from app.core.settings import settings
from app.messaging import delivery, queries
from app.messaging.letters import Letter, without_secrets
from app.messaging.mail import qr_png
from app.messaging.models import OutboxMessage

letters = APIBlueprint("letters", __name__, url_prefix="/letters", enable_openapi=False)
declare(letters, Access.PUBLIC)

# The letter's own styles are allowed inside its frame, and nothing else.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)
LETTERS_SHOWN = 100


@letters.before_request
def _only_in_demo() -> None:
    if not settings().demo_mode:
        abort(404)


@letters.get("")
def box() -> Response:
    """All letters, latest first."""
    messages = queries.messages_of(None, limit=LETTERS_SHOWN)
    return keep_not(Response(render_template("messaging/letters.html", messages=messages)))


@letters.get("/<number:message_id>")
def letter(message_id: int) -> Response:
    """One letter with its heads."""
    message, words = _find(message_id)
    page = render_template("messaging/letter.html", message=message, letter=words, text=_shown(words, words.text))
    return keep_not(Response(page))


@letters.get("/<number:message_id>/body")
def body(message_id: int) -> Response:
    """The letter's HTML as a mail program would show it, for the frame."""
    _message, words = _find(message_id)
    html = _shown(words, words.html).replace("cid:qr", url_for("letters.picture", message_id=message_id))
    response = keep_not(Response(html.replace("<head>", '<head><base target="_top">', 1)))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


@letters.get("/<number:message_id>/ticket.png")
def picture(message_id: int) -> Response:
    """The square code in the letter."""
    _message, words = _find(message_id)
    if words.qr is None:
        abort(404)
    return keep_not(Response(qr_png(words.qr), mimetype="image/png"))


@letters.get("/<number:message_id>/<number:part>.ics")
def calendar(message_id: int, part: int) -> Response:
    """One of the letter's calendar parts: the file, or what it tells calendar programs."""
    message, words = _find(message_id)
    parts = words.calendars_for(message.to_address)
    if part >= len(parts):
        abort(404)
    response = keep_not(Response(parts[part][1], content_type="text/calendar; charset=utf-8"))
    response.headers["Content-Disposition"] = 'attachment; filename="event.ics"'
    return response


def _find(message_id: int) -> tuple[OutboxMessage, Letter]:
    message = queries.find_message(message_id)
    if message is None:
        abort(404)
    words = delivery.letter_of(message.name, message.facts, message.language)
    if message.body_text is not None:
        return message, _as_sent(message, words or Letter("", "", ""))
    if words is None:
        abort(404)
    return message, words


def _as_sent(message: OutboxMessage, words: Letter) -> Letter:
    """The letter with the words that went out, whatever has changed since; links and square code are not kept."""
    return replace(words, subject=message.subject or "", text=message.body_text or "", html=message.body_html or "")


def _shown(words: Letter, text: str) -> str:
    """The text with its links, but for those that nobody knows any more: what has changed since may have ended them."""
    return without_secrets(words.filled(text))
