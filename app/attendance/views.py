"""Pages of the door and of the online room."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, make_response, render_template

from app.attendance import operations, queries
from app.attendance.operations import JoinRefused
from app.attendance.rules import JoinDecision
from app.attendance.wording import Words, join_words
from app.catalogue.models import Session
from app.catalogue.times_text import when_text
from app.core.access import Access, declare
from app.core.clock import now
from app.core.errors import Missing
from app.core.i18n import language
from app.core.pages import keep_not, keep_public
from app.core.times import zone as rules_of
from app.registration.facts import unknown_link_words
from app.registration.models import Registration
from app.registration.queries import find_by_manage_token

attendance = APIBlueprint("attendance", __name__, enable_openapi=False)
declare(attendance, Access.LINK, door=Access.PUBLIC, pair=Access.PUBLIC)


@attendance.get("/door")
def door() -> Response:
    """The scanner. The page holds nothing of any event; the phone asks for that with its credential."""
    return keep_public(make_response(render_template("attendance/door.html")))


@attendance.get("/door/pair")
def pair() -> Response:
    """The scanner, opened by a pairing link: the token is in the fragment, which no server ever sees."""
    return door()


@attendance.get("/r/<token>/room")
def room(token: str) -> Response:
    """Say whether the online room is open, and offer the button."""
    registration, part = _room(token)
    decision = operations.decide_room_for(registration, part)
    return _page(token, registration, part, join_words(decision, part), decision)


@attendance.post("/r/<token>/room")
def join(token: str) -> Response:
    """Record that the person comes in, and show the room's address, here and nowhere else."""
    registration, part = _room(token)
    try:
        address = operations.join_room(registration_id=registration.id, session_id=part.id)
    except JoinRefused as refused:
        decision = JoinDecision(refused.details["decision"])
        response = _page(token, registration, part, join_words(decision, part), decision)
        response.status_code = 409
        return response
    return _page(token, registration, part, join_words(JoinDecision.OPEN, part), JoinDecision.OPEN, address)


def _room(token: str) -> tuple[Registration, Session]:
    registration = find_by_manage_token(token)
    part = queries.find_online_session(registration, now()) if registration else None
    if registration is None or part is None:
        raise Missing(unknown_link_words() if registration is None else "")
    return registration, part


def _page(
    token: str,
    registration: Registration,
    part: Session,
    words: Words,
    decision: JoinDecision,
    address: str | None = None,
) -> Response:
    page = render_template(
        "attendance/room.html",
        token=token,
        event=registration.event,
        part=part,
        starts=part.starts_at.astimezone(rules_of(part.zone)),
        when_text=when_text(part.starts_at, part.ends_at, part.zone, all_day=part.is_all_day, language=language()),
        words=words,
        decision=decision.value,
        address=address,
    )
    return keep_not(make_response(page))
