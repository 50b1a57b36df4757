"""Addresses that are compiled once for all applications of a test run.

Each test has an application of its own, and werkzeug compiles two functions for each of its some 190 addresses anew.
That took a third of the time of all tests. The functions know nothing of the application: they follow from the address,
its converters and its defaults.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]

_built: dict[tuple[object, ...], Builder] = {}


class KnownRule(Rule):
    """A rule that takes the functions of the same rule of an application before."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        key = (self.rule, tuple(self._trace), repr(self.defaults), tuple(self._converter_names()), append_unknown)
        if key not in _built:
            _built[key] = super()._compile_builder(append_unknown)
        return _built[key]

    def _converter_names(self) -> list[tuple[str, Any]]:
        return [(name, type(converter)) for name, converter in sorted(self._converters.items())]


def compile_once() -> None:
    """Have every application of this process use the functions that were compiled before."""
    Flask.url_rule_class = KnownRule
