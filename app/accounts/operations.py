"""What one can do with accounts."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from app.accounts import passwords, queries
from app.accounts.models import Membership, Organization, Role, SignIn, SignInLink, User
from app.accounts.permissions import Deed, Person
from app.core import audit
from app.core.audit import Actor
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Missing, NotAllowed, Refused
from app.core.i18n import gettext as _
from app.core.security.links import link_token, new_public_id, random_token, token_hash
from app.core.settings import settings
from app.messaging import outbox

SIGN_IN_LASTS = timedelta(days=14)
LINK_LASTS = timedelta(minutes=30)
INVITATION_LASTS = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=10)


class WrongSignIn(Refused):
    """The address or the password is wrong; which one isn't said."""

    code = "wrong_sign_in"


class LinkUsed(Conflict):
    """The sign-in link was used or ran out."""

    code = "link_used"


class WeakPassword(Refused):
    """The password is too short or too well known."""

    code = "weak_password"


class LastOwner(Conflict):
    """An organization can't be left without an owner."""

    code = "last_owner"


def sign_in_with_password(*, email: str, password: str, browser: str) -> str:
    """Begin a sign-in and return the secret of its cookie; the user gets a mail `new_sign_in` for an unknown browser.

    Raises `WrongSignIn`, after the same time for unknown addresses as for wrong passwords.
    """
    user = queries.find_user(email)
    if not passwords.is_password(user.password_hash if user else None, password) or user is None:
        raise WrongSignIn(_("The address or the password is not right. Please check both."))
    return _begin(user.id, browser)


def send_sign_in_link(*, email: str) -> None:
    """Mail a link that signs in once; an unknown address gets nothing, and nobody can tell."""
    user = queries.find_user(email)
    if user is None:
        return
    with transaction():
        _send_link(user, "sign_in_link", LINK_LASTS)


def sign_in_with_link(*, token: str, browser: str) -> str:
    """Use up the link, begin a sign-in and return the secret of its cookie. Raises `LinkUsed`."""
    link = queries.find_sign_in_link(token)
    with transaction():
        used = execute(
            update(SignInLink)
            .where(
                SignInLink.token_hash == token_hash(token),
                SignInLink.used_at.is_(None),
                SignInLink.expires_at > now(),
            )
            .values(used_at=now())
            .returning(SignInLink.user_id)
        ).scalar()
        if used is None or link is None:
            raise LinkUsed(_("This link was used or is too old. Ask for a new one."))
        return _begin(used, browser, by_link=True)


def _begin(user_id: int, browser: str, *, by_link: bool = False) -> str:
    token = random_token()
    with transaction() as session:
        user = session.get_one(User, user_id)
        known = session.scalar(
            select(SignIn.id).where(SignIn.user_id == user_id, SignIn.browser == browser[:200]).limit(1)
        )
        first = session.scalar(select(SignIn.id).where(SignIn.user_id == user_id).limit(1)) is None
        sign_in = SignIn(
            token_hash=token_hash(token),
            user_id=user_id,
            browser=browser[:200],
            by_link=by_link,
            created_at=now(),
            last_seen_at=now(),
            expires_at=now() + SIGN_IN_LASTS,
        )
        session.add(sign_in)
        session.flush()
        audit.record(Actor("user", user_id), "sign_in", subject=("user", user_id))
        if known is None and not first:
            outbox.put(
                "new_sign_in",
                to=user.email,
                language=user.language,
                facts={"name": user.name, "browser": browser[:200], "at": now().isoformat()},
                dedupe_key=f"new_sign_in:{sign_in.id}",
            )
    return token


def note_seen(sign_in_id: int) -> None:
    """Keep the sign-in alive while it is used; written at most once in ten minutes."""
    with transaction():
        execute(
            update(SignIn)
            .where(SignIn.id == sign_in_id, SignIn.last_seen_at < now() - SEEN_EVERY)
            .values(last_seen_at=now(), expires_at=now() + SIGN_IN_LASTS)
        )


def sign_out(*, token: str) -> None:
    """End the sign-in of this cookie."""
    with transaction():
        execute(
            update(SignIn)
            .where(SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None))
            .values(ended_at=now())
        )


