"""Messages to people about their registrations: to one of them, or to all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete, select

from app.catalogue.models import Event
from app.core.clock import now
from app.core.db import db, execute
from app.messaging import outbox
from app.registration import queries
from app.registration.calls import ENDINGS
from app.registration.models import Call, Contact, Registration
from app.registration.queries import EVERYBODY, Whom
from app.registration.rules import needs_call


def state_message(status: str) -> str:
    """The message that says once more how things stand."""
    messages = {
        "waitlisted": "waitlisted",
        "offered": "seat_offered",
        "unconfirmed": "confirm_address",
        "pending": "registration_pending",
    }
    return messages.get(status, "registration_confirmed")


def stamp(whom: int | str, at: datetime) -> str:
    """A key for a mail about a deed that may happen to the same person again."""
    return f"{whom}:{at:%Y%m%dT%H%M%S%f}"


class OfParty(Protocol):
    """Somebody who may have been signed up together with others."""

    @property
    def id(self) -> int: ...
    @property
    def party_id(self) -> int | None: ...
    @property
    def contact_id(self) -> int | None: ...


def whose(person: OfParty) -> str:
    """Whose mail it is, for the key of a message that several people may get by one deed.

    People who were signed up together and share an address are told by one mail.
    """
    if person.party_id is None or person.contact_id is None:
        return f"{person.id}"
    return f"party{person.party_id}-{person.contact_id}"


def one_of_each_address(people: Sequence[Registration]) -> list[Registration]:
    """Whom a mail about a common deed goes to: one of each address, who has a seat rather than who waits."""
    seated_first = sorted(people, key=lambda one: not one.has_seat)
    whom = {whose(one): one for one in reversed(seated_first)}
    return [one for one in people if whom[whose(one)] is one]


SESSION_NEWS = ("session_moved", "session_cancelled")
"""What is about one session; the facts of the call hold them by the session's UID."""

OF_THE_EVENT = ("event_moved", "meetings_added")
"""What is about the event as a whole; the next one says also what the person has not been told yet."""

CALLED = (
    "promoted",
    "seat_offered",
    "event_moved",
    "registration_moved",
    "event_cancelled",
    "meetings_added",
    "please_reconfirm",
    *SESSION_NEWS,
    *ENDINGS,
)
"""What people who can't be mailed, or don't read mail, are told by telephone."""


def call_person(registration_id: int, message: str, **facts: Any) -> None:
    """Put somebody on the call list; what was to be said before and is overtaken by this comes off it."""
    if message in SESSION_NEWS:
        facts = _with_earlier_news(registration_id, message, facts)
    if message in OF_THE_EVENT:
        facts = _with_missed(facts, _still_to_say(registration_id, message))
    if message == "event_cancelled":
        facts["also_lost"] = list(_still_to_say(registration_id, "session_cancelled").get("sessions", {}))
    overtaken = delete(Call).where(Call.registration_id == registration_id, Call.answer.is_(None))
    if message not in ("event_cancelled", *ENDINGS):
        overtaken = overtaken.where(Call.message == message)
    execute(overtaken)
    db.session.add(Call(registration_id=registration_id, message=message, facts=facts, created_at=now()))


def _with_missed(facts: dict[str, Any], missed: dict[str, Any]) -> dict[str, Any]:
    """News of a change together with those before it that the person has not been told."""
    merged = {**facts, **({"before": missed["before"]} if missed.get("before") else {})}
    if only := facts.get("only") or missed.get("only"):
        merged["only"] = only
    if facts.get("sessions_before") or missed.get("sessions_before"):
        merged["sessions_before"] = {**facts.get("sessions_before", {}), **missed.get("sessions_before", {})}
    if facts.get("added") or missed.get("added"):
        merged["added"] = [*missed.get("added", []), *facts.get("added", [])]
    if missed.get("new_seat"):
        merged["new_seat"] = True
    if missed.get("also_lost"):
        merged["also_lost"] = missed["also_lost"]
    return merged


