"""The mails about registrations: which facts they need and how they are rendered.

A message names the registration; what the event is now is read when the mail is rendered, so that a mail that had to
wait doesn't tell an old time. What belongs to the deed itself (the old time of a moved event) is frozen in its facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.catalogue.entries import entry_title
from app.catalogue.models import Mode, Session, SessionStatus
from app.catalogue.queries import sessions_of, ways_left
from app.core.clock import now
from app.core.i18n import language, said
from app.core.settings import settings
from app.core.times import local_time
from app.messaging.letters import Letter, Renderer, placeholder, render
from app.registration import queries
from app.registration.added_meetings import meeting_lines, still_new
from app.registration.answers import release_at
from app.registration.companions import brought_by
from app.registration.earlier import Earlier, before_of, earlier
from app.registration.facts import (
    EventFacts,
    directions_to,
    headline_of,
    headline_of_ended,
    mode_word,
    own_facts,
    place_of,
    short_when_of,
    way_ahead,
    when_of,
)
from app.registration.invitations import calendar_words, is_to_delete, mail_calendars, nobody_comes_to
from app.registration.link_letters import address_left, your_links
from app.registration.models import Registration, RegistrationStatus
from app.registration.own_calendar import of_one_state
from app.registration.own_sessions import own_sessions, past_sessions, way_at
from app.registration.party_lines import CompanionLine, companion_lines, remarks_by_mail
from app.registration.session_words import own_clash_words, quoted
from app.registration.still_true import person_to_tell
from app.registration.tickets import code_of, mailed_token, spaced
from app.registration.waiting import joins_list, queued_modes
from app.registration.waiting_words import (
    QueueFacts,
    all_queue_facts,
    also_waits_words,
    answer_by,
    asked_later_words,
    deadline_words,
    queue_facts,
)
from app.registration.way_hints import has_ways
from app.registration.way_words import meeting_words, only_words, rest_words

MANAGE, TICKET = placeholder("manage"), placeholder("ticket")


def _about_registration(
    message: str, *, ticket: bool = False, alone: bool = False
) -> Callable[[dict[str, Any]], Letter | None]:
    """A renderer of `message`, with the QR when `ticket`.

    It tells of those, too, who were signed up together with the person and have the same address, unless the deed is
    about this person `alone`.
    """

    def letter(facts: dict[str, Any]) -> Letter | None:
        registration = _still_to_tell(facts, message, alone=alone)
        if registration is None:
            return None
        values = _values(registration, facts)
        session = None if "sessions" in facts else _session_with(registration, facts.get("session"))
        if session is not None:
            values |= _facts_of(session, registration, values["event"])
        changed = _changed(facts, values, registration)
        if message == "event_moved" and not (changed["news"] or registration.owes_answer):
            return None
        companions = [] if alone and not facts.get("together") else companion_lines(registration)
        words = {**values, **changed, **_about_one(facts, registration)}
        left = queries.find_by_public_id(facts["moved_from"]) if facts.get("moved_from") else None
        if left is not None:
            words["is_to_delete"] = is_to_delete(left)
        return _letter(message, registration, words, companions, has_code=ticket, left=left)

    return of_one_state(letter)


def _letter(
    message: str,
    registration: Registration,
    values: dict[str, Any],
    companions: Sequence[CompanionLine] = (),
    *,
    has_code: bool = False,
    left: Registration | None = None,
) -> Letter:
    """The mail in words, with what it brings to calendars; with the square code if it `has_code` for a seat.

    `left` is the place at another date that the person had before.
    """
    parts = mail_calendars(registration, message, language(), left)
    is_shown = has_code and registration.has_seat and registration.mode == Mode.IN_PERSON
    return render(
        message,
        {**values, "companions": companions, "calendar_words": calendar_words(message, parts)},
        secrets=_secrets(registration, companions),
        qr=code_of(registration) if is_shown else None,
        **_envelope(registration),
        **parts,
    )


def _still_to_tell(facts: dict[str, Any], message: str, *, alone: bool) -> Registration | None:
    """Whom the mail is about; None where it has been overtaken. The event is loaded."""
    found = queries.find_by_public_id(facts["registration"])
    whom = person_to_tell(found, message, alone=alone) if found else None
    return whom if whom is found or whom is None else queries.find_by_public_id(whom.public_id)


def _secrets(registration: Registration, companions: Sequence[CompanionLine] = ()) -> dict[str, str]:
    """What the marks in the words stand for."""
    return {
        MANAGE: mailed_token(registration),
        TICKET: code_of(registration),
        **{one.mark: one.token for one in companions},
    }


def _envelope(registration: Registration) -> dict[str, str | None]:
    """From whom it is, where answers go, and the one address that it may go to."""
    event = registration.event
    return {
        "reply_to": event.contact_email or event.organization.email,
        "from_name": said(event.organization.name),
        "addressee": registration.contact.email if registration.contact else "",
    }


def _values(registration: Registration, facts: dict[str, Any]) -> dict[str, Any]:
    base_url, own = settings().base_url, past_sessions(registration, facts.get("had", ()))
    event = own_facts(registration, base_url, own=own, also_lost=facts.get("also_lost", ()))
    return {
        "name": registration.name,
        "event": event,
        "mode": registration.mode,
        "mode_word": mode_word(way_ahead(registration)),
        "is_online": way_at(event.session, registration.mode) == Mode.ONLINE,
        "reference": spaced(registration.reference),
        "page": f"{base_url}/r/{MANAGE}",
        "ticket": TICKET,
        "has_seat": registration.has_seat,
        "had_seat": registration.confirmed_at is not None,
        "new_seat": registration.has_seat and facts.get("new_seat", False),
        "is_to_delete": is_to_delete(registration),
        "to_delete": ", ".join(map(quoted, nobody_comes_to(registration, _given_back(facts), language()))),
        "owes_answer": registration.owes_answer,
        "answer_by": answer_by(registration),
        "asked_later": asked_later_words(registration),
        "is_undecided": registration.is_undecided,
        "has_ways": registration.has_seat and has_ways(registration),
        "has_offer": registration.status == RegistrationStatus.OFFERED,
        "has_begun": registration.event.starts_at <= now(),
        "brought_by": brought_by(registration),
        "remarks": remarks_by_mail(registration, facts),
        "headline": headline_of(registration) if registration.is_active else headline_of_ended(registration),
        "is_off": registration.event.is_cancelled,
        "also_waits": also_waits_words(registration, own),
        "clash": own_clash_words(own.clash) if registration.has_seat else "",
    }


def _given_back(facts: dict[str, Any]) -> list[str]:
    """The codes of the sessions that the mail's deed has taken from the person."""
    return next((facts[name] for name in ("had", "lost_sessions", "left_sessions") if facts.get(name)), [])


