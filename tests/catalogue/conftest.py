"""What the tests of the catalogue share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from sqlalchemy import update

from app.catalogue.models import Venue
from app.core.db import execute
from tests.readers.calendars import READERS, Reader, installed
from tests.support.events import event_values, hybrid, local, make_event


@pytest.fixture(scope="module", params=READERS)
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Each calendar program in turn."""
    with installed(request.param) as program:
        yield program


@pytest.fixture
def three(app: APIFlask) -> None:
    """A lecture in a district, a hybrid workshop, and a webinar of another organization."""
    with app.app_context():
        execute(update(Venue).where(Venue.slug == "lighthouse-hall").values(district="North"))
        execute(update(Venue).where(Venue.slug != "lighthouse-hall").values(district="South"))
        make_event(event_values(title={"en": "Stars"}, summary={"en": "Look **up**."}))
        make_event(hybrid(title={"en": "Clay"}, format="workshop", audience="families", starts_local=local(days=8)))
        online = hybrid(title={"en": "Webs"}, format="webinar", is_in_person=False, starts_local=local(days=9))
        make_event(online, by="olga")
