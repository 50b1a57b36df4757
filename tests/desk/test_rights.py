"""Every page of the desk, asked for by everybody."""

from __future__ import annotations

import re

import pytest
from apiflask import APIFlask

from app.accounts.queries import team_of
from app.attendance.operations import create_device
from app.attendance.queries import devices_of
from app.catalogue.operations import add_track
from app.catalogue.queries import sessions_of, venues_of
from app.core.db import db, transaction
from app.messaging.queries import messages_of
from app.registration.models import Call
from app.registration.operations.telling import call_person
from tests.support.asking import ask, make_question
from tests.support.cast import organization_id, person
from tests.support.events import make_event, sign_up
from tests.support.meetings import one_more
from tests.support.pages import Client
from tests.support.partners import add_partner

# Each page with the roles that may see it. Olga belongs to another organization, Nobody is not signed in.
EVERYBODY = {"alice", "bob", "carol", "dan", "erin"}
ORGANIZERS = {"alice", "bob", "erin"}
OWNERS = {"alice", "erin"}
DOORS = {"alice", "bob", "carol", "erin"}
PAGES = {
    "/desk/": EVERYBODY,
    "/desk/events/new": ORGANIZERS,
    "/desk/events/{event}": EVERYBODY,
    "/desk/events/{event}/edit": ORGANIZERS,
    "/desk/events/{event}/preview": EVERYBODY,
    "/desk/events/{event}/publish": ORGANIZERS,
    "/desk/events/{event}/cancel": ORGANIZERS,
    "/desk/events/{event}/sessions": ORGANIZERS,
    "/desk/events/{event}/series": ORGANIZERS,
    "/desk/events/{event}/calendar": ORGANIZERS,
    "/desk/calendar": ORGANIZERS,
    "/desk/events/{event}/partners": ORGANIZERS,
    "/desk/events/{event}/partners/new": ORGANIZERS,
    "/desk/events/{event}/partners/{partner}": ORGANIZERS,
    "/desk/events/{event}/partners/{partner}/remove": ORGANIZERS,
    "/desk/events/{event}/sessions/new": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}/copy": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}/repeat": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}/cancel": ORGANIZERS,
    "/desk/events/{event}/tracks": ORGANIZERS,
    "/desk/events/{event}/people": ORGANIZERS,
    "/desk/events/{event}/people/print": ORGANIZERS,
    "/desk/events/{event}/doubles": ORGANIZERS,
    "/desk/events/{event}/people/add": ORGANIZERS,
    "/desk/events/{event}/people/decide": ORGANIZERS,
    "/desk/calls": ORGANIZERS,
    "/desk/calls/{call}": ORGANIZERS,
    "/desk/events/{event}/waiting": ORGANIZERS,
    "/desk/events/{event}/answers": ORGANIZERS,
    "/desk/events/{event}/questions": ORGANIZERS,
    "/desk/events/{event}/questions/{question}": ORGANIZERS,
    "/desk/events/{event}/questions/answers": ORGANIZERS,
    "/desk/people/{person}/answers": ORGANIZERS,
    "/desk/questions": ORGANIZERS,
    "/desk/questions/new": ORGANIZERS,
    "/desk/questions/{question}": ORGANIZERS,
    "/desk/consents": OWNERS,
    "/desk/consents/{purpose}": OWNERS,
    "/desk/people/{person}": ORGANIZERS,
    "/desk/people/{person}/cancel": ORGANIZERS,
    "/desk/people/{person}/sessions": ORGANIZERS,
    "/desk/people/{person}/move": ORGANIZERS,
    "/desk/people/{person}/replace": ORGANIZERS,
    "/desk/people/{person}/erase": ORGANIZERS,
    "/desk/team": EVERYBODY,
    "/desk/team/{member}": OWNERS,
    "/desk/venues": EVERYBODY,
    "/desk/venues/new": ORGANIZERS,
    "/desk/venues/{venue}": ORGANIZERS,
    "/desk/door": DOORS,
    "/desk/mail": ORGANIZERS,
    "/desk/mail/calendars": OWNERS,
    "/desk/mail/{message}": ORGANIZERS,
    "/desk/audit": ORGANIZERS,
    "/desk/organizations": EVERYBODY,
    "/desk/me": EVERYBODY,
    "/desk/admin": {"erin"},
    "/desk/admin/organizations/new": {"erin"},
}
DEEDS = {
    "/desk/calendar": ORGANIZERS,
    "/desk/events/new": ORGANIZERS,
    "/desk/events/{event}/edit": ORGANIZERS,
    "/desk/events/{event}/publish": ORGANIZERS,
    "/desk/events/{event}/unpublish": ORGANIZERS,
    "/desk/events/{event}/delete": ORGANIZERS,
    "/desk/events/{event}/copy": ORGANIZERS,
    "/desk/events/{event}/cancel": ORGANIZERS,
    "/desk/events/{event}/series/limit": ORGANIZERS,
    "/desk/events/{event}/series": ORGANIZERS,
    "/desk/events/{event}/partners/new": ORGANIZERS,
    "/desk/events/{event}/partners/{partner}": ORGANIZERS,
    "/desk/events/{event}/partners/{partner}/link": ORGANIZERS,
    "/desk/events/{event}/partners/{partner}/remove": ORGANIZERS,
    "/desk/events/{event}/sessions/new": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}/copy": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}/repeat": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}/cancel": ORGANIZERS,
    "/desk/events/{event}/sessions/{session}/remove": ORGANIZERS,
    "/desk/events/{event}/tracks": ORGANIZERS,
    "/desk/events/{event}/tracks/{track}": ORGANIZERS,
    "/desk/events/{event}/people/add": ORGANIZERS,
    "/desk/events/{event}/people/decide": ORGANIZERS,
    "/desk/calls/{call}": ORGANIZERS,
    "/desk/consents/{purpose}": OWNERS,
    "/desk/events/{event}/questions": ORGANIZERS,
    "/desk/events/{event}/questions/{question}": ORGANIZERS,
    "/desk/people/{person}/answers": ORGANIZERS,
    "/desk/questions/new": ORGANIZERS,
    "/desk/questions/ready-made": ORGANIZERS,
    "/desk/questions/{question}": ORGANIZERS,
    "/desk/people/{person}/name": ORGANIZERS,
    "/desk/people/{person}/address": ORGANIZERS,
    "/desk/people/{person}/way": ORGANIZERS,
    "/desk/people/{person}/ticket": ORGANIZERS,
    "/desk/people/{person}/cancel": ORGANIZERS,
    "/desk/people/{person}/sessions": ORGANIZERS,
    "/desk/people/{person}/move": ORGANIZERS,
    "/desk/people/{person}/replace": ORGANIZERS,
    "/desk/people/{person}/erase": ORGANIZERS,
    "/desk/team": OWNERS,
    "/desk/team/{member}": OWNERS,
    "/desk/team/{member}/remove": OWNERS,
    "/desk/venues/new": ORGANIZERS,
    "/desk/venues/{venue}": ORGANIZERS,
    "/desk/door": DOORS,
    "/desk/door/{device}/revoke": DOORS,
    "/desk/mail/calendars": OWNERS,
    "/desk/mail/{message}/again": ORGANIZERS,
    "/desk/organizations": set(),
    "/desk/me": EVERYBODY,
    "/desk/me/password": EVERYBODY,
    "/desk/me/sign-out-everywhere": EVERYBODY,
    "/desk/admin/organizations/new": {"erin"},
}
NOT_OF_AN_ORGANIZATION = ("/desk/organizations", "/desk/me", "/desk/admin")


