"""Secret links and codes that later mails can repeat, though the database keeps only their hashes.

A secret is `HMAC(key, purpose, public id, generation)`. Whoever holds `LINK_KEY` and the row can say it again; raising
the generation revokes it. The row remembers the number of its key, so that `LINK_KEY` can be replaced by a new one
while old links go on working.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from app.core.settings import settings
from config import LinkKey

LINK_LENGTH = 22
TICKET_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
TICKET_LENGTH = 16
CODE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 10


def new_public_id() -> str:
    """A random name for a thing, 16 hexadecimal digits, that tells nothing of how many there are."""
    return secrets.token_hex(8)


def link_code() -> str:
    """A short code that can be said aloud and isn't guessed: 10 of 31 letters and digits, none like another."""
    return "".join(secrets.choice(CODE_ALPHABET) for _letter in range(CODE_LENGTH))


def link_token(purpose: str, public_id: str, generation: int = 1, key_number: int | None = None) -> str:
    """The secret of a link: 128 bits as 22 characters fit for an address."""
    digest = _mac(purpose, public_id, generation, key_number)
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def ticket_code(public_id: str, generation: int = 1, key_number: int | None = None) -> str:
    """The code in a ticket's QR: 80 bits as 16 upper-case base32 characters."""
    return base64.b32encode(_mac("ticket", public_id, generation, key_number)[:10]).decode()


def token_hash(token: str) -> bytes:
    """What the database keeps of a secret: 16 bytes, enough to find it, useless to whoever reads them."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()[:16]


def random_token() -> str:
    """A secret that is never said again: 256 bits, 43 characters."""
    return secrets.token_urlsafe(32)


def _mac(purpose: str, public_id: str, generation: int, key_number: int | None) -> bytes:
    key = _key(key_number)
    return hmac.digest(key.secret, f"{purpose}\0{public_id}\0{generation}".encode(), "sha256")


def _key(number: int | None) -> LinkKey:
    keys = settings().link_keys
    if number is None:
        return keys[0]
    for key in keys:
        if key.number == number:
            return key
    raise LookupError(f"LINK_KEY number {number} is no longer in the settings, but links made with it are still in use")
