"""What one loading knows while it is at work: the problems found, what it changed, and what was named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session as DatabaseSession

from app.core.db import Base
from app.core.i18n import gettext as _
from app.core.times import zone_names
from app.exchange.load.problems import Problem

Row = TypeVar("Row", bound=Base)


@dataclass
class Work:
    """The state of one loading.

    `moved_organizations` and `moved_venues` read differently in calendar entries now; `redrawn` are the
    events whose entries must be rendered anew.
    """

    session: DatabaseSession
    loaded_at: datetime
    problems: list[Problem] = field(default_factory=list)
    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    named: set[tuple[str, str]] = field(default_factory=set)
    moved_organizations: set[int] = field(default_factory=set)
    moved_venues: set[int] = field(default_factory=set)
    redrawn: set[int] = field(default_factory=set)

    def problem(self, place: str, message: str) -> None:
        """Note a problem; the loading goes on, to find the others."""
        self.problems.append(Problem(place, message))

    def entries(self, document: Mapping[str, Any], name: str, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The entries of one list with their places; each `key` may come once."""
        for number, entry in enumerate(document.get(name, [])):
            place = f"{name}[{number}]"
            if self.name(name, entry[key].lower() if key == "email" else entry[key]):
                yield place, entry
            else:
                self.problem(f"{place}.{key}", _("“%(name)s” comes twice in this list.", name=entry[key]))

    def name(self, kind: str, key: str) -> bool:
        """Remember that the file has an entry with this key; False when it had one before."""
        if (kind, key) in self.named:
            return False
        self.named.add((kind, key))
        return True

    def find(self, table: type[Row], place: str, kind: str, slug: str | None) -> Row | None:
        """The row of this short name. One that the file names has had its problem reported."""
        if slug is None:
            return None
        row: Row | None = self.session.scalars(select(table).filter_by(slug=slug)).first()
        if row is None and (kind, slug) not in self.named:
            self.problem(place, _("There is no “%(name)s”.", name=slug))
        return row

    def keep(
        self, kind: str, table: type[Row], row: Row | None, values: dict[str, Any], defaults: dict[str, Any]
    ) -> Row:
        """Make the row from values over defaults, or bring the one that exists up to date."""
        if row is None:
            row = table(**{**defaults, **values})
            self.session.add(row)
            self.session.flush()
            self.added[kind] += 1
        elif changed_names(row, values):
            set_values(row, values)
            self.session.flush()
            self.changed[kind] += 1
        return row

    def email(self, place: str, value: str) -> str:
        """The address in small letters; a problem if nobody could have it."""
        try:
            return validate_email(value, check_deliverability=False, test_environment=True).normalized.lower()
        except EmailNotValidError:
            self.problem(place, _("Please check the address. It looks like name@example.org."))
            return value

    def is_zone(self, place: str, zone: str) -> bool:
        """Whether there is such a time zone; a problem if not."""
        if zone in zone_names():
            return True
        self.problem(place, _("There is no time zone “%(name)s”. Write it like Europe/Moscow.", name=zone))
        return False


def given(entry: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """The columns for which the entry says something. What it leaves out stays as it is."""
    return {column: entry[name] for name, column in columns.items() if name in entry}


def changed_names(row: Base, values: Mapping[str, Any]) -> set[str]:
    """The columns in which the row differs from the values."""
    return {name for name, value in values.items() if _stored(getattr(row, name)) != _stored(value)}


def set_values(row: Base, values: Mapping[str, Any]) -> None:
    """Set what differs, and nothing else: a row that is touched without need would be written."""
    for name in changed_names(row, values):
        setattr(row, name, values[name])


def _stored(value: Any) -> Any:
    """Texts as the database keeps them: without empty translations."""
    return {language: text for language, text in value.items() if text} if isinstance(value, dict) else value
