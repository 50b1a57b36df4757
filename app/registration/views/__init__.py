"""Signing up, finding it again, and the pages that belong to one registration."""

from app.registration.views import find, own, sessions, sign_up
from app.registration.views.blueprint import registration

__all__ = ["find", "own", "registration", "sessions", "sign_up"]
