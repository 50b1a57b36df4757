"""Answers afterwards: changed by the person, deleted in time, taken along to another date, copied questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask

from app.catalogue.models import Event
from app.core.audit import AuditLine
from app.core.clock import now
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import operations
from app.registration.models import Registration
from app.registration.operations.storing_answers import AnswersNeeded
from app.registration.operations.ways import TooLateToChange
from app.registration.queries import find_by_public_id
from app.registration.questions.models import EventQuestion, QuestionAnswer
from app.registration.questions.queries import answers_of, own_answers, questions_of, questions_to_ask
from app.registration.questions.rules import keep_until
from app.registry import PERIODIC
from tests.support.asking import ask, make_question, question_of_key, take_ready
from tests.support.cast import person
from tests.support.events import make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.sign_up_form import send_sign_up
from tests.support.together import in_threads


def only() -> Registration:
    return db.session.scalars(db.select(Registration)).one()


def answers() -> dict[int, Any]:
    return answers_of(only().id)


def deeds(action: str) -> list[dict[str, Any]]:
    return list(db.session.scalars(db.select(AuditLine.details).where(AuditLine.action == action)))


def end(event_id: int, ends_at: datetime) -> None:
    """Let the event end at this instant."""
    db.session.execute(db.update(Event).where(Event.id == event_id).values(ends_at=ends_at))
    db.session.commit()
    db.session.expire_all()


@pytest.fixture
def lunch(app: APIFlask) -> dict[str, Any]:
    """An event that asks what one eats, and, in confidence, what one needs."""
    with app.app_context():
        event = make_event()
        eats = ask(event, make_question("one_choice", "What will you eat?"), required=True)
        why = ask(event, make_question("short_text", "Why red?"), only_if=(eats, ["red"]))
        needs = take_ready(event, "access_needs")
        return {"slug": event.slug, "id": event.id, "eats": eats, "why": why, "needs": needs}


def signed_up(client: Client, lunch: dict[str, Any]) -> str:
    filled = {f"q{lunch['eats']}": "red", f"q{lunch['why']}": "It tastes", f"q{lunch['needs']}": ["hearing"]}
    return send_sign_up(client, lunch["slug"], **filled)


def test_answers_are_changed_from_the_own_page_and_what_is_hidden_then_is_deleted(
    client: Client, app: APIFlask, lunch: dict[str, Any]
) -> None:
    own = signed_up(client, lunch)
    assert f"{own}/answers" in client.page(own).links()
    page = client.page(f"{own}/answers")
    assert page.fields()[f"q{lunch['why']}"] == "It tastes"
    with app.app_context():
        before = len(db.session.scalars(db.select(OutboxMessage)).all())
    changed = {**page.fields(), f"q{lunch['eats']}": "blue"}
    answer = client.send(f"{own}/answers", changed)
    assert "Your answers are saved." in client.page(answer.headers["Location"]).words
    client.send(f"{own}/answers", changed)
    with app.app_context():
        assert answers() == {lunch["eats"]: "blue", lunch["needs"]: ["hearing"]}
        assert deeds("change_answers") == [{"questions": ["what_will_you_eat", "why_red"]}]
        assert len(db.session.scalars(db.select(OutboxMessage)).all()) == before


def test_nothing_sensitive_is_shown_to_whoever_has_the_link(
    client: Client, app: APIFlask, lunch: dict[str, Any]
) -> None:
    own = signed_up(client, lunch)
    for address in (own, f"{own}/answers"):
        page = client.page(address)
        ticked = [one.get("value") for one in page.all("input") if one.get("checked") is not None]
        assert "hearing" not in ticked
    without = send_sign_up(client, lunch["slug"], name="Else", email="else@example.net", **{f"q{lunch['eats']}": "red"})
    own_names = [one.get("name") for one in client.page(f"{own}/answers").all("input")]
    assert own_names == [one.get("name") for one in client.page(f"{without}/answers").all("input")]
    assert "It tastes" not in client.page(own).words


def test_what_is_not_shown_stays_is_replaced_or_deleted(client: Client, app: APIFlask, lunch: dict[str, Any]) -> None:
    own = signed_up(client, lunch)
    needs, other = lunch["needs"], 0
    with app.app_context():
        other = question_of_key("access_other")
    form = client.page(f"{own}/answers").fields()
    client.send(f"{own}/answers", form)
    with app.app_context():
        assert answers()[needs] == ["hearing"]
    client.send(f"{own}/answers", {**form, f"q{needs}": ["other"], f"q{other}": "Tea"})
    client.send(f"{own}/answers", {**form, f"q{needs}": ["other", "hearing"], f"q{other}": "Coffee"})
    with app.app_context():
        assert (answers()[needs], answers()[other]) == (["hearing", "other"], "Coffee")
    client.send(f"{own}/answers", {**form, f"q{needs}-forget": "y"})
    with app.app_context():
        assert set(answers()) == {lunch["eats"], lunch["why"]}


@pytest.mark.parametrize("stored", [["other"], ["hearing"], []])
def test_words_that_count_only_with_a_hidden_answer_are_refused_whatever_that_is(
    client: Client, app: APIFlask, lunch: dict[str, Any], stored: list[str]
) -> None:
    """Else they would be lost, or one could find out by them what is hidden."""
    own = send_sign_up(client, lunch["slug"], **{f"q{lunch['eats']}": "blue", f"q{lunch['needs']}": stored})
    with app.app_context():
        other = question_of_key("access_other")
    form = client.page(f"{own}/answers").fields()
    page = Page(client.send(f"{own}/answers", {**form, f"q{other}": "Tea"}, status=422))
    assert "To say this, also choose “Something else”" in page.words
    assert page.fields()[f"q{other}"] == "Tea"


def test_to_delete_and_to_answer_anew_is_one_too_many(client: Client, app: APIFlask, lunch: dict[str, Any]) -> None:
    own = signed_up(client, lunch)
    form = client.page(f"{own}/answers").fields()
    both = {f"q{lunch['needs']}-forget": "y", f"q{lunch['needs']}": ["hearing"]}
    page = Page(client.send(f"{own}/answers", form | both, status=422))
    assert "Either give a new answer, or tick that the old one is deleted." in page.words


def test_two_who_write_at_once_lose_nothing(client: Client, app: APIFlask, lunch: dict[str, Any]) -> None:
    own = signed_up(client, lunch)
    mine, theirs = (client.page(f"{own}/answers").fields() for _tab in range(2))
    client.send(f"{own}/answers", theirs | {f"q{lunch['why']}": "It is healthy"})
    client.send(f"{own}/answers", mine | {f"q{lunch['needs']}": ["large_print"]})
    with app.app_context():
        assert answers() == {lunch["eats"]: "red", lunch["why"]: "It is healthy", lunch["needs"]: ["large_print"]}
    page = Page(client.send(f"{own}/answers", mine | {f"q{lunch['why']}": "It is cheap"}, status=422))
    assert "Meanwhile the answer is “It is healthy”. Send the form again to keep yours." in page.words
    client.send(f"{own}/answers", page.fields())
    with app.app_context():
        assert answers()[lunch["why"]] == "It is cheap"


def test_a_required_answer_cannot_be_emptied_by_the_person(
    client: Client, app: APIFlask, lunch: dict[str, Any]
) -> None:
    own = signed_up(client, lunch)
    response = client.post(f"{own}/answers", data={"sent": "y", f"q{lunch['why']}": "New words"})
    assert response.status_code == 422
    page = Page(response)
    assert page.words.count("Please answer this question.") == 2
    with app.app_context():
        with pytest.raises(AnswersNeeded):
            operations.change_own_answers(registration_id=only().id, answers={})
        assert answers()[lunch["eats"]] == "red"


def test_the_deadline_binds_the_person_on_the_server_and_not_the_organizer(
    client: Client, app: APIFlask, lunch: dict[str, Any]
) -> None:
    own = signed_up(client, lunch)
    form = client.page(f"{own}/answers").fields()
    with app.app_context():
        db.session.execute(db.update(Event).values(change_lead_hours=24 * 30))
        db.session.commit()
    page = client.page(f"{own}/answers")
    assert "This can no longer be changed here." in page.words
    assert "What will you eat? Red" in page.words
    assert "Hearing" not in page.words
    assert client.post(f"{own}/answers", data={**form, f"q{lunch['eats']}": "blue"}).status_code == 409
    with app.app_context():
        with pytest.raises(TooLateToChange):
            operations.change_own_answers(registration_id=only().id, answers={lunch["eats"]: "blue"})
        assert answers()[lunch["eats"]] == "red"
        assert operations.correct_answers(
            actor=person("bob"), registration_id=only().id, answers={lunch["eats"]: "blue"}
        )


def test_whoever_has_left_or_was_asked_nothing_has_no_such_page(
    client: Client, app: APIFlask, lunch: dict[str, Any]
) -> None:
    own = signed_up(client, lunch)
    with app.app_context():
        operations.cancel_registration(registration_id=only().id)
        other = make_event().slug
    assert client.get(f"{own}/answers").status_code == 303
    assert f"{own}/answers" not in client.page(own).links()
    silent = send_sign_up(client, other)
    assert client.get(f"{silent}/answers").status_code == 303
    assert f"{silent}/answers" not in client.page(silent).links()


@pytest.mark.parametrize(
    ("zone", "ends_at", "days", "until"),
    [
        ("Europe/Moscow", datetime(2026, 12, 3, 17, 30, tzinfo=UTC), 30, datetime(2027, 1, 2, 17, 30, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 20, 18, 0, tzinfo=UTC), 7, datetime(2026, 10, 27, 19, 0, tzinfo=UTC)),
        ("America/New_York", datetime(2027, 3, 7, 7, 30, tzinfo=UTC), 7, datetime(2027, 3, 14, 7, 30, tzinfo=UTC)),
        ("Europe/Moscow", datetime(2026, 12, 3, 17, 30, tzinfo=UTC), 0, datetime(2026, 12, 3, 17, 30, tzinfo=UTC)),
    ],
)
def test_days_are_counted_by_the_clocks_of_the_events_zone(
    zone: str, ends_at: datetime, days: int, until: datetime
) -> None:
    assert keep_until(ends_at, zone, days) == until


@pytest.mark.usefixtures("context")
def test_answers_are_deleted_when_their_time_is_over_and_not_a_minute_before() -> None:
    event = make_event()
    needs = take_ready(event, "access_needs")
    eats = ask(event, make_question("one_choice"))
    row = sign_up(event, answers={needs: ["hearing"], eats: "red"})
    other = make_event()
    ask(other, needs)
    sign_up(other, answers={needs: ["companion"]})
    end(event.id, now() - timedelta(days=30) + timedelta(minutes=2))
    assert operations.delete_old_answers() == 0
    end(event.id, now() - timedelta(days=30) - timedelta(seconds=1))
    found = find_by_public_id(row.public_id)
    assert found is not None
    assert [one.words for one in own_answers(found)] == ["Red"]
    assert [one.id for one in questions_to_ask(found.event)] == [eats]
    assert operations.delete_old_answers() == 1
    assert operations.delete_old_answers() == 0
    assert answers_of(row.id) == {eats: "red"}
    assert len(db.session.scalars(db.select(QuestionAnswer)).all()) == 2
    assert deeds("delete_answers") == [{"number": 1}]
    assert PERIODIC["delete_old_answers"] is operations.delete_old_answers


@pytest.mark.usefixtures("context")
def test_a_postponed_event_keeps_its_answers_longer_and_many_are_deleted_in_batches() -> None:
    event = make_event(capacity_in_person=None)
    note = ask(event, make_question("short_text", keep_days=0))
    row = sign_up(event, answers={note: "mine"})
    end(event.id, now() - timedelta(minutes=1))
    end(event.id, now() + timedelta(days=1))
    assert operations.delete_old_answers() == 0
    columns = [column.key for column in db.inspect(Registration).column_attrs if column.key != "id"]
    same = {name: getattr(row, name) for name in columns}
    db.session.execute(
        db.insert(Registration),
        [
            {
                **same,
                "public_id": f"{place:016x}",
                "name_folded": str(place),
                "reference": f"{place:06d}",
                "manage_hash": place.to_bytes(16, "big"),
                "ticket_hash": place.to_bytes(16, "big"),
            }
            for place in range(1, 401)
        ],
    )
    ids = db.session.scalars(db.select(Registration.id).where(Registration.id != row.id)).all()
    db.session.execute(
        db.insert(QuestionAnswer),
        [{"registration_id": one, "question_id": note, "value": "text", "given_at": now()} for one in ids],
    )
    db.session.commit()
    end(event.id, now() - timedelta(minutes=1))
    assert operations.delete_old_answers() == 401
    assert sum(one["number"] for one in deeds("delete_answers")) == 401


def test_two_who_correct_the_same_answers_at_once_leave_one_of_both(app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        colour = ask(event, make_question("one_choice"))
        text = ask(event, make_question("short_text"))
        row_id = sign_up(event).id
        bob = person("bob")

    def correct(code: str) -> Callable[[], object]:
        answers = {colour: code, text: code}
        return lambda: operations.correct_answers(actor=bob, registration_id=row_id, answers=answers)

    for _round in range(5):
        done = in_threads(app, *(correct(code) for code in ("red", "green", "blue")))
        assert not [one for one in done if isinstance(one, Exception)]
        with app.app_context():
            kept = answers_of(row_id)
            assert kept[colour] == kept[text]


@pytest.mark.usefixtures("context")
def test_another_date_takes_along_what_is_asked_there_too() -> None:
    event = make_event()
    eats = ask(event, make_question("yes_no", "Eat?"))
    what = ask(event, make_question("one_choice", "What?"), only_if=(eats, ["yes"]))
    alone = ask(event, make_question("short_text", "Only here?"))
    bob = person("bob")
    (date,) = operations.repeat_event(actor=bob, event_id=event.id, times=1, weeks=1, is_published=True)
    operations.remove_event_question(actor=bob, event_id=date, question_id=alone)
    row = sign_up(event, answers={eats: True, what: "red", alone: "text"})
    moved = operations.move_person(actor=bob, registration_id=row.id, to_event_id=date, may_wait=False, notify=False)
    there = find_by_public_id(moved)
    assert there is not None
    assert answers_of(there.id) == {eats: True, what: "red"}


@pytest.mark.usefixtures("context")
def test_copies_and_dates_ask_the_same_with_the_same_conditions() -> None:
    event = make_event()
    eats = ask(event, make_question("yes_no", "Eat?"))
    ask(event, make_question("one_choice", "What?"), required=True, only_if=(eats, ["yes"]))
    bob = person("bob")
    copies = [operations.copy_event(actor=bob, event_id=event.id)]
    copies += operations.repeat_event(actor=bob, event_id=event.id, times=2, weeks=1, is_published=False)
    for copy_id in copies:
        assert questions_of(copy_id) == questions_of(event.id)
        assert db.session.get_one(Event, copy_id).asks_questions
    silent = make_event()
    copy_id = operations.copy_event(actor=bob, event_id=silent.id)
    assert not db.session.get_one(Event, copy_id).asks_questions


@pytest.mark.usefixtures("context")
def test_a_draft_is_deleted_with_its_questions_and_the_library_stays() -> None:
    event = make_event(publish=False)
    question = ask(event, make_question())
    operations.delete_draft(actor=person("bob"), event_id=event.id)
    assert db.session.scalars(db.select(EventQuestion)).all() == []
    assert db.session.get(Event, event.id) is None
    other = make_event()
    assert ask(other, question) == question
