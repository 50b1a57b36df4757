"""What every template may use, and how long a page may be kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from apiflask import APIFlask
from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.core.i18n import LANGUAGE_NAMES, language, said, spoken
from app.core.icons import icon
from app.core.leaf import leaf_words
from app.core.settings import settings
from app.core.text import dialled
from config import LANGUAGES, Settings

VIEW_COOKIE = "view"
VIEW_CHOICES: dict[str, tuple[str, ...]] = {
    "size": ("100", "125", "175"),
    "colours": ("system", "light", "dark", "black-on-white", "white-on-black", "blue"),
    "spacing": ("normal", "wide"),
    "images": ("on", "off"),
}


@dataclass(frozen=True)
class ViewSettings:
    """How a reader wants to see the pages."""

    size: str = "100"
    colours: str = "system"
    spacing: str = "normal"
    images: str = "on"

    @classmethod
    def read(cls, text: str) -> ViewSettings:
        """From the cookie: values joined by dots; anything unknown is the default."""
        values = {}
        for (name, choices), value in zip(VIEW_CHOICES.items(), text.split("."), strict=False):
            if value in choices:
                values[name] = value
        return cls(**values)

    def __str__(self) -> str:
        return f"{self.size}.{self.colours}.{self.spacing}.{self.images}"


def view_settings() -> ViewSettings:
    """The reader's choice."""
    return ViewSettings.read(request.cookies.get(VIEW_COOKIE, ""))


@lru_cache(maxsize=256)
def _content_hash(path: Path, _changed: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=256)
def _asset_address(static_folder: str, name: str, changed: float) -> str:
    return f"/static/{name}?v={_content_hash(Path(static_folder) / name, changed)}"


def moved_to(address: str, code: int = 301) -> BaseResponse:
    """To the present address of what was here: for good, as search engines shall take it.

    Browsers shall ask again all the same, or one that was sent from here never sees what comes back to this address.
    """
    response = redirect(address, code)
    response.headers["Cache-Control"] = "no-cache"
    return response


def asset(name: str) -> str:
    """The address of a static file, changing with its content so that it may be kept for a year."""
    known: dict[str, str] = current_app.extensions.setdefault("lectern.assets", {})
    if name not in known or current_app.debug:
        folder = current_app.static_folder or ""
        path = Path(folder) / name
        changed = path.stat().st_mtime if path.exists() else 0.0
        known[name] = _asset_address(folder, name, changed) if changed else f"/static/{name}"
    return known[name]


def switch_language_url(code: str) -> str:
    """This same page in another language, by its address."""
    return _here(lang=code) or f"/?lang={code}"


def here_without_language() -> str:
    """This same page as a path, for the button that remembers another language to come back to."""
    return _here() or "/"


def _form_here() -> str:
    """The address of a form that was sent and refused, where the same address also shows it; else ""."""
    adapter = current_app.create_url_adapter(request)
    return request.script_root + request.path if adapter is not None and adapter.test(method="GET") else ""


def _here(**more: str) -> str:
    """The address of this page with `more` and without its own language; "" where nobody can look at it again."""
    if "path_here" not in g:  # a page asks several times
        may_look = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
        g.path_here = url_for(str(request.endpoint), **(request.view_args or {})) if may_look else _form_here()
    path: str = g.path_here
    query: dict[str, Any] = request.args.to_dict(flat=False)
    query.pop("lang", None)
    query.update(more)
    return f"{path}?{urlencode(query, doseq=True)}" if path and query else path


def address_of(endpoint: str, **values: Any) -> str:
    """Flask's `url_for` for templates; an address without values is worked out once, for each page has a dozen."""
    if values or endpoint.startswith("."):
        return url_for(endpoint, **values)
    known: dict[str, str] = current_app.extensions.setdefault("lectern.addresses", {})
    return known.get(endpoint) or known.setdefault(endpoint, url_for(endpoint))


def fragment(template: str) -> Markup:
    """A part of the page that depends on nothing but the language and the place in the menu, rendered once for each."""
    known: dict[tuple[str, str, str], Markup] = current_app.extensions.setdefault("lectern.fragments", {})
    key = (template, language(), g.get("section", ""))
    if key not in known or current_app.debug:
        known[key] = Markup(render_template(template))  # noqa: S704 - templates escape what they are given
    return known[key]


def absolute(path: str) -> str:
    """The full address of a path of ours, by the setting, never by the request's host."""
    return settings().base_url + path


def keep_public(response: Response, seconds: int = 30) -> Response:
    """Let caches keep a page that is the same for everybody without cookies."""
    kind = "private" if request.cookies else "public"
    response.headers["Cache-Control"] = f"{kind}, max-age={seconds}"
    response.vary.update(("Cookie", "Accept-Language"))
    return response


def keep_not(response: Response) -> Response:
    """Forbid keeping: forms and pages with secrets."""
    response.headers["Cache-Control"] = "no-store"
    return response


def date_answer(response: Response, modified_at: datetime | None) -> None:
    """Say when it was last changed, if that can be said; werkzeug would put the present in place of None."""
    if modified_at is not None:
        response.last_modified = modified_at


def register_page_tools(app: APIFlask, values: Settings) -> None:
    """Give the templates their tools."""
    app.jinja_env.filters["dialled"] = dialled
    app.jinja_env.globals.update(
        asset=asset,
        fragment=fragment,
        icon=icon,
        leaf_words=leaf_words,
        url_for=address_of,
        switch_language_url=switch_language_url,
        here_without_language=here_without_language,
        absolute=absolute,
        languages=[(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        site_name=values.site_name,
        demo_mode=values.demo_mode,
        said=said,
        spoken=spoken,
    )

    @app.context_processor
    def _page() -> dict[str, Any]:
        return {
            "page_language": language(),
            "locale": get_locale(),
            "view_settings": view_settings(),
            "current_section": g.get("section", ""),
            "banners": g.get("banners", ()),
        }
