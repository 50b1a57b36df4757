"""What the tests of registration share."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event
from tests.support.calendars import begin_feed
from tests.support.events import hybrid, make_event, sign_up


@pytest.fixture
def slug(app: APIFlask) -> str:
    """The address of a hybrid event with two seats in the hall."""
    with app.app_context():
        return make_event(hybrid(capacity_in_person=2)).slug


@pytest.fixture
def event() -> Event:
    """A lecture with two seats, to which Pat comes; Pat has a feed."""
    made = make_event(hybrid(capacity_in_person=2))
    sign_up(made)
    begin_feed("pat.participant@example.net")
    return made
