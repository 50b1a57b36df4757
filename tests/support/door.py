"""Phones at doors, paired by the real operations, and the scans they send."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app.attendance import queries, rules
from app.attendance.models import Device
from app.attendance.operations import IncomingScan, ScanResult, create_device, pair_device, record_scans
from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db, transaction
from app.registration.models import Registration
from app.registration.tickets import code_of
from tests.support.cast import person
from tests.support.events import local, make_event


@dataclass(frozen=True)
class Door:
    """A paired phone: its number, the secret of its cookie, and its gate."""

    id: int
    public_id: str
    credential: str
    gate: str

    def scan(self, *scans: IncomingScan) -> dict[str, ScanResult]:
        """Send scans, now."""
        return record_scans(door=self.now(), sent_at=now(), scans=scans)

    def now(self) -> rules.Door:
        """As each of the phone's requests finds it."""
        found = queries.find_door(self.credential)
        assert found is not None
        return found


def open_event(**changes: Any) -> Event:
    """A published event whose doors are open: it begins in half an hour."""
    return make_event(starts_local=changes.pop("starts_local", local(minutes=30)), **changes)


def open_door(*events: Event, gate: str = "A", by: str = "carol", is_supervisor: bool = False) -> Door:
    """A phone paired an hour ago for these events, so that scans of the last hour keep their times."""
    link = create_device(
        actor=person(by), event_ids=[event.id for event in events], gate=gate, is_supervisor=is_supervisor
    )
    paired = pair_device(token=link.url.partition("#")[2], device_name=f"Phone at {gate}")
    device = queries.find_door(paired.credential)
    assert device is not None
    with transaction():
        an_hour_ago = now() - timedelta(hours=1)
        db.session.execute(update(Device).where(Device.id == device.id).values(paired_at=an_hour_ago))
    return Door(device.id, link.device_public_id, paired.credential, gate)


def scan_of(event: Event, registration: Registration | None = None, *, ago: float = 0, **changes: Any) -> IncomingScan:
    """A scan of the person's ticket at the event's door, `ago` seconds before now."""
    values: dict[str, Any] = {
        "client_id": str(uuid.uuid4()),
        "event": event.public_id,
        "code": code_of(registration) if registration else None,
        "reference": None,
        "kind": "in",
        "source": "camera",
        "scanned_at": now() - timedelta(seconds=ago),
    }
    return IncomingScan(**{**values, **changes})


def json_scan(event: Event, registration: Registration | None = None, **changes: Any) -> dict[str, Any]:
    """The same as a phone writes it."""
    values = {
        "id": str(uuid.uuid4()),
        "event": event.public_id,
        "code": code_of(registration) if registration else None,
        "reference": None,
        "kind": "in",
        "scanned_at": now().isoformat(),
        "source": "camera",
        "shown": None,
    }
    return {**values, **changes}
