"""Choosing sessions in words."""

from __future__ import annotations

from collections.abc import Sequence

from app.catalogue.models import Session
from app.catalogue.times_text import short_when
from app.core.i18n import gettext as _
from app.core.i18n import language, said


def title_of(session: Session) -> str:
    """The session's title, or, without one, when it is."""
    return said(session.title, language()) or when_of(session)


def when_of(session: Session) -> str:
    """The session's day and hours, as short as can be."""
    times, all_day = (session.starts_at, session.ends_at, session.zone), session.is_all_day
    return short_when(*times, all_day=all_day, language=language(), with_end=True)


def quoted(session: Session) -> str:
    """The title within a sentence."""
    return _("“%(title)s”", title=title_of(session))


def clash_words(one: Session, other: Session, *, is_of_waits: bool) -> str:
    """Which two sessions are at the same time, and when."""
    facts = {"one": quoted(one), "other": quoted(other), "when": when_of(other)}
    if is_of_waits:
        return _("%(one)s and %(other)s are at the same time (%(when)s). You can wait for one of them only.", **facts)
    return _("%(one)s and %(other)s are at the same time (%(when)s). Please choose one of them.", **facts)


def own_clash_words(pair: tuple[Session, Session] | None) -> str:
    """That two sessions with a seat are at the same time, as after one was moved; empty where none are."""
    return clash_words(*pair, is_of_waits=False) if pair else ""


def full_words(sessions: Sequence[Session], *, has_list: bool) -> str:
    """That these sessions have filled up, and what one can do."""
    titles = ", ".join(quoted(session) for session in sessions)
    if has_list:
        return _(
            "No seat is left now: %(titles)s. Send the form once more to wait for it and keep the others.",
            titles=titles,
        )
    return _("No seat is left now: %(titles)s. Please choose again.", titles=titles)


def hall_only_words(sessions: Sequence[Session]) -> str:
    """That who comes online can't choose these."""
    titles = ", ".join(quoted(session) for session in sessions)
    return _("In the hall only: %(titles)s. Leave it out, or come to the hall.", titles=titles)


def changed_meanwhile_words() -> str:
    """That a form is older than the last change, perhaps of another tab."""
    return _("The sessions were changed meanwhile, perhaps on another page. Look at them and save once more.")
