"""The month as a table: which day has what, by the clocks of each place."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask

from app.catalogue import operations, queries
from app.catalogue.operations.writing import LONGEST
from app.catalogue.queries.months import LASTS
from tests.support.cast import person
from tests.support.conference import add_session
from tests.support.events import event_values, hybrid, local, make_event
from tests.support.meetings import one_more
from tests.support.pages import XHTML, Client, Page

NOW = datetime.fromisoformat("2026-11-10T09:00:00+03:00")


@pytest.fixture(autouse=True)
def _tenth_of_november() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def cells(page: Page) -> dict[str, str]:
    """The words of each day's cell, by its date."""
    found = {}
    for cell in page.all("td"):
        for moment in cell.iter(f"{XHTML}time"):
            found[moment.get("datetime")] = " ".join(" ".join(cell.itertext()).split())
    return found


def days_with(page: Page, words: str) -> list[str]:
    return [day for day, text in cells(page).items() if words in text]


@pytest.mark.parametrize(
    ("language", "monday", "caption"), [("en", "Mon Monday", "December 2026"), ("ru", "Пн Понедельник", "Декабрь 2026")]
)
def test_a_month_is_a_table_from_monday_to_sunday(
    client: Client, app: APIFlask, language: str, monday: str, caption: str
) -> None:
    with app.app_context():
        make_event(event_values(starts_local=at("2026-12-03T18:30")))
    page = client.page("/events/2026-12", lang=language)
    headers = page.all("th")
    assert [header.get("scope") for header in headers] == ["col"] * 7
    assert " ".join(" ".join(headers[0].itertext()).split()) == monday
    assert "".join(page.all("caption")[0].itertext()) == caption
    rows = [row for row in page.all("tr") if list(row.iter(f"{XHTML}td"))]
    assert len(rows) == 5
    assert all(len(list(row.iter(f"{XHTML}td"))) == 7 for row in rows)
    assert sorted(cells(page)) == [f"2026-12-{day:02d}" for day in range(1, 32)]
    # 1 December 2026 is a Tuesday.
    assert not "".join(next(rows[0].iter(f"{XHTML}td")).itertext()).strip()


def test_what_lasts_stands_on_each_of_its_days_and_a_midnight_on_the_day_before(app: APIFlask, client: Client) -> None:
    with app.app_context():
        for title, starts, ends, all_day in (
            ("Camp", "2026-11-29T10:00", "2026-12-02T18:00", False),
            ("Fair", "2026-12-05T00:00", "2026-12-07T00:00", True),
            ("Night", "2026-12-31T22:00", "2027-01-01T02:00", False),
            ("Vigil", "2026-12-10T20:00", "2026-12-11T00:00", False),
        ):
            make_event(
                event_values(title={"en": title}, starts_local=at(starts), ends_local=at(ends), is_all_day=all_day)
            )
    december, november, january = (client.page(f"/events/{month}") for month in ("2026-12", "2026-11", "2027-01"))
    assert days_with(december, "goes on Camp") == ["2026-12-01", "2026-12-02"]
    assert days_with(november, "10:00 Camp") == ["2026-11-29"]
    assert days_with(november, "goes on Camp") == ["2026-11-30"]
    assert days_with(december, "Fair") == ["2026-12-05", "2026-12-06"]
    assert "all day Fair" in cells(december)["2026-12-05"]
    assert days_with(december, "22:00 Night") == ["2026-12-31"]
    assert days_with(january, "goes on Night") == ["2027-01-01"]
    assert days_with(december, "Vigil") == ["2026-12-10"]


@pytest.mark.parametrize(
    ("zone", "local_time"),
    [
        ("Asia/Kamchatka", "2026-12-01T00:30"),
        ("America/New_York", "2026-12-31T23:30"),
        ("Pacific/Kiritimati", "2026-12-01T00:10"),
    ],
)
def test_days_are_those_of_the_events_own_zone(app: APIFlask, client: Client, zone: str, local_time: str) -> None:
    starts = at(local_time)
    with app.app_context():
        make_event(
            event_values(title={"en": "Far"}, zone=zone, starts_local=starts, ends_local=starts + timedelta(minutes=20))
        )
    assert days_with(client.page("/events/2026-12"), "Far") == [local_time[:10]]
    for month in ("2026-11", "2027-01"):
        assert days_with(client.page(f"/events/{month}"), "Far") == []


