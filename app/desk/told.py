"""Who hears of a deed, for the question before it and for the words after it."""

from __future__ import annotations

from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.registration.operations import Decisions
from app.registration.queries import Told


def told_words(told: Told) -> list[str]:
    """What was sent, and what is still to be done by telephone."""
    words = []
    if told.mails:
        words.append(ngettext("%(num)s person is told by mail.", "%(num)s people are told by mail.", told.mails))
    if told.calls:
        words.append(
            ngettext("%(num)d person is on the call list now.", "%(num)d people are on the call list now.", told.calls)
        )
    return words


def decision_words(done: Decisions, *, stale: int = 0) -> str:
    """What came of a decision about several people; `stale` had been decided about before."""
    words = []
    if done.confirmed:
        words.append(ngettext("%(num)d person has a seat now.", "%(num)d people have a seat now.", done.confirmed))
    if done.waitlisted:
        words.append(
            ngettext(
                "No seat was left for %(num)d person, who is on the waiting list now.",
                "No seat was left for %(num)d people, who are on the waiting list now.",
                done.waitlisted,
            )
        )
    if done.declined:
        words.append(ngettext("%(num)d person is declined.", "%(num)d people are declined.", done.declined))
    if done.no_seat:
        words.append(
            ngettext(
                "No seat is left for %(num)d person, and there is no waiting list: not decided yet.",
                "No seat is left for %(num)d people, and there is no waiting list: not decided yet.",
                done.no_seat,
            )
        )
    if stale or not words:
        words.append(_("The others were decided about already.") if words else _("They were decided about already."))
    return " ".join(words)
