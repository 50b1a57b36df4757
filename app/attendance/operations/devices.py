"""Phones at the doors: prepared on the desk, paired once by a link, revoked when lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update

from app.accounts.permissions import Deed, Person
from app.attendance.models import Device, DeviceEvent
from app.attendance.rules import PAIRING_OUTLIVES_EVENT
from app.catalogue.models import Event
from app.core import audit
from app.core.audit import Actor
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Conflict, Missing, NotAllowed, Refused
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.core.security.links import new_public_id, random_token, token_hash
from app.core.settings import settings
from app.core.text import clean_line

GATE_LENGTH = 60
NAME_LENGTH = 60
SEEN_EVERY = timedelta(minutes=1)


class BadGate(Refused):
    """The gate has no name, or a name too long for a phone's screen."""

    code = "bad_gate"


class BadDeviceName(Refused):
    """The phone has no name, or one too long for the desk's list."""

    code = "bad_device_name"


class NoEvent(Refused):
    """A phone needs at least one event to work for."""

    code = "no_event"


class EventOver(Conflict):
    """All events of the door are over, so there is nobody left to let in."""

    code = "event_over"


class UnknownPairing(Missing):
    """No pairing link like this was ever made."""

    code = "unknown_pairing"


class PairingOver(Conflict):
    """The pairing link was used, withdrawn, or its event is over."""

    code = "pairing_over"


class DeviceGone(Missing):
    """There is no such phone, or not for this person."""

    code = "device_gone"


@dataclass(frozen=True)
class PairingLink:
    """What the desk shows once: whoever opens `url` first makes that phone a door. It is kept nowhere."""

    device_public_id: str
    gate: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class PairedDevice:
    """The secret for the phone's cookie, and what the phone says about itself."""

    credential: str
    name: str
    gate: str
    event_titles: list[str]
    expires_at: datetime


def create_device(*, actor: Person, event_ids: Collection[int], gate: str, is_supervisor: bool = False) -> PairingLink:
    """Prepare a phone for the doors of one organization's events and give out its link, good once.

    Raises `Missing` for events that the person can't see or that belong to several organizations,
    `NotAllowed`, `NoEvent`, `BadGate` and `EventOver`.
    """
    gate = clean_line(gate)
    if not 0 < len(gate) <= GATE_LENGTH:
        raise BadGate(_("Give the gate a short name, such as A."))
    if not event_ids:
        raise NoEvent(_("Choose at least one event."))
    token = random_token()
    with transaction() as session:
        events = list(session.scalars(select(Event).where(Event.id.in_(event_ids)).order_by(Event.id)))
        organization_id = _allowed_organization(actor, events, len(set(event_ids)), is_supervisor)
        ends_at = max(event.ends_at for event in events)
        if ends_at <= now():
            raise EventOver(_("This event is over. Its door needs no more phones."))
        device = Device(
            public_id=new_public_id(),
            organization_id=organization_id,
            gate=gate,
            is_supervisor=is_supervisor,
            pairing_hash=token_hash(token),
            created_by=actor.user_id,
            created_at=now(),
            pairing_until=ends_at,
            expires_at=ends_at + PAIRING_OUTLIVES_EVENT,
        )
        session.add(device)
        session.flush()
        execute(insert(DeviceEvent), [{"device_id": device.id, "event_id": event.id} for event in events])
        audit.record(
            actor.actor,
            "create_device",
            organization_id=organization_id,
            event_id=events[0].id,
            subject=("device", device.id),
            gate=gate,
            is_supervisor=is_supervisor,
        )
    return PairingLink(device.public_id, gate, f"{settings().base_url}/door/pair#{token}", ends_at)


def _allowed_organization(actor: Person, events: list[Event], wanted: int, is_supervisor: bool) -> int:
    organizations = {event.organization_id for event in events}
    if len(events) != wanted or len(organizations) != 1:
        raise Missing(_("We could not find this event."))
    organization_id = organizations.pop()
    if not actor.belongs_to(organization_id):
        raise Missing(_("We could not find this event."))
    if not actor.may(Deed.PAIR_DEVICES, organization_id):
        raise NotAllowed(_("You may not pair phones for this event."))
    if is_supervisor and not actor.may(Deed.SUPERVISE_DOOR, organization_id):
        raise NotAllowed(_("You may not make a phone a supervisor’s."))
    return organization_id


def pair_device(*, token: str, device_name: str) -> PairedDevice:
    """Make the phone that holds `token` a door: the first to ask gets the credential, others nothing.

    Raises `UnknownPairing`, `PairingOver` and `BadDeviceName`.
    """
    name = clean_line(device_name)
    if not 0 < len(name) <= NAME_LENGTH:
        raise BadDeviceName(_("Give this phone a short name."))
    credential = random_token()
    with transaction() as session:
        device_id = execute(
            update(Device)
            .where(
                Device.pairing_hash == token_hash(token),
                Device.paired_at.is_(None),
                Device.revoked_at.is_(None),
                Device.pairing_until > now(),
            )
            .values(name=name, credential_hash=token_hash(credential), paired_at=now(), last_seen_at=now())
            .returning(Device.id)
        ).scalar()
        if device_id is None:
            raise _why_not(token)
        device = session.get_one(Device, device_id)
        audit.record(
            Actor("device", device.id),
            "pair_device",
            organization_id=device.organization_id,
            subject=("device", device.id),
        )
        titles = session.scalars(
            select(Event.title)
            .join(DeviceEvent)
            .where(DeviceEvent.device_id == device.id)
            .order_by(Event.starts_at, Event.id)
        ).all()
    return PairedDevice(credential, name, device.gate, [said(title) for title in titles], device.expires_at)


def _why_not(token: str) -> UnknownPairing | PairingOver:
    known = db.session.scalar(select(Device.id).where(Device.pairing_hash == token_hash(token)))
    if known is None:
        return UnknownPairing(_("We don’t know this pairing link. Ask the desk for a new one."))
    return PairingOver(_("This pairing link was used or is too old. Ask the desk for a new one."))


def revoke_device(*, actor: Person, device_public_id: str) -> None:
    """Take a phone's right away; it learns so at its next exchange. A second time changes nothing.

    Raises `DeviceGone` and `NotAllowed`.
    """
    with transaction() as session:
        device = session.scalar(select(Device).where(Device.public_id == device_public_id))
        if device is None or not actor.belongs_to(device.organization_id):
            raise DeviceGone(_("We could not find this phone."))
        if not actor.may(Deed.PAIR_DEVICES, device.organization_id):
            raise NotAllowed(_("You may not unpair phones."))
        revoked = update(Device).where(Device.id == device.id, Device.revoked_at.is_(None)).values(revoked_at=now())
        if execute(revoked).rowcount:
            audit.record(
                actor.actor,
                "revoke_device",
                organization_id=device.organization_id,
                subject=("device", device.id),
            )


def note_seen(*, device_id: int) -> None:
    """Remember that the phone is there, at most once a minute."""
    with transaction():
        execute(
            update(Device)
            .where(
                Device.id == device_id,
                or_(Device.last_seen_at.is_(None), Device.last_seen_at < now() - SEEN_EVERY),
            )
            .values(last_seen_at=now())
        )
