"""The sessions of an event as forms and pages list them: by their hours, what is for everybody among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.catalogue.formats import FORMATS
from app.catalogue.models import Mode, Session, SessionStatus
from app.catalogue.place_text import place_line
from app.catalogue.queries import Choice, Choices, Seats
from app.core.clock import now
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext, said
from app.registration.models import Registration
from app.registration.own_sessions import OwnSessions
from app.registration.session_words import quoted, when_of
from app.registration.waiting_words import QueueFacts, all_queue_facts


@dataclass(frozen=True)
class SessionLine:
    """One session in words. `is_shut`: it can't be chosen or left any more; `state` is the person's own, in words."""

    code: str
    title: str
    about: str
    seats: str = ""
    state: str = ""
    is_chosen: bool = False
    is_shut: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True)
class Slot:
    """The sessions that begin and end together."""

    when: str
    common: list[SessionLine] = field(default_factory=list)
    to_choose: list[SessionLine] = field(default_factory=list)


def slots_of(
    choices: Choices, *, has_list: bool, own: OwnSessions | None = None, queues: Mapping[int, QueueFacts] | None = None
) -> list[Slot]:
    """What one can choose, hour by hour; for somebody who has chosen before, with what became of it."""
    slots: dict[tuple[datetime, datetime], Slot] = {}
    sessions = [*choices.common, *(choice.session for choice in choices.to_choose)]
    is_hybrid = any(one.is_in_person for one in sessions) and any(one.is_online for one in sessions)
    for session, choice in _in_time(choices):
        slot = slots.setdefault((session.starts_at, session.ends_at), Slot(when_of(session)))
        if own is None and session.ends_at <= now():
            continue  # nobody signs up for what is over
        if choice is None:
            if session.status == SessionStatus.SCHEDULED:
                is_online = own is not None and own.modes[session.id] == Mode.ONLINE
                about = about_words(session, is_online=is_online)
                slot.common.append(SessionLine(session.code, line_title(session), about))
        elif session.status == SessionStatus.SCHEDULED or _is_held(session, own):
            line = _line(choice, is_hybrid=is_hybrid, has_list=has_list, own=own, queue=(queues or {}).get(session.id))
            slot.to_choose.append(line)
    return [slot for slot in slots.values() if slot.common or slot.to_choose]


def own_slots(found: Registration, own: OwnSessions, queues: Sequence[QueueFacts] | None = None) -> list[Slot]:
    """What one can choose, with what became of what was chosen; nothing where there is nothing to choose."""
    if not own.choices.to_choose:
        return []
    queues = all_queue_facts(found, own) if queues is None else queues
    by_session = {queue.session_id: queue for queue in queues if queue.session_id is not None}
    return slots_of(own.choices, has_list=found.event.has_waiting_list, own=own, queues=by_session)


def chosen_slots(slots: Iterable[Slot]) -> list[Slot]:
    """Of a person's slots what the person comes to, waits for or wishes, hour by hour."""
    chosen = [Slot(slot.when, slot.common, [line for line in slot.to_choose if line.is_chosen]) for slot in slots]
    return [slot for slot in chosen if slot.common or slot.to_choose]


def carried_words(own: OwnSessions, mode: str, *, has_list: bool) -> list[str]:
    """What becomes of chosen sessions for somebody who would come in this mode instead; nothing of what stays."""
    words = []
    for choice in own.choices.to_choose:
        session = choice.session
        if session.id not in own.held.seats | own.held.waits or session.starts_at <= now():
            continue
        pool = choice.pool_for(mode)
        if pool is None:
            words.append(_("%(title)s is in the hall only: you give it up.", title=quoted(session)))
        elif pool.free == 0 and session.id in own.held.seats and own.modes[session.id] != pool.mode:
            words.append(_full_there(session, mode, has_list=has_list))
    return words


def _full_there(session: Session, mode: str, *, has_list: bool) -> str:
    if mode == Mode.IN_PERSON:
        return _("%(title)s is full in the hall: you stay online there, and wait.", title=quoted(session))
    if has_list:
        return _("%(title)s is full online: you give up the seat in the hall, and wait.", title=quoted(session))
    return _("%(title)s is full online: you give it up.", title=quoted(session))


def _in_time(choices: Choices) -> Iterable[tuple[Session, Choice | None]]:
    pairs: list[tuple[Session, Choice | None]] = [(choice.session, choice) for choice in choices.to_choose]
    pairs += [(session, None) for session in choices.common]
    return sorted(pairs, key=lambda pair: (pair[0].starts_at, pair[0].ends_at, pair[0].position))


def _is_held(session: Session, own: OwnSessions | None) -> bool:
    return own is not None and session.id in own.held.seats | own.held.waits


