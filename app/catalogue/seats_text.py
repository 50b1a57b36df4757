"""Seats in words: whether one can still come, and how many can."""

from __future__ import annotations

from collections.abc import Mapping

from app.catalogue.models import Mode
from app.catalogue.rules import HasSignUp, SignUpState
from app.catalogue.times_text import moment_text
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.core.settings import settings

FEW = 5

OK, LOW, FULL, NONE, CANCELLED, PAST = "ok", "few", "full", "none", "cancelled", "past"


def seats_words(
    state: SignUpState, event: HasSignUp, seats: Mapping[str, int | None], language: str
) -> tuple[str, str]:
    """A short sentence in the language spoken now, and its kind, as the macro `seats_line` knows it."""
    if state == SignUpState.OPEN:
        return _open_words(seats)
    if state == SignUpState.NOT_YET and event.sign_up_opens_at:
        zone = getattr(event, "zone", settings().default_time_zone)
        return _("Sign-up opens on %(date)s", date=moment_text(event.sign_up_opens_at, zone, language)), NONE
    return _fixed_words()[state]


def _fixed_words() -> dict[SignUpState, tuple[str, str]]:
    return {
        SignUpState.DRAFT: (_("Draft"), NONE),
        SignUpState.CANCELLED: (_("Cancelled"), CANCELLED),
        SignUpState.PAST: (_("This event is over"), PAST),
        SignUpState.JUST_COME: (_("Just come, no sign-up"), NONE),
        SignUpState.ELSEWHERE: (_("Sign-up on another site"), NONE),
        SignUpState.CLOSED: (_("Sign-up has closed"), FULL),
        SignUpState.FULL: (_("All seats are taken"), FULL),
        SignUpState.WAITING_LIST: (_("All seats are taken, there is a waiting list"), FULL),
    }


def _open_words(seats: Mapping[str, int | None]) -> tuple[str, str]:
    """An event with a full hall and room online says so, for most readers look for the hall."""
    if len(seats) > 1 and seats.get(Mode.IN_PERSON) == 0:
        return _("The hall is full, online is open"), LOW
    if len(seats) > 1 and seats.get(Mode.ONLINE) == 0:
        return _("Online is full, the hall is open"), LOW
    free = [number for number in seats.values() if number is not None]
    if len(free) < len(seats):
        return _("Seats are free"), OK
    left = sum(free)
    if left <= FEW:
        return ngettext("Only %(num)d seat left", "Only %(num)d seats left", left), LOW
    return ngettext("%(num)d free seat", "%(num)d free seats", left), OK


def seats_lines(state: SignUpState, seats: Mapping[str, int | None]) -> list[str]:
    """The seats of a hybrid event, a line for the hall and one for online; empty for any other."""
    if len(seats) < 2 or state not in (SignUpState.OPEN, SignUpState.WAITING_LIST, SignUpState.FULL):
        return []
    return [
        _("In the hall: %(seats)s", seats=_free(seats[Mode.IN_PERSON])),
        _("Online: %(seats)s", seats=_free(seats[Mode.ONLINE])),
    ]


def _free(number: int | None) -> str:
    if number is None:
        return _("no limit")
    return ngettext("%(num)d free seat", "%(num)d free seats", number) if number else _("full")


def kept_words(partner: str, kept: Mapping[str, int]) -> str:
    """How many seats there are for the guests of a partner; nothing where none are kept any more."""
    if not kept:
        return ""
    number = sum(kept.values())
    if not number:
        return _("The seats for guests of %(partner)s are taken.", partner=partner)
    return ngettext(
        "%(num)d seat is kept for guests of %(partner)s.",
        "%(num)d seats are kept for guests of %(partner)s.",
        number,
        partner=partner,
    )


def session_seats_words(seats: Mapping[str, int | None], *, has_list: bool) -> str:
    """How many seats are left at a session that people choose."""
    if len(seats) == 1:
        free = next(iter(seats.values()))
        if free is None:
            return _("Seats are free")
        if free:
            return ngettext("%(num)d free seat", "%(num)d free seats", free)
        return _("full, there is a waiting list") if has_list else _("full")
    return "; ".join(
        (
            _("In the hall: %(seats)s", seats=_free(seats[Mode.IN_PERSON])),
            _("Online: %(seats)s", seats=_free(seats[Mode.ONLINE])),
        )
    )
