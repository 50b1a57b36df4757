"""What `transaction()` promises."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import psycopg
import pytest
from apiflask import APIFlask
from sqlalchemy.exc import StatementError

from app.accounts.models import Organization
from app.catalogue.models import CatalogueVersion
from app.core.db import after_commit, begin_writing, db, peek, transaction, writing_options
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
    with db.engine.connect().execution_options(**writing_options(db.engine)) as other:
        begin_writing(other)
        other.exec_driver_sql("""UPDATE organization SET name = '{"en": "Elm"}' WHERE slug = 'oak'""")
        other.commit()
    with transaction() as session:
        assert session.scalars(db.select(Organization).where(Organization.slug == "oak")).one().name == {"en": "Elm"}


def test_reading_begins_no_transaction(database: str) -> None:
    db.session.scalars(db.select(Organization)).all()
    driver = db.session.connection().connection.driver_connection
    if database.startswith("sqlite"):
        assert not driver.in_transaction
    else:
        assert driver.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_many_writers_of_one_process_all_have_their_turn(app: APIFlask) -> None:
    def raise_it(_number: int) -> None:
        with app.app_context(), transaction() as session:
            session.execute(db.update(CatalogueVersion).values(version=CatalogueVersion.version + 1))

    def version() -> int:
        db.session.rollback()
        return db.session.scalars(db.select(CatalogueVersion.version)).one()

    before = version()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(raise_it, range(40)))
    assert version() == before + 40


def test_a_failed_deed_leaves_the_way_free_for_the_next() -> None:
    for _ in range(3):
        with pytest.raises(Conflict):
            rename_and_fail("Elm")
    with transaction():
        rename("Ash")
    assert name() == "Ash"


def test_text_without_a_zone_is_no_instant() -> None:
    with transaction() as session:
        session.scalars(db.select(Organization)).first().created_at = datetime(2026, 1, 1)  # noqa: DTZ001
        with pytest.raises(StatementError):
            session.flush()
        session.rollback()


def test_a_connection_that_died_while_it_rested_is_replaced(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not database.startswith("postgresql"):
        return  # a file has no server that could hang up
    monkeypatch.setattr("app.core.db.RESTED_SECONDS", 0.0)
    assert name() == "Oak Library"
    db.session.remove()
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as other:
        hung_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        other.execute(hung_up + " AND pid <> pg_backend_pid()")
    assert name() == "Oak Library"
    assert peek(db.engine, "SELECT 1") == (1,)


def test_peeking_begins_no_transaction_and_sees_what_is_committed() -> None:
    query = "SELECT count(*) FROM organization WHERE slug = 'elm'"
    assert peek(db.engine, query) == (0,)
    with transaction():
        db.session.execute(db.update(Organization).where(Organization.slug == "oak").values(slug="elm"))
        assert peek(db.engine, query) == (0,)
    assert peek(db.engine, query) == (1,)


def test_a_wrong_peek_spoils_no_connection() -> None:
    for _ in range(3):
        with pytest.raises(Exception, match="no_such_table"):
            peek(db.engine, "SELECT 1 FROM no_such_table")
    assert name() == "Oak Library"
