"""Pictures for chats and social pages, at addresses that change with what is seen on them."""

from __future__ import annotations

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from app.catalogue import queries
from app.catalogue.event_times import beginning_text
from app.catalogue.kept import PICTURES_BYTES, Body
from app.catalogue.picture import COLOUR, PictureFacts, draw
from app.catalogue.place_text import beside_words, place_line
from app.catalogue.queries import ShownEvent, ShownSession
from app.catalogue.views.blueprint import public, shelf
from app.core.errors import Missing
from app.core.i18n import YEAR_SECONDS, in_language, language, said
from app.core.i18n import gettext as _
from app.core.pages import absolute
from app.core.settings import settings
from config import LANGUAGES

FOR_EVER = f"public, max-age={YEAR_SECONDS}, immutable"
SHORTLY = "public, max-age=60"


@public.get("/e/<slug>/picture-<code>-<version>.png")
def event_picture(slug: str, code: str, version: str) -> ResponseReturnValue:
    """The picture of an event. An address from before leads to the present one, and draws nothing."""
    found = queries.find_shown_event(slug) if code in LANGUAGES else None
    present = queries.find_present_slug(slug) if found is None and code in LANGUAGES else None
    if present is not None:
        return _to_present(url_for("public.event_picture", slug=present, code=code, version=version))
    if found is None:
        raise Missing
    with in_language(code):
        facts = event_facts(*found)
    if version != facts.version:
        return _to_present(url_for("public.event_picture", slug=slug, code=code, version=facts.version))
    return _picture(facts)


@public.get("/picture-<code>-<version>.png")
def site_picture(code: str, version: str) -> ResponseReturnValue:
    """The picture of all pages that aren't of one event."""
    if code not in LANGUAGES:
        raise Missing
    with in_language(code):
        facts = site_facts()
    if version != facts.version:
        return _to_present(url_for("public.site_picture", code=code, version=facts.version))
    return _picture(facts)


def event_facts(event: ShownEvent, sessions: list[ShownSession]) -> PictureFacts:
    """What the picture of the event says, in the language spoken now: the times of the whole, so that they stand."""
    code = language()
    shown = queries.next_session(sessions, event.starts_at)
    place = place_line(shown.venue, shown.room, shown.place_note, code) if shown.is_in_person else _("Online")
    return PictureFacts(
        title=said(event.title, code),
        language=code,
        site=settings().site_name,
        host=said(event.organization.name, code),
        when=beginning_text(sessions, code),
        place=", ".join(words for words in (place, beside_words(shown, event)) if words),
        state=_("Cancelled") if event.is_cancelled else "",
        colour=event.colour or COLOUR,
    )


def site_facts() -> PictureFacts:
    """What the picture of the site says, in the language spoken now."""
    return PictureFacts(
        title=_("Lectures, workshops and courses near you"), language=language(), site=settings().site_name
    )


def picture_of(event: ShownEvent, sessions: list[ShownSession]) -> str:
    """The full address of the event's picture in the language spoken now."""
    version = event_facts(event, sessions).version
    return absolute(url_for("public.event_picture", slug=event.slug, code=language(), version=version))


def picture_of_site() -> str:
    """The full address of the site's picture in the language spoken now."""
    return absolute(url_for("public.site_picture", code=language(), version=site_facts().version))


@public.app_context_processor
def _site_picture() -> dict[str, object]:
    return {"site_picture": picture_of_site}


def _picture(facts: PictureFacts) -> Response:
    body = shelf("pictures", PICTURES_BYTES).get(facts, lambda: Body(draw(facts)))
    response = Response(body.plain, mimetype="image/png")
    response.headers["Cache-Control"] = FOR_EVER
    return response


def _to_present(address: str) -> ResponseReturnValue:
    response = redirect(address, 302)
    response.headers["Cache-Control"] = SHORTLY
    return response
