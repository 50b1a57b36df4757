"""Copies of the whole database, for both kinds of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url

# An older backup knows nothing of newer tables, and a migration would stumble over what it left standing.
DROP_ALL_TABLES = """
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', found.tablename);
  END LOOP;
END $$
"""


class BackupFailed(Exception):
    """The copy could not be made or put back; the message says why."""


def write_backup(database_url: str, path: Path) -> None:
    """Write a consistent copy into the new file `path`: an SQLite file or a `pg_dump` archive, readable by its owner.

    Raises `BackupFailed` and then leaves no file behind.
    """
    url = make_url(database_url)
    with _new_file(path) as part:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(_file_of(url), part)
        else:
            _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")


def read_backup(database_url: str, path: Path) -> None:
    """Replace the database's content by the copy `path`. Raises `BackupFailed` and then changes nothing."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        _check_sqlite(path)
        _copy_sqlite(path, _file_of(url))
    else:
        _read_archive(url, path)


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """A file beside `path` that becomes `path` when the block succeeds, so that half a backup never looks like one."""
    part = path.with_name(path.name + ".part")
    if path.exists():
        raise BackupFailed(f"{path} exists already; choose a new name.")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        yield part
        part.rename(path)
    except OSError as error:
        raise BackupFailed(f"{path} can't be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _copy_sqlite(origin: Path, copy: Path) -> None:
    """Copy page by page in one transaction; who writes meanwhile is waited for."""
    if not origin.is_file():
        raise BackupFailed(f"{origin} does not exist.")
    try:
        with closing(sqlite3.connect(origin)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise BackupFailed(f"{origin} can't be copied to {copy}: {error}") from error


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as copy:
            good = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        raise BackupFailed(f"{path} is not an SQLite database: {error}") from error
    if not good or "alembic_version" not in tables:
        raise BackupFailed(f"{path} is not a whole backup of Lectern.")


def _read_archive(url: URL, path: Path) -> None:
    try:
        content = _run(None, "pg_restore", "--list", str(path))
    except BackupFailed as error:
        raise BackupFailed(f"{path} can't be read: {error}") from error
    if " TABLE public alembic_version " not in content:
        raise BackupFailed(f"{path} is not a whole backup of Lectern.")
    with tempfile.TemporaryDirectory(prefix="lectern-restore-") as folder:
        script = Path(folder) / "script.sql"
        _run(
            None,
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--no-privileges",
            f"--file={script}",
            str(path),
        )
        _run(
            url,
            "psql",
            "--quiet",
            "--no-psqlrc",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--command={DROP_ALL_TABLES}",
            f"--file={script}",
        )


def _file_of(url: URL) -> Path:
    return Path(url.database or "")


def _run(url: URL | None, program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs, on the database `url` if it needs one; returns what it printed."""
    if shutil.which(program) is None:
        raise BackupFailed(f"{program} is not installed. On Debian: apt install postgresql-client")
    environment = dict(os.environ)
    if url is not None:
        # The password goes by the environment: everybody on this machine can read a command line.
        address = url.set(drivername="postgresql", password=None).render_as_string()
        arguments = (f"--dbname={address}", *arguments)
        environment |= {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603
        [program, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFailed(done.stderr.strip() or f"{program} failed")
    return done.stdout
