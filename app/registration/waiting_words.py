"""The waiting list in words: for the person who waits, and for the organizer who is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.catalogue.times_text import full_moment_text
from app.core.clock import now
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext
from app.registration import waiting
from app.registration.answers import answer_needed_by, question_at
from app.registration.facts import mode_word
from app.registration.models import Registration, RegistrationStatus
from app.registration.own_sessions import OwnSessions, own_sessions
from app.registration.rules import SETTLED, QueueTerms, Turn, Why, decide_turn
from app.registration.session_words import quoted, when_of
from app.registration.waiting import Waiting


def deadline_words(until: datetime, zone: str) -> str:
    """Until when a seat is kept, with the zone, for the person may be elsewhere."""
    return full_moment_text(until, zone, language())


def why_words(why: Why, terms: QueueTerms, offer_until: datetime | None, size: int = 1) -> str:
    """Why an entry doesn't move, in words for everybody. `size`: how many move up only together."""
    if why is Why.ASKED and offer_until is not None:
        return _("A seat is kept until %(time)s.", time=deadline_words(offer_until, terms.zone))
    if why is Why.PARTY:
        return ngettext(
            "Too few seats are free for the %(num)d person who waits.",
            "Too few seats are free for the %(num)d people who wait together.",
            size,
        )
    return {
        Why.CANCELLED: _("The event is cancelled, so the list stands still."),
        Why.BEGUN: _("It has begun, so no more seats are handed on."),
        Why.OVER_LIMIT: _("More people have a seat than there are seats now. Some must be given back first."),
        Why.OTHERS_ASKED: _("A seat is kept for somebody who was asked before and has not answered yet."),
        Why.KEPT: _("All seats are taken, or kept for guests of partners. What they do not use, others get."),
        Why.SOON: _("A seat is free. It is handed on within a minute."),
        Why.FULL_OR_KEPT: _("All seats are taken, or kept for people who were asked and have not answered yet."),
    }.get(why) or (_full_for_party_words(size) if size > 1 else _full_words(terms))


def _full_for_party_words(size: int) -> str:
    return ngettext(
        "All seats are taken. The %(num)d person moves up when so many are free; fewer go to who is next.",
        "All seats are taken. The %(num)d people move up together when so many are free; fewer go to who is next.",
        size,
    )


def _full_words(terms: QueueTerms) -> str:
    if decide_turn(terms, now())[0] is Turn.OFFER:
        return _("All seats are taken. When one is given back, the first on the list is asked.")
    return _("All seats are taken. When one is given back, the first on the list gets it.")


def terms_words(terms: QueueTerms) -> str:
    """How seats are handed on, for somebody who has just joined the list."""
    at_once = _("When it is your turn, a free seat is yours at once, and we write to you.")
    if terms.offer_lead_hours == 0:
        return at_once
    hours = ngettext(
        "You then have up to %(num)d hour to answer, and the nights don’t count.",
        "You then have up to %(num)d hours to answer, and the nights don’t count.",
        terms.offer_hours,
    )
    if decide_turn(terms, now())[0] is Turn.OFFER:
        return _("When it is your turn, we ask you first.") + f" {hours}"
    lead = ngettext(
        "In the last %(num)d hour before the start we ask you first.",
        "In the last %(num)d hours before the start we ask you first.",
        terms.offer_lead_hours,
    )
    return f"{at_once} {lead} {hours}"


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
                "Later the next person is asked first and has up to %(num)d hour to answer; from 9 to 21 only.",
                "Later the next person is asked first and has up to %(num)d hours to answer; from 9 to 21 only.",
                terms.offer_hours,
            ),
        )
    )


def also_waits_words(registration: Registration, own: OwnSessions) -> str:
    """What somebody who has a seat waits for, and where in each queue, or is offered; empty for everybody else."""
    queues = all_queue_facts(registration, own) if registration.has_seat else []
    waits = [queue for queue in queues if not queue.until]
    words = [
        _("A seat is also offered to you: %(mode)s. We keep it until %(time)s.", mode=queue.mode_word, time=queue.until)
        for queue in queues
        if queue.is_open
    ]
    for queue in waits:
        words.append(_("You are also on the waiting list: %(mode)s.", mode=queue.mode_word))
        words += [queue.place, queue.terms if queue is waits[-1] else ""]
    return " ".join(word for word in words if word)