def _line(
    choice: Choice, *, is_hybrid: bool, has_list: bool, own: OwnSessions | None, queue: QueueFacts | None
) -> SessionLine:
    session = choice.session
    is_cancelled = session.status == SessionStatus.CANCELLED
    has_begun = session.starts_at <= now()
    is_out = not has_list and all(pool.free == 0 for pool in choice.pools.values()) and not _is_held(session, own)
    return SessionLine(
        code=session.code,
        title=line_title(session),
        about=about_words(session, modes=_mode_words(choice) if is_hybrid else ""),
        seats="" if is_cancelled or has_begun or _is_held(session, own) else seats_words(choice, has_list=has_list),
        state=state_words(session, own, queue) or (_("Has begun") if has_begun and not is_cancelled else ""),
        is_chosen=own is not None and session.id in own.held.seats | own.held.waits | own.wished,
        is_shut=is_cancelled or has_begun or is_out,
        is_cancelled=is_cancelled,
    )


def line_title(session: Session) -> str:
    """What a session goes by where its hours stand beside it."""
    return said(session.title, language()) or _("Meeting")


def about_words(session: Session, modes: str = "", *, is_online: bool = False) -> str:
    """Section, format and place of a session, and how one can take part."""
    speech = language()
    parts = [said(session.track.title, speech)] if session.track else []
    if session.format in FORMATS:
        parts.append(str(FORMATS[session.format].name))
    if is_online:
        parts.append(_("online"))
    elif session.is_in_person:
        place = session.room.name if session.room else None
        parts.append(said(place, speech) if place else place_line(session.venue, None, session.place_note, speech))
    return " · ".join(part for part in [*parts, modes] if part)


def _mode_words(choice: Choice) -> str:
    if len(choice.pools) > 1:
        return ""
    return _("online only") if Mode.ONLINE in choice.pools else _("in the hall only")


def seats_words(choice: Choice, *, has_list: bool) -> str:
    """How many seats are left, and what follows from choosing it when none is."""
    pools = choice.pools
    if len(pools) == 1:
        return _seats_left(next(iter(pools.values())), has_list=has_list)
    return _(
        "In the hall: %(hall)s. Online: %(online)s.",
        hall=_in_sentence(pools[Mode.IN_PERSON], has_list=has_list),
        online=_in_sentence(pools[Mode.ONLINE], has_list=has_list),
    )


def _seats_left(pool: Seats, *, has_list: bool) -> str:
    if pool.free is None:
        return _("No limit of seats")
    if pool.free:
        return ngettext("%(num)s seat left", "%(num)s seats left", pool.free)
    if not has_list:
        return _("All taken")
    if not pool.waiting:
        return _("All taken: wait for this and keep the others")
    return ngettext(
        "All taken: wait for this and keep the others; %(num)d person waits already",
        "All taken: wait for this and keep the others; %(num)d people wait already",
        pool.waiting,
    )


def _in_sentence(pool: Seats, *, has_list: bool) -> str:
    if pool.free is None:
        return _("no limit")
    if pool.free:
        return ngettext("%(num)d free seat", "%(num)d free seats", pool.free)
    return _("full, with a waiting list") if has_list else _("full")


def state_words(session: Session, own: OwnSessions | None, queue: QueueFacts | None) -> str:
    """What somebody has at the session: a seat, an offer, a place in the queue, or the wish for one."""
    if own is None:
        return ""
    if queue is not None:
        words = [_("Online meanwhile.")] if session.id in own.held.seats else []
        words.append(_("A seat is offered.") if queue.until else _waits_words(queue))
        if queue.left:
            words.append(
                _("Once there is a seat, it replaces %(titles)s, which is at the same time.", titles=queue.left)
            )
        return " ".join(words)
    if session.id in own.held.seats:
        is_other = own.modes[session.id] == Mode.ONLINE and session.is_in_person
        return _("Seat kept: %(mode)s", mode=_("online")) if is_other else _("Seat kept")
    return _("Chosen") if session.id in own.wished else ""


def _waits_words(queue: QueueFacts) -> str:
    return _("On the waiting list, number %(number)s.", number=queue.number)


def told_full(choices: Choices) -> list[str]:
    """What a form says is full, as session and mode: who sends it knows that it means waiting."""
    return [
        f"{choice.session.code}/{mode}"
        for choice in choices.to_choose
        for mode, pool in choice.pools.items()
        if pool.free == 0
    ]


def known_full(choices: Choices, told: Iterable[str], mode: str) -> list[str]:
    """Of what a form said is full, the codes of the sessions that are so for somebody who comes in this mode."""
    known = set(told)
    found = []
    for choice in choices.to_choose:
        pool = choice.pool_for(mode)
        if pool is not None and f"{choice.session.code}/{pool.mode}" in known:
            found.append(choice.session.code)
    return found
