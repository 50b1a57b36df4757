"""What every kind of question can do. A new entry of `KINDS` is tried by these without being named here."""

from __future__ import annotations

import json
import re

import pytest
from apiflask import APIFlask
from hypothesis import given
from hypothesis import strategies as st

from app.core.i18n import in_language
from app.core.text import clean, clean_line
from app.registration.questions.asked import AskedQuestion, Option
from app.registration.questions.kinds import KINDS
from app.registration.questions.kinds.kind import WrongAnswer
from app.registration.questions.rules import visible_questions
from config import LANGUAGES
from tests.support.asking import OPTIONS, ask, make_question, sample
from tests.support.events import make_event
from tests.support.pages import Client, Page
from tests.support.sign_up_form import form_of, send_sign_up

TEXT_KINDS = [code for code, kind in KINDS.items() if kind.control in ("line", "lines")]


def question(kind: str, **more: object) -> AskedQuestion:
    options = tuple(Option(code, {"en": code.title()}) for code in OPTIONS) if KINDS[kind].has_options else ()
    return AskedQuestion(1, "key", kind, {"en": "What?"}, {}, options=options, **more)  # type: ignore[arg-type]


@pytest.fixture
def kinds_speak(app: APIFlask) -> APIFlask:
    """An application, for a kind's words are in the language spoken."""
    return app


@pytest.mark.parametrize("code", KINDS)
def test_a_kind_fits_its_column_and_has_a_name_in_every_language(kinds_speak: APIFlask, code: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,19}", code)
    names = set()
    with kinds_speak.app_context():
        for language in LANGUAGES:
            with in_language(language):
                others = [str(kind.name) for other, kind in KINDS.items() if other != code]
                assert str(KINDS[code].name) not in ["", *others]
                names.add(str(KINDS[code].name))
    assert len(names) == len(LANGUAGES)


@pytest.mark.parametrize("code", KINDS)
def test_nothing_is_no_answer_and_an_answer_has_one_form_that_reads_as_itself(kinds_speak: APIFlask, code: str) -> None:
    kind, asked = KINDS[code], question(code)
    with kinds_speak.app_context():
        for nothing in ([], [""], ["  "] if kind.control != "one" and kind.control != "several" else [""]):
            assert kind.read(nothing, asked) is None
        value = kind.read(sample(code), asked)
        assert value is not None
        again = json.loads(json.dumps(value))
        assert (type(again), again) == (type(value), value)
        assert kind.read(kind.write(value), asked) == value
        for language in LANGUAGES:
            with in_language(language):
                assert kind.words(value, asked).strip()


@pytest.mark.parametrize("code", KINDS)
def test_what_can_be_a_condition_has_choices_and_says_which_an_answer_is(kinds_speak: APIFlask, code: str) -> None:
    kind, asked = KINDS[code], question(code)
    with kinds_speak.app_context():
        value = kind.read(sample(code), asked)
        choices = {choice for choice, _words in kind.choices(asked)}
        assert kind.is_condition == bool(choices)
        assert set(kind.codes(value)) <= choices
        assert bool(kind.codes(value)) == kind.is_condition


@pytest.mark.parametrize("code", KINDS)
def test_a_summary_shows_what_was_answered(kinds_speak: APIFlask, code: str) -> None:
    kind, asked = KINDS[code], question(code)
    with kinds_speak.app_context():
        kind.summarize([], asked)
        value = kind.read(sample(code), asked)
        summary = kind.summarize([value, value], asked)
        counted = [number for _words, number in summary.counts]
        assert summary.has_texts or summary.figures or 2 in counted


@pytest.mark.parametrize("code", KINDS)
def test_it_is_asked_stored_and_shown_from_the_form_to_the_desk(client: Client, app: APIFlask, code: str) -> None:
    with app.app_context():
        event = make_event()
        slug, public_id = event.slug, event.public_id
        question_id = ask(event, make_question(code, "How is it?"), required=True)
    response = client.post(f"/e/{slug}/sign-up", data=form_of(client, slug, **{f"q{question_id}": None}))
    assert response.status_code == 422
    assert Page(response).words.count("Please answer this question.") == 2
    own = send_sign_up(client, slug, **{f"q{question_id}": sample(code)})
    shown = client.page(f"{own}/answers")
    sent = {field.get("value") for field in shown.all("input") if field.get("name") == f"q{question_id}"}
    typed = {"".join(area.itertext()).strip() for area in shown.all("textarea")}
    with app.app_context():
        kind = KINDS[code]
        value = kind.read(sample(code), question(code))
        assert set(kind.write(value)) <= sent | typed
        words = kind.words(value, question(code))
    client.sign_in("bob")
    page = client.page(f"/desk/events/{public_id}/questions/answers")
    assert "1 person answered." in page.words
    people = client.page(f"/desk/events/{public_id}/people")
    person = next(link for link in people.links() if link.startswith("/desk/people/"))
    assert " ".join(words.split()) in client.page(person).words


