"""Statements that are compiled once for all databases of a kind.

Each test has a database of its own, and SQLAlchemy keeps what it has compiled with each engine and dialect. What comes
of a statement follows from it and from the kind of the database alone, so all engines of a kind may share it. Compiling
all anew took a quarter of the time of a test.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

ENOUGH = 10_000

_known: dict[str, tuple[Any, LRUCache[Any, Any]]] = {}


def compile_once(engine: Engine) -> None:
    """Have this engine use what others of its kind have compiled before."""
    if engine.dialect.name not in _known:
        with engine.connect():  # by its first connection a dialect learns what server it speaks to
            _known[engine.dialect.name] = engine.dialect, LRUCache(ENOUGH)
    engine.dialect, engine._compiled_cache = _known[engine.dialect.name]
