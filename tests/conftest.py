"""Fixtures that all tests share. Whatever touches the database runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import atexit
import gc
import shutil
import uuid
from collections.abc import Iterator

import pytest
from apiflask import APIFlask

from app import create_app
from app.core.db import db
from tests.support import databases, routes, statements
from tests.support.pages import Client

routes.compile_once()
gc.set_threshold(20_000, 10, 10)  # by default the search for lost objects took a fifth of the time


def pytest_configure(config: pytest.Config) -> None:
    """The process that leads the others names the run, and clears its databases away when all have ended."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        config.option.testrunuid = config.option.testrunuid or uuid.uuid4().hex
        folder = databases.folder_of_run(config.option.testrunuid)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what is long on PostgreSQL to `make test-slow`."""
    for item in items:
        kind = getattr(item, "callspec", None) and item.callspec.params.get("database")  # type: ignore[attr-defined]
        if kind == "postgresql" and item.get_closest_marker("slow_on_postgresql"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with the cast in it, of each kind in turn."""
    with databases.fresh(request.param) as url:
        yield url


@pytest.fixture
def app(database: str) -> Iterator[APIFlask]:
    """An application on a fresh database."""
    application = create_app(databases.settings_for(database))
    application.test_client_class = Client
    application.jinja_env.bytecode_cache = databases.template_cache()
    with application.app_context():
        statements.compile_once(db.engine)
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def context(app: APIFlask) -> Iterator[None]:
    """An application context, for tests of operations and queries."""
    with app.app_context():
        yield


@pytest.fixture
def client(app: APIFlask) -> Client:
    """A browser without any sign-in, at 127.0.0.1."""
    browser = app.test_client()
    assert isinstance(browser, Client)
    browser.environ_base["HTTP_HOST"] = "127.0.0.1:5000"
    browser.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    return browser