@pytest.mark.parametrize("code", TEXT_KINDS)
@given(text=st.text(max_size=150))
def test_any_text_comes_back_as_it_was_cleaned(code: str, text: str) -> None:
    kind, asked = KINDS[code], question(code)
    tidy = clean if kind.control == "lines" else clean_line
    try:
        value = kind.read([text], asked)
    except WrongAnswer:
        value = kind.read([tidy(text)], asked)
    assert value == (tidy(text) or None)
    if value is not None:
        assert kind.read(kind.write(value), asked) == value


@pytest.mark.parametrize(
    ("code", "typed", "words"),
    [
        ("short_text", ["x" * 201], "Please shorten this to 200 characters; it has 201 now."),
        ("long_text", ["x" * 2001], "Please shorten this to 2000 characters; it has 2001 now."),
        ("short_text", ["a\x00b"], "invisible control characters"),
        ("one_choice", ["purple"], "Please choose one of the answers on the list."),
        ("several_choices", ["red", "purple"], "Please choose one of the answers on the list."),
        ("yes_no", ["perhaps"], "Please choose one of the answers on the list."),
        ("number", ["many"], "Please write a whole number, such as 50."),
        ("number", ["2.5"], "Please write a whole number, such as 50."),
        ("number", ["7"], "Please write a number from 1 to 5."),
        ("date", ["some day"], "Please write the date like 3.12.2026."),
        ("date", ["31.2.2026"], "Please write the date like 3.12.2026."),
        ("date", ["1.1.1492"], "Please give a year from 1900 to 2200."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_words(
    kinds_speak: APIFlask, code: str, typed: list[str], words: str
) -> None:
    bounds = {"lowest": 1, "highest": 5} if code == "number" else {}
    with kinds_speak.app_context(), pytest.raises(WrongAnswer, match=re.escape(words)):
        KINDS[code].read(typed, question(code, **bounds))


@pytest.mark.parametrize(
    "name",
    [
        "Маяк",
        "«Маяк»",
        '"маяк"',
        "АНО «Маяк»",
        "АНО ДПО Маяк",
        "ООО  “МАЯК”",
        "нко: маяк",
        "Автономная некоммерческая организация «Маяк»",
    ],
)
def test_names_that_mean_the_same_fold_to_one(name: str) -> None:
    assert KINDS["affiliation"].folded(name) == "маяк"


def test_names_that_mean_something_else_stay_apart() -> None:
    fold = KINDS["affiliation"].folded
    assert fold("Школа № 5") == fold("ГБОУ школа №5") == "школа 5"
    assert len({fold(name) for name in ("Школа № 5", "Школа № 15", "Гимназия № 5", "Ёлка", "Елки")}) == 5
    assert fold("Ёлочка") == fold("елочка")
    assert fold("АНО") == "ано"


def test_organizations_are_counted_once_with_the_name_that_most_have_written(kinds_speak: APIFlask) -> None:
    with kinds_speak.app_context():
        kind = KINDS["affiliation"]
        summary = kind.summarize(["АНО «Маяк»", "Маяк", "Маяк", "Дом"], question("affiliation"))
    assert summary.counts == (("Маяк", 3), ("Дом", 1))
    assert summary.figures == (("Organizations reached", "2"),)


def test_numbers_have_lowest_mean_and_highest(kinds_speak: APIFlask) -> None:
    with kinds_speak.app_context():
        summary = KINDS["number"].summarize([1, 2, 4], question("number"))
    assert summary.figures == (("Lowest", "1"), ("Mean", "2.3"), ("Highest", "4"))


def test_a_chain_of_conditions_is_hidden_as_a_whole(kinds_speak: APIFlask) -> None:
    first = question("yes_no")
    second = AskedQuestion(2, "b", "yes_no", {"en": "b"}, {}, only_if_id=1, only_if_codes=("yes",))
    third = AskedQuestion(3, "c", "short_text", {"en": "c"}, {}, only_if_id=2, only_if_codes=("no",))
    asked = (first, second, third)

    def shown(answers: dict[int, object]) -> list[int]:
        return [one.id for one in visible_questions(asked, answers)]

    assert shown({}) == [1]
    assert shown({1: True}) == [1, 2]
    assert shown({1: True, 2: False}) == [1, 2, 3]
    assert shown({1: False, 2: False, 3: "sent all the same"}) == [1]


@pytest.mark.parametrize(
    "text",
    ["-", "—", "нет", "Нет.", "NO", "n/a", "anna@example.org", "https://example.org", "Ivan +7 900 111 22 33"],
)
def test_what_names_no_organization_is_not_counted_as_one(kinds_speak: APIFlask, text: str) -> None:
    kind = KINDS["affiliation"]
    assert kind.folded(text) is None
    with kinds_speak.app_context(), in_language("en"):
        summary = kind.summarize([text, "Школа № 57", "Школа № 57"], question("affiliation"))
    assert summary.counts == (("Школа № 57", 2),)
    assert summary.figures == (("Organizations reached", "1"), ("Without an organization", "1"))
