"""The waiting list: who is next, and why nothing moves."""

from __future__ import annotations

from collections import Counter

from flask import Response

from app.accounts.permissions import Deed
from app.catalogue import queries as catalogue
from app.desk.blueprint import desk, event_for, page
from app.registration import waiting
from app.registration.session_words import quoted
from app.registration.waiting_words import organizer_terms_words, why_words


@desk.get("/events/<public_id>/waiting")
def waiting_list(public_id: str) -> Response:
    """Every queue of the event, in the order of turns."""
    _person, event = event_for(public_id, Deed.SEE_PEOPLE)
    terms = waiting.terms_of(event.id)
    sessions = {session.id: quoted(session) for session in catalogue.sessions_of(event.id)}
    rows = [
        (entry, sessions.get(entry.session_id or 0, ""), why_words(entry.why, terms, entry.offer_until, entry.size))
        for entry in waiting.waiting_at(event.id)
    ]
    whole = catalogue.whole_seats(catalogue.pools_of(event.id))
    # Where people wait for sessions only, two large noughts above the list would contradict it.
    pools = whole if any(not session for _entry, session, _why in rows) else []
    waits = Counter(entry.mode for entry, session, _why in rows if not session)
    words = organizer_terms_words(terms)
    return page("waiting", "events", event=event, rows=rows, terms=words, pools=pools, waits=waits)
