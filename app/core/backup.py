"""Copies of the whole database, for both kinds of it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import make_url


class BackupFailed(Exception):
    """The copy could not be made or put back; the message says why."""


def write_backup(database_url: str, path: Path) -> None:
    """Write a consistent copy into the new file `path`: an SQLite file, or a `pg_dump` archive. Raises `BackupFailed`."""
    if path.exists():
        raise BackupFailed(f"{path} exists already; choose a new name.")
    if database_url.startswith("sqlite"):
        with sqlite3.connect(_file(database_url)) as source, sqlite3.connect(path) as target:
            source.backup(target)
        target.close()
        source.close()
        return
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={path}", f"--dbname={_libpq_url(database_url)}")


def read_backup(database_url: str, path: Path) -> None:
    """Replace the database's content by the copy `path`. Raises `BackupFailed` and then changes nothing."""
    if database_url.startswith("sqlite"):
        _check_sqlite(path)
        with sqlite3.connect(path) as source, sqlite3.connect(_file(database_url)) as target:
            source.backup(target)
        source.close()
        target.close()
        return
    _run(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--single-transaction",
        f"--dbname={_libpq_url(database_url)}",
        str(path),
    )


def _check_sqlite(path: Path) -> None:
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as copy:
            good = copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        copy.close()
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"{path} is not an SQLite database: {error}") from error
    if not good or "alembic_version" not in tables:
        raise BackupFailed(f"{path} is not a whole backup of Lectern.")


def _file(database_url: str) -> str:
    return make_url(database_url).database or ""


def _libpq_url(database_url: str) -> str:
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise BackupFailed(f"{program} is not installed. On Debian: apt install postgresql-client")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupFailed(done.stderr.strip() or f"{program} failed")
