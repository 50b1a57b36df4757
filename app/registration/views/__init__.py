"""Signing up, finding it again, and the pages that belong to one registration."""

from app.registration.views import answers, calendar, consents, find, own, parties, partner, sessions, sign_up
from app.registration.views.blueprint import registration

__all__ = [
    "answers",
    "calendar",
    "consents",
    "find",
    "own",
    "parties",
    "partner",
    "registration",
    "sessions",
    "sign_up",
]
