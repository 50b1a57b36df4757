"""Addresses that are compiled once for all applications of a test run.

Each test has an application of its own, and werkzeug compiles its some 190 addresses anew: their parts, and two
functions for each. That took a third of the time of all tests. What comes of it knows nothing of the application: it
follows from the address, its defaults and the map's converters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Compiled:
    parts: list[Any]
    trace: list[tuple[bool, str]]
    converters: dict[str, Any]
    arguments: frozenset[str]
    builders: tuple[Builder, Builder]


_compiled: dict[tuple[object, ...], _Compiled] = {}


class KnownRule(Rule):
    """A rule that takes what was compiled of the same rule of an application before."""

    def compile(self) -> None:
        """As in `Rule`."""
        key = self._key()
        if key not in _compiled:
            super().compile()
            builders: tuple[Any, Any] = self._build, self._build_unknown
            _compiled[key] = _Compiled(
                self._parts,
                self._trace,
                self._converters,
                frozenset(self.arguments),
                (builders[0].__func__, builders[1].__func__),
            )
            return
        known = _compiled[key]
        self._parts, self._trace, self._converters = list(known.parts), list(known.trace), dict(known.converters)
        self.arguments |= known.arguments
        self._build, self._build_unknown = (builder.__get__(self, None) for builder in known.builders)

    def _key(self) -> tuple[object, ...]:
        assert self.map is not None
        of_map = self.map.host_matching, tuple(self.map.converters.items())
        return self.rule, self.host, self.subdomain, self.merge_slashes, repr(self.defaults), of_map


def compile_once() -> None:
    """Have every application of this process use what was compiled before."""
    Flask.url_rule_class = KnownRule
