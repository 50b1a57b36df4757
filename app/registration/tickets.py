"""The three secrets and names of a registration: manage link, ticket code, spoken reference."""

from __future__ import annotations

import secrets
from hmac import compare_digest
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


def mailed_token(registration: HasSecrets) -> str:
    """The same for a mail, with a proof that only the mailbox got it: whoever signs somebody up sees no such link."""
    return manage_token(registration) + _proof(registration)


def came_by_mail(token: str, registration: HasSecrets) -> bool:
    """Whether `token`, which opens this registration's page, is the one that its mailbox was sent."""
    return compare_digest(token.encode("utf-8", "surrogatepass"), mailed_token(registration).encode())


def _proof(registration: HasSecrets) -> str:
    """66 bits, good for nothing without the secret they stand behind."""
    whole = link_token("mailed", registration.public_id, registration.manage_generation, registration.key_number)
    return whole[:11]


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
