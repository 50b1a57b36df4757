"""The door's JSON: pairing, what a phone is for, and the one exchange that it repeats."""

from __future__ import annotations

from collections.abc import Sequence

from apiflask import APIBlueprint
from flask import Response, g, make_response, request

from app.attendance import operations, queries
from app.attendance.models import Verdict
from app.attendance.operations import PairingOver, ScanResult
from app.attendance.operations.devices import SEEN_EVERY
from app.attendance.queries import Counts
from app.attendance.roster import Cursor, RosterRow, changes_since
from app.attendance.rules import DeviceState, Door, DoorEvent, colour_of, decide_device
from app.attendance.schemas import (
    AdmissionOut,
    ConflictOut,
    CountsOut,
    DeviceFacts,
    EventFacts,
    PairingIn,
    PairingOut,
    PersonOut,
    ResultOut,
    Rights,
    SessionOut,
    SyncIn,
    SyncOut,
    read_scans,
)
from app.attendance.wording import verdict_words
from app.catalogue.event_times import whens_of
from app.core.access import Access, declare
from app.core.clock import now
from app.core.http import problem
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.core.limits import Limit, limited
from app.core.pages import keep_not
from app.core.settings import settings

door_api = APIBlueprint("door_api", __name__, url_prefix="/api/v1/door", tag="Door")
declare(door_api, Access.DEVICE, pair=Access.PUBLIC)

COOKIE_NAMES = ("__Host-door", "door")


def cookie_name() -> str:
    """With the `__Host-` prefix over https, which keeps it to this very host."""
    return COOKIE_NAMES[0] if settings().secure else COOKIE_NAMES[1]


@door_api.before_request
def authenticate() -> Response | None:
    """Find the phone by its cookie. A revoked one may still ask, once more, to be told so."""
    if request.endpoint == "door_api.pair":
        return None
    credential = request.cookies.get(cookie_name())
    door = queries.find_door(credential) if credential else None
    if door is None:
        return problem(401, "not_paired", _("This phone is not paired. Ask the desk for a pairing link."))
    g.door = door
    state = decide_device(paired_at=door.paired_at, revoked_at=door.revoked_at, ends_at=door.ends_at, now=now())
    if state is DeviceState.REVOKED and request.endpoint != "door_api.sync":
        return problem(401, "device_revoked", _("This phone was unpaired. Ask the desk for a new link."))
    if state is DeviceState.EXPIRED:
        return problem(401, "device_expired", _("The pairing has ended. Ask the desk for a new link."))
    return None


door_api.after_request(keep_not)


@door_api.post("/pair")
@door_api.input(PairingIn, arg_name="pairing")
@door_api.output(PairingOut, status_code=201, description="Paired; the credential comes as a cookie")
@door_api.doc(
    summary="Pair a phone",
    description="Exchanges the token of a pairing link, which is good once, for a cookie.",
    responses={
        404: "There is no such link: `unknown_pairing`",
        410: "The link was used or is too old: `pairing_over`",
        429: "Too many tries: `too_many_requests`",
    },
)
@limited(Limit(lambda settings: settings.pairing_limit))
def pair(pairing: PairingIn) -> Response | tuple[PairingOut, int, dict[str, str]]:
    """Pair this phone."""
    try:
        paired = operations.pair_device(token=pairing.token, device_name=pairing.device_name)
    except PairingOver as over:
        return problem(410, over.code, over.message)
    facts = DeviceFacts(name=paired.name, gate=paired.gate, event_titles=paired.event_titles)
    cookie = make_response()
    cookie.set_cookie(
        cookie_name(),
        paired.credential,
        expires=paired.expires_at,
        path="/",
        secure=settings().secure,
        httponly=True,
        samesite="Strict",
    )
    return PairingOut(device=facts), 201, {"Set-Cookie": cookie.headers["Set-Cookie"]}


@door_api.get("/session")
@door_api.output(SessionOut)
@door_api.doc(
    summary="What this phone is paired for",
    responses={401: "`not_paired`, `device_revoked` or `device_expired`"},
    security="door",
)
def session() -> SessionOut:
    """Read what this phone is paired for."""
    door: Door = g.door
    return SessionOut(
        device=door.name,
        gate=door.gate,
        events=_event_facts(door.events),
        rights=Rights(scan=True, search=True, supervisor=door.is_supervisor),
        expires_at=door.ends_at,
        now=now(),
    )


@door_api.post("/sync")
@door_api.input(SyncIn, arg_name="parcel")
@door_api.output(SyncOut)
@door_api.doc(
    summary="Send scans, hear what is new",
    description=(
        "Scans are answered by their ids. One that was sent before gets its first answer again and changes "
        "nothing; one that can't be read is answered as no ticket and never spoils the others."
    ),
    responses={401: "`not_paired` or `device_expired`"},
    security="door",
)
def sync(parcel: SyncIn) -> SyncOut:
    """Take a phone's scans and tell it what it doesn't know yet."""
    door: Door = g.door
    if door.revoked_at is not None:
        return SyncOut(now=now(), cursor=None, changed=[], results={}, counts={}, conflicts=[], revoked=True)
    scans, unreadable = read_scans(parcel.scans)
    results = {client_id: ScanResult(client_id, Verdict.NOT_A_TICKET) for client_id in unreadable}
    if scans:
        results |= operations.record_scans(door=door, sent_at=parcel.sent_at, scans=scans)
    elif door.last_seen_at is None or door.last_seen_at < now() - SEEN_EVERY:
        operations.note_seen(device_id=door.id)
    changed, cursor = changes_since(door.events, Cursor.parse(parcel.cursor))
    counts = queries.counts_at(door)
    return SyncOut(
        now=now(),
        cursor=str(cursor),
        changed=[_person(row) for row in changed],
        results={client_id: _result(result) for client_id, result in results.items()},
        counts={event.public_id: _counts(counts[event.id]) for event in door.events},
        conflicts=[
            ConflictOut(scan=scan.client_id, shown=scan.shown, verdict=results[scan.client_id].verdict)
            for scan in scans
            if scan.shown == Verdict.WELCOME and results[scan.client_id].verdict is not Verdict.WELCOME
        ],
    )


def _event_facts(events: Sequence[DoorEvent]) -> list[EventFacts]:
    whens = whens_of([event.id for event in events])
    return [
        EventFacts(
            id=event.public_id,
            title=said(event.title),
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            zone=event.zone,
            when_text=whens[event.id],
        )
        for event in events
    ]


def _result(result: ScanResult) -> ResultOut:
    words = verdict_words(result)
    return ResultOut(
        verdict=result.verdict,
        colour=colour_of(result.verdict),
        headline=words.headline,
        detail=words.detail,
        name=result.name,
        mode=result.mode,
        at=result.at,
        gate=result.gate,
    )


def _counts(counts: Counts) -> CountsOut:
    return CountsOut.model_validate({"in": counts.inside, "expected": counts.expected, "by_gate": counts.by_gate})


def _person(row: RosterRow) -> PersonOut:
    admission = None
    if row.admitted_at is not None and row.gate is not None:
        admission = AdmissionOut(at=row.admitted_at, gate=row.gate)
    return PersonOut(
        id=row.id,
        event=row.event,
        code=row.code,
        name=row.name,
        mode=row.mode,
        state=row.state,
        admission=admission,
    )
