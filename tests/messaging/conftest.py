"""A mail server, and an application that sends invitations by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.accounts.operations import set_invitations
from tests.support.cast import organization_id, person
from tests.support.outgoing import application
from tests.support.smtp_sink import Sink, smtp_sink


@pytest.fixture
def inviting(database: str) -> Iterator[Sink]:
    """A mail server, and an application whose first organization sends invitations by it."""
    with smtp_sink() as server, application(database, MAIL_URL=server.url, MAIL_FROM="desk@events.example"):
        set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=True)
        yield server
