"""The cookie that keeps a user signed in, and how flask-login finds the user by it.

The cookie holds a random secret; the sign-in itself is a row, so it can be ended from anywhere.
"""

from __future__ import annotations

from flask import Request, Response, g
from flask_login import LoginManager

from app.accounts import operations, queries
from app.accounts.models import User
from app.accounts.permissions import Person
from app.core.clock import now
from app.core.settings import settings

COOKIE_NAMES = ("__Host-signin", "signin")

login_manager = LoginManager()
login_manager.session_protection = None


def cookie_name() -> str:
    """With the `__Host-` prefix over https, which keeps it to this very host."""
    return COOKIE_NAMES[0] if settings().secure else COOKIE_NAMES[1]


@login_manager.request_loader  # type: ignore[untyped-decorator]
def _load_user(request: Request) -> User | None:
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    sign_in = queries.find_sign_in(token)
    if sign_in is None:
        return None
    user, person = sign_in.user, queries.person_of(sign_in.user, came_by_link=sign_in.by_link)
    if sign_in.last_seen_at < now() - operations.SEEN_EVERY:
        operations.note_seen(sign_in.id)
    g.person = person
    return user


def signed_in_person() -> Person | None:
    """The signed-in user with roles, or None."""
    from flask_login import current_user

    if not current_user.is_authenticated:
        return None
    person: Person = g.person
    return person


def keep_signed_in(response: Response, token: str) -> None:
    """Give the browser the secret of a new sign-in."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(operations.SIGN_IN_LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings().secure,
        path="/",
    )


def forget(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(cookie_name(), path="/", secure=settings().secure, httponly=True, samesite="Lax")
