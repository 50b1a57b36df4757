"""What the public list, the desk and the feeds find."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import update

from app.catalogue import operations, queries
from app.catalogue.models import SeatPool
from app.catalogue.queries import Card, Filters
from app.core.clock import now, today
from app.core.db import db, execute
from app.registration.operations import cancel_session
from tests.support.cast import organization_id, person
from tests.support.conference import add_session
from tests.support.events import daytime, event_values, hybrid, local, make_event

pytestmark = pytest.mark.usefixtures("context")


def found(**query: str) -> list[Card]:
    return list(queries.upcoming_cards(Filters.read(query), "en", now()).cards)


def titles(**query: str) -> list[str]:
    return [card.frame.title for card in found(**query)]


def test_the_list_shows_what_is_public_and_not_over_in_order() -> None:
    make_event(event_values(title={"en": "Later"}, starts_local=local(days=9)))
    make_event(event_values(title={"en": "Sooner"}, starts_local=local(days=2)))
    make_event(event_values(title={"en": "Draft"}), publish=False)
    make_event(event_values(title={"en": "Over"}, starts_local=local(days=-2)))
    assert titles() == ["Sooner", "Later"]


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"format": "workshop"}, ["Ёлка"]),
        ({"mode": "online"}, ["Ёлка"]),
        ({"mode": "hybrid"}, ["Ёлка"]),
        ({"mode": "in_person"}, ["Money", "Ёлка"]),
        ({"topic": "crafts"}, ["Ёлка"]),
        ({"audience": "families"}, ["Ёлка"]),
        ({"q": "елка"}, ["Ёлка"]),
        ({"q": "ЁЛК"}, ["Ёлка"]),
        ({"q": "money harbour"}, []),
        ({"q": "lighthouse money"}, ["Money"]),
        ({"q": "100%"}, []),
        ({"q": "_"}, []),
        ({"org": "lighthouse"}, ["Money", "Ёлка"]),
        ({"org": "oak"}, []),
        ({"venue": "lighthouse-hall"}, ["Money", "Ёлка"]),
        ({"venue": "nowhere"}, []),
        ({"programme": "none"}, []),
        ({"series": "none"}, []),
        ({"project": "none"}, []),
        ({"track": "12"}, []),
        ({"district": "none"}, []),
        ({"language": "ru"}, ["Ёлка"]),
        ({"q": "lecture"}, ["Money"]),
        ({"q": "ЛЕКЦИЯ money"}, ["Money"]),
        ({"q": "практикум"}, ["Ёлка"]),
        ({"q": "webinar"}, []),
        ({"format": "nonsense"}, ["Money", "Ёлка"]),
    ],
)
def test_filters(query: dict[str, str], fits: list[str]) -> None:
    make_event(event_values(title={"en": "Money"}))
    craft = {"format": "workshop", "topic": "crafts", "audience": "families", "language": "ru"}
    make_event(hybrid(title={"ru": "Ёлка"}, starts_local=local(days=8), **craft))
    assert titles(**query) == fits


def test_days_limit_the_list() -> None:
    make_event(event_values(title={"en": "Near"}, starts_local=local(days=2)))
    make_event(event_values(title={"en": "Far"}, starts_local=local(days=20)))
    middle = (now() + timedelta(days=10)).date()
    assert titles(**{"from": middle.isoformat()}) == ["Far"]
    assert titles(to=f"{middle.day}.{middle.month}.{middle.year}") == ["Near"]


def test_with_days_a_card_shows_the_first_meeting_on_them_and_the_list_goes_by_it() -> None:
    starts = daytime(local(days=5))
    course = make_event(event_values(title={"en": "Course"}, starts_local=starts))
    for days in (20, 22, 40):
        add_session(course, f"Evening {days}", hours=24 * days, seats=None)
    make_event(event_values(title={"en": "Talk"}, starts_local=starts + timedelta(days=19)))
    pause = make_event(event_values(title={"en": "Pause"}, starts_local=starts))
    add_session(pause, "Far off", hours=24 * 60, seats=None)
    day = starts.date()

    cards = found(**{"from": f"{day + timedelta(days=18)}", "to": f"{day + timedelta(days=22)}"})
    assert [(card.title, card.starts.date()) for card in cards] == [
        ("Talk", day + timedelta(days=19)),
        ("Course", day + timedelta(days=20)),
    ]
    assert [card.starts.date() for card in found(**{"from": f"{day + timedelta(days=30)}"})] == [
        day + timedelta(days=40),
        day + timedelta(days=60),
    ]
    assert [card.starts.date() for card in found(to=f"{day}")] == [day, day]
    assert titles() == ["Course", "Pause", "Talk"]


def test_with_days_a_meeting_that_is_called_off_or_over_is_not_shown() -> None:
    starts = daytime(local(days=5))
    course = make_event(event_values(title={"en": "Course"}, starts_local=starts))
    for days in (1, 2):
        add_session(course, f"Evening {days}", hours=24 * days, seats=None)
    day = starts.date()
    second = queries.sessions_of(course.id)[1].id
    cancel_session(actor=person("bob"), session_id=second, reason="")

    assert titles(**{"from": f"{day + timedelta(days=1)}", "to": f"{day + timedelta(days=1)}"}) == []
    (card,) = found(**{"from": f"{day + timedelta(days=1)}"})
    assert card.starts.date() == day + timedelta(days=2)
    with time_machine.travel(now() + timedelta(days=5, hours=20), tick=False):
        (card,) = found(**{"from": f"{day - timedelta(days=1)}"})
        assert (card.starts.date(), card.is_under_way) == (day + timedelta(days=2), False)
    operations.mark_cancelled(actor=person("bob"), event_id=course.id, reason="")
    assert titles(to=f"{day}") == ["Course"]


def test_a_list_of_days_has_pages_and_is_asked_for_again_when_a_meeting_ends() -> None:
    starts = daytime(local(days=5))
    for number in range(3):
        course = make_event(event_values(title={"en": f"Course {number}"}, starts_local=starts))
        add_session(course, "Later", hours=24 * (9 - number), seats=None)
    asked = Filters.read({"from": f"{starts.date() + timedelta(days=1)}", "page": "2"})
    page = queries.upcoming_cards(asked, "en", now(), per_page=2)
    assert (page.total, page.pages, [card.title for card in page.cards]) == (3, 2, ["Course 0"])
    first_end = queries.count_upcoming(asked, now()).until
    assert first_end is not None
    assert first_end.date() == (starts + timedelta(days=7)).date()


@pytest.mark.parametrize("text", ["x" * 10_000, "\x00\ud800", "🎉%_\\'\";--", "\r\nSet-Cookie: a=b", "٣", "-1"])
def test_hostile_filters_find_nothing_or_are_left_out(text: str) -> None:
    names = [*Filters().__dataclass_fields__, "from"]
    for name in names:
        filters = Filters.read({name: text})
        assert isinstance(queries.upcoming_cards(filters, "en", now()).total, int)
        assert isinstance(queries.feed_entries(filters, "en", today()), list)


def test_a_page_beyond_the_last_is_the_last() -> None:
    for number in range(3):
        make_event(event_values(title={"en": f"Talk {number}"}))
    page = queries.upcoming_cards(Filters.read({"page": "900"}), "en", now(), per_page=2)
    assert (page.page, page.pages, page.total, len(page.cards)) == (2, 2, 3, 1)


@pytest.mark.parametrize(
    ("taken", "kind", "words"),
    [
        (0, "ok", "10 free seats"),
        (7, "few", "Only 3 seats left"),
        (10, "full", "All seats are taken, there is a waiting list"),
    ],
)
def test_a_card_says_whether_one_can_come(taken: int, kind: str, words: str) -> None:
    make_event()
    execute(update(SeatPool).values(taken=taken))
    db.session.commit()
    (card,) = found()
    assert (card.seats_kind, card.seats_text) == (kind, words)


def test_a_list_takes_few_statements_however_long_it_is() -> None:
    for number in range(4):
        make_event(event_values(title={"en": f"Talk {number}"}))
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    assert len(found()) == 4
    sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) <= 4


def test_a_feed_keeps_the_past_for_ninety_days_and_cancelled_ones_for_a_week() -> None:
    for title, days in (("Past", 80), ("Old", 95)):
        make_event(event_values(title={"en": title}, starts_local=local(days=-days)))
    off_long_ago, off_lately = (
        make_event(event_values(title={"en": title}, starts_local=local(days=-days))).id
        for title, days in (("Off long ago", 10), ("Off lately", 3))
    )
    for event_id in (off_long_ago, off_lately):
        operations.mark_cancelled(actor=person("bob"), event_id=event_id, reason="")
    make_event(event_values(title={"en": "Coming"}))
    make_event(event_values(title={"en": "Draft"}), publish=False)
    text = b"".join(entry.vevent for entry in queries.feed_entries(Filters(), "en", today()))
    for word in (b"Past", b"Coming", b"Off lately"):
        assert word in text
    for word in (b"Old", b"Off long ago", b"Draft"):
        assert word not in text


def test_an_event_exists_only_for_those_who_work_for_its_organization() -> None:
    event = make_event(publish=False)
    event_id, public_id = event.id, event.public_id
    assert queries.find_event_for(person("bob"), event_id) is not None
    assert queries.find_event_for(person("bob"), public_id) is not None
    assert queries.find_event_for(person("erin"), event_id) is not None
    assert queries.find_event_for(person("olga"), event_id) is None
    assert queries.find_event_for(person("bob"), "x" * 10_000) is None


def test_the_desk_counts_and_lists_its_own() -> None:
    make_event(hybrid())
    make_event(publish=False)
    make_event(event_values(starts_local=local(days=-3)))
    own = organization_id("lighthouse")
    assert queries.count_events_of(own, now()) == {"upcoming": 1, "drafts": 1, "past": 1}
    (coming,) = queries.events_of_organization(own, now=now())
    assert (coming.taken, coming.capacity) == (0, 110)
    assert len(queries.events_of_organization(own, now=now(), which="all")) == 3
    assert queries.events_of_organization(organization_id("oak"), now=now(), which="all") == []


def test_a_mode_without_limit_has_no_capacity_in_all() -> None:
    make_event(replace(hybrid(), capacity_online=None))
    (coming,) = queries.events_of_organization(organization_id("lighthouse"), now=now())
    assert coming.capacity is None
