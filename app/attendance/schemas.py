"""The shapes of the door's JSON, checked on the way in and described by OpenAPI."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, ValidationError

from app.attendance.models import Verdict
from app.attendance.operations import IncomingScan
from app.attendance.rules import Colour

MOST_SCANS = 200
YEARS = range(1970, 3000)


def _sane(instant: datetime) -> datetime:
    """A wrong clock is forgiven, a year that no database can take isn't."""
    if instant.year not in YEARS:
        raise ValueError("no year of a clock")
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_sane)]


class PairingIn(BaseModel):
    """What a phone sends to become a door."""

    token: str = Field(min_length=1, max_length=200, description="The part of the pairing link after its #.")
    device_name: str = Field(max_length=200, description="How the desk will call this phone, 60 characters.")


class DeviceFacts(BaseModel):
    """The phone as the desk knows it."""

    name: str
    gate: str
    event_titles: list[str]


class PairingOut(BaseModel):
    """The phone was paired; its credential is in the cookie."""

    device: DeviceFacts


class EventFacts(BaseModel):
    """An event whose people this phone may let in."""

    id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str = Field(description="The name of an IANA time zone.")
    when_text: str = Field(description="Day and hour in words, in the event's zone; of whole days the days alone.")


class Rights(BaseModel):
    """What this phone may do."""

    scan: bool
    search: bool
    supervisor: bool


class SessionOut(BaseModel):
    """What this phone is paired for."""

    device: str
    gate: str
    events: list[EventFacts]
    rights: Rights
    expires_at: datetime
    now: datetime


class ScanIn(BaseModel):
    """One attempt at the door."""

    id: UUID = Field(description="Made by the phone. A scan that is sent again gets its first answer again.")
    event: str = Field(max_length=16, description="The public id of the event whose door it is.")
    code: str | None = Field(default=None, description="What the code said: of a ticket, 16 characters.")
    reference: str | None = Field(default=None, description="Six digits, where there is no code.")
    kind: Literal["in"] = "in"
    scanned_at: Instant = Field(description="By the phone's clock.")
    source: Literal["camera", "wedge", "typed", "search", "photo"]
    shown: str | None = Field(default=None, max_length=20, description="The verdict the phone showed by itself.")

    def cleaned(self) -> IncomingScan:
        """As the operation wants it."""
        return IncomingScan(
            client_id=str(self.id),
            event=self.event,
            code=self.code,
            reference=self.reference,
            kind=self.kind,
            source=self.source,
            scanned_at=self.scanned_at,
            shown=self.shown if self.shown in SHOWN else None,
        )


SHOWN = frozenset({*Verdict, "offline"})


class SyncIn(BaseModel):
    """Everything a phone has to tell, and how far it has read."""

    cursor: str | None = Field(default=None, max_length=10_000, description="From the last answer; at first null.")
    sent_at: Instant = Field(description="By the phone's clock, which corrects the times of its scans.")
    scans: list[Any] = Field(max_length=MOST_SCANS, json_schema_extra={"items": ScanIn.model_json_schema()})


def read_scans(raw: Iterable[Any]) -> tuple[list[IncomingScan], list[str]]:
    """The scans that can be understood, and the ids of the others: a bad one never spoils the rest."""
    scans, unreadable = [], []
    for item in raw:
        try:
            scans.append(ScanIn.model_validate(item).cleaned())
        except ValidationError:
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                unreadable.append(item["id"][:100])
    return scans, unreadable


class ResultOut(BaseModel):
    """The door's answer to one scan."""

    verdict: Verdict
    colour: Colour
    headline: str
    detail: str
    name: str | None
    mode: str | None
    at: datetime | None
    gate: str | None


CODE_HASH = (
    "32 hexadecimal digits: the first half of the SHA-256 of the event's id "
    "and the first 16 bytes of the code's own SHA-256."
)


class AdmissionOut(BaseModel):
    """When and where a person came in."""

    at: datetime
    gate: str


class PersonOut(BaseModel):
    """A person of the roster who is new or has changed. Never an address or a phone number."""

    id: str
    event: str
    code: str = Field(description=CODE_HASH)
    name: str
    mode: str
    state: str
    admission: AdmissionOut | None


class CountsOut(BaseModel):
    """The head count of one event."""

    inside: int = Field(alias="in")
    expected: int
    by_gate: dict[str, int]


class ConflictOut(BaseModel):
    """A scan to which the phone, alone, said something else than the server says now."""

    scan: str
    shown: str
    verdict: Verdict


class SyncOut(BaseModel):
    """Answers, news and figures."""

    now: datetime
    cursor: str | None
    changed: list[PersonOut] = Field(description="At most 500; with a full page ask again at once.")
    results: dict[str, ResultOut] = Field(description="By the ids of the scans.")
    counts: dict[str, CountsOut] = Field(description="By the ids of the events.")
    conflicts: list[ConflictOut]
    revoked: bool = Field(default=False, description="The desk took this phone's right away: forget everything.")
