"""The three secrets and names of a registration: manage link, ticket code, spoken reference."""

from __future__ import annotations

import secrets
from typing import Protocol

from app.core.security.links import link_token, ticket_code
from app.core.settings import settings


class HasSecrets(Protocol):
    """What secrets are made of."""

    public_id: str
    manage_generation: int
    ticket_generation: int
    key_number: int


def manage_token(registration: HasSecrets) -> str:
    """The secret part of `/r/<token>`."""
    return link_token("manage", registration.public_id, registration.manage_generation, registration.key_number)


def manage_url(registration: HasSecrets) -> str:
    """The full address of the registration's own page."""
    return f"{settings().base_url}/r/{manage_token(registration)}"


def code_of(registration: HasSecrets) -> str:
    """The 16 characters in the ticket's QR."""
    return ticket_code(registration.public_id, registration.ticket_generation, registration.key_number)


def new_reference() -> str:
    """Six random digits, never beginning with 0, easy to say aloud."""
    return str(secrets.randbelow(900_000) + 100_000)


def spaced(reference: str) -> str:
    """`482913` as people read it: `482 913`."""
    return f"{reference[:3]} {reference[3:]}"
