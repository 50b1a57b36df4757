"""The online room over HTTP."""

from __future__ import annotations

from sqlalchemy import func, select, update

from app.attendance.models import OnlineJoin
from app.catalogue.models import Session
from app.core.db import db, transaction
from app.registration.tickets import manage_token
from tests.support.door import open_event
from tests.support.events import hybrid, local, make_event, sign_up


def test_the_rooms_address_is_shown_after_the_button_and_nowhere_else(client, in_app):
    event = make_event(hybrid(starts_local=local(minutes=10)))
    address = f"/r/{manage_token(sign_up(event, mode='online'))}/room"
    page = client.page(address)
    assert "secret-room" not in page.text
    assert "The room is open" in page.words
    joined = client.post(address)
    assert joined.status_code == 200
    assert joined.headers["Cache-Control"] == "no-store"
    text = joined.get_data(as_text=True)
    assert 'href="https://rooms.example/secret-room-4711"' in text
    assert 'referrerpolicy="no-referrer"' in text
    assert "secret-room" not in client.page(address).text
    assert db.session.scalar(select(func.count()).select_from(OnlineJoin)) == 1


def test_before_the_room_opens_it_says_when(client, in_app):
    event = make_event(hybrid(starts_local=local(hours=5)))
    address = f"/r/{manage_token(sign_up(event, mode='online'))}/room"
    assert "It opens on" in client.page(address).words
    refused = client.post(address)
    assert refused.status_code == 409
    assert "secret-room" not in refused.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(OnlineJoin)) == 0


def test_a_place_in_the_hall_is_politely_refused(client, in_app):
    event = make_event(hybrid(starts_local=local(minutes=10)))
    address = f"/r/{manage_token(sign_up(event))}/room"
    assert "Your seat is in the hall" in client.page(address).words
    assert client.post(address).status_code == 409


def test_a_room_without_an_address_asks_for_patience(client, in_app):
    event = make_event(hybrid(starts_local=local(minutes=10)))
    address = f"/r/{manage_token(sign_up(event, mode='online'))}/room"
    with transaction():
        db.session.execute(update(Session).values(room_url=None))
    assert "The link is not here yet" in client.page(address).words
    assert client.post(address).status_code == 409


def test_an_unknown_room_is_a_kind_404(client, in_app):
    for token in ("x", "x" * 22, "x" * 2000, "%00", "🎟"):
        assert client.get(f"/r/{token}/room").status_code == 404
        assert client.post(f"/r/{token}/room").status_code == 404


def test_an_event_in_the_hall_has_no_room(client, in_app):
    assert client.get(f"/r/{manage_token(sign_up(open_event()))}/room").status_code == 404
