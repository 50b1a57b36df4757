"""Which button sent a form of the desk, and what was typed into it.

A form with the id `kept-form` is sent by the language button too, so that nothing typed is lost: "back" then shows the
form once more, in the other language, and "ask" the question that stands before a deed.
"""

from __future__ import annotations

from flask import Response, g, request

from app.core.i18n import remember_language, speak
from config import LANGUAGES

ASKING = ("save", "ask")
"""Pressed before people were asked whether to be told."""


def pressed() -> str:
    """The deed that the button stands for; the language button goes "back" unless the form says "ask"."""
    return request.form.get("deed") or ("back" if "lang" in request.form else "save")


def typed() -> list[tuple[str, str]]:
    """All that was typed, to travel on as hidden fields; not what was pressed."""
    return [(name, text) for name, text in request.form.items(multi=True) if name not in ("deed", "lang")]


def change_language() -> None:
    """Speak the language whose button was pressed."""
    chosen = request.form.get("lang")
    if chosen in LANGUAGES:
        g.chosen_language = chosen
        speak(chosen)


def keep_language(response: Response) -> Response:
    """Let the browser ask for that language from now on."""
    if "chosen_language" in g:
        remember_language(response, g.chosen_language)
    return response
