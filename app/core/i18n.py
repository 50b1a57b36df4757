"""Languages: which one a page or mail speaks, gettext for all layers, and organizers' own texts with a fallback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import g, has_request_context, request
from flask_babel import Babel, force_locale, get_domain, get_locale
from flask_babel import refresh as forget_locale  # type: ignore[attr-defined]
from flask_babel.speaklater import LazyString  # type: ignore[import-untyped]
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from app.core.settings import settings
from config import LANGUAGES

__all__ = [
    "add_to_templates",
    "babel",
    "gettext",
    "in_language",
    "language",
    "lazy_gettext",
    "ngettext",
    "pgettext",
    "plural_form",
    "remember_language",
    "said",
    "speak",
    "spoken",
]

LANGUAGE_NAMES = {"en": "English", "ru": "Русский"}
COOKIE = "lang"
YEAR_SECONDS = 365 * 24 * 3600

babel = Babel()
_catalogues: dict[str, Any] = {}


def choose_language() -> str:
    """The language of this page: `?lang=`, else the cookie, else the browser's wish, else the site's."""
    if not has_request_context():
        return settings().default_language
    if "language" not in g:
        g.language = _asked() or _remembered() or _preferred()
    return str(g.language)


def _asked() -> str | None:
    value = request.args.get("lang")
    return value if value in LANGUAGES else None


def _remembered() -> str | None:
    value = request.cookies.get(COOKIE)
    return value if value in LANGUAGES else None


def _preferred() -> str:
    wishes = request.headers.get("Accept-Language")
    return (_best_match(wishes) if wishes else None) or settings().default_language


@lru_cache(maxsize=1024)
def _best_match(wishes: str) -> str | None:
    """The language of ours that fits an `Accept-Language` best. Browsers send but a few different ones."""
    return parse_accept_header(wishes, LanguageAccept).best_match(LANGUAGES)


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def spoken_locale() -> Locale:
    """As `choose_language`, in the form that Flask-Babel need not read anew for each request."""
    return _locale(choose_language())


def speak(code: str) -> None:
    """From here on this request's page is in language `code`."""
    g.language = code
    g.pop("catalogue", None)
    forget_locale()


def remember_language(response: Response, code: str) -> None:
    """Let the browser ask for this language from now on."""
    response.set_cookie(COOKIE, code, max_age=YEAR_SECONDS, secure=settings().secure, httponly=True, samesite="Lax")


def language() -> str:
    """The language being spoken now, as a code such as `ru`."""
    locale = get_locale()
    return locale.language if locale else settings().default_language


def gettext(text: str, /, **values: object) -> str:
    """`text` in the language spoken now, with the values filled in."""
    translated = str(_catalogue().gettext(text))
    return translated % values if values else translated


def ngettext(singular: str, plural: str, num: int, /, **values: object) -> str:
    """As `gettext`, in the form that fits `num`."""
    return plural_form(singular, plural, num) % {"num": num, **values}


def pgettext(context: str, text: str, /, **values: object) -> str:
    """As `gettext`, for a text that means different things in different places."""
    translated = str(_catalogue().pgettext(context, text))
    return translated % values if values else translated


def lazy_gettext(text: str, /, **values: object) -> LazyString:
    """As `gettext`, translated each time it is shown."""
    return LazyString(gettext, text, **values)


def plural_form(singular: str, plural: str, num: int) -> str:
    """The form that fits `num`, its placeholders left alone: a template fills them in itself, and knows them all."""
    return str(_catalogue().ngettext(singular, plural, num))


def add_to_templates(environment: Environment) -> None:
    """Let templates say `_()`, `ngettext()` and `pgettext()`.

    Jinja's own extension does the same by three more calls for each text, which was a tenth of a list's rendering.
    """
    environment.globals.update(_=_in_template, ngettext=_plural_in_template, pgettext=_context_in_template)


@pass_eval_context
def _in_template(place: EvalContext, text: str, /, **values: object) -> str:
    return _filled(place, str(_catalogue().gettext(text)), values)


@pass_eval_context
def _plural_in_template(place: EvalContext, singular: str, plural: str, num: int, /, **values: object) -> str:
    return _filled(place, plural_form(singular, plural, num), {"num": num, **values})


@pass_eval_context
def _context_in_template(place: EvalContext, context: str, text: str, /, **values: object) -> str:
    return _filled(place, str(_catalogue().pgettext(context, text)), values)


def _filled(place: EvalContext, translated: str, values: dict[str, object]) -> str:
    """Translations are trusted HTML, as the texts that they translate; values are escaped."""
    text = Markup(translated) if place.autoescape else translated  # noqa: S704
    return text % values if values else text


def _catalogue() -> Any:
    """The texts of the language spoken now; outside an application there are none.

    A page asks for some two hundred, so it is remembered for the request. Flask-Babel would look for its domain, and
    write out its locale, for each.
    """
    try:
        return g.catalogue
    except (AttributeError, RuntimeError):
        locale = get_locale()
    if locale is None:
        return NullTranslations()
    if locale.language not in _catalogues:
        _catalogues[locale.language] = get_domain().get_translations()
    g.catalogue = _catalogues[locale.language]
    return g.catalogue


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Speak `code` inside the block, as mails and stored calendar entries need."""
    before = g.pop("catalogue", None)
    try:
        with force_locale(code):
            yield
    finally:
        g.pop("catalogue", None)
        if before is not None:
            g.catalogue = before


def said(texts: Mapping[str, str] | None, code: str | None = None) -> str:
    """The text in language `code` (default: the one spoken now), else in the first language there is."""
    return spoken(texts, code)[0]


def spoken(texts: Mapping[str, str] | None, code: str | None = None) -> tuple[str, str]:
    """As `said`, with the language that the text really is in, for `lang=` attributes."""
    wanted = code or language()
    if not texts:
        return "", wanted
    if texts.get(wanted):
        return texts[wanted], wanted
    first = next(iter(texts))
    return texts[first], first
