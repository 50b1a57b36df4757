"""UID and SEQUENCE belong to the session, and say the same wherever its entry stands.

A table says of each thing that can be changed what it does to calendar entries. A field without a row fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from flask import g
from sqlalchemy import update

from app.accounts.models import Organization
from app.accounts.operations import set_invitations
from app.catalogue import operations as catalogue
from app.catalogue import queries
from app.catalogue.models import Event, Programme, Project, Room, Session, Venue
from app.catalogue.values import EventValues, PartnerValues, SessionValues, VenueValues
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.i18n import in_language
from app.exchange.load.frame import ROOM
from app.exchange.load.people import ORGANIZATION
from app.registration import operations
from app.registration.messages import MESSAGES
from app.registration.models import OwnEntry, Registration
from app.registration.rules import Way
from tests.exchange.files import load as load_file
from tests.support.asking import ask, make_question
from tests.support.calendars import begin_feed, feed_path
from tests.support.cast import organization_id, person
from tests.support.conference import FAIR, comes, make_conference, session_called
from tests.support.events import hybrid, make_event, sign_up
from tests.support.pages import Client
from tests.support.parties import again

PAT = "pat.participant@example.net"


def wall(*when: int) -> datetime:
    """A time on the wall."""
    return datetime(*when)  # type: ignore[arg-type]  # noqa: DTZ001


LATER = wall(2031, 5, 20, 12)

pytestmark = [pytest.mark.usefixtures("context"), pytest.mark.slow_on_postgresql]


class Effect(Enum):
    """What a change does to the entry."""

    REVISION = "SEQUENCE + 1, and a later LAST-MODIFIED"
    NEWER = "a later LAST-MODIFIED"
    SAME = "not one byte moves"


REVISION, NEWER, SAME = Effect


@dataclass(frozen=True)
class Row:
    """One field: what it is changed to, what it does, what else must change with it, and how things are before."""

    to: Any
    effect: Effect
    also: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[str, Any] = field(default_factory=dict)
    comes: str = "online"


def new_venue() -> int:
    values = VenueValues(name={"en": "Old Mill"}, address={"en": "9 Mill Lane"})
    return catalogue.create_venue(actor=person("bob"), organization_id=organization_id(), values=values)


def room() -> int:
    return db.session.scalars(db.select(Room.id).join(Venue).where(Venue.slug == "lighthouse-hall")).one()


def made(row: Any) -> int:
    with transaction() as session:
        session.add(row)
        session.flush()
        return int(row.id)


def project() -> int:
    return made(Project(organization_id=organization_id(), slug="sea", title={"en": "Sea"}))


def programme() -> int:
    return made(Programme(slug="forum", title={"en": "Forum"}, summary={}))


AUTUMN = {
    "zone": "Europe/Berlin",
    "starts_local": wall(2030, 10, 27, 2, 30),
    "ends_local": wall(2030, 10, 27, 5),
}
AUTUMN_END = {**AUTUMN, "starts_local": wall(2030, 10, 27, 0, 30), "ends_local": wall(2030, 10, 27, 2, 30)}

MEETING = {
    "zone": Row("Asia/Yekaterinburg", REVISION),
    "starts_local": Row(wall(2031, 5, 20, 9), REVISION, {"ends_local": wall(2031, 5, 20, 10)}),
    "ends_local": Row(timedelta(minutes=20), REVISION),
    "is_all_day": Row(to=True, effect=REVISION),
    "venue_id": Row(new_venue, REVISION, {"room_id": None}),
    "room_id": Row(room, REVISION),
    "place_note": Row({"en": "By the fountain"}, REVISION),
    "room_note": Row({"en": "The password is tea"}, SAME),
    "capacity_in_person": Row(11, SAME),
    "confirm_over_limit": Row(to=True, effect=SAME),
}
EVENT = MEETING | {
    "starts_fold": Row(1, REVISION, base=AUTUMN),
    "ends_fold": Row(1, REVISION, base=AUTUMN_END),
    "is_in_person": Row(to=False, effect=REVISION, also={"venue_id": None, "capacity_in_person": None}),
    "is_online": Row(to=False, effect=REVISION, also={"room_url": None, "capacity_online": None}, comes="in_person"),
    "room_url": Row("https://rooms.example/other", SAME),
    "capacity_online": Row(99, SAME),
    "title": Row({"en": "How to thank"}, REVISION),
    "format": Row("workshop", NEWER),
    "topic": Row("crafts", NEWER),
    "summary": Row({"en": "A **short** talk."}, NEWER),
    "description": Row({"en": "Everything about it."}, SAME),
    "audience": Row("parents", SAME),
    "language": Row("ru", SAME),
    # Who holds a seat keeps the sign-up, so this person has only asked for one.
    "sign_up": Row("just_come", SAME, base={"sign_up_way": "i_decide"}),
    "sign_up_way": Row("i_decide", SAME),
    "sign_up_url": Row("https://elsewhere.example/", SAME),
    "sign_up_opens_at": Row(lambda: now() - timedelta(days=1), SAME),
    "sign_up_closes_at": Row(lambda: now() + timedelta(days=1), SAME),
    "has_waiting_list": Row(to=False, effect=SAME),
    "offer_lead_hours": Row(5, SAME),
    "offer_hours": Row(5, SAME),
    "change_lead_hours": Row(5, SAME),
    "reminder_hours": Row(5, SAME),
    "late_reminder_hours": Row(5, SAME),
    "reconfirm_days": Row(5, SAME),
    "release_hours": Row(5, SAME),
    "confirm_minutes": Row(5, SAME),
    "asks_guardian": Row(to=True, effect=SAME),
    "largest_party": Row(5, SAME),
    "price": Row({"en": "5 euros"}, SAME),
    "contact_email": Row("contact@example.org", SAME),
    "contact_phone": Row("+7 900 000-00-00", SAME),
    "colour": Row("#112233", SAME),
    "project_id": Row(project, SAME),
    "programme_id": Row(programme, SAME),
}
SESSION = MEETING | {
    "starts_fold": Row(1, REVISION, base=AUTUMN),
    "ends_fold": Row(1, REVISION, base=AUTUMN_END),
    "is_in_person": Row(
        to=False,
        effect=REVISION,
        also={"is_online": True, "venue_id": None},
        base={"is_chosen": False, "capacity_in_person": None},
    ),
    "is_online": Row(to=True, effect=REVISION),
    "room_url": Row("https://rooms.example/other", SAME, base={"is_online": True}),
    "capacity_online": Row(9, SAME, base={"is_online": True}),
    "title": Row({"en": "The great fair"}, REVISION),
    "format": Row("workshop", NEWER),
    "track_id": Row(lambda: track("Funding"), SAME),
    "new_track": Row({"en": "Crafts"}, SAME),
    "is_chosen": Row(to=False, effect=SAME, also={"capacity_in_person": None}),
}
VENUE = {
    "name": Row({"en": "New Hall"}, REVISION),
    "address": Row({"en": "2 Harbour Street"}, REVISION),
    "latitude": Row(55.75, NEWER, {"longitude": 37.6}),
    "longitude": Row(37.6, NEWER, {"latitude": 55.75}),
    "district": Row("Harbour", SAME),
    "directions": Row({"en": "Third door."}, SAME),
    "capacity": Row(99, SAME),
    "spaced_capacity": Row(50, SAME),
    "is_outdoors": Row(to=True, effect=SAME),
    "has_step_free_access": Row(to=False, effect=SAME),
}
OF_FILE = {
    "name": Row({"en": "Lamp Centre"}, NEWER),
    "email": Row("lamp@example.org", NEWER),
    "about": Row({"en": "We help."}, SAME),
    "phone": Row("+7 900 111-11-11", SAME),
    "website": Row("https://lamp.example", SAME),
    "zone": Row("Asia/Yekaterinburg", SAME),
    "language": Row("ru", SAME),
    "colour": Row("#112233", SAME),
    "slug": Row("lighthouse", SAME),  # what it is known by
    "sends_invitations": Row(to=True, effect=SAME),
}
OF_ROOM = {
    "code": Row("2", SAME),  # what it is known by
    "name": Row({"en": "Blue room"}, REVISION),
    "capacity": Row(12, SAME),
    "spaced_capacity": Row(6, SAME),
}
PARTNER = {
    "kind": Row("funder", SAME),
    "name": Row({"en": "Sea Fund"}, SAME),
    "organization_id": Row(lambda: organization_id("oak"), SAME),
    "website": Row("https://sea.example", SAME),
    "seats_in_person": Row(1, SAME),
    "seats_online": Row(1, SAME),
    "release_days": Row(3, SAME),
    "shows_names": Row(to=True, effect=SAME),
}


def track(title: str) -> int:
    event = db.session.scalars(db.select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    return catalogue.add_track(actor=person("bob"), event_id=event.id, title={"en": title})


@pytest.mark.parametrize(
    ("values", "table"),
    [(EventValues, EVENT), (SessionValues, SESSION), (VenueValues, VENUE), (PartnerValues, PARTNER)],
)
def test_each_field_of_a_form_has_a_row(values: Any, table: dict[str, Row]) -> None:
    assert {one.name for one in fields(values)} == set(table)


def test_each_word_of_a_data_file_has_a_row() -> None:
    assert set(ORGANIZATION) == set(OF_FILE)
    assert set(ROOM) == set(OF_ROOM)


Look = dict[str, bytes]


def signed_up_long_ago() -> None:
    """Stamps are whole seconds, and nobody edits an event within the second of somebody's sign-up."""
    begin_feed(PAT)
    with transaction():
        execute(update(OwnEntry).values(changed_at=now() - timedelta(hours=1)))


