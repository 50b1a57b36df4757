"""The outbox: a message is a row of the deed that it tells of, or it isn't there at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from apiflask import APIFlask

from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Refused
from app.messaging import delivery, engine, outbox, queries
from app.messaging.models import OutboxMessage
from app.messaging.operations import send_test_mail
from app.messaging.outbox import on_new_message
from tests.support.cast import organization_id, person
from tests.support.outgoing import messages, put
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def rings() -> list[str]:
    """What the bell was rung for."""
    heard: list[str] = []
    on_new_message(lambda: heard.append("ring"))
    return heard


def test_a_message_is_written_with_what_it_needs_later() -> None:
    with transaction():
        outbox.put(
            "test_mail",
            to="pat@example.net",
            language="ru",
            facts={"one": 1, "many": ["ё"]},
            organization_id=organization_id(),
            priority=outbox.BULK,
        )
    [row] = messages()
    assert (row.name, row.to_address, row.language, row.facts) == (
        "test_mail",
        "pat@example.net",
        "ru",
        {"one": 1, "many": ["ё"]},
    )
    assert (row.status, row.attempts, row.priority) == ("queued", 0, outbox.BULK)
    assert row.message_id.startswith("<")
    assert row.message_id.endswith("@127.0.0.1>")
    assert abs(row.created_at - now()) < timedelta(minutes=1)


def test_what_was_said_once_is_not_said_again_and_the_first_words_stay() -> None:
    put("pat@example.net", dedupe_key="hello:1")
    put("pat@example.net", dedupe_key="hello:1", priority=outbox.BULK)
    put("pat@example.net", dedupe_key="hello:2")
    put("pat@example.net")
    put("pat@example.net")
    assert [(row.dedupe_key, row.priority) for row in messages()] == [
        ("hello:1", outbox.NORMAL),
        ("hello:2", outbox.NORMAL),
        (None, outbox.NORMAL),
        (None, outbox.NORMAL),
    ]
    assert len({row.message_id for row in messages()}) == 4


def test_the_bell_rings_once_and_only_after_the_commit(rings: list[str]) -> None:
    with transaction():
        put("one@example.net", "two@example.net")
        with transaction():
            put("three@example.net")
        assert rings == []
    assert rings == ["ring"]


def test_a_deed_that_fails_says_nothing_and_rings_nothing(rings: list[str]) -> None:
    def fail() -> None:
        with transaction():
            put("pat@example.net")
            raise Refused

    with pytest.raises(Refused):
        fail()
    assert messages() == []
    assert rings == []
    put("pat@example.net")
    assert rings == ["ring"], "the next deed rings for itself alone"


def test_a_part_that_fails_takes_its_own_messages_back() -> None:
    def fail() -> None:
        with transaction():
            put("inner@example.net")
            raise Refused

    with transaction():
        put("outer@example.net")
        with pytest.raises(Refused):
            fail()
    assert [row.to_address for row in messages()] == ["outer@example.net"]


def test_a_taken_message_is_taken_by_nobody_else_until_its_lease_is_over() -> None:
    put("one@example.net", "two@example.net")
    taken = [delivery.take(), delivery.take(), delivery.take()]
    assert [message and message.to for message in taken] == ["one@example.net", "two@example.net", None]
    with transaction():
        db.session.execute(db.update(OutboxMessage).values(lease_until=now() - timedelta(seconds=1)))
    again = delivery.take()
    assert again is not None
    assert again.to == "one@example.net"
    assert again.attempts == 2
    assert again.message_id == messages()[0].message_id


def test_a_test_mail_goes_first() -> None:
    put("ticket@example.net")
    number = send_test_mail(actor=person("erin").actor, address="erin@example.org")
    taken = delivery.take()
    assert taken is not None
    assert (taken.id, taken.to) == (number, "erin@example.org")


def test_counts_and_lists_are_an_organizations_own() -> None:
    ours, theirs = organization_id("lighthouse"), organization_id("oak")
    put("one@example.net", organization_id=ours)
    put("two@example.net", "three@example.net", organization_id=theirs)
    put("four@example.net")
    assert queries.message_counts(ours) == {"queued": 1, "sent": 0, "failed": 0, "not_needed": 0}
    assert queries.message_counts()["queued"] == 4
    assert [row.to_address for row in queries.messages_of(theirs)] == ["three@example.net", "two@example.net"]
    assert queries.messages_of(theirs, status="failed") == []


def test_the_bell_gathers_many_wishes_into_one_ring() -> None:
    heard: list[str] = []
    bell = engine.Bell(lambda: heard.append("ring"))
    for _wish in range(20):
        bell()
    eventually(lambda: heard, 5)
    bell()
    eventually(lambda: len(heard) > 1, 5)
    assert heard == ["ring", "ring"]


def test_a_bell_that_reaches_nobody_breaks_nothing() -> None:
    heard: list[str] = []

    def ring() -> None:
        heard.append("try")
        raise OSError("the queue is away")

    bell = engine.Bell(ring)
    bell()
    eventually(lambda: heard, 5)
    bell()
    eventually(lambda: len(heard) == 2, 5)


def test_one_drain_runs_at_a_time_and_whoever_asked_meanwhile_is_served() -> None:
    runs: list[int] = []

    def deed() -> None:
        runs.append(len(runs))
        if len(runs) < 3:
            drain()  # somebody asks while it is running
        assert runs[-1] == len(runs) - 1, "no run inside another"

    drain = engine.OneAtATime(deed)
    drain()
    assert runs == [0, 1, 2]
    drain()
    assert runs == [0, 1, 2, 3]


def test_the_queue_file_is_not_needed_for_the_truth(app: APIFlask) -> None:
    put("pat@example.net")
    app.extensions["lectern.huey"].flush()
    assert delivery.take() is not None
