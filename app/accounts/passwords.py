"""Passwords: hashed by argon2id, in the same time whether the account exists or not."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.turns import away

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 256

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def hash_password(password: str) -> str:
    """The argon2id hash (19 MiB, two passes), salt and parameters included."""
    with away():  # it lets other threads compute
        return _hasher.hash(password)


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one; without a hash it takes as long and says no."""
    try:
        with away():
            _hasher.verify(password_hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
