"""The number that tells a list or feed, by one tiny query, whether anything has changed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.catalogue.models import CatalogueVersion
from app.core.clock import now
from app.core.db import db, execute

ROW = 1
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

_table = CatalogueVersion.__table__
_read = select(_table.c.version, _table.c.changed_at).where(_table.c.id == ROW)


def raise_version() -> None:
    """Tell lists and feeds, once the running transaction is through, that they are to look again.

    The row stays locked until then, so operations do this last.
    """
    raised = update(CatalogueVersion).where(CatalogueVersion.id == ROW)
    values = {"version": CatalogueVersion.version + 1, "changed_at": now()}
    if execute(raised.values(values)).rowcount:
        return
    try:
        with db.session.begin_nested():
            execute(insert(CatalogueVersion).values(id=ROW, version=1, changed_at=now()))
    except IntegrityError:
        # Somebody else made the first change at the same moment.
        execute(raised.values(values))


def catalogue_version() -> tuple[int, datetime]:
    """The number, and when it was last raised."""
    row = execute(_read).first()
    return (row.version, row.changed_at) if row else (0, NEVER)