def test_an_event_stands_once_on_a_day_and_tells_which_meeting_if_there_is_one(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event(event_values(title={"en": "Forum"}, starts_local=at("2026-12-03T10:00")))
        add_session(event, "Kitchen", hours=2, seats=5)
        add_session(event, "Walk", hours=26, seats=5)
    page = client.page("/events/2026-12")
    assert cells(page)["2026-12-03"].count("Forum") == 1
    assert "10:00, 2 meetings Forum" in cells(page)["2026-12-03"]
    assert "12:00 Forum: Walk" in cells(page)["2026-12-04"]


def test_several_meetings_on_a_day_are_counted_with_all_their_ways(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event(hybrid(title={"en": "Course"}, starts_local=at("2026-12-03T10:00")))
        hall = {"is_in_person": True, "is_online": False, "room_url": None}
        online = {"is_in_person": False, "is_online": True, "venue_id": None}
        days = (("2026-12-04T10:00", hall), ("2026-12-04T15:00", online), ("2026-12-05T10:00", hall))
        for starts, way in days:
            begin = at(starts)
            one_more(event, starts_local=begin, ends_local=begin + timedelta(hours=1), **way)
    page = client.page("/events/2026-12")
    both, alone = cells(page)["2026-12-04"], cells(page)["2026-12-05"]
    assert both.count("Course") == 1
    assert "10:00, 2 meetings Course" in both
    assert both.endswith(", partly online")
    assert "meeting" not in alone
    assert "online" not in alone
    assert cells(page)["2026-12-03"].endswith(", or online")


def test_a_cancelled_event_is_struck_and_says_so(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event(event_values(starts_local=at("2026-12-03T10:00")))
        operations.mark_cancelled(actor=person("bob"), event_id=event.id, reason="")
        make_event(event_values(title={"en": "Draft"}, starts_local=at("2026-12-03T11:00")), publish=False)
    page = client.page("/events/2026-12")
    assert "Cancelled: 10:00 How to ask for money" in cells(page)["2026-12-03"]
    assert ["".join(one.itertext()) for one in page.all("s")] == ["How to ask for money"]
    assert "Draft" not in page.words


def test_a_cancelled_part_is_struck_beside_what_is_held_of_the_event_on_that_day(app: APIFlask, client: Client) -> None:
    with app.app_context():
        event = make_event(event_values(title={"en": "Forum"}, starts_local=at("2026-12-03T10:00")))
        for title in ("Walk", "Talk"):
            add_session(event, title, hours=2, seats=None)
        (opening, *_others) = queries.sessions_of(event.id)
        operations.mark_session_cancelled(actor=person("bob"), session_id=opening.id)
    page = client.page("/events/2026-12")
    day = cells(page)["2026-12-03"]
    assert "Cancelled: 10:00 Forum" in day
    assert "12:00, 2 meetings Forum" in day
    assert len(page.all("s")) == 1


def test_today_is_said_in_a_word_and_moves_at_midnight_of_the_site(app: APIFlask, client: Client) -> None:
    with app.app_context():
        make_event(event_values(starts_local=at("2026-11-20T10:00")))
    assert days_with(client.page("/events/2026-11"), "Today") == ["2026-11-10"]
    assert [one.get("aria-current") for one in client.page("/events/2026-11").all("td")].count("date") == 1
    with time_machine.travel(at("2026-11-10T23:59:50+03:00"), tick=False):
        assert days_with(client.page("/events/2026-11"), "Today") == ["2026-11-10"]
    with time_machine.travel(at("2026-11-11T00:00:10+03:00"), tick=False):
        assert days_with(client.page("/events/2026-11"), "Today") == ["2026-11-11"]
    assert days_with(client.page("/events/2026-12"), "Today") == []


def test_filters_go_along_to_other_months_and_to_the_list_and_back(app: APIFlask, client: Client) -> None:
    with app.app_context():
        make_event(hybrid(title={"en": "Clay"}, format="workshop", starts_local=at("2026-12-03T10:00")))
        make_event(event_values(title={"en": "Stars"}, starts_local=at("2026-12-04T10:00")))
    page = client.page("/events/2026-12?format=workshop&format=club&mode=online")
    assert "Clay" in page.words
    assert "Stars" not in page.words
    query = "format=club&format=workshop&mode=online"
    for path in ("/events/2026-11", "/events/2027-01", "/events"):
        assert f"{path}?{query}" in page.links()
    assert "/events/2026-12?format=workshop&mode=online" in page.links()
    assert f"/events/2026-12?{query}" in client.page(f"/events?{query}").links()
    assert "/events/2026-12?org=lighthouse" in client.page("/o/lighthouse").links()
    texts = {a.get("href"): " ".join("".join(a.itertext()).split()) for a in page.all("a")}
    assert (texts[f"/events/2026-11?{query}"], texts[f"/events/2027-01?{query}"]) == ("November 2026", "January 2027")


def test_an_empty_month_says_so_and_offers_the_nearest_with_events(app: APIFlask, client: Client) -> None:
    assert "Nothing is planned yet" in client.page("/events/2026-12").words
    with app.app_context():
        make_event(event_values(starts_local=at("2026-12-03T10:00")))
        make_event(hybrid(format="workshop", starts_local=at("2027-06-03T10:00")))
    page = client.page("/events/2027-02")
    assert "Nothing in this month" in page.words
    assert "/events/2026-12" in page.links()
    assert "/events/2027-06" in client.page("/events/2027-04").links()
    assert "/events/2027-06?format=workshop" in client.page("/events/2026-12?format=workshop").links()
    assert "Nothing fits" in client.page("/events/2026-12?format=club").words
    assert [one.get("content") for one in page.all("meta") if one.get("name") == "robots"] == ["noindex"]


@pytest.mark.parametrize(
    "month",
    ["2026-13", "2026-00", "1800-01", "9999-99", "2200-01", "0000-01", "2026-1", "12-2026", "٢٠٢٦-١٢", "x", "2026-12x"],
)
def test_what_is_no_month_is_a_kind_404_with_a_way_back(client: Client, month: str) -> None:
    page = client.page(f"/events/{month}", status=404)
    assert "There is no such month here." in page.words
    assert "/events" in page.links()


@pytest.mark.parametrize(("month", "without"), [("2000-01", "1999-12"), ("2199-12", "2200-01")])
def test_the_first_and_the_last_month_lead_no_further(client: Client, month: str, without: str) -> None:
    assert f"/events/{without}" not in client.page(f"/events/{month}").links()


@pytest.mark.parametrize(("number", "shown", "more"), [(6, 6, ""), (7, 5, "and 2 more"), (12, 5, "and 7 more")])
def test_a_full_day_shows_some_and_leads_to_the_rest(
    app: APIFlask, client: Client, number: int, shown: int, more: str
) -> None:
    with app.app_context():
        for hour in range(number):
            make_event(event_values(title={"en": f"Talk {hour}"}, starts_local=at(f"2026-12-03T{8 + hour:02d}:00")))
    page = client.page("/events/2026-12")
    words = cells(page)["2026-12-03"]
    assert words.count("Talk") == shown
    assert (more in words) if more else ("more" not in words)
    if more:
        assert "/events?from=2026-12-03&to=2026-12-03" in page.links()
        day = client.page("/events?from=2026-12-03&to=2026-12-03")
        assert f"{number} events fit" in day.words


def test_a_past_day_shows_all_for_the_list_has_nothing_of_it(app: APIFlask, client: Client) -> None:
    with app.app_context():
        for hour in range(9):
            make_event(event_values(title={"en": f"Talk {hour}"}, starts_local=at(f"2026-11-03T{8 + hour:02d}:00")))
    assert cells(client.page("/events/2026-11"))["2026-11-03"].count("Talk") == 9


def test_a_kept_month_knows_of_changes(app: APIFlask, client: Client) -> None:
    with app.app_context():
        make_event(event_values(starts_local=at("2026-12-03T10:00")))
    assert "Zebra" not in client.page("/events/2026-12").words
    with app.app_context():
        make_event(event_values(title={"en": "Zebra"}, starts_local=at("2026-12-09T10:00")))
    assert days_with(client.page("/events/2026-12"), "Zebra") == ["2026-12-09"]


def test_the_list_leads_to_the_month_in_which_it_begins(app: APIFlask, client: Client) -> None:
    assert "/events/2026-11" not in client.page("/help").links()
    assert f"/events/{date(2026, 11, 1):%Y-%m}" in client.page("/events").links()
    with app.app_context():
        make_event(event_values(starts_local=at("2027-03-03T10:00")))
    assert "/events/2027-03" in client.page("/events").links()
    assert local(days=0).month == 11


def test_the_longest_meeting_stands_on_all_its_days(app: APIFlask, client: Client) -> None:
    assert LASTS == LONGEST
    with app.app_context():
        make_event(
            event_values(
                title={"en": "Long"},
                zone="Pacific/Kiritimati",
                starts_local=at("2026-12-02T00:30"),
                ends_local=at("2026-12-02T00:30") + LONGEST,
            )
        )
    assert len(days_with(client.page("/events/2026-12"), "Long")) == 30
    assert days_with(client.page("/events/2027-01"), "Long") == ["2027-01-01", "2027-01-02"]


def test_on_paper_a_month_says_where_and_whose_it_is(app: APIFlask, client: Client) -> None:
    with app.app_context():
        make_event(event_values(title={"en": "Hall"}, starts_local=at("2026-12-03T18:30")))
        make_event(hybrid(title={"en": "Both"}, starts_local=at("2026-12-04T18:30")))
        online = {"is_online": True, "is_in_person": False, "room_url": "https://rooms.example/1"}
        make_event(event_values(title={"en": "Web"}, starts_local=at("2026-12-05T18:30"), **online))
    page = client.page("/events/2026-12?venue=lighthouse-hall")
    assert cells(page)["2026-12-03"].endswith("Hall Lighthouse Resource Centre, main hall")
    assert cells(page)["2026-12-04"].endswith("Both Lighthouse Resource Centre, main hall, or online")
    assert cells(client.page("/events/2026-12"))["2026-12-05"].endswith("Web Online")
    assert "Lectern · http://127.0.0.1:5000/events/2026-12?venue=lighthouse-hall" in page.words


def test_an_empty_month_prints_no_words_that_lead_to_a_button(client: Client, app: APIFlask) -> None:
    with app.app_context():
        make_event()
    page = client.page("/events/2027-06")
    leading = [one for one in page.all("p") if "The nearest month" in "".join(one.itertext())]
    assert [one.get("class") for one in leading] == ["no-print"]
