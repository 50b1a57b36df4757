"""Whether the machinery is in order. What lies above `core` adds its own checks to `CHECKS` at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import db
from config import ROOT


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the health page."""
        return {"ok": self.ok, **self.facts}


CHECKS: list[Callable[[], Check]] = []


def readiness() -> list[Check]:
    """All checks; without a database nothing else can be asked."""
    database = _database()
    if not database.ok:
        return [database]
    migrations = _migrations()
    return [database, migrations, *((check() for check in CHECKS) if migrations.ok else ())]


def _database() -> Check:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return Check("database", False, {"error": type(error).__name__})
    return Check("database", True, {"kind": db.engine.dialect.name})


def _migrations() -> Check:
    wanted = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    present = MigrationContext.configure(db.session.connection()).get_current_revision()
    return Check("migrations", wanted == present, {"present": present, "wanted": wanted})