def _changed(facts: dict[str, Any], values: dict[str, Any], registration: Registration) -> dict[str, str]:
    """How it was, what belongs to the deed, and in `news` what weighs most: "title", "place", "ways" or "facts"."""
    old, deed = _before(facts, values["event"], registration), _frozen(facts)
    if deed["ways"] != (values["event"].session.mode if "session" in facts else ways_left(registration.event_id)):
        deed |= {"only": "", "ways": ""}  # it is otherwise again
    new = {"title": old["title_before"], "place": old["place_before"], "ways": deed["only"], "facts": old["before"]}
    found = [name for name, words in new.items() if words]
    return {**old, **deed, "news": found[-1] if found else ""}


def _frozen(facts: dict[str, Any]) -> dict[str, str]:
    """What belongs to the deed, in words: the reason, who did it, and the mode that was left or missed."""
    words = {name: facts.get(name, "") for name in ("reason", "by")}
    ways = str(facts.get("only") or "")
    return words | {
        "left": mode_word(facts["left"]) if facts.get("left") else "",
        "only": only_words(ways),
        "ways": ways,
    }


def _about_one(facts: dict[str, Any], registration: Registration) -> dict[str, str]:
    """The sessions that the deed is about, and those that were left for them, in words; nothing for any other deed."""
    if not facts.get("session") and not facts.get("lost_sessions"):
        return {"what": "", "lost": ""}
    titles = {one.code: quoted(one) for one in sessions_of(registration.event_id)}

    def named(codes: Iterable[str]) -> str:
        return ", ".join(titles[code] for code in codes if code in titles)

    words = {
        "what": named(facts.get("sessions", [facts.get("session")])),
        "lost": named(facts.get("lost_sessions", [])),
    }
    return words | ({"left": named(facts.get("left_sessions", []))} if words["what"] else {})


