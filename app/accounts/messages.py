"""Mails to those who work with Lectern."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.dates import format_datetime

from app.core.i18n import language, said
from app.core.security.links import link_token
from app.core.settings import settings
from app.core.times import zone as rules_of
from app.messaging.letters import Letter, Renderer, placeholder, render


def sign_in_link(facts: dict[str, Any]) -> Letter:
    """The link that the person asked for on the sign-in page."""
    return _with_link("sign_in_link", facts)


def team_invitation(facts: dict[str, Any]) -> Letter:
    """Somebody gave the person a role in an organization's team; the link signs in for the first time."""
    return _with_link("team_invitation", facts, organization=said(facts["organization"]), by=facts["by"])


def new_sign_in(facts: dict[str, Any]) -> Letter:
    """The account was used on a browser that it hadn't been used on before."""
    return render("new_sign_in", {"name": facts["name"], "browser": facts["browser"], "at": _moment(facts["at"])})


def _with_link(message: str, facts: dict[str, Any], **values: Any) -> Letter:
    mark = placeholder("sign-in")
    token = link_token("sign-in", facts["link"], key_number=facts["key"])
    return render(
        message,
        {"name": facts["name"], "until": _moment(facts["until"]), "link": mark, **values},
        secrets={mark: f"{settings().base_url}/sign-in/{token}"},
    )


def _moment(text: str) -> str:
    """An instant in words, in the site's time zone, which is named, since nobody knows where the reader is."""
    zone = rules_of(settings().default_time_zone)
    return str(format_datetime(datetime.fromisoformat(text), "d MMMM y, HH:mm (ZZZZ)", tzinfo=zone, locale=language()))


MESSAGES: dict[str, Renderer] = {
    "sign_in_link": sign_in_link,
    "team_invitation": team_invitation,
    "new_sign_in": new_sign_in,
}
