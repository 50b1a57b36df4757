"""The number that tells a list or feed, by one tiny query, whether anything has changed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, insert, update
from sqlalchemy.exc import IntegrityError

from app.catalogue.models import CatalogueVersion
from app.core.clock import now
from app.core.db import db, execute, peek, transaction

ROW = 1
NEVER = (0, datetime(2000, 1, 1, tzinfo=UTC))

_PEEK = "SELECT version, changed_at FROM catalogue_version WHERE id = 1"


def raise_version() -> None:
    """Tell lists and feeds, once the running transaction is through, that they are to look again.

    The row stays locked until then, so operations do this last.
    """
    raised = update(CatalogueVersion).where(CatalogueVersion.id == ROW)
    values = {"version": CatalogueVersion.version + 1, "changed_at": now()}
    if execute(raised.values(values)).rowcount:
        return
    try:
        with transaction():
            execute(insert(CatalogueVersion).values(id=ROW, version=1, changed_at=now()))
    except IntegrityError:
        # Somebody else made the first change at the same moment.
        execute(raised.values(values))


def catalogue_version(engine: Engine | None = None) -> tuple[int, datetime]:
    """The number, and when it was last raised, as committed at this moment."""
    row = peek(engine or db.engine, _PEEK)
    if row is None:
        return NEVER
    number, changed_at = row
    if isinstance(changed_at, str):  # as SQLite keeps it
        changed_at = datetime.fromisoformat(changed_at)
    return number, changed_at.replace(tzinfo=UTC) if changed_at.tzinfo is None else changed_at.astimezone(UTC)
