"""Registrations: the same seats as for everybody, but no mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.catalogue.models import Event, SignUp
from app.catalogue.queries import desk_partners, sessions_of
from app.core import audit
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.i18n import gettext as _
from app.core.text import fold
from app.exchange.load.events import find_event
from app.exchange.load.times import WrongTime, instant
from app.exchange.load.work import Work, changed_names, given, set_values
from app.registration import seats
from app.registration.ledger import entry_changes, raise_change_number
from app.registration.models import Contact, Registration, RegistrationStatus
from app.registration.operations.cancel import end_registration
from app.registration.operations.choosing import change_sessions
from app.registration.operations.sign_up import add_loaded
from app.registration.operations.ways import WayNotOpen, change_way
from app.registration.own_sessions import own_sessions
from app.registration.rules import Way
from app.registration.session_rules import overlap
from app.registration.values import SignUpValues
from app.registration.waiting import ways_of

REGISTRATION = {name: name for name in ("name", "phone", "language")}


def load_registrations(work: Work, document: dict[str, Any]) -> None:
    """Registrations by their key. Cancelled ones go first, so that they need no seat that others have."""
    entries = list(work.entries(document, "registrations", "key"))
    for place, entry in sorted(entries, key=lambda pair: pair[1].get("status") != RegistrationStatus.CANCELLED):
        event = find_event(work, entry["event"])
        if event is None:
            if ("events", entry["event"]) not in work.named:
                work.problem(f"{place}.event", _("There is no event “%(name)s”.", name=entry["event"]))
            continue
        entry = {**entry, "email": work.email(f"{place}.email", entry["email"])}  # noqa: PLW2901
        known = work.session.scalar(select(Registration).where(Registration.source_key == entry["key"]))
        try:
            if known is None:
                _add(work, place, entry, event)
            elif known.erased_at is None:  # a file doesn't bring back what somebody wanted gone
                _change(work, place, entry, event, known)
        except DomainError as refusal:
            work.problem(place, refusal.message)


def _add(work: Work, place: str, entry: dict[str, Any], event: Event) -> None:
    if event.sign_up != SignUp.HERE:
        work.problem(f"{place}.event", _("Nobody signs up here for this event."))
        return
    values = SignUpValues(
        name=entry["name"],
        email=entry["email"],
        mode=entry["mode"],
        language=entry.get("language", event.language),
        phone=entry.get("phone"),
        partner_id=_partner_id(work, f"{place}.partner", entry, event),
        may_wait=entry.get("status") == RegistrationStatus.WAITLISTED,
        also_wait_for=entry.get("also_waits_for"),
        sessions=_codes(work, f"{place}.sessions", event, _chosen(entry)),
        told_full=_codes(work, f"{place}.waits_for_sessions", event, entry.get("waits_for_sessions", [])),
    )
    at = _registered_at(work, f"{place}.registered", entry, event)
    registration_id = add_loaded(event_id=event.id, values=values, source_key=entry["key"], signed_up_at=at)
    work.added["registrations"] += 1
    if entry.get("status") == RegistrationStatus.CANCELLED:
        _cancel(work.session.get_one(Registration, registration_id), event)


def _partner_id(work: Work, place: str, entry: dict[str, Any], event: Event) -> int | None:
    """The partner whose guest it is, by its number in the event's list."""
    if "partner" not in entry:
        return None
    partners = desk_partners(event.id)
    if entry["partner"] > len(partners):
        work.problem(place, _("The event has fewer partners than that."))
        return None
    found: int = partners[entry["partner"] - 1].row.id
    return found


def _chosen(entry: dict[str, Any]) -> list[int]:
    return [*entry.get("sessions", []), *entry.get("waits_for_sessions", [])]


def _codes(work: Work, place: str, event: Event, numbers: Sequence[int]) -> tuple[str, ...]:
    """The codes of these sessions of the event, which the file counts from 1."""
    sessions = sorted(sessions_of(event.id), key=lambda one: (one.position, one.id)) if numbers else []
    if any(number > len(sessions) for number in numbers):
        work.problem(place, _("The event has fewer sessions than that."))
    return tuple(sessions[number - 1].code for number in numbers if number <= len(sessions))


