"""The demo: what it holds, and that preparing it again changes nothing but the pairing link."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.accounts.models import Organization
from app.accounts.passwords import is_password
from app.accounts.queries import find_user
from app.attendance.models import Device
from app.attendance.operations import pair_device
from app.catalogue.formats import FORMATS
from app.catalogue.models import Event, Programme, SeatPool, Session, Venue
from app.catalogue.rules import SignUpState, decide_sign_up
from app.core.audit import COMMAND
from app.core.clock import now
from app.core.db import db
from app.exchange.demo import DATA, PASSWORD, prepare_demo
from app.exchange.operations import load_data
from app.messaging.models import OutboxMessage
from app.registration.models import Registration
from app.registration.seats import drifts
from config import ROOT
from tests.exchange.files import everything
from tests.support.databases import fresh, settings_for

TEN_WEEKS = timedelta(weeks=10)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    """A demo on a database of its own, without the cast; made once, as no test changes its events."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    app = create_app(settings_for(f"sqlite:///{path}", DEMO_MODE="1"))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        assert prepare_demo().created
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def _context(demo: APIFlask) -> Iterator[None]:
    with demo.app_context():
        yield


def states() -> Counter[SignUpState]:
    pools: dict[int, list[SeatPool]] = {}
    for pool in db.session.scalars(select(SeatPool)):
        pools.setdefault(pool.event_id, []).append(pool)
    events = db.session.scalars(select(Event))
    return Counter(decide_sign_up(event, pools.get(event.id, []), now()) for event in events)


def test_it_has_what_a_visitor_should_see() -> None:
    events = db.session.scalars(select(Event)).all()

    assert len(events) == 24
    assert {event.format for event in events} == set(FORMATS)
    assert {event.mode for event in events} == {"in_person", "online", "hybrid"}
    assert all(event.starts_at < now() + TEN_WEEKS for event in events)
    assert max(event.starts_at for event in events) > now() + timedelta(weeks=9)
    assert states() == {
        SignUpState.OPEN: 19,
        SignUpState.WAITING_LIST: 1,
        SignUpState.CANCELLED: 1,
        SignUpState.PAST: 1,
        SignUpState.JUST_COME: 1,
        SignUpState.ELSEWHERE: 1,
    }


def test_one_event_is_nearly_full() -> None:
    nearly = [
        pool for pool in db.session.scalars(select(SeatPool)) if pool.capacity and 0 < pool.capacity - pool.taken <= 2
    ]

    assert len(nearly) == 1
    assert drifts() == []


def test_two_organizations_share_five_venues_and_a_programme() -> None:
    programme = db.session.scalars(select(Programme)).one()
    holders = select(Event.organization_id).where(Event.programme_id == programme.id).distinct()
    venues = db.session.scalars(select(Venue)).all()

    assert db.session.scalar(select(func.count()).select_from(Organization)) == 2
    assert len(db.session.scalars(holders).all()) == 2
    assert len(venues) == 5
    outdoors = [venue for venue in venues if venue.is_outdoors]
    assert [venue.spaced_capacity for venue in outdoors] == [60]


def test_every_text_is_in_russian_and_english() -> None:
    for event in db.session.scalars(select(Event)):
        for texts in (event.title, event.summary, event.description):
            assert set(texts) == {"en", "ru"}, event.slug
            assert any("а" <= letter <= "я" for letter in texts["ru"].lower()), event.slug
            assert not any("а" <= letter <= "я" for letter in texts["en"].lower()), event.slug


def test_the_door_can_be_tried_at_once() -> None:
    first = db.session.scalars(select(Event).where(Event.ends_at > now()).order_by(Event.starts_at).limit(1)).one()

    assert first.mode == "hybrid"
    assert first.starts_at - now() < timedelta(minutes=30)
    session = db.session.scalars(select(Session).where(Session.event_id == first.id)).one()
    assert session.room_url is not None
    assert db.session.scalar(select(func.count()).where(Registration.event_id == first.id)) > 30


def test_nobody_is_mailed_and_nobody_is_real() -> None:
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
    addresses = [entry["email"] for entry in json.loads(DATA.read_text("utf-8"))["registrations"]]
    assert {address.rpartition("@")[2] for address in addresses} == {"example.org", "example.net"}


def test_a_second_start_changes_nothing_but_the_pairing_link() -> None:
    before = everything()
    first, second = prepare_demo(), prepare_demo()

    assert not first.created
    assert first.door != second.door
    after = everything()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"device", "device_event", "audit_line"}
    unused = select(func.count()).where(Device.paired_at.is_(None), Device.revoked_at.is_(None))
    assert db.session.scalar(unused) == 1


def test_the_pairing_link_makes_a_phone_a_door() -> None:
    link = prepare_demo().door
    assert link is not None

    paired = pair_device(token=link.partition("#")[2], device_name="My phone")

    assert paired.gate == "A"
    assert prepare_demo().door != link
    still = select(Device.revoked_at).where(Device.paired_at.is_not(None))
    assert db.session.scalars(still).all() == [None]


def test_all_its_sign_ins_work() -> None:
    card = prepare_demo()

    assert [who.role for who in card.sign_ins] == [
        "owner", "organizer", "door helper", "analyst", "library's owner", "administrator",
    ]  # fmt: skip
    for who in card.sign_ins:
        user = find_user(who.email)
        assert user is not None
        assert is_password(user.password_hash, PASSWORD)
        assert who.password == PASSWORD


def test_loading_its_file_again_changes_nothing() -> None:
    assert load_data(actor=COMMAND, content=DATA.read_bytes()).is_nothing


def test_the_command_prints_the_card(demo: APIFlask) -> None:
    done = demo.test_cli_runner().invoke(args=["demo", "prepare", "--json"])

    card = json.loads(done.stdout.splitlines()[-1])
    assert card["created"] is False
    assert card["mails"] == "http://127.0.0.1:5000/letters"
    assert card["door"].startswith("http://127.0.0.1:5000/door/pair#")
    assert card["sign_ins"][1] == {"role": "organizer", "email": "organizer@example.org", "password": PASSWORD}

    for_people = demo.test_cli_runner().invoke(args=["demo", "prepare"]).stdout
    assert "organizer@example.org  lectern-demo" in for_people
    assert "/letters" in for_people


def test_a_database_with_organizations_is_left_as_it_is() -> None:
    with fresh("sqlite") as url, create_app(settings_for(url, DEMO_MODE="1")).app_context():
        before = everything()
        card = prepare_demo()
        assert everything() == before
        db.engine.dispose()
    assert (card.created, card.sign_ins, card.door) == (False, (), None)
