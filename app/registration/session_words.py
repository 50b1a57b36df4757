"""Choosing sessions in words."""

from __future__ import annotations

from collections.abc import Sequence

from app.catalogue.models import Session
from app.catalogue.times_text import short_when
from app.core.i18n import gettext as _
from app.core.i18n import language, said
from app.core.times import local_time


def title_of(session: Session) -> str:
    """The session's title, or, without one, when it is."""
    return said(session.title, language()) or when_of(session)


def when_of(session: Session) -> str:
    """The session's day and hours, as short as can be."""
    when = short_when(session.starts_at, session.ends_at, session.zone, all_day=session.is_all_day, language=language())
    ends = local_time(session.ends_at, session.zone)
    same_day = ends.date() == local_time(session.starts_at, session.zone).date()
    return f"{when}–{ends:%H:%M}" if same_day and not session.is_all_day else when


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