def look(client: Client, event: Event, uid: str) -> Look:
    """The entry wherever it stands: public feed, download, mail and personal feed; a mail's DTSTAMP is its own."""
    again()
    for name in list(g):  # what one request knows, the next one must ask again
        g.pop(name)
    fresh = db.session.get_one(Event, event.id)
    slug, mail = fresh.slug, "event_cancelled" if fresh.is_cancelled else "registration_confirmed"
    pat = db.session.scalars(db.select(Registration).where(Registration.event_id == event.id)).first()
    assert pat is not None
    with in_language("en"):
        letter = MESSAGES[mail]({"registration": pat.public_id})
    assert (letter is not None) is pat.has_seat, "who has only asked for a place is told of no seat"
    mailed = b"" if letter is None else letter.invitation.content if letter.invitation else letter.calendar or b""
    found = {
        "feed": client.get("/events.ics").data,
        "download": client.get(f"/e/{slug}.ics").data,
        "mail": re.sub(rb"\r\nDTSTAMP:\w+", b"", mailed),
        "personal feed": client.get(feed_path(PAT)).data,
    }
    return {place: _entry(content, uid) for place, content in found.items()}


def _entry(calendar: bytes, uid: str) -> bytes:
    events = re.findall(rb"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", calendar, re.DOTALL)
    return next((one for one in events if f"UID:{uid}\r\n".encode() in one), b"")


