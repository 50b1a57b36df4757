"""Files that can't be loaded: every problem is named by its place, in plain words, and nothing is stored."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.catalogue.models import Event
from app.core.db import db
from tests.exchange.files import REGISTRATION, everything, load, problems_of, small_file

pytestmark = pytest.mark.usefixtures("context")
Change = Callable[[dict[str, Any]], Any]


def event(**values: Any) -> Change:
    return lambda document: document["events"][0].update(values)


def session(**values: Any) -> Change:
    return lambda document: document["events"][0]["sessions"][0].update(values)


def person(**values: Any) -> Change:
    return lambda document: document["registrations"][0].update(values)


def twice(name: str) -> Change:
    return lambda document: document[name].append(document[name][0])


IMPOSSIBLE: list[tuple[Change, str, str]] = [
    (event(organization="nobody"), "events[0].organization", "There is no “nobody”."),
    (event(project="nothing"), "events[0].project", "This organization has no project “nothing”."),
    (event(programme="nothing"), "events[0].programme", "There is no “nothing”."),
    (event(format="party"), "events[0].format", "This must be one of lecture, workshop"),
    (event(topic="sea"), "events[0].topic", "This must be one of society, law"),
    (event(zone="Europe/Harbour"), "events[0].zone", "There is no time zone “Europe/Harbour”."),
    (event(sign_up="elsewhere"), "events[0].sign_up_url", "Give the address where people sign up."),
    (event(seats=[]), "events[0].seats", "Say how many seats there are"),
    (event(sign_up_closes="2027-02-30T10:00"), "events[0].sign_up_closes", "There is no such date or time."),
    (event(partners=[{"kind": "partner"}]), "events[0].partners[0]", "Give the partner a name"),
    (session(starts="2027-02-30T10:00"), "events[0].sessions[0].starts", "There is no such date or time."),
    (session(ends="2027-06-03T18:30"), "events[0].sessions[0].ends", "The end must come after the beginning"),
    (session(ends="2027-09-03T18:30"), "events[0].sessions[0].ends", "The end must come after the beginning"),
    (session(venue="nowhere", room=None), "events[0].sessions[0].venue", "There is no “nowhere”."),
    (session(room="cellar"), "events[0].sessions[0].room", "This venue has no room “cellar”."),
    (session(track="sea"), "events[0].sessions[0].track", "This event has no track “sea”."),
    (session(venue=None, room=None), "events[0].sessions[0].venue", "Say where it takes place"),
    (person(event="nets"), "registrations[0].event", "There is no event “nets”."),
    (person(registered="2099-01-01T10:00"), "registrations[0].registered", "This lies in the future."),
    (person(email="a..b@example.org"), "registrations[0].email", "Please check the address."),
    (twice("organizations"), "organizations[1].slug", "“harbour” comes twice in this list."),
    (twice("events"), "events[1].slug", "“knots” comes twice in this list."),
    (twice("projects"), "projects[1].slug", "“open-sea” comes twice in this list."),
    (twice("registrations"), "registrations[1].key", "“r1” comes twice in this list."),
    (lambda d: d["people"][0]["roles"].append(d["people"][0]["roles"][0]), "people[0].roles[1]", "One person has one"),
    (lambda d: d["projects"][0].update(ends_on="2026-13-01"), "projects[0].ends_on", "There is no such date."),
    (lambda d: d["events"][0]["seats"].append({"mode": "online", "capacity": 3}), "events[0].seats[2]", "These seats"),
    (lambda d: d["events"][0]["seats"].append({"mode": "online", "capacity": 3, "session": 2}),
     "events[0].seats[2].session", "The event has fewer sessions than that."),
]  # fmt: skip


def test_what_cannot_be_is_refused_and_nothing_is_stored() -> None:
    before = everything()
    for change, place, words in IMPOSSIBLE:
        document = small_file()
        change(document)

        problems = problems_of(document)

        assert list(problems) == [place]
        assert problems[place].startswith(words), place
    assert everything() == before


def test_a_time_that_the_clocks_skip_is_refused_with_the_nearest_two() -> None:
    document = small_file(zone="Europe/Berlin")
    document["events"][0]["sessions"][0].update(starts="2027-03-28T02:30", ends="2027-03-28T05:00")

    assert problems_of(document) == {
        "events[0].sessions[0].starts": "The clocks in Europe/Berlin skip this time. "
        "The nearest are 2027-03-28T01:30 and 2027-03-28T03:30."
    }


def test_a_full_event_takes_nobody_from_a_file() -> None:
    document = small_file()
    document["registrations"] = [{**REGISTRATION, "key": f"k{n}", "name": f"Ann {n}"} for n in range(3)]

    problems = problems_of(document)

    assert list(problems) == ["registrations[2]"]
    assert problems["registrations[2]"].startswith("All seats in the hall are taken")
    assert db.session.scalar(select(func.count()).select_from(Event)) == 0


def test_all_problems_are_said_at_once() -> None:
    document = small_file(format="party", zone="Moon/Sea")
    document["people"][0]["roles"][0]["organization"] = "nobody"
    document["registrations"].append({**REGISTRATION, "key": "r2", "event": "nets"})

    assert set(problems_of(document)) == {
        "events[0].format",
        "events[0].zone",
        "people[0].roles[0].organization",
        "registrations[1].event",
    }


def test_who_names_something_wrong_is_not_blamed_too() -> None:
    document = small_file()
    document["organizations"][0]["zone"] = "Moon/Sea"

    assert list(problems_of(document)) == ["organizations[0].zone"]


COUNTED_ON: list[tuple[Change, str, str]] = [
    (lambda d: d["events"][0].update(sessions=d["events"][0]["sessions"][:1]), "events[0].sessions", "2 were loaded"),
    (lambda d: d["events"][0].update(partners=[]), "events[0].partners", "1 was loaded before"),
    (lambda d: d["events"][0]["seats"][0].update(capacity=0), "events[0].seats[0].capacity", "2 seats are taken"),
    (event(status="draft"), "events[0].status", "People have signed up"),
    (lambda d: d["people"][0]["roles"][0].update(role="door"), "people[0].roles[0].role", "This organization would"),
    (person(email="bob@example.org"), "registrations[0].email", "This key belongs to a registration with another"),
    (person(event="ropes"), "registrations[0].event", "This key belongs to a registration for another event."),
    (lambda d: d["registrations"][1].update(status="confirmed"), "registrations[1].status", "This was cancelled."),
    (lambda d: d["registrations"][2].update(name="ANN LEE"), "registrations[2].name", "ANN LEE is signed up for"),
]  # fmt: skip


def test_what_people_count_on_is_not_taken_back_by_a_file() -> None:
    document = small_file()
    document["events"][0]["sessions"].append({"starts": "2027-06-10T18:30", "venue": "pier-house"})
    document["events"].append({**document["events"][0], "slug": "ropes"})
    document["registrations"] += [
        {**REGISTRATION, "key": "r2", "name": "Lou", "status": "cancelled"},
        {**REGISTRATION, "key": "r3", "name": "Kim"},
    ]
    load(document)
    before = everything()
    for change, place, words in COUNTED_ON:
        changed = copy.deepcopy(document)
        change(changed)

        problems = problems_of(changed)

        assert list(problems) == [place]
        assert problems[place].startswith(words), place
    assert everything() == before


def test_a_cancelled_event_stays_cancelled() -> None:
    document = small_file(status="cancelled")
    load(document)
    document["events"][0]["status"] = "published"

    assert list(problems_of(document)) == ["events[0].status"]


def test_an_address_leads_to_one_event_also_one_of_old() -> None:
    document = small_file(key="k1")
    document["registrations"] = []
    load(document)
    document["events"][0]["slug"] = "ropes"
    load(document)
    document["events"].append({**document["events"][0], "key": "k2", "slug": "knots"})

    assert problems_of(document) == {"events[1].slug": "Another event has the address “knots”."}
