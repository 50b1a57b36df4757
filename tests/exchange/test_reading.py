"""Files of another form than the documented one: each problem is named by its place, in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import create_app
from app.exchange.load.problems import LoadRefused
from app.exchange.load.reading import read_document
from tests.exchange.files import small_file
from tests.support.databases import settings_for

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module", autouse=True)
def language(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Reading needs no tables, but an application that says which language is spoken."""
    empty = tmp_path_factory.mktemp("reading") / "empty.db"
    with create_app(settings_for(f"sqlite:///{empty}")).app_context():
        yield


def event(**values: Any) -> Change:
    return lambda document: document["events"][0].update(values)


def session(**values: Any) -> Change:
    return lambda document: document["events"][0]["sessions"][0].update(values)


def person(**values: Any) -> Change:
    return lambda document: document["registrations"][0].update(values)


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (lambda d: d["events"][0].pop("title"), "events[0]", "“title” is missing."),
        (event(titel={"en": "x"}), "events[0]", "“titel” is not known here. Did you mean “title”?"),
        (event(title={}), "events[0].title", "This must be a line of text for each language"),
        (event(title={"en": " \u0000 "}), "events[0].title.en", "This must be one line of text"),
        (event(slug="Knots!"), "events[0].slug", "This must be a short name of small Latin letters"),
        (event(sessions=[]), "events[0].sessions", "There must be at least one."),
        (event(sessions="none"), "events[0].sessions", "This must be a list of sessions."),
        (session(starts=5), "events[0].sessions[0].starts", "This must be a time on the clock such as"),
        (session(starts={"day": 5}), "events[0].sessions[0].starts", "This must be a time on the clock such as"),
        (session(modes=["online", "online"]), "events[0].sessions[0].modes", "Something comes twice."),
        (event(seats=[{"mode": "in_person", "capacity": -1}]), "events[0].seats[0].capacity", "This must be a whole"),
        (person(email="ann"), "registrations[0].email", "This must be an e-mail address"),
        (lambda d: d.update(events={}), "events", "This must be […]."),
    ],
)  # fmt: skip
def test_another_form_than_the_documented_is_refused(change: Change, place: str, words: str) -> None:
    document = small_file()
    change(document)

    with pytest.raises(LoadRefused) as refusal:
        read_document(json.dumps(document).encode())

    assert [problem.place for problem in refusal.value.problems] == [place]
    assert refusal.value.problems[0].message.startswith(words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"events": [}', "Line 1, column 13: this is not JSON."),
        (b"", "Line 1, column 1: this is not JSON."),
        (b'{"events": [], "events": []}', "The name “events” comes twice in one object."),
        (b'{"venues": NaN}', "“NaN” is not a number."),
        ("{}".encode("utf-16"), "The file is not text in UTF-8."),
        (b"[" * 200_000, "The file has too many brackets inside brackets."),
        (b"[]", "This must be {…}."),
        (b'{"bands": []}', "“bands” is not known here."),
    ],
)
def test_what_is_no_data_file_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(LoadRefused) as refusal:
        read_document(content)

    assert str(refusal.value.problems[0]).startswith(words)


def test_text_is_cleaned_before_it_is_judged() -> None:
    document = read_document(b'{"programmes": [{"slug": "a", "title": {"en": " Sea\\u0000 \\ud800"}}]}')

    assert document["programmes"][0]["title"] == {"en": "Sea"}
