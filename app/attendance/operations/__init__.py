"""What one can do at the door and at the online room."""

from app.attendance.operations.devices import (
    DeviceGone,
    PairedDevice,
    PairingLink,
    PairingOver,
    UnknownPairing,
    create_device,
    note_seen,
    pair_device,
    revoke_device,
)
from app.attendance.operations.room import JoinRefused, decide_room_for, join_room
from app.attendance.operations.scans import IncomingScan, OtherEvent, ScanResult, ScanTaken, record_scans

__all__ = [
    "DeviceGone",
    "IncomingScan",
    "JoinRefused",
    "OtherEvent",
    "PairedDevice",
    "PairingLink",
    "PairingOver",
    "ScanResult",
    "ScanTaken",
    "UnknownPairing",
    "create_device",
    "decide_room_for",
    "join_room",
    "note_seen",
    "pair_device",
    "record_scans",
    "revoke_device",
]
