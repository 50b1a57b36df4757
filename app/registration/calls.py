"""Whom to phone, and what to say. One call says everything that is open for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.catalogue.models import Event, SeatPool, Session, SessionStatus
from app.catalogue.queries import sessions_of, ways_left
from app.core.clock import now
from app.core.db import db
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.registration.added_meetings import meeting_lines, still_new
from app.registration.earlier import before_of, earlier
from app.registration.facts import EventFacts, mode_word, when_of
from app.registration.models import ACTIVE, Call, Registration, RegistrationStatus, WaitingEntry
from app.registration.session_words import quoted
from app.registration.waiting_words import answer_by, deadline_words
from app.registration.way_words import meeting_words, only_words, rest_words

IS_OFFER = Call.message == "seat_offered"
ENDINGS = ("offer_over", "seat_released", "registration_declined")
"""What somebody is told who has no place any more."""


@dataclass(frozen=True)
class OpenCall:
    """Somebody to phone, with all that is to be said; of an offer, until when and for which mode."""

    id: int
    registration: Registration
    messages: dict[str, dict[str, Any]]
    tries: int
    tried_at: datetime | None
    offer_until: datetime | None
    offered_mode: str | None
    offered_session: Session | None = None

    @property
    def event(self) -> Event:
        """What it is about."""
        return self.registration.event

    @property
    def mode(self) -> str:
        """How the person comes, or would come."""
        return (self.offered_session is None and self.offered_mode) or self.registration.mode

    @property
    def is_news_only(self) -> bool:
        """Whether there is nothing to answer, only to be told."""
        return "event_cancelled" in self.messages or not self.registration.is_active

    @property
    def waits(self) -> bool:
        """Whether the person has neither a seat nor an offer."""
        return self.offer_until is None and self.registration.status == RegistrationStatus.WAITLISTED


def open_calls(organization_id: int, event_id: int | None = None) -> list[OpenCall]:
    """Whom to phone: offers first, the next to end before the others, then by the event's start.

    Who left since, or whose offer or event is over, needs no call any more.
    """
    query = (
        select(Call, Registration, WaitingEntry.offer_until, SeatPool.mode, Session)
        .join(Registration, Registration.id == Call.registration_id)
        .join(Event, Event.id == Registration.event_id)
        .outerjoin(
            WaitingEntry,
            (WaitingEntry.registration_id == Registration.id) & WaitingEntry.offer_until.is_not(None) & IS_OFFER,
        )
        .outerjoin(SeatPool, SeatPool.id == WaitingEntry.pool_id)
        .outerjoin(Session, Session.id == SeatPool.session_id)
        .where(
            Event.organization_id == organization_id,
            Call.answer.is_(None),
            or_(Registration.status.in_(ACTIVE), Call.message.in_(ENDINGS)),
            Event.ends_at > now(),
            or_(~IS_OFFER, WaitingEntry.offer_until > now()),
        )
        .options(joinedload(Registration.event).joinedload(Event.organization))
        .order_by(WaitingEntry.offer_until.is_(None), WaitingEntry.offer_until, Event.starts_at, Call.id)
    )
    if event_id is not None:
        query = query.where(Event.id == event_id)
    found: dict[int, OpenCall] = {}
    for call, registration, offer_until, mode, session in db.session.execute(query):
        if _is_too_late(call):
            continue
        known = found.setdefault(
            registration.id,
            OpenCall(call.id, registration, {}, call.tries, call.tried_at, offer_until, mode, session),
        )
        known.messages[call.message] = call.facts
    return list(found.values())


def _is_too_late(call: Call) -> bool:
    """Nobody is reminded of what has begun."""
    starts_at = call.facts.get("starts_at") if call.message == "reminder" else None
    return starts_at is not None and datetime.fromisoformat(starts_at) <= now()


def find_call(call_id: int) -> Call | None:
    """The call with its registration, event and organization."""
    whole = joinedload(Call.registration).joinedload(Registration.event).joinedload(Event.organization)
    return db.session.scalar(select(Call).where(Call.id == call_id).options(whole))


def words_to_say(call: OpenCall, facts: EventFacts) -> list[str]:
    """What to tell the person, in the caller's language; when and where stand beside it."""
    if "event_cancelled" in call.messages:
        news = call.messages["event_cancelled"]
        reason = news.get("reason") or ""
        also = [one for one in sessions_of(call.event.id) if one.uid in news.get("also_lost", ())]
        lost = [_("A meeting is cancelled: %(meeting)s.", meeting=_meeting(one)) for one in also]
        return [_("The event will not take place."), *lost, *([reason] if reason else [])]
    if call.is_news_only:
        return _endings(call)
    return [*_news(call, facts), *_question(call)]


