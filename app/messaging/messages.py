"""Messages of the machinery itself."""

from __future__ import annotations

from typing import Any

from app.messaging.letters import Letter, Renderer, render


def mail_test(_facts: dict[str, Any]) -> Letter:
    """`flask mail test`: shows that the worker and the mail server do their part."""
    return render("test_mail", {})


MESSAGES: dict[str, Renderer] = {"test_mail": mail_test}