def sequences(seen: Look) -> dict[str, int]:
    """SEQUENCE by place, where there is an entry."""
    return {place: int(re.findall(rb"SEQUENCE:(\d+)", entry)[0]) for place, entry in seen.items() if entry}


def modified(seen: Look) -> dict[str, bytes]:
    return {place: re.findall(rb"LAST-MODIFIED:(\w+)", entry)[0] for place, entry in seen.items() if entry}


def check(before: Look, after: Look, effect: Effect) -> None:
    """The effect is one and the same everywhere."""
    assert before["feed"]
    assert before["personal feed"]
    assert {place for place, entry in before.items() if entry} == {place for place, entry in after.items() if entry}
    if effect is SAME:
        assert after == before
        return
    step = 1 if effect is REVISION else 0
    assert sequences(after) == {place: number + step for place, number in sequences(before).items()}
    assert all(at > modified(before)[place] for place, at in modified(after).items())
    assert set(modified(after).values()) == {modified(after)["feed"]}


def value(row: Row, old: Any) -> Any:
    to = row.to() if callable(row.to) else row.to
    return old + to if isinstance(to, timedelta) else to


def an_event(row: Row, *, invites: bool = True) -> tuple[Event, str]:
    """A hybrid event to which Pat comes, and the UID of its session."""
    if invites:
        set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=True)
    event = make_event(hybrid(starts_local=LATER, **row.base) if "starts_local" not in row.base else hybrid(**row.base))
    sign_up(event, mode=row.comes)
    signed_up_long_ago()
    return event, queries.sessions_of(event.id)[0].uid


