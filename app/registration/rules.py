"""Pure decisions about registrations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from app.core.times import local_time
from app.core.times import zone as rules_of
from app.registration.models import RegistrationStatus

PER_ADDRESS = 4
"""How many active registrations one address may have at one event."""

_KNOWN_DOMAINS = (
    "gmail.com",
    "yandex.ru",
    "mail.ru",
    "bk.ru",
    "list.ru",
    "inbox.ru",
    "rambler.ru",
    "ya.ru",
    "icloud.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
)
_SLIPS = {
    "gmail.ru": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "yandex.com.ru": "yandex.ru",
    "mail.com.ru": "mail.ru",
    "icloud.ru": "icloud.com",
    "outlook.ru": "outlook.com",
}


def suggest_address(email: str) -> str | None:
    """The address the person probably meant, when the domain looks mistyped; None when it looks right.

    One letter too many, missing, wrong or swapped against a domain that many people use counts as a slip.
    """
    local, at, domain = email.rpartition("@")
    domain = domain.lower()
    if not at or not local or domain in _KNOWN_DOMAINS:
        return None
    if domain in _SLIPS:
        return f"{local}@{_SLIPS[domain]}"
    near = [known for known in _KNOWN_DOMAINS if len(known) > 6 and _is_one_slip(domain, known)]
    return f"{local}@{near[0]}" if near else None


def _is_one_slip(typed: str, meant: str) -> bool:
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    if len(typed) == len(meant):
        differ = [i for i, (a, b) in enumerate(zip(typed, meant, strict=True)) if a != b]
        if len(differ) == 1:
            return True
        return (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and typed[differ[0]] == meant[differ[1]]
            and typed[differ[1]] == meant[differ[0]]
        )
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def may_cancel(status: str, ends_at: datetime, at: datetime) -> bool:
    """Whether the person can still give the seat back: while it counts and the event isn't over."""
    active = (
        RegistrationStatus.UNCONFIRMED,
        RegistrationStatus.PENDING,
        RegistrationStatus.WAITLISTED,
        RegistrationStatus.OFFERED,
        RegistrationStatus.CONFIRMED,
    )
    return status in active and at < ends_at


@dataclass(frozen=True)
class Way:
    """How a person comes: with a `seat` in one mode, in the `queue` for another, or with a seat meanwhile."""

    seat: str | None = None
    queue: str | None = None

    @property
    def code(self) -> str:
        """The way as forms write it: `online`, `online+in_person`, or `+in_person` for who only waits."""
        return "+".join((self.seat or "", self.queue)) if self.queue else self.seat or ""

    @property
    def mode(self) -> str:
        """What the registration says: the mode of the seat, or, without one, the mode waited for."""
        return self.seat or self.queue or ""

    @classmethod
    def of_code(cls, code: str) -> Way:
        """The way that a form wrote."""
        seat, _plus, queue = code.partition("+")
        return cls(seat or None, queue or None)


@dataclass(frozen=True)
class Ways:
    """How a person comes as things stand, how else the person could come, and the seats free for newcomers by mode."""

    now: Way
    open: list[Way]
    free: dict[str, int | None]
    is_asked: bool = False

    @property
    def once_late(self) -> Ways:
        """What is left after the deadline: nobody is kept in a queue."""
        return replace(self, open=[way for way in self.open if is_leaving_queue(way, self.now)])


def is_leaving_queue(way: Way, now: Way) -> bool:
    """Whether somebody who has a seat and waits for another only gives up the waiting."""
    return now.queue is not None and now.seat is not None and way == Way(seat=now.seat)


def gives_up(way: Way, now: Way) -> bool:
    """Whether somebody who comes `now` would lose the seat or the place in the queue by this way."""
    loses_seat = now.seat is not None and way.seat != now.seat
    loses_place = now.queue is not None and now.queue not in (way.queue, way.seat)
    return loses_seat or loses_place


def decide_ways(free: Mapping[str, int | None], *, has_list: bool, now: Way | None = None) -> list[Way]:
    """The ways in which a person could come; instead of `now`, for somebody who is on the list of people already.

    `free` are the seats that a newcomer could have, by mode; None means no limit. Nobody gives up a seat just to wait.
    """
    has = now or Way()
    seats = [mode for mode, left in free.items() if left != 0 or mode == has.seat]
    queues = [mode for mode in free if mode not in seats and (has_list or mode == has.queue)]
    ways = [Way(seat=mode) for mode in seats]
    ways += [Way(seat=mode, queue=queue) for queue in queues for mode in seats]
    if has.seat is None:
        ways += [Way(queue=mode) for mode in queues]
    return [way for way in ways if way != now]


