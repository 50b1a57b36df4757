"""Waiting for what another thread or process is about to do, never longer than needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], seconds: float = 30, *, what: str = "", every: float = 0.05) -> T:
    """What `condition` gives, as soon as it is true; fails when `seconds` have gone by without that."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what or 'it'} did not come within {seconds:g} s; last seen: {found!r}")
        pause.wait(every)
    return found
