"""The door over HTTP."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.attendance.models import Admission, Device, OnlineJoin, Scan
from app.attendance.operations import create_device, revoke_device
from app.catalogue.models import Event
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db, transaction
from app.registration.models import Registration
from app.registration.operations import cancel_registration
from app.registration.tickets import code_of, manage_token
from tests.support.cast import person
from tests.support.door import json_scan, open_door, open_event
from tests.support.events import hybrid, local, make_event, sign_up

PAIR, SESSION, SYNC = "/api/v1/door/pair", "/api/v1/door/session", "/api/v1/door/sync"
HOSTILE = ["", " ", "\x00", "\r\nSet-Cookie: a=b", "<script>", "🎟", "x" * 10_000, "\ud800", "АВЕК"]


@pytest.fixture
def at_door(client, in_app):
    """Gives the client the cookie of a phone."""

    def pair(*events, **options):
        door = open_door(*events, **options)
        client.set_cookie("door", door.credential, domain="127.0.0.1")
        return door

    return pair


def parcel(*scans, **changes):
    return {"cursor": None, "sent_at": now().isoformat(), "scans": list(scans), **changes}


def problem_of(response, status, code=None):
    assert response.status_code == status, response.get_data(as_text=True)[:300]
    assert response.mimetype == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    body = response.get_json()
    assert body["status"] == status
    assert body["title"]
    if code:
        assert body["code"] == code
    return body


def numbers():
    tables = (Scan, Admission, Device, OnlineJoin, AuditLine, Registration)
    return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]


# Pairing


def link_for(event, by="carol"):
    return create_device(actor=person(by), event_ids=[event.id], gate="A")


def test_pairing_gives_a_cookie_that_scripts_cannot_read(client, in_app):
    token = link_for(open_event()).url.partition("#")[2]
    response = client.post(PAIR, json={"token": token, "device_name": "Anna’s phone"})
    assert response.status_code == 201
    assert response.get_json() == {
        "device": {"name": "Anna’s phone", "gate": "A", "event_titles": ["How to ask for money"]}
    }
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("door=")
    for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Expires="):
        assert part in cookie
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get(SESSION).get_json()["device"] == "Anna’s phone"


def test_a_link_works_once(client, in_app):
    token = link_for(open_event()).url.partition("#")[2]
    assert client.post(PAIR, json={"token": token, "device_name": "One"}).status_code == 201
    body = problem_of(client.post(PAIR, json={"token": token, "device_name": "Two"}), 410, "pairing_over")
    assert "Ask the desk" in body["detail"]


def test_an_unknown_link(client, in_app):
    problem_of(client.post(PAIR, json={"token": "x" * 43, "device_name": "Phone"}), 404, "unknown_pairing")


@pytest.mark.parametrize("field", ["token", "device_name"])
def test_pairing_with_hostile_text(client, in_app, field):
    event = open_event()
    for text in HOSTILE:
        token = link_for(event).url.partition("#")[2]
        response = client.post(PAIR, json={"token": token, "device_name": "Phone", field: text})
        if response.status_code == 201:
            assert field == "device_name"
            name = response.get_json()["device"]["name"]
            assert name == " ".join(name.split())
            assert 0 < len(name) <= 60
        else:
            assert response.status_code in (404, 422)
            problem_of(response, response.status_code)


# Bodies


BODIES = [
    (b"", 400),
    (b"{", 400),
    (b"hello", 400),
    (b"\x00", 400),
    (b"\xff\xfe", 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 100_000, 400),
    (b"null", 422),
    (b"[]", 422),
    (b"[1, 2]", 422),
    (b'"text"', 422),
    (b"17", 422),
    (b"NaN", 422),
    (b"{}", 422),
]


@pytest.mark.parametrize("address", [PAIR, SYNC])
def test_a_body_that_is_no_parcel(client, at_door, address):
    at_door(open_event())
    for body, status in BODIES:
        response = client.post(address, data=body, content_type="application/json")
        said = problem_of(response, status)
        assert status == 400 or (said["code"] == "invalid" and said["errors"]), body


def test_a_body_too_large(client, at_door):
    at_door(open_event())
    response = client.post(SYNC, data=b" " * (600 * 1024) + b"{}", content_type="application/json")
    problem_of(response, 413)


WRONG_PLACES = [
    ({"sent_at": None}, "sent_at"),
    ({"sent_at": "yesterday"}, "sent_at"),
    ({"sent_at": "2026-12-03T15:30:00"}, "sent_at"),
    ({"sent_at": "0001-01-01T00:00:00+14:00"}, "sent_at"),
    ({"sent_at": "9999-12-31T23:59:59-14:00"}, "sent_at"),
    ({"sent_at": 1e300}, "sent_at"),
    ({"cursor": 17}, "cursor"),
    ({"cursor": "x" * 10_001}, "cursor"),
    ({"scans": None}, "scans"),
    ({"scans": "all"}, "scans"),
    ({"scans": {"id": 1}}, "scans"),
    ({"scans": [{}] * 201}, "scans"),
]


def test_a_parcel_with_a_wrong_place_names_it(client, at_door):
    at_door(open_event())
    for changes, place in WRONG_PLACES:
        body = problem_of(client.post(SYNC, json=parcel(**changes)), 422, "invalid")
        assert list(body["errors"]) == [place]
        assert place in body["detail"]


# The session


def test_the_session_tells_what_the_phone_is_for(client, app):
    with app.app_context():
        event, second = open_event(), make_event(title={"en": "Next week", "ru": "Через неделю"})
        door = open_door(second, event, by="dora", is_supervisor=True)
    client.set_cookie("door", door.credential, domain="127.0.0.1")
    body = client.get(SESSION, headers={"Accept-Language": "ru"}).get_json()
    assert [one["id"] for one in body["events"]] == [event.public_id, second.public_id]
    assert body["events"][1]["title"] == "Через неделю"
    assert body["events"][0]["zone"] == "Europe/Moscow"
    assert body["events"][0]["when_text"]
    assert (body["device"], body["gate"]) == ("Phone at A", "A")
    assert body["rights"] == {"scan": True, "search": True, "supervisor": True}
    assert body["expires_at"].endswith("Z")


def test_without_a_cookie_nothing_is_told(client, in_app):
    problem_of(client.get(SESSION), 401, "not_paired")
    problem_of(client.post(SYNC, json=parcel()), 401, "not_paired")


def test_a_made_up_cookie(client, in_app):
    for cookie in ("x", "x" * 4000, "%00", "é"):
        client.set_cookie("door", cookie, domain="127.0.0.1")
        problem_of(client.get(SESSION), 401, "not_paired")


def test_a_revoked_phone_is_told_so(client, at_door):
    event = open_event()
    pat = sign_up(event)
    door = at_door(event)
    revoke_device(actor=person("carol"), device_public_id=door.public_id)
    problem_of(client.get(SESSION), 401, "device_revoked")
    body = client.post(SYNC, json=parcel(json_scan(event, pat))).get_json()
    assert body["revoked"] is True
    assert (body["changed"], body["results"], body["counts"]) == ([], {}, {})
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 0


def test_a_phone_whose_time_is_over(client, at_door):
    at_door(open_event())
    with transaction():
        long_ago = now() - timedelta(days=2)
        db.session.execute(update(Event).values(starts_at=long_ago, ends_at=long_ago))
        db.session.execute(update(Device).values(expires_at=long_ago))
    problem_of(client.get(SESSION), 401, "device_expired")
    problem_of(client.post(SYNC, json=parcel()), 401, "device_expired")


# The exchange


def test_green_then_red_with_time_and_gate(client, app, at_door):
    event = open_event()
    pat = sign_up(event)
    at_door(event, gate="A")
    scan = json_scan(event, pat)
    body = client.post(SYNC, json=parcel(scan)).get_json()
    result = body["results"][scan["id"]]
    assert (result["verdict"], result["colour"]) == ("welcome", "green")
    assert (result["headline"], result["name"], result["gate"]) == ("Welcome", "Pat Participant", "A")
    assert body["counts"] == {event.public_id: {"in": 1, "expected": 1, "by_gate": {"A": 1}}}
    at_door(event, gate="B")
    again = json_scan(event, pat)
    second = client.post(SYNC, json=parcel(again)).get_json()["results"][again["id"]]
    assert (second["verdict"], second["colour"], second["headline"]) == ("already_in", "red", "Already in")
    assert second["detail"].endswith(", gate A")
    assert second["detail"][:2].isdigit()


def test_the_roster_says_no_more_than_a_door_must_know(client, at_door):
    event = open_event()
    pat = sign_up(event, phone="+7 900 000-00-00")
    at_door(event)
    text = client.post(SYNC, json=parcel(json_scan(event, pat))).get_data(as_text=True)
    row = json.loads(text)["changed"][0]
    assert row["name"] == "Pat Participant"
    assert row["admission"]["gate"] == "A"
    assert set(row) == {"id", "event", "code", "name", "mode", "state", "admission"}
    for secret in ("pat.participant@", "+7 900", "7900000", code_of(pat), manage_token(pat)):
        assert secret not in text


def test_the_cursor_goes_on(client, at_door):
    event = open_event()
    pat = sign_up(event)
    at_door(event)
    first = client.post(SYNC, json=parcel()).get_json()
    assert [row["admission"] for row in first["changed"]] == [None]
    assert client.post(SYNC, json=parcel(cursor=first["cursor"])).get_json()["changed"] == []
    second = client.post(SYNC, json=parcel(json_scan(event, pat), cursor=first["cursor"])).get_json()
    assert [row["admission"]["gate"] for row in second["changed"]] == ["A"]
    assert client.post(SYNC, json=parcel(cursor=second["cursor"])).get_json()["changed"] == []


BAD_SCANS = [
    {},
    {"id": 5},
    {"event": None},
    {"event": "x" * 17},
    {"code": 17},
    {"code": ["A"]},
    {"reference": {}},
    {"kind": "out"},
    {"scanned_at": "soon"},
    {"scanned_at": "0001-01-01T00:00:00+14:00"},
    {"scanned_at": None},
    {"source": "telepathy"},
    {"shown": "x" * 10_000},
    {"id": "not a uuid"},
    {"id": "\x00🎟"},
]


def test_a_bad_scan_never_refuses_the_others(client, at_door):
    event = open_event(capacity_in_person=None)
    at_door(event)
    for number, changes in enumerate(BAD_SCANS):
        pat = sign_up(event, f"Person {number}")
        good, bad = json_scan(event, pat), {**json_scan(event, pat), **changes} if changes else changes
        response = client.post(SYNC, json=parcel(bad, None, 17, [], "x", good))
        assert response.status_code == 200
        results = response.get_json()["results"]
        assert results[good["id"]]["verdict"] == "welcome"
        if isinstance(bad.get("id"), str):
            assert results[bad["id"]]["verdict"] == "not_a_ticket"
            assert len(results) == 2
    assert db.session.scalar(select(func.count()).select_from(Scan)) == len(BAD_SCANS)


@pytest.mark.parametrize("field", ["code", "reference", "shown", "event"])
def test_a_scan_with_hostile_text(client, at_door, field):
    event = open_event()
    at_door(event)
    for text in HOSTILE:
        scan = {**json_scan(event), field: text}
        response = client.post(SYNC, json=parcel(scan))
        assert response.status_code == 200
        assert response.get_json()["results"][scan["id"]]["colour"] == "amber"


def test_two_hundred_scans_and_then_the_same_again(client, at_door):
    event = open_event(capacity_in_person=None)
    people = [sign_up(event, f"Person {number}") for number in range(10)]
    at_door(event)
    scans = [json_scan(event, people[number % 10]) for number in range(200)]
    first = client.post(SYNC, json=parcel(*scans)).get_json()
    assert len(first["results"]) == 200
    assert first["counts"][event.public_id]["in"] == 10
    again = client.post(SYNC, json=parcel(*scans)).get_json()
    assert again["results"] == first["results"]
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 200


def test_a_green_shown_offline_to_somebody_who_may_not_come_in_is_a_conflict(client, at_door):
    event = open_event()
    gone = sign_up(event)
    cancel_registration(registration_id=gone.id)
    at_door(event)
    scan = json_scan(event, gone, shown="welcome")
    body = client.post(SYNC, json=parcel(scan)).get_json()
    assert body["conflicts"] == [{"scan": scan["id"], "shown": "welcome", "verdict": "cancelled"}]


def test_another_organizations_event_stays_closed(client, at_door):
    ours, theirs = open_event(), open_event(by="olga")
    pat = sign_up(theirs)
    at_door(ours)
    body = client.get(SESSION).get_json()
    assert [event["id"] for event in body["events"]] == [ours.public_id]
    scans = [json_scan(theirs, pat), json_scan(ours, pat), json_scan(theirs, reference=pat.reference)]
    response = client.post(SYNC, json=parcel(*scans, cursor=f"{theirs.public_id}:0.0"))
    body = response.get_json()
    assert {result["verdict"] for result in body["results"].values()} == {"wrong_event"}
    assert "Pat" not in response.get_data(as_text=True)
    assert list(body["counts"]) == [ours.public_id]
    assert body["changed"] == []


def test_a_get_changes_nothing(client, at_door):
    event = make_event(hybrid(starts_local=local(minutes=10)))
    pat = sign_up(event, mode="online")
    at_door(event)
    before = numbers()
    for address in (SESSION, "/door", "/door/pair", f"/r/{manage_token(pat)}/room", "/api/docs"):
        assert client.get(address).status_code == 200
    for address in (PAIR, SYNC):
        problem_of(client.get(address), 405)
    assert numbers() == before


def test_another_sites_page_cannot_use_the_phone(client, at_door):
    event = open_event()
    at_door(event)
    scan = json_scan(event, sign_up(event))
    response = client.post(SYNC, json=parcel(scan), headers={"Sec-Fetch-Site": "cross-site"})
    problem_of(response, 403, "forged")
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 0


# Pages


def test_the_scanner_is_a_page_for_anybody(client, in_app):
    for address in ("/door", "/door/pair"):
        page = client.page(address)
        assert page.h1 == "Door"
        assert "camera=(self)" in page.response.headers["Permissions-Policy"]
        assert "'wasm-unsafe-eval'" in page.response.headers["Content-Security-Policy"]


def test_nobody_signed_in_at_the_desk_is_a_device(client, in_app):
    client.sign_in("alice")
    assert db.session.scalar(select(func.count()).select_from(User)) > 0
    problem_of(client.get(SESSION), 401, "not_paired")