@pytest.fixture
def things(app: APIFlask) -> dict[str, object]:
    """One of each thing that a page can be about, all of Lighthouse."""
    with app.app_context():
        event = make_event()
        one_more(event)  # of a single meeting there is none to cancel alone
        registration = sign_up(event)
        create_device(actor=person("bob"), event_ids=[event.id], gate="A")
        here = organization_id()
        with transaction():
            call_person(registration.id, "event_moved")
        question = ask(event, make_question("yes_no"))
        track = add_track(actor=person("bob"), event_id=event.id, title={"en": "Funding"})
        partner_id = add_partner(event).id
        return {
            "event": event.public_id,
            "session": sessions_of(event.id)[0].id,
            "purpose": "photo",
            "track": track,
            "partner": partner_id,
            "question": question,
            "person": registration.public_id,
            "member": next(row.id for row in team_of(here) if row.user.name == "Carol Door"),
            "venue": venues_of(here)[0].id,
            "message": messages_of(here)[0].id,
            "device": devices_of(here)[0].public_id,
            "call": db.session.scalars(db.select(Call.id)).one(),
        }


def is_about_a_thing(address: str) -> bool:
    """A purpose is a code that each organization has."""
    return "{" in address and "{purpose}" not in address


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "dan", "erin", "olga"])
def test_each_page_opens_for_the_roles_that_may_see_it(client: Client, things: dict[str, object], who: str) -> None:
    client.sign_in(who)
    for address, allowed in PAGES.items():
        expected = 200 if who in allowed else 403
        if who == "olga":
            expected = 404 if is_about_a_thing(address) else 403 if "admin" in address else 200
        response = client.get(address.format(**things))
        assert response.status_code == expected, f"{who} at {address}: {response.status_code}"


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "dan", "erin", "olga"])
def test_each_deed_is_refused_to_the_roles_that_may_not_do_it(
    client: Client, things: dict[str, object], who: str
) -> None:
    client.sign_in(who)
    for address, allowed in DEEDS.items():
        if who in allowed or address.startswith(NOT_OF_AN_ORGANIZATION[:2]):
            continue
        if who == "olga" and not is_about_a_thing(address):
            continue
        expected = 404 if who == "olga" and is_about_a_thing(address) else 403
        response = client.post(address.format(**things))
        assert response.status_code == expected, f"{who} at {address}: {response.status_code}"