def answer_by(registration: Registration) -> str:
    """Until when the person must answer to keep the seat, or the one that is offered; empty where nothing is lost."""
    if registration.status == RegistrationStatus.OFFERED:
        queue = queue_facts(registration)
        return queue.until if queue else ""
    needed = answer_needed_by(registration)
    return deadline_words(needed, registration.event.zone) if needed else ""


def asked_later_words(registration: Registration) -> str:
    """That the person will be asked "do you come?", before that has happened; empty where it won't."""
    event = registration.event
    if not (registration.has_seat and event.reconfirm_days and registration.asked_at is None and event.is_published):
        return ""
    asked = question_at(event)
    if asked <= now() or registration.confirmed_at is None or registration.confirmed_at > asked - SETTLED:
        return ""
    when = deadline_words(asked, event.zone)
    return _("On %(when)s we ask you whether you come. Please answer then, so that nobody waits in vain.", when=when)


def place_words(place: int) -> str:
    """The person's own place in the queue."""
    if place == 1:
        return _("You are the first on the list.")
    return _("You are number %(place)s on the list.", place=place)


@dataclass(frozen=True)
class QueueFacts:
    """What a person who waits is told, in words; nothing about anybody else. `until` is empty without an offer.

    `session` is the code of the session that is waited for, None for the event as a whole; `mode_word` names what is
    waited for, and `when` says when a session is. `held_mode` is that of the seat which the person has meanwhile, None
    without one; `left` names what is given up for the new seat. `people`: for how many of a party the answer counts.
    `is_last`: the offer stands to the start, so that nobody is asked after it.
    """

    session: str | None
    session_id: int | None
    when: str
    mode: str
    mode_word: str
    held_mode: str | None
    left: str
    number: int
    place: str
    why: str
    terms: str
    until: str
    is_open: bool
    people: int = 1
    is_last: bool = False


def queue_facts(registration: Registration) -> QueueFacts | None:
    """The person's place in the queue, or the offer; None for who doesn't wait."""
    return main_queue(registration, all_queue_facts(registration))


def main_queue(registration: Registration, queues: Sequence[QueueFacts]) -> QueueFacts | None:
    """That for the event as a whole; for somebody who only waits for sessions it is the first of these."""
    own = (facts for facts in queues if facts.session is None or not registration.has_seat)
    return next(own, None)


def all_queue_facts(registration: Registration, own: OwnSessions | None = None) -> list[QueueFacts]:
    """All that the person waits for or is offered: the event as a whole first, of sessions the offers first.

    `own` are the person's sessions, where they have been asked for already.
    """
    if not registration.is_active:
        return []
    entries = waiting.waiting_entries_of(registration.event_id, registration.id)
    if not entries:
        return []
    own = own or own_sessions(registration)
    found = [_facts(entry, registration, own) for entry in entries]
    return sorted(found, key=lambda facts: (facts.session is not None, not facts.is_open))


def _facts(entry: Waiting, registration: Registration, own: OwnSessions) -> QueueFacts:
    terms, until = waiting.terms_of(registration.event_id, entry.session_id, entry.mode), entry.offer_until
    session = own.choices.by_id(entry.session_id).session if entry.session_id is not None else None
    if session is not None:
        left = ", ".join(quoted(one) for one in own.left_for(session))
    else:
        left = mode_word(entry.held_mode) if entry.held_mode else ""
    return QueueFacts(
        session=session.code if session else None,
        session_id=entry.session_id,
        when=when_of(session) if session else "",
        mode=entry.mode,
        mode_word=quoted(session) if session else mode_word(entry.mode),
        held_mode=entry.held_mode,
        left=left,
        number=entry.place,
        place=place_words(entry.place),
        why=why_words(entry.why, terms, until, entry.size),
        terms="" if entry.why is Why.BEGUN else terms_words(terms),
        until=deadline_words(until, terms.zone) if until else "",
        is_open=until is not None and until > now(),
        people=entry.size if until and registration.leads_party else 1,
        is_last=until is not None and terms.next_start is not None and until >= terms.next_start,
    )
