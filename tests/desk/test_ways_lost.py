"""Taking hall or online away on the desk, while people use it."""

from __future__ import annotations

from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.db import db
from app.registration.models import Registration
from tests.support.desk_forms import form_at
from tests.support.events import hybrid, make_event, sign_up
from tests.support.pages import Client, Page


def test_taking_away_a_way_of_coming_that_people_use_is_asked_first(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=1))
        pat = sign_up(event, "Pat Participant", mode="online").id
        public_id = event.public_id
    address = f"/desk/events/{public_id}/edit"
    values = form_at(client, address, modes=["in_person"])
    question = Page(client.send(address, values, status=200))
    assert "1 person who signed up for online gets a seat in the hall instead." in question.words
    with app.app_context():
        assert db.session.get_one(Registration, pat).mode == "online"
        sign_up(db.session.scalars(db.select(Event).filter_by(public_id=public_id)).one(), "Hal")
    refused = Page(client.send(address, {**values, "deed": "save_and_tell"}, status=422))
    assert "2 people have a seat" in refused.words
    client.send(address, {**values, "over_limit": "y", "deed": "save_and_tell"})
    with app.app_context():
        assert db.session.get_one(Registration, pat).mode == "in_person"