def _with_earlier_news(registration_id: int, message: str, facts: dict[str, Any]) -> dict[str, Any]:
    """News of one session, together with those of other sessions that the person has not been told yet."""
    earlier = _still_to_say(registration_id, message)
    news = {name: value for name, value in facts.items() if name != "session"}
    return {"sessions": {**earlier.get("sessions", {}), str(facts["session"]): news}}


def _still_to_say(registration_id: int, message: str) -> dict[str, Any]:
    """The facts of a message that the person has not been told yet; empty without one."""
    still_open = select(Call.facts).where(
        Call.registration_id == registration_id, Call.message == message, Call.answer.is_(None)
    )
    return db.session.scalar(still_open) or {}


def tell_all(
    event: Event,
    message: str,
    *,
    key: str,
    session_ids: Sequence[int] = (),
    whom: Whom = EVERYBODY,
    seated: Collection[int] = (),
    **facts: object,
) -> int:
    """Tell everybody who counts on the event, or on one of these sessions, each once.

    Returns how many are told by mail. In a running transaction. `key` names the deed, which may happen again; those who
    are `seated` have a seat by it that they hadn't before.
    """
    for registration_id in queries.people_to_call(event.id, *session_ids, whom=whom):
        call_person(registration_id, message, **facts, **_new_seat(registration_id, seated))
    people = queries.people_to_mail(event.id, *session_ids, whom=whom)
    missed = {}
    if message in (*OF_THE_EVENT, "session_moved"):
        missed = _taken_back(event, message, people, facts)
    elif message == "event_cancelled":
        missed = _called_off_untold(event, people)
    for person in people:
        own = {**facts, **_new_seat(person.id, seated)}
        outbox.put(
            message,
            to=person.email,
            language=person.language,
            facts={"registration": person.public_id, **_with_missed(own, missed.get(person.public_id, {}))},
            organization_id=event.organization_id,
            dedupe_key=f"{message}:{whose(person)}:{key}",
            priority=outbox.BULK,
        )
    return len(people)


def _new_seat(registration_id: int, seated: Collection[int]) -> dict[str, bool]:
    return {"new_seat": True} if registration_id in seated else {}


def _taken_back(
    event: Event, message: str, people: Sequence[queries.Addressee], facts: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """What waiting mails of the same kind would still have said to these people, who are told by one mail instead."""
    addressed = {person.public_id for person in people}
    found = outbox.take_back(
        message,
        event.organization_id,
        lambda old: old["registration"] in addressed and old.get("session") == facts.get("session"),
    )
    missed: dict[str, dict[str, Any]] = {}
    for old in reversed(found):  # the oldest says last how it was
        missed[old["registration"]] = _with_missed(missed.get(old["registration"], {}), old)
    return missed


def _called_off_untold(event: Event, people: Sequence[queries.Addressee]) -> dict[str, dict[str, Any]]:
    """The meetings that were called off alone just before, of which these people would have heard by a mail each."""
    addressed = {person.public_id for person in people}
    found = outbox.take_back("session_cancelled", event.organization_id, lambda old: old["registration"] in addressed)
    missed: dict[str, dict[str, Any]] = {}
    for old in found:
        missed.setdefault(old["registration"], {"also_lost": []})["also_lost"].append(old["session"])
    return missed


def mail_person(
    registration: Registration,
    event: Event,
    message: str,
    *,
    dedupe: str,
    priority: int = outbox.NORMAL,
    **facts: object,
) -> bool:
    """Write one message to the registered person; False when it has been said, or there is no address to write to.

    Who has no address, or asked for it, is put on the call list with what matters.
    """
    if message in CALLED and needs_call(registration.contact_id, registration.phone, wants=registration.wants_call):
        call_person(registration.id, message, **facts)
    if registration.contact_id is None:
        return False
    email = db.session.get_one(Contact, registration.contact_id).email
    return outbox.put(
        message,
        to=email,
        language=registration.language,
        facts={"registration": registration.public_id, **facts},
        organization_id=event.organization_id,
        dedupe_key=f"{message}:{dedupe}",
        priority=priority,
    )