WAKING_HOURS = (time(9), time(21))
"""Between these hours of the event's zone the time of an offer runs, and silent people may lose their seats."""

SHORTEST_OFFER = timedelta(minutes=15)
"""What is shorter leaves nobody the time to answer."""

REMIND_BEFORE = timedelta(hours=1)
"""How long before an offer ends the person is reminded of it."""


class Turn(StrEnum):
    """What becomes of a free seat for which somebody waits."""

    AT_ONCE = "at_once"
    OFFER = "offer"
    NOBODY = "nobody"


@dataclass(frozen=True)
class QueueTerms:
    """What decides how a freed seat is handed on. `next_start` is None once the last session has begun."""

    is_cancelled: bool
    next_start: datetime | None
    zone: str
    offer_lead_hours: int
    offer_hours: int
    change_lead_hours: int


def change_deadline(terms: QueueTerms) -> datetime | None:
    """Until when people may change how they come by themselves; None when the last session has begun."""
    return terms.next_start and terms.next_start - timedelta(hours=terms.change_lead_hours)


def may_change(terms: QueueTerms, now: datetime) -> bool:
    """Whether people may still change how they come by themselves."""
    deadline = change_deadline(terms)
    return not terms.is_cancelled and deadline is not None and now < deadline


def decide_turn(terms: QueueTerms, now: datetime, *, has_limit: bool = True) -> tuple[Turn, datetime | None]:
    """Whether the next one gets the seat, is asked first, or nobody gets it; and until when an offer stands.

    Where seats have no limit, nobody is asked first: whoever doesn't come keeps no seat from anybody.
    """
    if terms.is_cancelled or terms.next_start is None or now >= terms.next_start:
        return Turn.NOBODY, None
    if not has_limit or now < terms.next_start - timedelta(hours=terms.offer_lead_hours):
        return Turn.AT_ONCE, None
    return Turn.OFFER, _offer_until(now, terms.next_start, timedelta(hours=terms.offer_hours), terms.zone)


def _offer_until(now: datetime, start: datetime, length: timedelta, zone: str) -> datetime:
    """When an offer ends. One that would last to the start takes half of the waking time that is left.

    So there is somebody else who can be asked after a silent one, and no chair stays empty by silence alone.
    """
    whole = offer_deadline(now, length, zone)
    if whole < start:
        return whole
    half = _waking_time(now, start, zone) / 2
    return offer_deadline(now, half, zone) if half >= SHORTEST_OFFER else start


def _waking_time(now: datetime, until: datetime, zone: str) -> timedelta:
    """How much of the time between two instants people are awake, by the clocks of `zone`."""
    found, day = timedelta(0), local_time(now, zone).date()
    while day <= local_time(until, zone).date():
        opens, closes = _waking_hours(day, zone)
        found += max(min(closes, until) - max(opens, now), timedelta(0))
        day += timedelta(days=1)
    return found


def _waking_hours(day: date, zone: str) -> tuple[datetime, datetime]:
    opens, closes = (_instant_of(datetime.combine(day, hour), zone) for hour in WAKING_HOURS)
    return opens, closes


def by_day(moment: datetime, zone: str) -> datetime:
    """The moment, or, where it is at night, when people get up after it."""
    day = local_time(moment, zone).date()
    opens, closes = _waking_hours(day, zone)
    if moment < opens:
        return opens
    return moment if moment < closes else _waking_hours(day + timedelta(days=1), zone)[0]


def last_by_day(moment: datetime, zone: str) -> datetime:
    """The moment, or, where it is at night, when people went to bed before it."""
    day = local_time(moment, zone).date()
    opens, closes = _waking_hours(day, zone)
    if moment < opens:
        return _waking_hours(day - timedelta(days=1), zone)[1]
    return min(moment, closes)


def offer_deadline(now: datetime, length: timedelta, zone: str) -> datetime:
    """When an offer made at `now` ends whose time runs only while people are awake, by the clocks of `zone`."""
    left = length
    day = local_time(now, zone).date()
    while True:
        opens, closes = _waking_hours(day, zone)
        begins = max(now, opens)
        if begins < closes:
            if begins + left <= closes:
                return begins + left
            left -= closes - begins
        day += timedelta(days=1)


def _instant_of(wall: datetime, zone: str) -> datetime:
    """The instant of a wall time; of one that the clocks skip, the moment after the gap."""
    return wall.replace(tzinfo=rules_of(zone), fold=0).astimezone(UTC)


