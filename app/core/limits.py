"""How often something may be tried. Counters live in memory, or in Redis when several hosts share the work."""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter

from app.core.settings import settings

limiter = Limiter(lambda: request.remote_addr or "unknown", default_limits=[], headers_enabled=False)


def sign_up_limit() -> str:
    """Generous, for a whole library is one address of the net."""
    return settings().sign_up_limit


def sign_up_address_limit() -> str:
    """Strict: one mailbox doesn't sign up for ten events an hour."""
    return settings().sign_up_address_limit


def find_limit() -> str:
    """For pages that make us send a mail."""
    return settings().find_limit


def sign_in_limit() -> str:
    """For passwords and sign-in links."""
    return settings().sign_in_limit


def pairing_limit() -> str:
    """For door pairing."""
    return settings().pairing_limit