def _about_waiting(message: str) -> Callable[[dict[str, Any]], Letter | None]:
    """A renderer of `message` to somebody who waits; None once that is no longer so, for the mail would mislead."""

    def letter(facts: dict[str, Any]) -> Letter | None:
        registration = queries.find_by_public_id(facts["registration"])
        queue = _queue_of(registration, facts) if registration else None
        if registration is None or queue is None or (message == "waitlisted") != (not queue.until):
            return None
        values = _values(registration, facts)
        session = _session_with(registration, queue.session)
        if session is not None:
            values |= _facts_of(session, registration, values["event"])
        else:
            values["event"] = own_facts(registration, settings().base_url, queue.mode)
        words = {
            "what": queue.mode_word if queue.session else "",
            "mode_word": queue.mode_word,
            "held": queue.left,
            "keeps_all": bool(queue.session and registration.has_seat and not queue.left),
            "place_words": queue.place,
            "terms_words": queue.terms,
            "until": queue.until,
            "people": queue.people,
            "is_last": queue.is_last,
        }
        companions = companion_lines(registration) if session is None else []
        return _letter(message, registration, values | words, companions)

    return letter


def _queue_of(registration: Registration, facts: dict[str, Any]) -> QueueFacts | None:
    """What the message is about: a session, or the event as a whole."""
    if facts.get("session") is None:
        return queue_facts(registration)
    return next((one for one in all_queue_facts(registration) if one.session == facts["session"]), None)


def _before(facts: dict[str, Any], event: EventFacts, registration: Registration) -> dict[str, str]:
    """What was otherwise: title, time and place, each "" where it is the same; `now` is the time for a subject."""
    known = before_of(facts, event.session)
    old = earlier(known, registration.event, event.session, registration.mode)
    waits_for = queued_modes([registration.id]).get(registration.id)
    if old == Earlier() and waits_for == Mode.IN_PERSON:  # who waits for the hall hears of a place alone, too
        old = earlier(known, registration.event, event.session, Mode.IN_PERSON)
    has_other_end = old.when and not old.short_when
    return {
        "title_before": old.title,
        "before": old.when,
        "place_before": old.place,
        "now": event.when if has_other_end else event.short_when,
    }


def _about_session(message: str) -> Callable[[dict[str, Any]], Letter | None]:
    """A renderer of `message` about one session of several; None where a later message says more."""

    def letter(facts: dict[str, Any]) -> Letter | None:
        registration = queries.find_by_public_id(facts["registration"])
        session = _session_of(registration, facts["session"]) if registration else None
        if registration is None or session is None or registration.event.is_cancelled:
            return None
        if message == "session_moved" and session.status == SessionStatus.CANCELLED:
            return None
        values = _values(registration, facts)
        values |= _facts_of(session, registration, values["event"])
        changed = _changed(facts, values, registration)
        changed["only"] = meeting_words(changed["ways"])
        values["to_come"] = _number_left(registration, session)
        values["rest"] = rest_words(facts["only"]) if ways_left(registration.event_id) == facts.get("only") else ""
        return _letter(message, registration, {**values, **changed}, has_code=message == "session_moved")

    return of_one_state(letter)


def _number_left(registration: Registration, session: Session) -> int:
    """How many others are still to come for this person."""
    others = [one for one in own_sessions(registration).coming if one.uid != session.uid]
    return sum(one.status == SessionStatus.SCHEDULED and one.ends_at > now() for one in others)


def meetings_added(facts: dict[str, Any]) -> Letter | None:
    """The meetings that were added for everybody; None where the person comes to none of them any more."""
    registration = _still_to_tell(facts, "meetings_added", alone=False)
    added = still_new(registration, facts["added"]) if registration else []
    if registration is None or not added:
        return None
    news = {"added": meeting_lines(added, registration.mode), "first": short_when_of(added[0])}
    values = {**_values(registration, facts), **news}
    return _letter("meetings_added", registration, values, companion_lines(registration), has_code=True)