def _registered_at(work: Work, place: str, entry: dict[str, Any], event: Event) -> datetime | None:
    try:
        at = instant(entry["registered"], event.zone, work.loaded_at) if "registered" in entry else None
    except WrongTime as wrong:
        work.problem(place, str(wrong))
        return None
    if at is not None and at > work.loaded_at:
        work.problem(place, _("This lies in the future."))
    return at


def _change(work: Work, place: str, entry: dict[str, Any], event: Event, known: Registration) -> None:
    """Bring a registration up to date; a person can't change into another event or address, or come back."""
    if known.event_id != event.id:
        work.problem(f"{place}.event", _("This key belongs to a registration for another event."))
        return
    contact = work.session.get(Contact, known.contact_id) if known.contact_id else None
    if contact is None or contact.email != entry["email"]:
        work.problem(f"{place}.email", _("This key belongs to a registration with another address."))
        return
    status = entry.get("status", known.status)
    if not known.is_active and status != known.status:
        work.problem(f"{place}.status", _("This was cancelled. Signing up again needs a new key."))
        return
    values = given(entry, REGISTRATION)
    changed = changed_names(known, values)
    present = ways_of(event.id, known.id).now
    way = _way(entry, known, present)
    is_moved = known.is_active and way != present
    is_ended = known.is_active and status == RegistrationStatus.CANCELLED
    if is_moved and not is_ended:
        _move(work, place, way, event, known)
    chosen = not is_ended and _choose(work, place, entry, event, known)
    if not (changed or is_moved or is_ended or chosen):
        return
    try:
        with transaction():
            set_values(known, values | {"name_folded": fold(entry["name"])})
            _count_entry(known, changed)
    except IntegrityError:
        work.problem(f"{place}.name", _("%(name)s is signed up for this event twice.", name=entry["name"]))
        return
    if is_ended:
        _cancel(known, event)
    raise_change_number(event.id, known.id)
    work.changed["registrations"] += 1


def _count_entry(known: Registration, changed: set[str]) -> None:
    """A corrected name stands in the person's calendar entry; the rest of what a file says doesn't."""
    if "name" in changed:
        entry_changes(known.id)


def _way(entry: dict[str, Any], known: Registration, present: Way) -> Way:
    """How the file says that the person comes. Who waits for that seat goes on waiting, and who got one keeps it."""
    rather = entry.get("also_waits_for")
    if (rather and present.seat == rather) or (known.waits and known.mode == entry["mode"]):
        return present
    return Way(seat=entry["mode"], queue=rather)


def _move(work: Work, place: str, way: Way, event: Event, known: Registration) -> None:
    """Let the person come another way, as an organizer does; no mail."""
    try:
        with transaction():
            seats.hold(event.id)
            change_way(known, event, way, actor=audit.COMMAND, notify=False)
    except WayNotOpen:
        work.problem(f"{place}.mode", _("There is no seat of this mode."))


def _choose(work: Work, place: str, entry: dict[str, Any], event: Event, known: Registration) -> bool:
    """Bring the person to the sessions that the file names, as an organizer does; no mail. Whether that moved any."""
    if not known.is_active or not {"sessions", "waits_for_sessions"} & set(entry):
        return False
    with transaction():
        seats.hold(event.id)
        rather = _codes(work, f"{place}.waits_for_sessions", event, entry.get("waits_for_sessions", []))
        left = _left_for(known, rather)
        chosen = [one for one in _codes(work, f"{place}.sessions", event, _chosen(entry)) if one not in left]
        return change_sessions(known, event, chosen, rather, actor=audit.COMMAND, notify=False)


def _left_for(known: Registration, rather: Sequence[str]) -> set[str]:
    """What the person no longer comes to, for a seat at a session that the file waits for has replaced it."""
    own = own_sessions(known)
    got = [session for session in own.chosen if session.code in rather]
    others = [choice.session for choice in own.choices.to_choose if choice.session not in got]
    return {other.code for other in others if any(overlap(other, session) for session in got)}


def _cancel(registration: Registration, event: Event) -> None:
    end_registration(registration, event, actor=audit.COMMAND, by="organizer", notify=False)