def test_strangers_are_sent_to_sign_in_and_come_back(client: Client, things: dict[str, object]) -> None:
    for address in PAGES:
        target = address.format(**things)
        response = client.get(target)
        assert response.status_code == 303, address
        assert response.location.startswith("/login?next="), address
    for address in DEEDS:
        assert client.post(address.format(**things)).location == "/login", address


def test_no_deed_is_done_for_another_site(client: Client, things: dict[str, object]) -> None:
    client.sign_in("alice")
    for address in DEEDS:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": None}):
            response = client.post(address.format(**things), headers=headers)
            assert response.status_code == 403, address


def test_the_tables_above_name_every_route(app: APIFlask) -> None:
    def shape(address: str) -> str:
        return re.sub(r"[<{][^>}]*[>}]", "*", address)

    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/desk")]
    assert {shape(r.rule) for r in rules if "GET" in (r.methods or ())} == {shape(one) for one in PAGES}
    assert {shape(r.rule) for r in rules if "POST" in (r.methods or ())} == {shape(one) for one in DEEDS}


def test_unknown_things_are_missing(client: Client) -> None:
    client.sign_in("alice")
    numbers = dict.fromkeys(("member", "venue", "message", "call", "session", "track", "partner", "question"), 99999)
    unknown = {"event": "0" * 16, "person": "f" * 16, **numbers}
    for address in PAGES:
        if is_about_a_thing(address):
            assert client.get(address.format(**unknown)).status_code == 404, address


def test_the_menu_names_only_what_the_role_may_open(client: Client) -> None:
    client.sign_in("dan")
    links = client.page("/desk/").links()
    assert "/desk/team" in links
    assert not {"/desk/mail", "/desk/door", "/desk/audit", "/desk/admin"} & set(links)