def _endings(call: OpenCall) -> list[str]:
    """What ended, and what one can still do."""
    words = {
        "offer_over": _("A seat was offered, and there was no answer in time: it is no longer kept."),
        "seat_released": _("We asked whether the person comes and had no answer: the seat went to the waiting list."),
        "registration_declined": _("The organizer has no place for this person."),
    }
    return [
        *(words[name] for name in ENDINGS if name in call.messages),
        *([] if "registration_declined" in call.messages else [_("Who would still like to come can be added again.")]),
    ]


def _news(call: OpenCall, facts: EventFacts) -> list[str]:
    words = []
    if "event_moved" in call.messages:
        news = call.messages["event_moved"]
        ways = only_words(news["only"]) if news.get("only") == ways_left(call.event.id) else ""
        was = _was(before_of(news, facts.session), facts.session, call)
        words += [_("Time or place has changed.")] if was or not ways else []
        words += [*was, *([ways] if ways else [])]
    if "registration_moved" in call.messages:
        words.append(_("The organizer gave this person another date, and another number."))
        words += _was(call.messages["registration_moved"]["before"], facts.session, call)
    words += [*_new_meetings(call), *_session_news(call)]
    if any(_has_new_seat(news) for news in call.messages.values()) and call.registration.has_seat:
        words.append(_("There is a seat for this person now: %(mode)s.", mode=mode_word(call.registration.mode)))
    if "promoted" in call.messages:
        mode = _won(call)
        words.append(_("A seat came free, and it was this person’s turn: %(mode)s.", mode=mode))
    if "reminder" in call.messages:
        words.append(_("A reminder of the event."))
    return words


def _has_new_seat(news: dict[str, Any]) -> bool:
    """Whether the news came with a seat that the person hadn't before."""
    return any(part.get("new_seat") for part in (news, *news.get("sessions", {}).values()))


def _won(call: OpenCall) -> str:
    """What the person has a seat at now: sessions, or the event in some mode."""
    facts = call.messages["promoted"]
    codes = facts.get("sessions", [facts.get("session")])
    sessions = [one for one in sessions_of(call.event.id) if one.code in codes]
    return ", ".join(quoted(one) for one in sessions) or mode_word(call.registration.mode)


def _new_meetings(call: OpenCall) -> list[str]:
    """What was added and is still to come."""
    uids = call.messages.get("meetings_added", {}).get("added", [])
    lines = meeting_lines(still_new(call.registration, uids), call.registration.mode) if uids else []
    return [_("A new meeting: %(meeting)s.", meeting=line.rstrip(".")) for line in lines]


def _session_news(call: OpenCall) -> list[str]:
    """What has changed about single meetings; of one that is called off only that."""
    sessions = {session.uid: session for session in sessions_of(call.event.id)}
    cancelled = call.messages.get("session_cancelled", {}).get("sessions", {})
    moved = call.messages.get("session_moved", {}).get("sessions", {})
    words = []
    for uid, news in moved.items():
        if uid in sessions and sessions[uid].status != SessionStatus.CANCELLED:
            words.append(_("A meeting has changed: %(meeting)s.", meeting=_meeting(sessions[uid])))
            words += _was(news["before"], sessions[uid], call)
            words += [meeting_words(sessions[uid].mode)] if news.get("only") == sessions[uid].mode else []
    for uid, news in cancelled.items():
        if uid in sessions:
            words.append(_("A meeting is cancelled: %(meeting)s.", meeting=_meeting(sessions[uid])))
            words += [rest_words(news["only"])] if ways_left(call.event.id) == news.get("only") else []
            words += [news["reason"]] if news.get("reason") else []
    return words


def _meeting(session: Session) -> str:
    """A meeting by its time and its own title."""
    title, when = said(session.title), when_of(session)
    return f"{title}, {when}" if title else when


def _question(call: OpenCall) -> list[str]:
    if call.offer_until is not None:
        until = deadline_words(call.offer_until, call.event.zone)
        mode = quoted(call.offered_session) if call.offered_session else mode_word(call.mode)
        facts = {"mode": mode, "time": until}
        return [_("A seat is free: %(mode)s. It is kept until %(time)s. Does the person take it?", **facts)]
    if call.waits:
        return [_("The person is on the waiting list and has no seat yet. Does the person wait on?")]
    until = answer_by(call.registration)
    late = _("From %(time)s on, seats of people who have not answered go to those on the waiting list.", time=until)
    return [*([late] if until else []), _("The person has a seat. Does the person come?")]


def _was(before: dict[str, Any] | None, session: Session, call: OpenCall) -> list[str]:
    """The old title, time and place, each where it is another now."""
    old = earlier(before, call.event, session, call.registration.mode)
    words = [_("It was called: %(title)s.", title=old.title)] if old.title else []
    words += [_("It was planned for: %(when)s.", when=old.when)] if old.when else []
    return [*words, _("The place was: %(place)s.", place=old.place)] if old.place else words