@pytest.mark.parametrize("name", EVENT)
def test_a_field_of_the_event_form(client: Client, name: str) -> None:
    row = EVENT[name]
    event, uid = an_event(row)
    before = look(client, event, uid)
    fresh = db.session.get_one(Event, event.id)
    old = queries.event_values(fresh, queries.sessions_of(event.id), queries.pools_of(event.id))
    new = replace(old, **{name: value(row, getattr(old, name)), **row.also})
    seen = queries.seen_of(db.session.get_one(Event, event.id))
    operations.change_event(actor=person("bob"), event_id=event.id, values=new, seen=seen)
    check(before, look(client, event, uid), row.effect)


@pytest.mark.parametrize("name", SESSION)
def test_a_field_of_the_session_form(client: Client, name: str) -> None:
    row = SESSION[name]
    event = make_conference()
    comes(event, "Pat Participant", FAIR)
    signed_up_long_ago()
    session, uid = session_called(event, FAIR), session_called(event, FAIR).uid
    if row.base:
        _save(event, session, **row.base)
    before = look(client, event, uid)
    session = session_called(event, FAIR)
    to = value(row, getattr(queries.session_values(session, queries.pools_of(event.id)), name))
    _save(event, session_called(event, FAIR), **{name: to, **row.also})
    check(before, look(client, event, uid), row.effect)


def _save(event: Event, session: Session, **changes: Any) -> None:
    """Save the session's form with changes."""
    again()
    values = queries.session_values(db.session.get_one(Session, session.id), queries.pools_of(event.id))
    seen = queries.seen_of(db.session.get_one(Event, event.id))
    operations.change_session(actor=person("bob"), session_id=session.id, values=replace(values, **changes), seen=seen)


@pytest.mark.parametrize("name", VENUE)
def test_a_field_of_the_venue_form(client: Client, name: str) -> None:
    event, uid = an_event(VENUE[name])
    before = look(client, event, uid)
    venue = db.session.scalars(db.select(Venue).where(Venue.slug == "lighthouse-hall")).one()
    old = VenueValues(**{one.name: getattr(venue, one.name) for one in fields(VenueValues)})
    values = replace(old, **{name: VENUE[name].to, **VENUE[name].also})
    catalogue.edit_venue(actor=person("bob"), venue_id=venue.id, values=values)
    check(before, look(client, event, uid), VENUE[name].effect)


def load(**lists: Any) -> None:
    load_file(lists)


@pytest.mark.parametrize("name", OF_FILE)
def test_a_word_on_the_organization(client: Client, name: str) -> None:
    event, uid = an_event(OF_FILE[name], invites=name != "sends_invitations")
    here = db.session.get_one(Organization, organization_id())
    entry = {"slug": here.slug, "name": dict(here.name), "email": here.email, "zone": here.zone}
    load(organizations=[entry])
    before = look(client, event, uid)
    load(organizations=[entry | {name: OF_FILE[name].to}])
    after = look(client, event, uid)
    if name == "sends_invitations":  # only the mail changes its kind: it names who invites whom
        before.pop("mail"), after.pop("mail")
    check(before, after, OF_FILE[name].effect)


