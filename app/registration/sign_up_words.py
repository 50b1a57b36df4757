"""Signing up in words: why it can't be done now."""

from __future__ import annotations

from app.catalogue.rules import SignUpState
from app.core.i18n import gettext as _
from app.core.i18n import ngettext


def closed_words(state: SignUpState) -> str:
    """Why nobody can sign up now, in the reader's language."""
    words = {
        SignUpState.NOT_YET: _("Sign-up has not opened yet. The event page says when it does."),
        SignUpState.CLOSED: _("Sign-up for this event is closed."),
        SignUpState.PAST: _("This event is over."),
        SignUpState.CANCELLED: _("This event was cancelled."),
        SignUpState.JUST_COME: _("No sign-up is needed: just come."),
        SignUpState.ELSEWHERE: _("Sign-up for this event is on another site. The event page has the link."),
    }
    return words.get(state, _("This event takes no sign-ups now."))


def too_few_words(mode: str, left: int, *, has_list: bool) -> str:
    """That fewer seats are left than people are to come, and what one can do instead."""
    if left == 0:
        return full_words(mode, has_list=has_list)
    if mode == "online":
        words = ngettext("Only %(num)d online seat is left.", "Only %(num)d online seats are left.", left)
    else:
        words = ngettext("Only %(num)d seat in the hall is left.", "Only %(num)d seats in the hall are left.", left)
    kept = _("Nobody is signed up yet, and what you entered is still here.")
    invitation = _("Send the form once more to wait together, or tick that you may be split.") if has_list else ""
    return f"{words} {kept} {invitation}".strip()


def never_enough_words(seats: int, *, may_split: bool) -> str:
    """That people who stay together are more than there are seats, and what they can do instead."""
    words = ngettext(
        "There is only %(num)d seat in all, so you can’t all come together.",
        "There are only %(num)d seats in all, so you can’t all come together.",
        seats,
    )
    fewer = _("Sign up fewer people, or tick that you may be split.") if may_split else _("Sign up fewer people.")
    return f"{words} {fewer}"


def full_words(mode: str, *, has_list: bool = False) -> str:
    """That no seat of this mode is left, and what one can do instead."""
    if mode == "online":
        words = _("All online seats are taken now. What you entered is still here.")
    else:
        words = _("All seats in the hall are taken now. What you entered is still here.")
    invitation = _("Send the form once more to join the waiting list.") if has_list else ""
    return f"{words} {invitation}".strip()
