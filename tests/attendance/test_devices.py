"""Phones at the doors: paired by a link, revoked for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.attendance import queries
from app.attendance.models import Device
from app.attendance.operations import (
    DeviceGone,
    PairingOver,
    UnknownPairing,
    create_device,
    pair_device,
    revoke_device,
)
from app.attendance.operations.devices import BadDeviceName, BadGate, EventOver, NoEvent
from app.catalogue.models import Event
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Missing, NotAllowed
from tests.support.cast import person
from tests.support.door import open_door, open_event

pytestmark = pytest.mark.usefixtures("context")


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def token_of(link):
    return link.url.partition("#")[2]


def test_a_link_pairs_one_phone_and_no_second_one():
    event = open_event()
    link = create_device(actor=person("carol"), event_ids=[event.id], gate=" A ")
    assert link.url.startswith("http://127.0.0.1:5000/door/pair#")
    paired = pair_device(token=token_of(link), device_name="  Anna’s \x00 phone ")
    assert (paired.name, paired.gate) == ("Anna’s phone", "A")
    assert paired.event_titles == ["How to ask for money"]
    assert paired.expires_at == event.ends_at + timedelta(hours=12)
    device = queries.find_door(paired.credential)
    assert device is not None
    assert (device.name, device.gate) == ("Anna’s phone", "A")
    with pytest.raises(PairingOver):
        pair_device(token=token_of(link), device_name="Another")
    assert queries.find_door(paired.credential) is not None


def test_neither_token_nor_credential_is_kept():
    link = create_device(actor=person("carol"), event_ids=[open_event().id], gate="A")
    paired = pair_device(token=token_of(link), device_name="Phone")
    row = db.session.execute(select(Device.__table__)).mappings().one()
    kept = {value for value in row.values() if isinstance(value, str | bytes)}
    for secret in (token_of(link), paired.credential):
        assert secret not in kept
        assert secret.encode() not in kept


def test_a_token_that_never_was_is_unknown():
    with pytest.raises(UnknownPairing):
        pair_device(token="x" * 43, device_name="Phone")


@pytest.mark.parametrize("name", ["", "   ", "\x00", "x" * 61])
def test_a_phone_needs_a_short_name(name):
    link = create_device(actor=person("carol"), event_ids=[open_event().id], gate="A")
    with pytest.raises(BadDeviceName):
        pair_device(token=token_of(link), device_name=name)
    assert pair_device(token=token_of(link), device_name="Phone").name == "Phone"


@pytest.mark.parametrize("gate", ["", " \t", "x" * 61])
def test_a_gate_needs_a_short_name(gate):
    with pytest.raises(BadGate):
        create_device(actor=person("carol"), event_ids=[open_event().id], gate=gate)


def test_who_may_pair_phones():
    event = open_event()
    for who in ("alice", "bob", "carol", "dora", "erin"):
        assert create_device(actor=person(who), event_ids=[event.id], gate="A").url
    with pytest.raises(NotAllowed):
        create_device(actor=person("dan"), event_ids=[event.id], gate="A")
    with pytest.raises(Missing):
        create_device(actor=person("olga"), event_ids=[event.id], gate="A")


def test_only_supervisors_make_a_supervisors_phone():
    event = open_event()
    with pytest.raises(NotAllowed):
        create_device(actor=person("carol"), event_ids=[event.id], gate="A", is_supervisor=True)
    create_device(actor=person("dora"), event_ids=[event.id], gate="A", is_supervisor=True)
    assert [device.is_supervisor for device in queries.devices_at(event.id)] == [True]


def test_a_phone_serves_events_of_one_organization_only():
    ours, theirs = open_event(), open_event(by="olga")
    with pytest.raises(Missing):
        create_device(actor=person("erin"), event_ids=[ours.id, theirs.id], gate="A")
    with pytest.raises(Missing):
        create_device(actor=person("erin"), event_ids=[ours.id, 10_000], gate="A")
    with pytest.raises(NoEvent):
        create_device(actor=person("erin"), event_ids=[], gate="A")
    assert count(Device) == 0


def test_an_event_that_is_over_needs_no_phone():
    event = open_event()
    link = create_device(actor=person("carol"), event_ids=[event.id], gate="A")
    with transaction():
        db.session.execute(update(Event).values(ends_at=now()))
        db.session.execute(update(Device).values(pairing_until=now()))
    with pytest.raises(EventOver):
        create_device(actor=person("carol"), event_ids=[event.id], gate="A")
    with pytest.raises(PairingOver):
        pair_device(token=token_of(link), device_name="Late")


def test_a_revoked_link_pairs_nothing():
    event = open_event()
    link = create_device(actor=person("carol"), event_ids=[event.id], gate="A")
    revoke_device(actor=person("carol"), device_public_id=link.device_public_id)
    with pytest.raises(PairingOver):
        pair_device(token=token_of(link), device_name="Phone")


def test_revoking_twice_is_one_deed():
    door = open_door(open_event())
    revoke_device(actor=person("carol"), device_public_id=door.public_id)
    first = db.session.get_one(Device, door.id).revoked_at
    revoke_device(actor=person("bob"), device_public_id=door.public_id)
    db.session.expire_all()
    assert db.session.get_one(Device, door.id).revoked_at == first
    lines = db.session.scalars(select(AuditLine.action).where(AuditLine.action == "revoke_device")).all()
    assert len(lines) == 1


def test_a_stranger_revokes_nothing():
    door = open_door(open_event())
    with pytest.raises(DeviceGone):
        revoke_device(actor=person("olga"), device_public_id=door.public_id)
    with pytest.raises(NotAllowed):
        revoke_device(actor=person("dan"), device_public_id=door.public_id)
    with pytest.raises(DeviceGone):
        revoke_device(actor=person("alice"), device_public_id="nothing")
    assert db.session.get_one(Device, door.id).revoked_at is None
