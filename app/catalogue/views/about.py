"""How the pages should look, and what we owe our readers to say."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue.views.blueprint import kept_organizations, kept_page, public, show
from app.core.i18n import YEAR_SECONDS, remember_language
from app.core.i18n import gettext as _
from app.core.pages import VIEW_CHOICES, VIEW_COOKIE, ViewSettings, absolute, asset, keep_not, view_settings
from app.core.settings import settings
from config import LANGUAGES

DAY_SECONDS = 24 * 3600


@public.get("/help")
def help() -> Response:  # noqa: A001 - the page's name
    """How things work here, for people who come to events."""
    return kept_page(lambda: show("help", canonical_url=absolute("/help")))


@public.get("/accessibility")
def accessibility() -> Response:
    """What we do so that everybody can use these pages."""
    return kept_page(lambda: show("accessibility", canonical_url=absolute("/accessibility")))


@public.get("/privacy")
def privacy() -> Response:
    """What we keep of people, why and how long."""
    organizations = kept_organizations()
    return kept_page(lambda: show("privacy", organizations=organizations, canonical_url=absolute("/privacy")))


@public.get("/view")
def view() -> Response:
    """The choices of text size, colours, spacing and pictures."""
    values = {"choices": _view_choices(), "chosen": view_settings(), "back": _before_view()}
    text = render_template("catalogue/view.html", **values)
    return keep_not(Response(text, mimetype="text/html"))


@public.post("/view")
def set_view() -> ResponseReturnValue:
    """Remember the choices in a cookie that tells nothing else; the default needs none."""
    given = {name: request.form.get(name, "") for name in VIEW_CHOICES if request.form.get(name) in VIEW_CHOICES[name]}
    chosen = ViewSettings() if "reset" in request.form else ViewSettings(**given)
    response = redirect(url_for("public.view", next=_before_view()), 303)
    if chosen == ViewSettings():
        response.delete_cookie(VIEW_COOKIE)
    else:
        response.set_cookie(
            VIEW_COOKIE, str(chosen), max_age=YEAR_SECONDS, secure=settings().secure, httponly=True, samesite="Lax"
        )
    return keep_not(response)  # type: ignore[arg-type]


@public.post("/language")
def set_language() -> ResponseReturnValue:
    """Remember the language and go back to the page."""
    response = redirect(local_path(request.form.get("next")), 303)
    if request.form.get("lang") in LANGUAGES:
        remember_language(response, request.form["lang"])
    return keep_not(response)  # type: ignore[arg-type]


def local_path(text: str | None) -> str:
    """`text` if it is a path of ours, else the first page. Browsers read a backslash as a slash."""
    if not text or not text.startswith("/") or text.startswith("//") or len(text) > 2000:
        return "/"
    return "/" if "\\" in text or any(ord(letter) < 33 for letter in text) else text


def _before_view() -> str:
    """The page from which one came to `/view`; never `/view` itself."""
    path = local_path(request.values.get("next"))
    return "/" if path.startswith("/view") else path


def _view_choices() -> list[tuple[str, str, list[tuple[str, str]]]]:
    words = {
        "size": (_("Size of text"), [_("Normal"), _("Larger"), _("Very large")]),
        "colours": (
            _("Colours"),
            [
                _("As my device says"),
                _("Light"),
                _("Dark"),
                _("Black on white"),
                _("White on black"),
                _("Dark blue on light blue"),
            ],
        ),
        "spacing": (_("Space between letters and lines"), [_("Usual"), _("Wide")]),
        "images": (_("Pictures"), [_("Show"), _("Hide")]),
    }
    return [
        (name, words[name][0], list(zip(values, words[name][1], strict=True))) for name, values in VIEW_CHOICES.items()
    ]


@public.get("/robots.txt")
def robots() -> Response:
    """Everything public may be read by robots, feeds included; personal pages and the desk are none of theirs."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: {path}" for path in ("/r/", "/me/", "/desk", "/door", "/login", "/letters", "/api/")]
    lines += ["", f"Sitemap: {absolute(url_for('public.sitemap'))}"]
    return _short_file("\n".join(lines) + "\n", "text/plain")


@public.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Where old browsers look for the icon."""
    return redirect(asset("icon.svg"), 302)


def _short_file(text: str, mimetype: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.headers["Cache-Control"] = f"public, max-age={DAY_SECONDS}"
    return response
