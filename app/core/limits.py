"""How often something may be tried. Counters live in memory, or in Redis when several hosts share the work."""

from __future__ import annotations

import time

from flask import request
from flask_limiter import Limiter
from limits.storage import MemoryStorage

from app.core.settings import settings

SWEEP_SECONDS = 60


class QuietMemory(MemoryStorage):
    """Counters in memory that are swept once a minute.

    The parent starts a thread after each hit to look through all counters; with thousands of addresses that thread
    would do more than everybody else. An outdated counter is noticed anyway when it is asked for.
    """

    STORAGE_SCHEME = ["quiet-memory"]
    _swept = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a hit and return the counter."""
        at = time.time()
        with self.locks[key]:
            if self.expirations.get(key, 0) <= at:
                self.storage[key] = 0
                self.expirations[key] = at + expiry
            self.storage[key] += amount
            count = self.storage[key]
        if at - self._swept > SWEEP_SECONDS:
            self._swept = at
            self._sweep(at)
        return count

    def _sweep(self, at: float) -> None:
        for key in [key for key, until in list(self.expirations.items()) if until <= at]:
            self.get(key)


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
