"""People, team, venues, door, mail, audit and administration, as those who work on the desk use them."""

from __future__ import annotations

import ast
import re
from datetime import timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import update

from app.accounts.models import Organization
from app.accounts.queries import team_of
from app.attendance.operations import PairingOver, pair_device
from app.attendance.queries import devices_of
from app.catalogue.queries import venues_of
from app.core.clock import now
from app.core.db import db, transaction
from app.desk.deeds import DEEDS
from app.messaging.models import OutboxMessage
from app.messaging.queries import messages_of
from app.registration.models import Registration
from app.registration.operations import cancel_registration
from app.registration.queries import find_by_public_id
from app.registration.tickets import manage_token
from config import ROOT
from tests.support.cast import organization_id
from tests.support.door import open_door, open_event, scan_of
from tests.support.events import make_event, sign_up
from tests.support.pages import Client, Page

HOSTILE = ["<script>alert(1)</script>", "a\r\nX: y", "nul\x00byte", "🦉" * 200, "x" * 10_000, "\u202egnp.exe", "%_\\'"]


def set_mails(app: APIFlask, **values: object) -> int:
    """Bring the organization's mails into a state; returns the number of one."""
    with app.app_context():
        with transaction() as session:
            session.execute(update(OutboxMessage).values(**values))
        return messages_of(organization_id())[0].id