def sign_out_everywhere(*, actor: Person) -> None:
    """End all sign-ins of the user."""
    with transaction():
        execute(update(SignIn).where(SignIn.user_id == actor.user_id, SignIn.ended_at.is_(None)).values(ended_at=now()))
        audit.record(actor.actor, "sign_out_everywhere", subject=("user", actor.user_id))


def change_profile(*, actor: Person, name: str, language: str) -> None:
    """Change how the user is called, and the language of the user's mails."""
    with transaction() as session:
        user = session.get_one(User, actor.user_id)
        user.name, user.language = name, language
        session.flush()
        audit.record(actor.actor, "change_profile", subject=("user", actor.user_id))


def set_password(*, actor: Person, password: str, current: str) -> None:
    """Give the user a password and end the sign-ins made before.

    Who came by a mailed link has forgotten the old one; everybody else must say it. Raises `WeakPassword` and
    `WrongSignIn`.
    """
    check_password(password)
    user = queries.find_user(actor.email)
    has_one = user is not None and user.password_hash is not None
    if has_one and not actor.came_by_link and not passwords.is_password(user.password_hash if user else None, current):
        raise WrongSignIn(_("The present password is not right."))
    password_hash = passwords.hash_password(password)
    with transaction() as session:
        session.get_one(User, actor.user_id).password_hash = password_hash
        execute(update(SignIn).where(SignIn.user_id == actor.user_id, SignIn.ended_at.is_(None)).values(ended_at=now()))
        audit.record(actor.actor, "set_password", subject=("user", actor.user_id))


def check_password(password: str) -> None:
    """Raise `WeakPassword` unless it is long enough and not one of a kind everybody tries."""
    if len(password) < passwords.MINIMUM_LENGTH:
        raise WeakPassword(
            _(
                "Use at least %(count)s characters. Three or four words are easy to remember.",
                count=passwords.MINIMUM_LENGTH,
            )
        )
    if len(password) > passwords.MAXIMUM_LENGTH or len(set(password)) < 5:
        raise WeakPassword(_("Choose another password: this one is too easy to guess or too long."))


def create_user(
    *,
    actor: Actor,
    email: str,
    name: str,
    language: str,
    password: str | None = None,
    is_administrator: bool = False,
) -> int:
    """Make a user and return the id. Raises `Refused` when the address has one already."""
    password_hash = None
    if password is not None:
        check_password(password)
        password_hash = passwords.hash_password(password)
    with transaction() as session:
        if queries.find_user(email):
            raise Refused(_("There is already a user with the address %(email)s.", email=email))
        user = User(
            email=email.strip().lower(),
            name=name,
            language=language,
            password_hash=password_hash,
            is_administrator=is_administrator,
            created_at=now(),
        )
        session.add(user)
        session.flush()
        audit.record(actor, "create_user", subject=("user", user.id))
        return user.id


def create_organization(
    *,
    actor: Actor,
    slug: str,
    name: dict[str, str],
    email: str,
    zone: str,
    language: str,
    sends_invitations: bool = False,
) -> int:
    """Make an organization and return its id. Raises `Refused` when the short name is taken."""
    with transaction() as session:
        if queries.find_organization(slug):
            raise Refused(_("There is already an organization with the short name %(slug)s.", slug=slug))
        organization = Organization(
            slug=slug,
            name=name,
            about={},
            email=email,
            zone=zone,
            language=language,
            sends_invitations=sends_invitations,
            created_at=now(),
        )
        session.add(organization)
        session.flush()
        audit.record(actor, "create_organization", organization_id=organization.id)
        return organization.id


def set_invitations(*, actor: Person, organization_id: int, sends_invitations: bool) -> bool:
    """Let mails bring calendar invitations from now on, or plain files; False when it was so. Nobody is mailed.

    Who was invited before goes on getting invitations.

    Raises `NotAllowed`, `Missing`.
    """
    _need(actor, Deed.EDIT_ORGANIZATION, organization_id)
    with transaction():
        changed = update(Organization).where(
            Organization.id == organization_id, Organization.sends_invitations != sends_invitations
        )
        if not execute(changed.values(sends_invitations=sends_invitations)).rowcount:
            return False
        audit.record(
            actor.actor, "set_invitations", organization_id=organization_id, sends_invitations=sends_invitations
        )
        return True


