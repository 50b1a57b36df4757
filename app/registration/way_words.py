"""The ways of coming in words: what one can choose, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.catalogue.models import Mode
from app.catalogue.queries import Meetings
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.registration.rules import Way, Ways


def way_label(way: Way) -> str:
    """A way of coming, as a choice."""
    is_online = way.mode == Mode.ONLINE
    if way.queue is None:
        return _("Online") if is_online else _("In the hall")
    if way.seat is None:
        return _("Only on the waiting list for online") if is_online else _("Only on the waiting list for the hall")
    if is_online:
        return _("Online for now, and on the waiting list for the hall")
    return _("In the hall for now, and on the waiting list for online")


def only_words(ways: str) -> str:
    """How one can come from now on, where that has changed: by `online`, `in_person` or `hybrid`, else empty."""
    return _by_ways(
        ways,
        in_person=_("It takes place in the hall only now."),
        online=_("It takes place online only now."),
        hybrid=_("One can come to the hall or take part online now."),
    )


def meeting_words(ways: str) -> str:
    """As `only_words`, of one meeting of several."""
    return _by_ways(
        ways,
        in_person=_("This meeting takes place in the hall only now."),
        online=_("This meeting takes place online only now."),
        hybrid=_("One can come to the hall for this meeting or take part online now."),
    )


def rest_words(ways: str) -> str:
    """How one can come to what is left, as in `only_words`."""
    return _by_ways(
        ways,
        in_person=_("One can only come to the hall from now on."),
        online=_("One can only take part online from now on."),
    )


def _by_ways(ways: str, **words: str) -> str:
    return words.get(ways, "")


def change_label(way: Way, now: Way) -> str:
    """A way of coming, as a choice for somebody who comes some way already."""
    if way.seat is None or way.seat != now.seat or way.queue:
        return way_label(way)
    if way.seat == Mode.ONLINE:
        return _("Stay online, and leave the waiting list")
    return _("Stay in the hall, and leave the waiting list")


def sign_up_hints(
    free: Mapping[str, int | None],
    waiting: Mapping[str, int],
    queued: Sequence[str],
    meetings: Meetings | None,
    *,
    meanwhile: bool,
) -> dict[str, str]:
    """What a newcomer should know about each way, by its code; `meanwhile`: with a seat and a place in a queue, too.

    `meetings` are those to come, where one can choose how to take part.
    """
    hints: dict[str, str] = {}
    for mode, left in free.items():
        hint = _queue_hint(waiting.get(mode, 0)) if mode in queued else _left_words(left)
        hints[mode] = " ".join(filter(None, [_partly_words(mode, meetings), hint]))
    for code in combined(free, queued) if meanwhile else ():
        hints[code] = _meanwhile_words(Way.of_code(code))
    return hints


def _partly_words(mode: str, meetings: Meetings | None) -> str:
    """That not all meetings are held that way, for whoever can't come the other way; "" where all are."""
    if meetings is None or meetings.held[mode] == meetings.number:
        return ""
    numbers = {"num": meetings.held[mode], "all": meetings.number}
    if mode == Mode.ONLINE:
        return _("Meetings online: %(num)d of %(all)d. The others are in the hall.", **numbers)
    return _("Meetings in the hall: %(num)d of %(all)d. The others are online.", **numbers)


def combined(free: Mapping[str, int | None], queued: Sequence[str]) -> list[str]:
    """The codes of those ways that give a seat meanwhile."""
    return [Way(seat, queue).code for queue in queued for seat in free if free[seat] != 0]


def change_hint(way: Way, ways: Ways) -> str:
    """What becomes of seat and place in the queue by this change; in words for the person and the organizer."""
    now = ways.now
    parts = []
    if way.seat and way.seat != now.seat:
        parts.append(_left_words(ways.free[way.seat]) + ".")
    if now.seat and way.seat != now.seat:
        parts.append(_gives_up(now.seat))
    if way.queue:
        parts += _queue_words(way, now)
    elif now.queue and way.seat != now.queue:
        parts.append(_loses_queue(is_asked=ways.is_asked))
    return " ".join(parts)


def _queue_words(way: Way, now: Way) -> list[str]:
    parts = []
    if way.queue == now.queue:
        parts.append(_("The place on the waiting list is kept."))
    elif way.seat is None:
        parts.append(_("At the end of that list; the place on the other list is lost."))
    if way.seat is not None and way.queue != now.queue:
        parts.append(_keeps_until(way.seat) if way.seat == now.seat else _meanwhile_words(way))
    return parts


def _loses_queue(*, is_asked: bool) -> str:
    if is_asked:
        return _("The seat that is offered goes to the next person.")
    return _("The place on the waiting list is lost.")


def _gives_up(mode: str) -> str:
    if mode == Mode.ONLINE:
        return _("The online seat is given up.")
    return _("The seat in the hall is given up.")


def _keeps_until(mode: str) -> str:
    if mode == Mode.ONLINE:
        return _("The online seat stays until there is one in the hall.")
    return _("The seat in the hall stays until there is one online.")


def _meanwhile_words(way: Way) -> str:
    if way.seat == Mode.ONLINE:
        return _("A seat online at once, until there is one in the hall.")
    return _("A seat in the hall at once, until there is one online.")


def _left_words(left: int | None) -> str:
    if left is None:
        return _("No limit of seats")
    return ngettext("%(num)s seat left", "%(num)s seats left", left) if left else _("All taken")


def _queue_hint(waiting: int) -> str:
    if not waiting:
        return _("All taken: you join the waiting list")
    return ngettext(
        "All taken: you join the waiting list, where %(num)d person is already",
        "All taken: you join the waiting list, where %(num)d people are already",
        waiting,
    )
