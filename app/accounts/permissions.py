"""Who may do what: the one table that views, queries and operations ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.accounts.models import Role
from app.core.audit import Actor


class Deed(StrEnum):
    """What one may do in an organization."""

    MANAGE_TEAM = "manage_team"
    EDIT_ORGANIZATION = "edit_organization"
    EDIT_VENUES = "edit_venues"
    EDIT_PROJECTS = "edit_projects"
    EDIT_EVENTS = "edit_events"
    SEE_PEOPLE = "see_people"
    FIND_PEOPLE_AT_DOOR = "find_people_at_door"
    PAIR_DEVICES = "pair_devices"
    SUPERVISE_DOOR = "supervise_door"
    SEE_HEAD_COUNT = "see_head_count"
    SEE_FIGURES = "see_figures"
    SEE_AUDIT = "see_audit"
    SEE_OWN_AUDIT = "see_own_audit"


_ORGANIZER = frozenset(Deed) - {Deed.MANAGE_TEAM, Deed.EDIT_ORGANIZATION, Deed.EDIT_PROJECTS, Deed.SEE_AUDIT}

RIGHTS: dict[Role, frozenset[Deed]] = {
    Role.OWNER: frozenset(Deed),
    Role.ORGANIZER: _ORGANIZER,
    Role.DOOR: frozenset({Deed.FIND_PEOPLE_AT_DOOR, Deed.PAIR_DEVICES, Deed.SEE_HEAD_COUNT}),
    Role.ANALYST: frozenset({Deed.SEE_FIGURES, Deed.SEE_HEAD_COUNT}),
}


@dataclass(frozen=True)
class Person:
    """A signed-in user as operations know one: who, and what in which organization."""

    user_id: int
    name: str
    email: str
    is_administrator: bool = False
    roles: dict[int, Role] = field(default_factory=dict)
    supervised: frozenset[int] = frozenset()
    came_by_link: bool = False

    @property
    def actor(self) -> Actor:
        """The person for the audit."""
        return Actor("user", self.user_id)

    def may(self, deed: Deed, organization_id: int) -> bool:
        """Whether the person may do `deed` in the organization."""
        if self.is_administrator:
            return True
        if deed == Deed.SUPERVISE_DOOR and organization_id in self.supervised:
            return True
        role = self.roles.get(organization_id)
        return role is not None and deed in RIGHTS[role]

    def belongs_to(self, organization_id: int) -> bool:
        """Whether the organization's things exist for this person at all."""
        return self.is_administrator or organization_id in self.roles