def _session_with(registration: Registration, code: str | None) -> Session | None:
    """The session that a message about one names by its code."""
    return next((one for one in sessions_of(registration.event_id) if one.code == code), None) if code else None


def _session_of(registration: Registration, uid: str) -> Session | None:
    return next((one for one in sessions_of(registration.event_id) if one.uid == uid), None)


def _facts_of(session: Session, registration: Registration, event: EventFacts) -> dict[str, Any]:
    """The event's facts with title, time and place of this session, and whether the person attends it online."""
    speech = language()
    facts = replace(
        event,
        title=entry_title(registration.event.title, session.title, speech),
        when=when_of(session),
        short_when=short_when_of(session),
        place=place_of(session, registration.mode if session.status == SessionStatus.SCHEDULED else None, speech),
        directions=directions_to(session, registration.mode, speech),
        session=session,
    )
    return {"event": facts, "is_online": way_at(session, registration.mode) == Mode.ONLINE}


def confirm_address(facts: dict[str, Any]) -> Letter | None:
    """The button that makes a sign-up count; None once it was pressed, or the time for it is over."""
    registration = queries.find_by_public_id(facts["registration"])
    if registration is None or registration.status != RegistrationStatus.UNCONFIRMED or not registration.hold_until:
        return None
    until = deadline_words(registration.hold_until, registration.event.zone)
    values = {**_values(registration, facts), "until": until, "joins_list": joins_list(registration)}
    return _letter("confirm_address", registration, values, companion_lines(registration))


def reminder(facts: dict[str, Any]) -> Letter | None:
    """A reminder of the next start; None once it is over, has moved, or the person doesn't come."""
    registration = queries.find_by_public_id(facts["registration"])
    if registration is None or not registration.has_seat or registration.event.is_cancelled:
        return None
    values = _values(registration, facts)
    session = values["event"].session
    if session.starts_at != datetime.fromisoformat(facts["starts_at"]) or session.starts_at <= now():
        return None
    days = (values["event"].starts.date() - local_time(now(), session.zone).date()).days
    values |= {"days": days, "mode_word": mode_word(way_at(session, registration.mode))}
    return _letter("reminder", registration, values, companion_lines(registration), has_code=True)


def please_reconfirm(facts: dict[str, Any]) -> Letter | None:
    """The question whether the person comes; None once that is answered, or the event has begun."""
    registration = queries.find_by_public_id(facts["registration"])
    if registration is None or not registration.owes_answer or registration.event.is_cancelled:
        return None
    event = registration.event
    if event.starts_at <= now():
        return None
    values = {**_values(registration, facts), "until": deadline_words(release_at(event), event.zone)}
    return _letter("please_reconfirm", registration, values, companion_lines(registration))


MESSAGES: dict[str, Renderer] = {
    "registration_confirmed": _about_registration("registration_confirmed", ticket=True),
    "registration_moved": _about_registration("registration_moved", ticket=True, alone=True),
    "registration_changed": _about_registration("registration_changed", ticket=True, alone=True),
    "waitlisted": _about_waiting("waitlisted"),
    "promoted": _about_registration("promoted", ticket=True),
    "seat_offered": _about_waiting("seat_offered"),
    "offer_ending": _about_waiting("offer_ending"),
    "offer_over": _about_registration("offer_over", ticket=True),
    "confirm_address": confirm_address,
    "registration_pending": _about_registration("registration_pending"),
    "registration_declined": _about_registration("registration_declined"),
    "reminder": reminder,
    "please_reconfirm": please_reconfirm,
    "seat_released": _about_registration("seat_released", alone=True),
    "registration_cancelled": _about_registration("registration_cancelled", alone=True),
    "event_moved": _about_registration("event_moved", ticket=True),
    "event_cancelled": _about_registration("event_cancelled"),
    "meetings_added": of_one_state(meetings_added),
    "session_moved": _about_session("session_moved"),
    "session_cancelled": _about_session("session_cancelled"),
    "address_left": of_one_state(address_left),
    "your_links": your_links,
}
