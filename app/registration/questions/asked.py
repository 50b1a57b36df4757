"""A question as forms, rules and pages know one: from the library, or as an event asks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """One of the answers that can be chosen; an archived one only by who has chosen it before."""

    code: str
    label: Mapping[str, str]
    is_archived: bool = False


@dataclass(frozen=True)
class AskedQuestion:
    """A question; `is_required` and the condition are those of the event that asks it."""

    id: int
    key: str
    kind: str
    label: Mapping[str, str]
    help: Mapping[str, str]
    options: tuple[Option, ...] = ()
    lowest: int | None = None
    highest: int | None = None
    keep_days: int | None = None
    is_required: bool = False
    only_if_id: int | None = None
    only_if_codes: tuple[str, ...] = ()

    @property
    def is_sensitive(self) -> bool:
        """Whether the answer is deleted some days after the event, and shown to nobody but the organizer."""
        return self.keep_days is not None


def options_from(rows: Iterable[Mapping[str, Any]]) -> tuple[Option, ...]:
    """The options as the database keeps them."""
    return tuple(Option(row["code"], row["label"], bool(row.get("is_archived"))) for row in rows)