def invite_to_team(
    *,
    actor: Person,
    organization_id: int,
    email: str,
    name: str,
    role: Role,
    is_supervisor: bool,
    language: str,
) -> None:
    """Give somebody a role and mail `team_invitation` with a link to sign in. A known address keeps its account."""
    _need(actor, Deed.MANAGE_TEAM, organization_id)
    email = email.strip().lower()
    with transaction() as session:
        organization = session.get_one(Organization, organization_id)
        user = session.scalar(select(User).where(User.email == email))
        if user is None:
            user = User(email=email, name=name, language=language, created_at=now())
            session.add(user)
            session.flush()
        elif session.scalar(
            select(Membership.id).where(Membership.user_id == user.id, Membership.organization_id == organization_id)
        ):
            raise Refused(_("%(email)s is in the team already. Change the role in the list below.", email=email))
        session.add(
            Membership(
                user_id=user.id,
                organization_id=organization_id,
                role=role,
                is_supervisor=is_supervisor,
                created_at=now(),
            )
        )
        audit.record(
            actor.actor,
            "invite_to_team",
            organization_id=organization_id,
            subject=("user", user.id),
            role=role,
        )
        _send_link(user, "team_invitation", INVITATION_LASTS, organization=dict(organization.name), by=actor.name)


def change_role(*, actor: Person, membership_id: int, role: Role, is_supervisor: bool) -> None:
    """Change what somebody is in the team. Raises `LastOwner`."""
    with transaction() as session:
        membership = _membership(actor, membership_id)
        if membership.role == Role.OWNER and role != Role.OWNER:
            _need_another_owner(membership)
        membership.role = role
        membership.is_supervisor = is_supervisor
        session.flush()
        audit.record(
            actor.actor,
            "change_role",
            organization_id=membership.organization_id,
            subject=("user", membership.user_id),
            role=role,
        )


def remove_from_team(*, actor: Person, membership_id: int) -> None:
    """Take somebody out of the team. Raises `LastOwner`."""
    with transaction():
        membership = _membership(actor, membership_id)
        if membership.role == Role.OWNER:
            _need_another_owner(membership)
        execute(delete(Membership).where(Membership.id == membership_id))
        audit.record(
            actor.actor,
            "remove_from_team",
            organization_id=membership.organization_id,
            subject=("user", membership.user_id),
        )


def _membership(actor: Person, membership_id: int) -> Membership:
    membership = db.session.get(Membership, membership_id)
    if membership is None or not actor.belongs_to(membership.organization_id):
        raise Missing
    _need(actor, Deed.MANAGE_TEAM, membership.organization_id)
    return membership


def _need(actor: Person, deed: Deed, organization_id: int) -> None:
    if not actor.belongs_to(organization_id):
        raise Missing
    if not actor.may(deed, organization_id):
        raise NotAllowed(_("Only an owner of the organization can do this."))


def _need_another_owner(membership: Membership) -> None:
    if queries.count_owners(membership.organization_id) < 2:
        raise LastOwner(_("Make somebody else an owner first: an organization needs one."))


def _send_link(user: User, message: str, lasts: timedelta, **facts: object) -> None:
    public_id, key = new_public_id(), settings().link_key.number
    link = SignInLink(
        public_id=public_id,
        token_hash=token_hash(link_token("sign-in", public_id, key_number=key)),
        user_id=user.id,
        created_at=now(),
        expires_at=now() + lasts,
    )
    db.session.add(link)
    db.session.flush()
    outbox.put(
        message,
        to=user.email,
        language=user.language,
        facts={"name": user.name, "link": public_id, "key": key, "until": link.expires_at.isoformat(), **facts},
        dedupe_key=f"{message}:{link.id}",
        priority=outbox.URGENT,
    )
