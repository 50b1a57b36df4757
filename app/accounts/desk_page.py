"""What every page of the desk needs first: who is signed in, for which organization, and whether something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import queries
from app.accounts.models import Organization
from app.accounts.permissions import Deed, Person
from app.accounts.sign_in_cookie import signed_in_person
from app.core.errors import Missing, NotAllowed
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext, said
from app.core.settings import settings
from app.core.times import zone as rules_of
from app.messaging.queries import MailTrouble, mail_trouble

CHOSEN = "organization"


@dataclass(frozen=True)
class DeskOrganization:
    """The organization whose desk is open, with its name in the language of the page."""

    id: int
    slug: str
    name: str
    zone: str
    language: str


def open_desk() -> ResponseReturnValue | None:
    """Before each desk page: send strangers to sign in, choose the organization, look whether mail goes out."""
    person = signed_in_person()
    if person is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.login", next=wanted), 303)
    organizations = queries.organizations_of(person)
    chosen = next((one for one in organizations if one.id == session.get(CHOSEN)), None)
    g.organizations = organizations
    g.organization = chosen or (organizations[0] if organizations else None)
    trouble = mail_trouble()
    g.banners = [mail_banner(trouble)] if trouble else []
    return None


def person_here() -> Person:
    """The signed-in user; only for pages behind `open_desk`."""
    person = signed_in_person()
    if person is None:
        abort(401)
    return person


def organization_here() -> Organization:
    """The organization whose desk is open. Raises `NotAllowed` for a person who has none."""
    organization: Organization | None = g.organization
    if organization is None:
        raise NotAllowed(_("You are in no team yet. Ask an owner of your organization to invite you."))
    return organization


def use_organization(organization: Organization) -> None:
    """Show the desk of this organization, because the page belongs to it."""
    g.organization = organization


def need(deed: Deed, organization_id: int | None = None) -> Person:
    """The signed-in person, if the deed is allowed: someone else's organization is `Missing`, else `NotAllowed`."""
    person = person_here()
    place = organization_here().id if organization_id is None else organization_id
    if not person.belongs_to(place):
        raise Missing
    if not person.may(deed, place):
        raise NotAllowed(_("Your role does not include this. Ask an owner of your organization."))
    return person


def mail_banner(trouble: MailTrouble) -> tuple[str, str, str | None]:
    """Why mail isn't going out, for the banner on every page of the desk."""
    waiting = ngettext("%(num)s message is waiting.", "%(num)s messages are waiting.", trouble.waiting)
    reasons = {
        "no_server": _("Mail is not set up, so nothing goes out. Ask whoever runs this site to set MAIL_URL."),
        "server": _("The mail server does not take our mail. We keep trying; nothing is lost."),
        "worker": _("The worker that sends mail is not running. Ask whoever runs this site to start it."),
    }
    return "bad", f"{reasons[trouble.kind]} {waiting}", url_for("desk.mail")


def desk_context() -> dict[str, Any]:
    """What the desk's layout shows: the user, the organization, and the menu of what the role allows."""
    person = signed_in_person()
    organization: Organization | None = g.get("organization")
    if person is None:
        return {"signed_in_user": None, "desk_organization": None, "desk_menu": []}
    shown = organization and DeskOrganization(
        organization.id, organization.slug, said(organization.name), organization.zone, organization.language
    )
    return {
        "signed_in_user": current_user,
        "desk_organization": shown,
        "desk_menu": _menu(person, organization),
        "has_more_organizations": len(g.get("organizations", ())) > 1,
    }


def moment(at: datetime) -> str:
    """An instant in the organization's time zone: "3 Dec 2026, 18:30"."""
    organization: Organization | None = g.get("organization")
    name = organization.zone if organization else settings().default_time_zone
    return str(format_datetime(at, "d MMM y, HH:mm", tzinfo=rules_of(name), locale=language()))


def _menu(person: Person, organization: Organization | None) -> list[tuple[str, str, str]]:
    def may(*deeds: Deed) -> bool:
        return organization is not None and any(person.may(deed, organization.id) for deed in deeds)

    entries = [
        (organization is not None, "desk.events", _("Events"), "events"),
        (organization is not None, "desk.team", _("Team"), "team"),
        (organization is not None, "desk.venues", _("Venues"), "venues"),
        (may(Deed.PAIR_DEVICES), "desk.door", _("Door"), "door"),
        (may(Deed.SEE_PEOPLE), "desk.calls", _("Calls"), "calls"),
        (may(Deed.SEE_PEOPLE), "desk.mail", _("Mail"), "mail"),
        (may(Deed.SEE_AUDIT, Deed.SEE_OWN_AUDIT), "desk.audit", _("Audit"), "audit"),
        (person.is_administrator, "desk.admin", _("Administration"), "admin"),
    ]
    return [(endpoint, text, section) for shown, endpoint, text, section in entries if shown]
