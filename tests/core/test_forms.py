"""What people type is cleaned and understood, or they are told how to write it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.datastructures import MultiDict

from app.core.errors import Refused
from app.core.forms import (
    ChoiceField,
    CountField,
    DateField,
    EmailField,
    Form,
    Honeypot,
    LineField,
    LinkField,
    ManyField,
    ParagraphField,
    PhoneField,
    RadioField,
    SubmissionKey,
    TickField,
    TimeField,
    is_web_address,
)

AB = [("a", "A"), ("b", "B")]


class Sample(Form):
    """One of each."""

    name = LineField("Name", needed="Please write your name.")
    about = ParagraphField("About", limit=20)
    email = EmailField("E-mail")
    phone = PhoneField("Telephone")
    link = LinkField("Link")
    on = DateField("Day")
    at = TimeField("Time")
    seats = CountField("Seats", lowest=1, highest=500)
    one = ChoiceField("One", choices=[("", "none"), *AB])
    way = RadioField("Way", choices=AB, needed="Please choose a way.")
    many = ManyField("Many", choices=AB)
    agreed = TickField("I agree", needed="Please tick this.")
    key = SubmissionKey()
    trap = Honeypot()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    """An application whose database nobody opens."""
    from app import create_app
    from tests.support.databases import settings_for

    return create_app(settings_for(f"sqlite:///{tmp_path_factory.mktemp('forms')}/none.db"))


@pytest.fixture(autouse=True, params=["en", "ru"])
def request_in(request: pytest.FixtureRequest, application: APIFlask) -> Iterator[str]:
    """A request in each language."""
    with application.test_request_context(f"/?lang={request.param}"):
        yield request.param


def filled(**values: Any) -> Sample:
    form = Sample(MultiDict({"name": "Ann", "way": "a", "agreed": "y", **values}))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-03", date(2026, 12, 3)),
        ("3.12.2026", date(2026, 12, 3)),
        ("03/12/2026", date(2026, 12, 3)),
        (" 3.12.26 ", date(2026, 12, 3)),
        ("29.2.2028", date(2028, 2, 29)),
    ],
)
def test_a_day_is_understood(text: str, day: date) -> None:
    assert filled(on=text).on.data == day


@pytest.mark.parametrize(
    "text", ["31.2.2026", "tomorrow", "2026", "3.13.2026", "0.0.0", "9" * 5000, "٣.١٢.٢٠٢٦x", "1.1.0001"]
)
def test_a_day_that_means_nothing_is_shown_again_as_typed(text: str) -> None:
    form = filled(on=text)
    assert form.on.errors
    assert 'type="text"' in form.on()
    assert text[:20] in form.on()


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("18:30", time(18, 30)),
        ("18.30", time(18, 30)),
        ("1830", time(18, 30)),
        ("930", time(9, 30)),
        ("18", time(18)),
        ("6:30 pm", time(18, 30)),
        ("12 am", time(0)),
        ("18:30:00", time(18, 30)),
    ],
)
def test_a_time_is_understood(text: str, hour: time) -> None:
    assert filled(at=text).at.data == hour


@pytest.mark.parametrize("text", ["24", "25:61", "18:3x", "13 pm", "noon", "183000"])
def test_a_time_that_means_nothing_is_refused(text: str) -> None:
    assert filled(at=text).at.errors


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" ann@EXAMPLE.org ", "ann@example.org"),
        ("mailto:ann@example.org", "ann@example.org"),
        ("<ann@example.org>,", "ann@example.org"),
        ("иван@пример.рф", "иван@пример.рф"),
    ],
)
def test_an_address_is_taken_as_it_was_meant(text: str, address: str) -> None:
    form = filled(email=text)
    assert (form.email.data, form.errors) == (address, {})


@pytest.mark.parametrize(
    "text", ["ann", "ann@", "@example.org", "a b@example.org", "ann@example.org\r\nBcc: all@x.org", "a@b@c.de"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert filled(email=text).email.errors


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "ftp://x.org",
        "https://",
        "https://u:p@x.org/",
        "https://x.org/a b",
        "https://[",
        "data:text/html,x",
    ],
)
def test_only_plain_web_addresses_are_taken(text: str) -> None:
    assert not is_web_address(text)
    assert filled(link=text).link.errors


def test_a_shortened_web_address_is_completed() -> None:
    assert filled(link="example.org/room?x=1").link.data == "https://example.org/room?x=1"


def test_a_telephone_number_stays_as_typed() -> None:
    assert filled(phone="8 (912) 345-67-89").phone.data == "8 (912) 345-67-89"
    assert filled(phone="call me").phone.errors
    assert filled(phone="123").phone.errors


@pytest.mark.parametrize(("text", "number"), [("50", 50), ("", None), ("499", 499)])
def test_a_number_is_understood(text: str, number: int | None) -> None:
    form = filled(seats=text)
    assert (form.seats.data, form.errors) == (number, {})


@pytest.mark.parametrize("text", ["-1", "0", "501", "many", "1e3", "٥", "9" * 50])
def test_a_number_that_cannot_be_is_refused(text: str) -> None:
    assert filled(seats=text).seats.errors


def test_text_is_cleaned_of_what_nobody_types() -> None:
    form = filled(name=" Ann\u200b\r\nBell\u202e ", about="one\r\ntwo\u00ad")
    assert (form.name.data, form.about.data, form.errors) == ("Ann Bell", "one\ntwo", {})


def test_too_long_a_text_is_refused_and_kept(request_in: str) -> None:
    form = filled(name="x" * 10_000)
    (words,) = form.name.errors
    assert "200" in words
    assert "10000" in words
    assert "x" * 10_000 in form.name()


def test_an_empty_form_names_what_is_needed_and_nothing_else() -> None:
    form = Sample(MultiDict())
    assert not form.validate()
    assert form.errors == {
        "name": ["Please write your name."],
        "way": ["Please choose a way."],
        "agreed": ["Please tick this."],
    }
    assert form.name.flags.required
    assert not form.about.flags.required


def test_an_answer_that_was_not_offered_is_refused() -> None:
    form = filled(one="z", way="z", many="z")
    assert set(form.errors) == {"one", "way", "many"}


def test_the_key_of_a_form_is_kept_only_when_it_looks_like_ours() -> None:
    fresh = Sample().key.data
    assert filled(key=fresh).key.data == fresh
    assert filled(key="<script>").key.data != "<script>"
    assert Sample().key.data != fresh


def test_a_robot_is_caught() -> None:
    assert filled(trap="http://spam.example").trap.caught
    assert not filled().trap.caught


def test_a_refusal_stands_at_its_field_or_above_the_form() -> None:
    form = filled()
    form.refuse(Refused("Taken."), "name")
    form.refuse("Not today.")
    assert form.errors == {"name": ["Taken."], "": ["Not today."]}


@pytest.mark.parametrize("field", ["name", "about", "email", "phone", "link"])
@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b", "\x7f", "\x9b"])
def test_controls_that_nobody_types_are_complained_about_once(app: APIFlask, field: str, control: str) -> None:
    good = {"name": "Ann", "about": "Text", "email": "ann@example.org", "phone": "+7 912 345-67-89"}
    good["link"] = "https://example.org/a"
    with app.test_request_context():
        form = Sample(MultiDict({**good, field: good[field][:3] + control + good[field][3:]}))
        form.validate()
        assert "invisible control characters" in form[field].errors[0]
        assert form[field].data == good[field]
        again = Sample(MultiDict({**good, field: form[field].data}))
        again.validate()
        assert not again[field].errors


@pytest.mark.parametrize("copied", ["\u202a+7 912 345-67-89\u202c", "+7 912\u00ad 345\u200b-67-89\ufeff"])
def test_invisible_characters_that_come_along_when_one_copies_are_forgiven(app: APIFlask, copied: str) -> None:
    with app.test_request_context():
        form = Sample(MultiDict({"phone": copied}))
        form.validate()
        assert not form.phone.errors
        assert form.phone.data == "+7 912 345-67-89"


def test_the_line_ends_of_word_processors_stay_line_ends(app: APIFlask) -> None:
    with app.test_request_context():
        assert Sample(MultiDict({"about": "one\x0btwo\x85three"})).about.data == "one\ntwo\nthree"
