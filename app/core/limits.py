"""How often something may be tried. Counters live in memory, or in Redis when several hosts share the work.

The counting is the work of the `limits` library. Flask-Limiter, which puts it into Flask, would look through its
tables at every request, those of pages without a limit too (docs/decisions/0009).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from math import ceil
from typing import Any, ParamSpec

import structlog
from flask import Flask, Response, current_app, request
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from app.core.errors import TooMany
from app.core.settings import settings
from config import Settings

SENDING = frozenset(("POST",))
READING = frozenset(("GET", "HEAD"))
P = ParamSpec("P")
SWEEP_SECONDS = 60
EXTENSION = "lectern.limits"
log = structlog.get_logger()


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


def network_address() -> str:
    """Whose tries are counted when nothing better is known."""
    return request.remote_addr or "unknown"


@dataclass(frozen=True)
class Limit:
    """`rate` finds the setting (such as "5 per minute; 50 per hour"), `whose` says whose tries are counted together.

    With `counts`, only tries with such an answer count.
    """

    rate: Callable[[Settings], str]
    whose: Callable[[], str] = network_address
    counts: Callable[[Response], bool] | None = None


def attach(app: Flask, values: Settings) -> None:
    """Give the application its counters."""
    app.extensions[EXTENSION] = FixedWindowRateLimiter(storage_from_string(values.redis_url or "quiet-memory://"))


def limited(*limits: Limit, on: frozenset[str] = SENDING) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Let a view be asked by these methods only as often as all `limits` allow; raises `TooMany`."""

    def decorate(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> Any:
            if request.method not in on or not settings().limits:
                return view(*args, **kwargs)
            whose = [(limit, limit.whose()) for limit in limits]
            _let_in(whose)
            answer = view(*args, **kwargs)
            for limit, key in whose:
                if limit.counts and limit.counts(current_app.make_response(answer)):
                    _ask(_counters().hit, limit, key, refuse=False)
            return answer

        return checked

    return decorate


def _let_in(whose: Sequence[tuple[Limit, str]]) -> None:
    """Count the try, unless a limit refuses it: all are asked before any counts, so a refused one costs nothing."""
    counters = _counters()
    for limit, key in whose:
        _ask(counters.test, limit, key)
    for limit, key in whose:
        if not limit.counts:
            _ask(counters.hit, limit, key)


def _ask(counter: Callable[..., bool], limit: Limit, key: str, *, refuse: bool = True) -> None:
    """Ask each window of a limit; one that can't be reached stops nobody."""
    for window in _windows(limit.rate(settings())):
        try:
            fits = counter(window, key, request.endpoint or "")
        except Exception:
            log.exception("limits_unreachable")
            fits = True
        if refuse and not fits:
            raise TooMany(seconds=_seconds_left(window, key))


def _seconds_left(window: RateLimitItem, key: str) -> int:
    """After how many seconds the window is open again, a whole one at least."""
    until = _counters().get_window_stats(window, key, request.endpoint or "").reset_time
    return max(1, ceil(until - time.time()))


def _counters() -> RateLimiter:
    counters: RateLimiter = current_app.extensions[EXTENSION]
    return counters


@lru_cache(maxsize=64)
def _windows(rate: str) -> tuple[RateLimitItem, ...]:
    """The windows of a rate, the shortest first."""
    return tuple(sorted(parse_many(rate)))
