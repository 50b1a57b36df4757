"""Who hears of a deed, for the question before it and for the words after it."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.i18n import ngettext
from app.registration import queries


@dataclass(frozen=True)
class Told:
    """How many people get a mail, how many must be phoned, and how many they are together."""

    mails: int
    calls: int
    all: int


NOBODY = Told(0, 0, 0)


def told_of(event_id: int) -> Told:
    """Who would hear of it if the event moved or were cancelled now."""
    return Told(
        queries.count_people_to_mail(event_id),
        queries.count_people_to_call(event_id),
        queries.count_people_to_tell(event_id),
    )


def told_words(told: Told) -> list[str]:
    """What was sent, and what is still to be done by telephone."""
    words = []
    if told.mails:
        words.append(ngettext("%(num)s person gets a mail.", "%(num)s people get a mail.", told.mails))
    if told.calls:
        words.append(
            ngettext("%(num)d person is on the call list now.", "%(num)d people are on the call list now.", told.calls)
        )
    return words