def is_worth_reminding(offered_at: datetime, offer_until: datetime) -> bool:
    """Whether the offer lasts long enough for a reminder that isn't a second mail right after the first."""
    return offer_until - offered_at >= 2 * REMIND_BEFORE


SETTLED = timedelta(hours=12)
"""Whoever has had a seat for so long may be reminded of it."""

REST = timedelta(hours=36)
"""After a shorter break nobody needs to be reminded of the next meeting."""


class HasTimes(Protocol):
    """A meeting, as reminders see it."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def is_worth_a_reminder(session: HasTimes, sessions: Iterable[HasTimes]) -> bool:
    """Whether people may have forgotten this meeting: none of the others was shortly before it.

    Of several that begin at once the first of `sessions` counts.
    """
    is_listed = False
    for other in sessions:
        is_listed |= other is session
        is_before = other.starts_at < session.starts_at or (other.starts_at == session.starts_at and not is_listed)
        if is_before and session.starts_at < other.ends_at + REST:
            return False
    return True


def remind_at(starts_at: datetime, zone: str, hours: int) -> datetime:
    """When to remind of a start. Whole days go by the clocks on the wall, which may have been changed meanwhile."""
    if hours % 24:
        return starts_at - timedelta(hours=hours)
    wall = local_time(starts_at, zone).replace(tzinfo=None) - timedelta(days=hours // 24)
    return _instant_of(wall, zone)


def decide_reminder(starts_at: datetime, zone: str, leads: Iterable[int], now: datetime) -> int | None:
    """The hours of the reminder that is due: of several the last; None before the first, and after the start."""
    if now >= starts_at:
        return None
    return min((hours for hours in leads if hours and remind_at(starts_at, zone, hours) <= now), default=None)


def latest_to_remind(starts_at: datetime, zone: str, hours: int) -> datetime:
    """Who got a seat later than this needs no such reminder: it would follow the ticket at once."""
    return remind_at(starts_at, zone, hours) - min(SETTLED, timedelta(hours=hours))


def decide_release(groups: Sequence[int], free: int, silent: int) -> list[int]:
    """How many silent people's seats are given away, step by step, so that with each step somebody can move up.

    `groups` are the sizes of those who wait, in their order: people who wait together move together. `free` seats there
    are anyway; below 0 it is how many people are over the limit.
    """
    waits, steps = list(groups), []
    while (size := next((one for one in waits if one <= free + silent), None)) is not None:
        needed = max(size - free, 0)
        steps.append(needed)
        waits.remove(size)
        free, silent = free + needed - size, silent - needed
    return [step for step in steps if step]


def needs_call(contact_id: int | None, phone: str | None, *, wants: bool) -> bool:
    """Whether somebody must be phoned: has no address to write to, or asked for it."""
    return phone is not None and (wants or contact_id is None)


class Why(StrEnum):
    """Why somebody who waits has no seat yet."""

    CANCELLED = "cancelled"
    BEGUN = "begun"
    ASKED = "asked"
    OTHERS_ASKED = "others_asked"
    OVER_LIMIT = "over_limit"
    PARTY = "party"
    FULL = "full"
    KEPT = "kept"
    FULL_OR_KEPT = "full_or_kept"
    SOON = "soon"


def _is_party_too_large(size: int, *, left: int, offered: int) -> bool:
    """Whether there are seats, but too few for so many at once, those included that somebody else may still leave."""
    return left < size and (left > 0 or 0 < offered < size)


def decide_why(
    terms: QueueTerms,
    *,
    capacity: int | None,
    taken: int,
    offered: int,
    place: int,
    offer_until: datetime | None,
    now: datetime,
    size: int = 1,
    own_kept: int = 0,
    others_kept: int = 0,
) -> Why:
    """Why the entry at `place` (from 1) of a pool's queue doesn't move; of the seats taken, `offered` are only kept.

    `size` is how many can move up only together with it, itself included. Nobody has `own_kept` seats that are kept for
    guests of the partner who sent the person, and `others_kept` that are kept for other guests.
    """
    if terms.is_cancelled:
        return Why.CANCELLED
    if terms.next_start is None or now >= terms.next_start:
        return Why.BEGUN
    if offer_until is not None:
        return Why.ASKED
    if capacity is not None and taken > capacity:
        return Why.OVER_LIMIT
    capacity = None if capacity is None else capacity + own_kept
    if capacity is not None and _is_party_too_large(size, left=capacity - taken, offered=offered):
        return Why.PARTY
    if capacity is not None and taken + place > capacity:
        if not offered:
            return Why.KEPT if others_kept else Why.FULL
        return Why.OTHERS_ASKED if place <= offered else Why.FULL_OR_KEPT
    return Why.SOON
