"""Answers kept in memory, so that what hasn't changed is rendered once."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from app.core.clock import now

PAGES_BYTES = 32 * 1024 * 1024
FEEDS_BYTES = 32 * 1024 * 1024
PICTURES_BYTES = 16 * 1024 * 1024
FRAME_PAGES = 256
LARGE_BYTES = 1024 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer, plain and, where it pays, gzipped; good until time alone changes it.

    Of a large one that is `packed` only the gzipped form is kept; `whole` gives the plain bytes of either.
    """

    plain: bytes
    gzipped: bytes | None = None
    until: datetime | None = None

    @classmethod
    def packed(cls, plain: bytes) -> Body:
        """With its gzipped form; the same bytes each time, for the time of packing is left out."""
        return cls(plain if len(plain) <= LARGE_BYTES else b"", gzip.compress(plain, 6, mtime=0))

    def whole(self) -> bytes:
        """The plain bytes. Nearly everybody takes gzip, so they may be unpacked for the others."""
        return self.plain if self.plain or self.gzipped is None else gzip.decompress(self.gzipped)

    @property
    def size(self) -> int:
        """How much memory it takes."""
        return len(self.plain) + len(self.gzipped or b"")


class Shelf(Generic[T]):
    """Keeps the things asked for last, up to a size in all. A key names all that its thing depends on."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._taken = 0
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing of this key; made now unless it is kept. Two at once may both make it, to the same effect."""
        with self._lock:
            thing = self._things.get(key)
            if thing is not None and _is_good(thing):
                self._things.move_to_end(key)
                return thing
        thing = make()
        if _size(thing) <= self._room // 8:
            self._put(key, thing)
        return thing

    def _put(self, key: Hashable, thing: T) -> None:
        with self._lock:
            former = self._things.pop(key, None)
            self._taken += _size(thing) - (_size(former) if former is not None else 0)
            self._things[key] = thing
            while self._taken > self._room:
                self._taken -= _size(self._things.popitem(last=False)[1])


def _is_good(thing: object) -> bool:
    until: datetime | None = getattr(thing, "until", None)
    return until is None or now() < until


def _size(thing: object) -> int:
    return thing.size if isinstance(thing, Body) else 1
