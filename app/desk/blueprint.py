"""The desk's blueprint, and what happens before each of its pages."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import desk_context, need, open_desk, person_here, use_organization
from app.accounts.permissions import Deed, Person
from app.catalogue import queries as catalogue
from app.catalogue.formats import FORMATS
from app.catalogue.models import Event
from app.core.access import Access, declare, policy_of
from app.core.errors import Missing, NotAllowed
from app.core.i18n import gettext as _
from app.core.pages import keep_not
from app.core.times import local_time
from app.desk import deeds, words
from app.desk.pressed import change_language, keep_language
from app.registration.calls import open_calls

desk = APIBlueprint("desk", __name__, url_prefix="/desk", enable_openapi=False)
declare(
    desk,
    Access.SIGNED_IN,
    admin=Access.ADMINISTRATOR,
    new_organization=Access.ADMINISTRATOR,
    create_organization=Access.ADMINISTRATOR,
)
desk.context_processor(desk_context)


@desk.context_processor
def _counts() -> dict[str, object]:
    """What waits to be done, beside the entry of the menu."""
    organization = g.get("organization")
    if organization is None or not person_here().may(Deed.SEE_PEOPLE, organization.id):
        return {}
    return {"desk_counts": {"calls": len(open_calls(organization.id))}}


@desk.context_processor
def _words() -> dict[str, object]:
    """The desk's words for codes, which most of its pages need."""
    return {
        "ACTORS": deeds.ACTORS,
        "CHANGES": deeds.CHANGES,
        "CHECK_NAMES": words.CHECK_NAMES,
        "deed_words": deeds.deed_words,
        "EVENT_STATES": words.EVENT_STATES,
        "MAIL_NAMES": words.MAIL_NAMES,
        "MAIL_STATES": words.MAIL_STATES,
        "MODES": words.MODES,
        "PERSON_STATES": words.PERSON_STATES,
        "ROLES": words.ROLES,
        "ROLE_HINTS": words.ROLE_HINTS,
        "formats": FORMATS,
        "local": local_time,
    }


desk.after_request(keep_language)


@desk.before_request
def _open() -> ResponseReturnValue | None:
    change_language()
    answer = open_desk()
    if answer is not None:
        return answer
    if policy_of(request.endpoint or "") == Access.ADMINISTRATOR and not person_here().is_administrator:
        raise NotAllowed(_("Only an administrator of this site can open this page."))
    return None


def page(template: str, section: str, code: int = 200, /, **values: object) -> Response:
    """A page of the desk, never kept by caches: the entry of the menu it belongs to, and its HTTP status."""
    g.section = section
    return keep_not(make_response(render_template(f"desk/{template}.html", **values), code))


def edit_closed(event: Event) -> Response:
    """Instead of a form that changes an event which is cancelled."""
    return page("edit_closed", "events", 409, event=event)


def event_for(public_id: str, *wanted: Deed) -> tuple[Person, Event]:
    """The person, who may do all that is `wanted`, and the event behind the address. Raises `Missing`, `NotAllowed`."""
    person = person_here()
    event = catalogue.find_event_for(person, public_id)
    if event is None:
        raise Missing
    use_organization(event.organization)
    for deed in wanted:
        need(deed, event.organization_id)
    return person, event
