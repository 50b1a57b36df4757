"""Words for times, places and Markdown, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from app.catalogue import markdown
from app.catalogue.models import Room, Venue
from app.catalogue.place_text import place_line
from app.catalogue.times_text import full_moment_text, moment_text, short_when, when_text, zone_text

STARTS, ENDS = datetime(2026, 12, 3, 15, 30, tzinfo=UTC), datetime(2026, 12, 3, 17, tzinfo=UTC)
MOSCOW, NEW_YORK = "Europe/Moscow", "America/New_York"


@pytest.mark.usefixtures("context")
def test_a_time_says_weekday_hours_and_zone() -> None:
    text = when_text(STARTS, ENDS, MOSCOW, language="en")
    assert text == "Thursday 3 December 2026, 18:30–20:00, Moscow time (UTC+3)"
    assert when_text(STARTS, ENDS, MOSCOW, language="ru").startswith("четверг, 3 декабря 2026, 18:30–20:00, ")
    assert short_when(STARTS, ENDS, MOSCOW, language="en") == "Thu 3 December, 18:30"


@pytest.mark.usefixtures("context")
def test_a_time_over_midnight_or_days_names_both_days() -> None:
    late = datetime(2026, 12, 4, 1, tzinfo=UTC)
    assert "18:30 – Friday 4 December 2026, 04:00" in when_text(STARTS, late, MOSCOW, language="en")
    midnight = datetime(2026, 12, 4, 21, tzinfo=UTC)
    first = datetime(2026, 12, 2, 21, tzinfo=UTC)
    assert when_text(first, midnight, MOSCOW, all_day=True, language="en") == (
        "Thursday 3 December 2026 – Friday 4 December 2026, all day"
    )


@pytest.mark.usefixtures("context")
def test_whole_days_have_no_hour_and_begin_at_no_zones_midnight() -> None:
    first, second, third = (datetime(2026, 12, day, 21, tzinfo=UTC) for day in (2, 3, 4))
    assert when_text(first, second, MOSCOW, all_day=True, language="en") == "Thursday 3 December 2026, all day"
    assert when_text(first, second, MOSCOW, all_day=True, language="ru") == "четверг, 3 декабря 2026, весь день"
    assert short_when(first, second, MOSCOW, all_day=True, language="en") == "Thu 3 December"
    assert short_when(first, third, MOSCOW, all_day=True, language="en") == "Thu 3 December – Fri 4 December"
    far = (datetime(2026, 12, day, 5, tzinfo=UTC) for day in (3, 4))
    assert short_when(*far, NEW_YORK, all_day=True, language="en") == "Thu 3 December"


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (MOSCOW, "Thu 3 December, 18:30"),
        ("Europe/Istanbul", "Thu 3 December, 18:30"),  # another zone, and the same clocks
        ("Europe/Berlin", "Thu 3 December, 16:30, Berlin time"),
        ("UTC", "Thu 3 December, 15:30, UTC"),
        ("Australia/Lord_Howe", "Fri 4 December, 02:30, time of Lord Howe Island"),
    ],
)
def test_a_short_time_names_clocks_that_show_another_hour_than_the_sites(zone: str, words: str) -> None:
    assert short_when(STARTS, ENDS, zone, language="en") == words


@pytest.mark.usefixtures("context")
def test_whether_clocks_differ_is_asked_of_that_very_moment() -> None:
    """Kyiv's clocks show Moscow's hour in summer only."""
    summer = datetime(2026, 7, 3, 15, tzinfo=UTC)
    assert short_when(summer, summer, "Europe/Kiev", language="en") == "Fri 3 July, 18:00"
    assert short_when(STARTS, ENDS, "Europe/Kiev", language="en") == "Thu 3 December, 17:30, time of Kyiv"


@pytest.mark.usefixtures("context")
def test_the_hour_of_the_end_stands_before_the_clocks() -> None:
    text = short_when(STARTS, ENDS, NEW_YORK, language="en", with_end=True)
    assert text == "Thu 3 December, 10:30–12:00, New York time"
    assert short_when(STARTS, ENDS, MOSCOW, language="en", with_end=True) == "Thu 3 December, 18:30–20:00"
    over_midnight = datetime(2026, 12, 4, 6, tzinfo=UTC)
    text = short_when(STARTS, over_midnight, NEW_YORK, language="en", with_end=True)
    assert text == "Thu 3 December, 10:30, New York time"


@pytest.mark.usefixtures("context")
def test_the_sites_own_clocks_are_named_beside_others() -> None:
    assert short_when(STARTS, ENDS, MOSCOW, language="en", beside=NEW_YORK) == "Thu 3 December, 18:30, Moscow time"
    assert short_when(STARTS, ENDS, MOSCOW, language="en", beside=MOSCOW) == "Thu 3 December, 18:30"


@pytest.mark.usefixtures("context")
def test_an_instant_names_other_clocks_once() -> None:
    assert moment_text(STARTS, MOSCOW, "en") == "3 December 2026, 18:30"
    assert moment_text(STARTS, NEW_YORK, "en") == "3 December 2026, 10:30, New York time"
    assert full_moment_text(STARTS, NEW_YORK, "en") == "3 December 2026, 10:30, New York time (UTC−5)"


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("starts", "ends", "zone", "words"),
    [
        ("11-01T04:30", "11-01T06:30", NEW_YORK, "00:30 (UTC−4) – 01:30 (UTC−5), New York time"),  # two hours
        ("11-01T05:30", "11-01T06:30", NEW_YORK, "01:30 (UTC−4) – 01:30 (UTC−5), New York time"),
        ("03-08T06:30", "03-08T07:30", NEW_YORK, "01:30 (UTC−5) – 03:30 (UTC−4), New York time"),  # one hour
        (
            "04-04T14:00",
            "04-04T16:00",
            "Australia/Lord_Howe",
            "01:00 (UTC+11) – 02:30 (UTC+10:30), time of Lord Howe Island",
        ),
        (
            "10-31T14:00",
            "11-01T15:00",
            NEW_YORK,
            "10:00 (UTC−4) – Sunday 1 November 2026, 10:00 (UTC−5), New York time",
        ),
        ("11-01T06:30", "11-01T08:30", NEW_YORK, "01:30–03:30, New York time (UTC−5)"),  # after the change
    ],
)
def test_each_hour_has_its_distance_where_the_clocks_change_between(
    starts: str, ends: str, zone: str, words: str
) -> None:
    starts_at, ends_at = (datetime.fromisoformat(f"2026-{text}:00+00:00") for text in (starts, ends))
    text = when_text(starts_at, ends_at, zone, language="en")
    assert text.partition(" 2026, ")[2] == words


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "UTC"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/New_York", "New York time (UTC−5)"),
        ("America/Argentina/Buenos_Aires", "time of Buenos Aires (UTC−3)"),
    ],
)
def test_every_zone_has_a_name_and_a_distance(zone: str, words: str) -> None:
    assert words in zone_text(zone, STARTS, "en")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold**", "<p><strong>bold</strong></p>"),
        ("# Big", "<h3>Big</h3>"),
        ("### Small\n\n##### Smaller", "<h3>Small</h3>\n<h4>Smaller</h4>"),
        ("###### Small", "<h3>Small</h3>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>"),
        (
            "![p](https://example.org/p.png)",
            '<p>!<a href="https://example.org/p.png" rel="noopener nofollow">p</a></p>',
        ),
        ("", ""),
    ],
)
def test_markdown_becomes_harmless_html(text: str, html: str) -> None:
    assert markdown.html(text).strip() == html
    assert isinstance(markdown.html(text), Markup)


def test_markdown_becomes_plain_text_that_keeps_its_links() -> None:
    text = "# Plan\n\nRead **this**\nand [that](https://example.org).\n\n- one\n- two"
    assert markdown.plain(text) == "Plan\n\nRead this\nand that (https://example.org).\n\n– one\n– two"


@pytest.mark.parametrize("text", ["\x00", "[" * 10_000, "> " * 2_000 + "x", "🎉" * 10_000, "*" * 10_000])
def test_hostile_markdown_ends(text: str) -> None:
    assert "<script" not in markdown.html(text)
    assert isinstance(markdown.plain(text), str)


@pytest.mark.usefixtures("context")
def test_a_place_is_one_line_with_what_is_known() -> None:
    venue = Venue(name={"en": "Hall"}, address={"en": "1 Quay\nSt"})
    room = Room(name={"en": "Room 2"})
    assert place_line(venue, room, {"en": "ring twice"}, "en") == "Hall, Room 2, 1 Quay St, ring twice"
    assert place_line(None, None, {}, "en") == ""


def test_a_table_is_shown_as_one_without_styles() -> None:
    shown = markdown.html("| Day | Subject |\n|:---:|---|\n| 1 | Calls |")
    assert "<table>" in shown
    assert "<td>Calls</td>" in shown
    assert "style" not in shown