def test_people_are_found_by_name_number_and_address(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        semyon = sign_up(event, "Семён Ёлкин", "semyon@example.net")
        sign_up(event, "Anna Bell")
        address, reference = f"/desk/events/{event.public_id}/people", semyon.reference
    client.sign_in("bob")
    assert "2 people" in client.page(address).words
    for q in ("семен", "елкин семён", reference, f"{reference[:3]} {reference[3:]}", "semyon@"):
        words = client.page(address, q=q).words
        assert "Семён Ёлкин" in words, q
        assert "Anna Bell" not in words, q
    assert "Nobody found" in client.page(address, q="Nobody at all").words
    assert "Семён Ёлкин" in client.page(f"{address}/print").words
    for q in HOSTILE:
        client.page(address, q=q.encode("utf-8", "replace").decode(), status=200)


def test_the_list_says_who_came(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = open_event()
        registration = sign_up(event)
        open_door(event, gate="North").scan(scan_of(event, registration))
        public_id, address = registration.public_id, f"/desk/events/{event.public_id}/people"
    client.sign_in("bob")
    assert "came" in client.page(address).words
    assert "gate North" in client.page(f"/desk/people/{public_id}").words
    assert "North: 1" in client.page("/desk/door").words


def test_a_person_is_taken_off_the_list_and_told(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = sign_up(make_event()).public_id
    client.sign_in("bob")
    assert "One mail, to pat.participant@example.net." in client.page(f"/desk/people/{public_id}/cancel").words
    client.send(f"/desk/people/{public_id}/cancel", {"notify": "y"})
    page = client.page(f"/desk/people/{public_id}")
    assert "Off the list" in page.words
    assert "Seat given back" in page.words
    assert "Took a registration off the list" in page.words
    with app.app_context():
        own_page = f"/r/{manage_token(db.session.scalars(db.select(Registration)).one())}"
    assert "The organizer took you off the list" in client.page(own_page).words


def test_a_seat_given_back_is_said_to_be_the_persons_own_deed(client: Client, app: APIFlask) -> None:
    with app.app_context():
        registration = sign_up(make_event())
        cancel_registration(registration_id=registration.id)
        public_id, own_page = registration.public_id, f"/r/{manage_token(registration)}"
    assert "Your seat was given back" in client.page(own_page).words
    client.sign_in("bob")
    assert "Gave the seat back" in client.page(f"/desk/people/{public_id}").words


def test_a_person_can_be_taken_off_without_a_mail(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = sign_up(make_event()).public_id
    client.sign_in("bob")
    client.send(f"/desk/people/{public_id}/cancel", {})
    with app.app_context():
        assert [one.name for one in messages_of(organization_id())] == ["registration_confirmed"]


def test_the_ticket_is_mailed_again(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = sign_up(make_event()).public_id
    client.sign_in("bob")
    client.send(f"/desk/people/{public_id}/ticket")
    with app.app_context():
        assert [one.name for one in messages_of(organization_id())] == ["registration_confirmed"] * 2
    client.send(f"/desk/people/{public_id}/cancel")
    page = Page(client.send(f"/desk/people/{public_id}/ticket", status=409))
    assert "there is no ticket to send" in page.words


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_is_corrected_and_cleaned(client: Client, app: APIFlask, text: str) -> None:
    with app.app_context():
        public_id = sign_up(make_event()).public_id
    client.sign_in("bob")
    response = client.post(f"/desk/people/{public_id}/name", data={"name": text})
    assert response.status_code == (422 if len(text) > 200 or "\x00" in text else 303)
    client.page(f"/desk/people/{public_id}")
    with app.app_context():
        row = find_by_public_id(public_id)
        assert row is not None
        assert not re.search(r"[\x00-\x1f\u202e]", row.name)


def test_a_name_that_makes_a_double_is_refused(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        sign_up(event, "Anna Bell", "home@example.net")
        public_id = sign_up(event, "Boris Bell", "home@example.net").public_id
    client.sign_in("bob")
    page = Page(client.send(f"/desk/people/{public_id}/name", {"name": "ANNA bell"}, status=422))
    assert "is on the list already" in page.words


def test_the_last_owner_stays(client: Client, app: APIFlask) -> None:
    client.sign_in("alice")
    with app.app_context():
        alice = next(row.id for row in team_of(organization_id()) if row.user.name == "Alice Owner")
    page = Page(client.send(f"/desk/team/{alice}", {"role": "analyst"}, status=409))
    assert "an organization needs one" in page.words
    Page(client.send(f"/desk/team/{alice}/remove", status=409))


def test_a_member_gets_another_role_and_leaves(client: Client, app: APIFlask) -> None:
    client.sign_in("alice")
    with app.app_context():
        dan = next(row.id for row in team_of(organization_id()) if row.user.name == "Dan Analyst")
    client.send(f"/desk/team/{dan}", {"role": "organizer"})
    client.send(f"/desk/team/{dan}", {"role": "king"}, status=422)
    client.send(f"/desk/team/{dan}/remove")
    assert "Dan Analyst is no longer in the team." in client.page("/desk/team").words


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_breaks_team_venues_or_door(client: Client, text: str) -> None:
    client.sign_in("alice")
    forms = {
        "/desk/team": {"email": text, "name": text, "role": text, "language": text},
        "/desk/venues/new": {"name": text, "address": text, "capacity": text, "latitude": text, "directions": text},
        "/desk/door": {"events": text, "gate": text},
    }
    for address, values in forms.items():
        assert client.post(address, data=values).status_code in (303, 422), address
    for address in ("/desk/venues", "/desk/events/new"):
        assert "<script>alert" not in client.page(address).text


def test_somebody_in_the_team_is_not_invited_twice(client: Client) -> None:
    client.sign_in("alice")
    values = {"email": "BOB@example.org", "name": "Bob", "role": "door", "language": "en"}
    page = Page(client.send("/desk/team", values, status=422))
    assert "is in the team already" in page.words
    assert page.fields()["name"] == "Bob"


def test_a_venue_is_written_down_and_changed(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    values = {"name": "Garden", "address": "3 Lime Alley", "latitude": "55,75", "longitude": "37.6", "is_outdoors": "y"}
    client.send("/desk/venues/new", {**values, "latitude": "north"}, status=422)
    client.send("/desk/venues/new", values)
    with app.app_context():
        venue = venues_of(organization_id())[-1]
        assert (venue.name, venue.latitude, venue.is_outdoors) == ({"en": "Garden"}, 55.75, True)
    page = client.page(f"/desk/venues/{venue.id}")
    assert page.fields()["latitude"] == "55.75"
    client.send(f"/desk/venues/{venue.id}", {**page.fields(), "name_other": "Сад"})
    with app.app_context():
        assert venues_of(organization_id())[-1].name == {"en": "Garden", "ru": "Сад"}


def test_a_pairing_link_is_shown_once_with_its_square_code(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = open_event().public_id
    client.sign_in("carol")
    page = Page(client.send("/desk/door", {"events": public_id, "gate": "North"}, status=200))
    found = re.search(r"http://[^\s]+/door/pair#([\w-]+)", page.words)
    assert found
    assert page.tree.find(".//{http://www.w3.org/2000/svg}path") is not None
    assert page.response.headers["Cache-Control"] == "no-store"
    assert found[1] not in client.page("/desk/door").text
    with app.app_context():
        pair_device(token=found[1], device_name="Kim's phone")
        device = devices_of(organization_id())[0]
    assert "Kim's phone" in client.page("/desk/door").words
    client.send(f"/desk/door/{device.public_id}/revoke")
    assert "access taken away" in client.page("/desk/door").words
    with app.app_context(), pytest.raises(PairingOver):
        pair_device(token=found[1], device_name="Another")


def test_a_door_helper_makes_no_supervisor(client: Client, app: APIFlask) -> None:
    with app.app_context():
        public_id = open_event().public_id
    client.sign_in("carol")
    values = {"events": public_id, "gate": "A", "is_supervisor": "y"}
    client.send("/desk/door", values, status=403)
    client.send("/desk/door", {"events": "0" * 16, "gate": "A"}, status=422)


def test_a_failed_mail_shows_its_reason_and_is_sent_again(client: Client, app: APIFlask) -> None:
    with app.app_context():
        sign_up(make_event())
    client.sign_in("bob")
    number = set_mails(app, status="failed", last_error="550 no such mailbox")
    assert "550 no such mailbox" in client.page("/desk/mail?status=failed").words
    assert "550 no such mailbox" in client.page(f"/desk/mail/{number}").words
    client.send(f"/desk/mail/{number}/again")
    page = Page(client.send(f"/desk/mail/{number}/again", status=409))
    assert "nothing to send again" in page.words


def test_the_words_of_a_mail_are_shown_without_its_secrets(client: Client, app: APIFlask) -> None:
    with app.app_context():
        sign_up(make_event())
    client.sign_in("bob")
    number = set_mails(app, subject="You are in", body_text="Change: ((manage))\n<b>bold</b>", status="sent")
    page = client.page(f"/desk/mail/{number}")
    assert "((manage))" not in page.text
    assert "[secret link] <b>bold</b>" in page.words


def test_every_page_says_that_mail_does_not_go_out(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    assert "nothing goes out" not in client.page("/desk/team").words
    with app.app_context():
        sign_up(make_event())
    for address in ("/desk/", "/desk/team", "/desk/events/new", "/desk/me"):
        words = client.page(address).words
        assert "Mail is not set up, so nothing goes out." in words, address
        assert "1 message is waiting." in words, address


def test_the_audit_names_who_did_what(client: Client, app: APIFlask) -> None:
    with app.app_context():
        mine = make_event(title={"en": "Mine"}, by="bob")
        make_event(title={"en": "Hers"}, by="alice")
        sign_up(mine)
    client.sign_in("alice")
    words = client.page("/desk/audit").words
    for expected in ("Bob Organizer", "Created the event", "Published the event", "Mine", "Hers", "Participant"):
        assert expected in words, expected
    client.page("/desk/audit", page="99999999")
    client.page("/desk/audit", page="-1")
    client.sign_in("bob")
    words = client.page("/desk/audit").words
    assert "Mine" in words
    assert "Hers" not in words


def test_every_deed_that_is_recorded_has_words() -> None:
    recorded = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_record = isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record"
            if is_record and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                recorded.add(node.args[1].value)
    assert "create_event" in recorded
    assert recorded <= set(DEEDS), f"without words: {recorded - set(DEEDS)}"


def test_an_administrator_makes_an_organization_and_goes_on_to_its_team(client: Client, app: APIFlask) -> None:
    client.sign_in("erin")
    assert "Worker" in client.page("/desk/admin").words
    values = {"name": "New Hall", "slug": "new-hall", "email": "x@example.org", "language": "ru", "zone": "Asia/Omsk"}
    values["calendar"] = "file"
    client.send("/desk/admin/organizations/new", {**values, "slug": "New Hall!"}, status=422)
    client.send("/desk/admin/organizations/new", {**values, "slug": "oak"}, status=422)
    assert client.send("/desk/admin/organizations/new", values).location == "/desk/team"
    assert "Nobody yet" in client.page("/desk/team").words
    with app.app_context():
        row = db.session.scalar(db.select(Organization).where(Organization.slug == "new-hall"))
        assert row is not None
        assert (row.name, row.zone) == ({"ru": "New Hall"}, "Asia/Omsk")


def test_a_person_of_several_organizations_chooses_one(client: Client, app: APIFlask) -> None:
    client.sign_in("erin")
    with app.app_context():
        oak = organization_id("oak")
    client.send("/desk/organizations", {"organization": str(oak)})
    assert "Oak Library" in client.page("/desk/").words
    for wrong in ("99999", "x", ""):
        assert client.post("/desk/organizations", data={"organization": wrong}).status_code == 404


def test_the_clock_of_the_desk_is_the_organizations(client: Client, app: APIFlask) -> None:
    with app.app_context():
        sign_up(make_event())
    at = now().replace(hour=21, minute=30) - timedelta(days=1)
    number = set_mails(app, created_at=at, sent_at=at, status="sent")
    client.sign_in("bob")
    assert "00:30" in client.page(f"/desk/mail/{number}").words


def test_each_phone_is_offered_a_door_of_its_own(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = open_event()
    client.sign_in("bob")
    assert client.page("/desk/door").fields()["gate"] == "A"
    with app.app_context():
        open_door(event, gate="A")
    fields = client.page("/desk/door").fields()
    assert (fields["gate"], fields["events"]) == ("B", event.public_id)
