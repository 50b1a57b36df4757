"""Who was asked whether they come, and who has not answered."""

from __future__ import annotations

from flask import Response

from app.accounts.permissions import Deed
from app.desk.blueprint import desk, event_for, page
from app.registration.answers import count_answers, needed_by, release_at, silent_people
from app.registration.waiting_words import deadline_words


@desk.get("/events/<public_id>/answers")
def answers(public_id: str) -> Response:
    """The silent ones, in the order in which their seats would go to those who wait."""
    _person, event = event_for(public_id, Deed.SEE_PEOPLE)
    asked, answered = count_answers(event.id)
    silent = silent_people(event.id)
    latest = max([release_at(event), *(needed_by(event, one.asked_at) for one in silent)])
    return page(
        "answers",
        "events",
        event=event,
        asked=asked,
        answered=answered,
        silent=silent,
        until=deadline_words(latest, event.zone) if event.reconfirm_days else "",
    )