@pytest.mark.parametrize("name", OF_ROOM)
def test_a_word_on_the_room(client: Client, name: str) -> None:
    event, uid = an_event(Row(None, SAME, base={"room_id": room(), "venue_id": _hall().id}))
    hall = _hall()
    known = {"slug": hall.slug, "organization": "lighthouse", "name": dict(hall.name), "address": dict(hall.address)}
    entry = {"code": "2", "name": {"en": "Room 2", "ru": "Аудитория 2"}}
    before = look(client, event, uid)
    load(venues=[known | {"rooms": [entry | {name: OF_ROOM[name].to}]}])
    check(before, look(client, event, uid), OF_ROOM[name].effect)


def _hall() -> Venue:
    return db.session.scalars(db.select(Venue).where(Venue.slug == "lighthouse-hall")).one()


@pytest.mark.parametrize("name", PARTNER)
def test_a_field_of_the_partner_form(client: Client, name: str) -> None:
    event, uid = an_event(PARTNER[name])
    values = PartnerValues(name={"en": "River Fund"})
    partner_id = operations.add_partner(actor=person("bob"), event_id=event.id, values=values)
    before = look(client, event, uid)
    new = replace(values, **{name: value(PARTNER[name], None)})
    operations.edit_partner(actor=person("bob"), partner_id=partner_id, values=new)
    check(before, look(client, event, uid), PARTNER[name].effect)


def a_question(event: Event) -> None:
    ask(event, make_question("yes_no"))


def a_partner(event: Event) -> None:
    values = PartnerValues(name={"en": "River Fund"}, seats_in_person=2)
    operations.add_partner(actor=person("bob"), event_id=event.id, values=values)


def a_series(event: Event) -> None:
    operations.repeat_event(actor=person("bob"), event_id=event.id, times=1, weeks=1, is_published=True)


def a_limit_of_the_series(event: Event) -> None:
    a_series(event)
    catalogue.limit_series(actor=person("bob"), event_id=event.id, per_person=1)


def a_copy(event: Event) -> None:
    operations.copy_event(actor=person("bob"), event_id=event.id)


def somebody_elses_sign_up(event: Event) -> None:
    other = sign_up(event, "Otto Other", mode="online")
    operations.switch_mode(registration_id=other.id, way=Way(seat="in_person"))
    operations.cancel_registration(registration_id=other.id)


def a_cancellation(event: Event) -> None:
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Flood")


@pytest.mark.parametrize(
    ("deed", "effect"),
    [
        (a_question, SAME),
        (a_partner, SAME),
        (a_series, SAME),
        (a_limit_of_the_series, SAME),
        (a_copy, SAME),
        (somebody_elses_sign_up, SAME),
        (a_cancellation, REVISION),
    ],
)
def test_other_deeds(client: Client, deed: Callable[[Event], None], effect: Effect) -> None:
    event, uid = an_event(Row(None, SAME))
    before = look(client, event, uid)
    deed(event)
    check(before, look(client, event, uid), effect)


def test_an_own_deed_raises_the_own_entries_alone_and_by_one(client: Client) -> None:
    event, uid = an_event(Row(None, SAME))
    pat = db.session.scalars(db.select(Registration).where(Registration.event_id == event.id)).one()
    before = look(client, event, uid)
    operations.switch_mode(registration_id=pat.id, way=Way(seat="in_person"))
    after = look(client, event, uid)
    assert (after["feed"], after["download"]) == (before["feed"], before["download"])
    assert (sequences(before)["personal feed"], sequences(before)["mail"]) == (0, 0)
    assert (sequences(after)["personal feed"], sequences(after)["mail"]) == (1, 1)


def test_everywhere_the_same_uid_and_number_until_somebody_changes_the_own_entry(client: Client) -> None:
    event, uid = an_event(Row(None, SAME))
    seen = look(client, event, uid)
    assert all(seen.values())
    assert set(sequences(seen).values()) == {0}
    assert db.session.scalars(db.select(Session.uid).where(Session.event_id == event.id)).one() == uid
