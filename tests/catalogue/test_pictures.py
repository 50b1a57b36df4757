"""The picture of an event: what it says of when that is, and that whatever words are drawn."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from apiflask import APIFlask
from PIL import Image

from app.catalogue import operations, picture, queries
from app.catalogue.views.pictures import event_facts
from app.core.i18n import in_language
from tests.support.cast import person
from tests.support.events import local, make_event
from tests.support.meetings import one_more

EVENING = local(days=9).replace(hour=19, minute=0)
NEXT = EVENING + timedelta(days=7)
LAST = NEXT + timedelta(days=7)


def picture_facts(slug: str) -> picture.PictureFacts:
    found = queries.find_shown_event(slug)
    assert found is not None
    with in_language("en"):
        return event_facts(*found)


def test_the_picture_of_a_course_says_its_beginning_and_how_many_there_are(app: APIFlask) -> None:
    begins = f"{EVENING:%A} {EVENING.day} {EVENING:%B %Y}, 19:00"
    with app.app_context():
        event = make_event(starts_local=EVENING, ends_local=EVENING + timedelta(hours=1))
        alone = picture_facts(event.slug)
        assert alone.when.startswith(f"{EVENING:%A} {EVENING.day} {EVENING:%B %Y}, 19:00–20:00")
        others = [one_more(event, starts_local=at, ends_local=at + timedelta(hours=1)) for at in (NEXT, LAST)]
        three = picture_facts(event.slug)
        assert three.when == f"{begins} · 3 meetings"
        operations.mark_session_cancelled(actor=person("bob"), session_id=others[1])
        two = picture_facts(event.slug)
        assert two.when == f"{begins} · 2 meetings"
        assert len({facts.version for facts in (alone, three, two)}) == 3
        operations.mark_session_cancelled(actor=person("bob"), session_id=others[0])
        assert picture_facts(event.slug) == alone


def test_the_picture_of_a_conference_of_one_day_says_its_hours(app: APIFlask) -> None:
    with app.app_context():
        event = make_event(starts_local=EVENING, ends_local=EVENING + timedelta(hours=1))
        one_more(event, starts_local=EVENING + timedelta(hours=2), ends_local=EVENING + timedelta(hours=3))
        assert ", 19:00–22:00, " in picture_facts(event.slug).when


def test_the_picture_of_whole_days_has_no_hour(app: APIFlask) -> None:
    midnight = EVENING.replace(hour=0)
    with app.app_context():
        event = make_event(is_all_day=True, starts_local=midnight, ends_local=midnight + timedelta(days=1))
        later = midnight + timedelta(days=7)
        one_more(event, is_all_day=True, starts_local=later, ends_local=later + timedelta(days=1))
        assert picture_facts(event.slug).when == f"{EVENING:%A} {EVENING.day} {EVENING:%B %Y} · 2 meetings"


def test_the_picture_of_a_course_names_clocks_that_are_not_the_sites(app: APIFlask) -> None:
    with app.app_context():
        event = make_event(zone="America/New_York", starts_local=EVENING, ends_local=EVENING + timedelta(hours=1))
        one_more(event, starts_local=NEXT, ends_local=NEXT + timedelta(hours=1))
        assert picture_facts(event.slug).when.endswith(", 19:00, New York time · 2 meetings")


@pytest.mark.parametrize("title", ["🔭", "漢字 العربية", "W" * 220, "слово " * 60, "", "a\u0301\u200f\ufe0f"])
def test_no_title_breaks_the_picture(title: str) -> None:
    facts = picture.PictureFacts(title=title, language="ru", site="Lectern", when="3 декабря", state="Отменено")
    drawn = picture.draw(facts)
    assert Image.open(io.BytesIO(drawn)).size == (1200, 630)
    assert len(drawn) < 300_000


def test_words_are_drawn_and_never_read_as_markup() -> None:
    def drawn(title: str) -> bytes:
        return picture.draw(picture.PictureFacts(title=title, language="en", site="Lectern"))

    assert drawn("*bold* #panic()") != drawn("bold")
    assert drawn("a 🔭 b") == drawn("a b")


@pytest.mark.parametrize("emoji", ["👨‍👩‍👧", "🏳️‍🌈", "❤️", "👍🏽"])
def test_an_emoji_that_is_left_out_leaves_no_second_blank(emoji: str) -> None:
    with_it, without = (
        picture.PictureFacts(title=title, language="en", site="Lectern")
        for title in (f"Family {emoji} day", "Family day")
    )
    assert picture.draw(with_it) == picture.draw(without)
    assert with_it.version == without.version


def test_a_digit_in_a_box_is_drawn_as_the_digit() -> None:
    boxed, plain = (picture.PictureFacts(title=title, language="en", site="Lectern") for title in ("1️⃣ step", "1 step"))
    assert picture.draw(boxed) == picture.draw(plain)
