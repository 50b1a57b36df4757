"""What one can ask about users and organizations."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Membership, Organization, Role, SignIn, SignInLink, User
from app.accounts.permissions import Person
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db
from app.core.security.links import token_hash


def find_user(email: str) -> User | None:
    """The active user with this address."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower(), User.is_active))


def find_sign_in(token: str) -> SignIn | None:
    """The sign-in that is still good for this cookie, with its user."""
    return db.session.scalar(
        select(SignIn)
        .join(SignIn.user)
        .where(
            SignIn.token_hash == token_hash(token),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now(),
            User.is_active,
        )
        .options(joinedload(SignIn.user))
    )


def find_sign_in_link(token: str) -> SignInLink | None:
    """An unused link that hasn't run out, with its user."""
    return db.session.scalar(
        select(SignInLink)
        .where(
            SignInLink.token_hash == token_hash(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now(),
        )
        .options(joinedload(SignInLink.user))
    )


def person_of(user: User, *, came_by_link: bool = False) -> Person:
    """The user with roles, as permissions and operations want it; `came_by_link`: signed in by a mailed link."""
    rows = db.session.scalars(select(Membership).where(Membership.user_id == user.id)).all()
    return Person(
        user_id=user.id,
        name=user.name,
        email=user.email,
        is_administrator=user.is_administrator,
        roles={row.organization_id: Role(row.role) for row in rows},
        came_by_link=came_by_link,
        supervised=frozenset(row.organization_id for row in rows if row.is_supervisor),
    )


def organizations_of(person: Person) -> list[Organization]:
    """The organizations the person works for; an administrator sees all."""
    query = select(Organization).order_by(Organization.id)
    if not person.is_administrator:
        query = query.where(Organization.id.in_(person.roles))
    return list(db.session.scalars(query))


def all_organizations() -> list[Organization]:
    """Every organization of this site."""
    return list(db.session.scalars(select(Organization).order_by(Organization.id)))


def find_organization(slug: str) -> Organization | None:
    """The organization with this address."""
    return db.session.scalar(select(Organization).where(Organization.slug == slug))


def team_of(organization_id: int) -> list[Membership]:
    """Who works for the organization, with their users, by name."""
    return list(
        db.session.scalars(
            select(Membership)
            .join(Membership.user)
            .where(Membership.organization_id == organization_id)
            .options(joinedload(Membership.user))
            .order_by(User.name, User.id)
        )
    )


def sign_ins_of(user_id: int) -> list[SignIn]:
    """Where the user is signed in now, latest first."""
    return list(
        db.session.scalars(
            select(SignIn)
            .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None), SignIn.expires_at > now())
            .order_by(SignIn.last_seen_at.desc())
        )
    )


def count_owners(organization_id: int) -> int:
    """How many owners the organization has; the last one can't be removed."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Membership)
            .where(Membership.organization_id == organization_id, Membership.role == Role.OWNER)
        )
        or 0
    )


def audit_of(organization_id: int, *, made_by: int | None = None, limit: int, offset: int = 0) -> list[AuditLine]:
    """The organization's deeds, latest first; with `made_by` those on events that this user put up."""
    query = select(AuditLine).where(AuditLine.organization_id == organization_id)
    if made_by is not None:
        own = select(AuditLine.event_id).where(
            AuditLine.organization_id == organization_id,
            AuditLine.action.in_(("create_event", "copy_event")),
            AuditLine.actor_kind == "user",
            AuditLine.actor_id == made_by,
        )
        query = query.where(AuditLine.event_id.in_(own))
    return list(db.session.scalars(query.order_by(AuditLine.id.desc()).limit(limit).offset(offset)))


def audit_about(subject_kind: str, subject_id: int, organization_id: int) -> list[AuditLine]:
    """What was done to one thing, latest first."""
    return list(
        db.session.scalars(
            select(AuditLine)
            .where(
                AuditLine.organization_id == organization_id,
                AuditLine.subject_kind == subject_kind,
                AuditLine.subject_id == subject_id,
            )
            .order_by(AuditLine.id.desc())
        )
    )


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """The users' names, by number."""
    users = db.session.scalars(select(User).where(User.id.in_({one for one in user_ids if one})))
    return {user.id: user.name for user in users}
