"""The waiting list in words: for the person who waits, and for the organizer who is asked."""

from __future__ import annotations

from datetime import datetime

from app.catalogue.times_text import moment_text
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext
from app.registration.rules import QueueTerms, Why


def why_words(why: Why, *, offer_until: datetime | None, zone: str) -> str:
    """Why an entry doesn't move, in one sentence for everybody."""
    if why is Why.ASKED and offer_until is not None:
        return _("A seat is kept until %(time)s.", time=moment_text(offer_until, zone, language()))
    return {
        Why.CANCELLED: _("The event is cancelled, so the list stands still."),
        Why.BEGUN: _("The event has begun, so no more seats are handed on."),
        Why.OVER_LIMIT: _("More people have a seat than there are seats now. Some must be given back first."),
        Why.SOON: _("A seat is free. It is handed on within a minute."),
    }.get(why, _("All seats are taken. When one is given back, the first on the list gets it."))


def terms_words(terms: QueueTerms) -> str:
    """How seats are handed on, for somebody who has just joined the list."""
    if terms.offer_lead_hours == 0:
        return _("If a seat comes free, it is yours at once, and we write to you.")
    return " ".join(
        (
            ngettext(
                "Until %(num)d hour before the start a free seat is yours at once, and we write to you.",
                "Until %(num)d hours before the start a free seat is yours at once, and we write to you.",
                terms.offer_lead_hours,
            ),
            ngettext(
                "Later we ask you first: you have %(num)d hour to answer, and the nights don’t count.",
                "Later we ask you first: you have %(num)d hours to answer, and the nights don’t count.",
                terms.offer_hours,
            ),
        )
    )


def organizer_terms_words(terms: QueueTerms) -> str:
    """How seats are handed on, for those who hold the event."""
    if terms.offer_lead_hours == 0:
        return _("A freed seat is the next person’s at once.")
    return " ".join(
        (
            ngettext(
                "Until %(num)d hour before the start a freed seat is the next person’s at once.",
                "Until %(num)d hours before the start a freed seat is the next person’s at once.",
                terms.offer_lead_hours,
            ),
            ngettext(
                "Later the next person is asked first and has %(num)d hour to answer; only those from 9 to 21 count.",
                "Later the next person is asked first and has %(num)d hours to answer; only those from 9 to 21 count.",
                terms.offer_hours,
            ),
        )
    )


def place_words(place: int) -> str:
    """The person's own place in the queue."""
    if place == 1:
        return _("You are the first on the list.")
    return _("You are number %(place)s on the list.", place=place)
