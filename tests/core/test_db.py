"""What `transaction()` promises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.exc import StatementError

from app.accounts.models import Organization
from app.core.db import after_commit, db, transaction
from app.core.errors import Conflict

pytestmark = pytest.mark.usefixtures("context")


def rename(to: str) -> None:
    db.session.scalars(db.select(Organization).where(Organization.slug == "oak")).one().name = {"en": to}
    db.session.flush()


def name() -> str:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(db.select(Organization.name).where(Organization.slug == "oak")).one()["en"]


def rename_and_fail(to: str, deed: Callable[[], None] | None = None) -> None:
    with transaction():
        rename(to)
        if deed:
            after_commit(deed)
        raise Conflict("no")


def test_an_exception_leaves_nothing_behind() -> None:
    with pytest.raises(Conflict):
        rename_and_fail("Elm")
    assert name() == "Oak Library"


def test_a_caught_error_of_a_nested_operation_leaves_the_outer_one_whole() -> None:
    with transaction():
        rename("Elm")
        with pytest.raises(Conflict):
            rename_and_fail("Ash")
    assert name() == "Elm"


def test_deeds_after_the_commit_run_once_and_never_after_a_failure() -> None:
    rung: list[str] = []

    def ring() -> None:
        rung.append("ding")

    with transaction():
        after_commit(ring)
        with transaction():
            after_commit(ring)
        assert rung == []
    assert rung == ["ding"]
    with pytest.raises(Conflict):
        rename_and_fail("Ash", ring)
    assert rung == ["ding"]


def test_an_operation_sees_what_others_committed_since_the_view_began() -> None:
    assert name() == "Oak Library"
    db.session.scalars(db.select(Organization)).all()
    with db.engine.connect().execution_options(writing=True) as other:
        other.exec_driver_sql("""UPDATE organization SET name = '{"en": "Elm"}' WHERE slug = 'oak'""")
        other.commit()
    with transaction() as session:
        assert session.scalars(db.select(Organization).where(Organization.slug == "oak")).one().name == {"en": "Elm"}


def test_text_without_a_zone_is_no_instant() -> None:
    with transaction() as session:
        session.scalars(db.select(Organization)).first().created_at = datetime(2026, 1, 1)  # noqa: DTZ001
        with pytest.raises(StatementError):
            session.flush()
        session.rollback()
