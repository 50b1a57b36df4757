"""The ways of coming in words: what one can choose, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.catalogue.models import Mode
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.registration.rules import Way


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


def change_label(way: Way, now: Way) -> str:
    """A way of coming, as a choice for somebody who comes some way already."""
    if way.seat is None or way.seat != now.seat or way.queue:
        return way_label(way)
    if way.seat == Mode.ONLINE:
        return _("Stay online, and leave the waiting list")
    return _("Stay in the hall, and leave the waiting list")


def sign_up_hints(free: Mapping[str, int | None], waiting: Mapping[str, int], queued: Sequence[str]) -> dict[str, str]:
    """What a newcomer should know about each way, by its code."""
    hints: dict[str, str] = {}
    for mode, left in free.items():
        hints[mode] = _queue_hint(waiting.get(mode, 0)) if mode in queued else _left_words(left)
    for code in combined(free, queued):
        hints[code] = _meanwhile_words(Way.of_code(code))
    return hints


def combined(free: Mapping[str, int | None], queued: Sequence[str]) -> list[str]:
    """The codes of those ways that give a seat meanwhile."""
    return [Way(seat, queue).code for queue in queued for seat in free if free[seat] != 0]


def change_hint(way: Way, now: Way, free: Mapping[str, int | None]) -> str:
    """What becomes of the person's seat and place in the queue by this change."""
    parts = []
    if way.seat and way.seat != now.seat:
        parts.append(_left_words(free[way.seat]))
    if now.seat and way.seat != now.seat:
        parts.append(_leaves_seat(now.seat))
    if way.queue and way.queue != now.queue:
        parts.append(_meanwhile_words(way) if way.seat else _("You join the end of that list."))
    elif way.queue:
        parts.append(_("You keep your place on the list."))
    if now.queue and way.queue != now.queue and way.seat != now.queue:
        parts.append(_("You lose your place on the list."))
    return " ".join(parts)


def _leaves_seat(mode: str) -> str:
    if mode == Mode.ONLINE:
        return _("Your online seat goes to somebody else.")
    return _("Your seat in the hall goes to somebody else.")


def _meanwhile_words(way: Way) -> str:
    if way.seat == Mode.ONLINE:
        return _("You have a seat online at once, and keep it until you get one in the hall.")
    return _("You have a seat in the hall at once, and keep it until you get one online.")


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
