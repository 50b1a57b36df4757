"""A person comes and goes while the event moves: a number of an entry stands for one content, and only grows."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from apiflask import APIFlask

from app.accounts.operations import set_invitations
from app.catalogue.models import Event
from app.catalogue.queries import event_values, pools_of, seen_of, sessions_of
from app.catalogue.values import EventValues
from app.core.clock import today
from app.core.db import db
from app.core.i18n import in_language
from app.registration import mailboxes, operations
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.own_calendar import feed_of, made_of_one_state
from app.registration.rules import Way
from tests.support.calendars import begin_feed
from tests.support.cast import organization_id, person
from tests.support.events import hybrid, make_event, sign_up
from tests.support.parties import again
from tests.support.together import in_threads

PAT = "pat.participant@example.net"
ROUNDS = 12

pytestmark = pytest.mark.usefixtures("context")

Seen = list[tuple[int, bytes]]


def read(calendar: bytes) -> Seen:
    """SEQUENCE and content of the entry in a calendar, if it is there; a mail's stamp is that of its sending."""
    found = re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", calendar, re.DOTALL)
    return [(int(re.findall(rb"SEQUENCE:(\d+)", one)[0]), re.sub(rb"DTSTAMP:\w+\r\n", b"", one)) for one in found]


def comes_and_goes(event_id: int) -> None:
    """Switch, leave and come back."""
    for _round in range(ROUNDS):
        again()
        event = db.session.get_one(Event, event_id)
        registration = sign_up(event, mode="online")
        operations.switch_mode(registration_id=registration.id, way=Way(seat="in_person"))
        operations.cancel_registration(registration_id=registration.id)
    sign_up(db.session.get_one(Event, event_id), mode="online")


def moves(event_id: int) -> None:
    """The organizer moves the event again and again."""
    for number in range(ROUNDS):
        again()
        event = db.session.get_one(Event, event_id)
        old = event_values(event, sessions_of(event_id), pools_of(event_id))
        values = EventValues(**{**vars(old), "place_note": {"en": f"Door {number}"}})
        operations.change_event(actor=person("bob"), event_id=event_id, values=values, seen=seen_of(event))


def reads_the_feed(contact_id: int) -> Seen:
    """What a calendar program sees, one answer after the other."""
    seen: Seen = []
    for _round in range(4 * ROUNDS):
        again()
        state = partial(_state, contact_id)
        with in_language("en"):
            seen += read(made_of_one_state(state, partial(feed_of, contact_id, "en", "none", today())))
    return seen


def _state(contact_id: int) -> object:
    from app.catalogue.version import catalogue_version

    token = mailboxes.feed_of_contact(contact_id)
    assert token is not None
    rows = db.session.execute(
        db.select(Registration.id, Registration.change_number).where(Registration.contact_id == contact_id)
    )
    return rows.all(), catalogue_version()


def reads_mails(event_id: int) -> Seen:
    """What the worker would send at each moment."""
    seen: Seen = []
    for _round in range(2 * ROUNDS):
        again()
        latest = db.select(Registration.public_id).where(Registration.event_id == event_id)
        public_id = db.session.scalars(latest.order_by(Registration.id.desc())).first()
        for name in ("registration_confirmed", "registration_cancelled"):
            with in_language("en"):
                letter = MESSAGES[name]({"registration": public_id})
            if letter is not None and letter.invitation is not None and letter.invitation.method == "REQUEST":
                seen += read(letter.invitation.content)
    return seen


def is_growing(seen: Seen) -> bool:
    numbers = [number for number, _content in seen]
    return numbers == sorted(numbers)


def contents(seen: Seen) -> dict[int, set[bytes]]:
    found: dict[int, set[bytes]] = {}
    for number, content in seen:
        found.setdefault(number, set()).add(content)
    return found


@pytest.mark.parametrize("readers", [reads_the_feed, reads_mails])
def test_a_person_comes_and_goes_while_the_event_moves(app: APIFlask, readers: Callable[[int], Seen]) -> None:
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=True)
    event = make_event(hybrid())
    operations.cancel_registration(registration_id=sign_up(event).id)
    begin_feed(PAT)
    contact_id = db.session.scalars(db.select(Registration.contact_id)).first()
    assert contact_id is not None
    whose = contact_id if readers is reads_the_feed else event.id
    results = in_threads(
        app, *(partial(deed, event.id) for deed in (comes_and_goes, moves)), *[partial(readers, whose)] * 2
    )
    assert results[:2] == [None, None], results
    first, second = results[2:]
    assert isinstance(first, list), first
    assert isinstance(second, list), second
    assert is_growing(first)
    assert is_growing(second)
    repeated = {number: found for number, found in contents(first + second).items() if len(found) > 1}
    assert repeated == {}
    again()
    with in_language("en"):
        [(last, _content)] = read(feed_of(contact_id, "en", "none", today()))
    assert last == ROUNDS + 1 + 3 * ROUNDS + 1, "each deed by one: moves, comings and goings"
    assert last >= max(number for number, _content in first + second)


def test_a_mail_is_made_of_what_holds_now_whatever_was_read_before(app: APIFlask) -> None:
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=True)
    event = make_event()
    facts = {"registration": sign_up(event).public_id}
    again()
    still_held = sessions_of(event.id)
    assert in_threads(app, partial(moves, event.id)) == [None]
    assert still_held[0].place_note == {}
    with in_language("en"):
        letter = MESSAGES["registration_confirmed"](facts)
    assert letter is not None
    assert letter.invitation is not None
    last = f"Door {ROUNDS - 1}"
    assert last in letter.text
    assert last in letter.invitation.content.replace(b"\r\n ", b"").decode()
