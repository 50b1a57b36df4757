"""Organizations, and the people who work for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.accounts import queries
from app.accounts.models import Membership, Organization, Role, User
from app.core.i18n import gettext as _
from app.core.settings import settings
from app.exchange.load.work import Work, changed_names, given

ORGANIZATION = {
    "slug": "slug",
    "name": "name",
    "about": "about",
    "email": "email",
    "phone": "phone",
    "website": "website",
    "zone": "zone",
    "language": "language",
    "colour": "colour",
    "sends_invitations": "sends_invitations",
}
PERSON = {"name": "name", "language": "language", "administrator": "is_administrator"}


def load_organizations(work: Work, document: dict[str, Any]) -> None:
    """Organizations by their short name."""
    for place, entry in work.entries(document, "organizations", "slug"):
        if not work.is_zone(f"{place}.zone", entry["zone"]):
            continue
        row = work.session.scalar(select(Organization).where(Organization.slug == entry["slug"]))
        values = given(entry, ORGANIZATION) | {"email": work.email(f"{place}.email", entry["email"])}
        is_moved = row is not None and changed_names(row, values) & {"name", "email"}
        row = work.keep(
            "organizations",
            Organization,
            row,
            values,
            {"about": {}, "language": settings().default_language, "created_at": work.loaded_at},
        )
        if is_moved:
            work.moved_organizations.add(row.id)


def load_people(work: Work, document: dict[str, Any]) -> None:
    """Users by their address, and their roles. Without a password they sign in by a link."""
    for place, entry in work.entries(document, "people", "email"):
        email = work.email(f"{place}.email", entry["email"])
        user = work.keep(
            "people",
            User,
            work.session.scalar(select(User).where(User.email == email)),
            given(entry, PERSON) | {"email": email},
            {"language": settings().default_language, "created_at": work.loaded_at},
        )
        for number, role in enumerate(entry.get("roles", [])):
            _load_role(work, user, f"{place}.roles[{number}]", role)


def _load_role(work: Work, user: User, place: str, entry: dict[str, Any]) -> None:
    organization = work.find(Organization, f"{place}.organization", "organizations", entry["organization"])
    if organization is None:
        return
    if not work.name("roles", f"{user.id} {organization.id}"):
        work.problem(place, _("One person has one role in an organization."))
        return
    known = work.session.scalar(
        select(Membership).where(Membership.user_id == user.id, Membership.organization_id == organization.id)
    )
    was_owner = known is not None and known.role == Role.OWNER
    work.keep(
        "roles",
        Membership,
        known,
        given(entry, {"role": "role", "supervisor": "is_supervisor"}),
        {"user_id": user.id, "organization_id": organization.id, "created_at": work.loaded_at},
    )
    if was_owner and entry["role"] != Role.OWNER and not queries.count_owners(organization.id):
        work.problem(f"{place}.role", _("This organization would be left without an owner."))
