"""What the picture of an event says of when it is."""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIFlask

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
