"""What the tests of registration share."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from tests.support.events import hybrid, make_event


@pytest.fixture
def slug(app: APIFlask) -> str:
    """The address of a hybrid event with two seats in the hall."""
    with app.app_context():
        return make_event(hybrid(capacity_in_person=2)).slug
