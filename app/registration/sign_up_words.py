"""Signing up in words: why it can't be done now."""

from __future__ import annotations

from app.catalogue.rules import SignUpState
from app.core.i18n import gettext as _


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


def full_words(mode: str, *, has_list: bool = False) -> str:
    """That no seat of this mode is left, and what one can do instead."""
    if mode == "online":
        words = _("All online seats are taken now. What you entered is still here.")
    else:
        words = _("All seats in the hall are taken now. What you entered is still here.")
    invitation = _("Send the form once more to join the waiting list.") if has_list else ""
    return f"{words} {invitation}".strip()
