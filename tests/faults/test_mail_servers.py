"""Mail servers that are away, refuse, put off or ask for a login, and messages that can't be said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine

from app.core.clock import now
from app.messaging import delivery, engine, outbox, queries
from app.messaging.operations import NotFailed, send_again
from tests.support.cast import person
from tests.support.outgoing import application, message_to, messages, numbered, put, statuses
from tests.support.smtp_sink import Sink, free_port, smtp_sink

NOON = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)


def test_a_dead_server_puts_a_mail_off_and_the_desk_is_told_until_it_is_back(database: str) -> None:
    port = free_port()
    with time_machine.travel(NOON, tick=False) as clock, application(database, MAIL_URL=f"smtp://127.0.0.1:{port}"):
        put("pat@example.net")
        assert delivery.drain() == 0
        waiting = message_to("pat@example.net")
        assert (waiting.status, waiting.attempts, waiting.lease_until) == ("queued", 1, None)
        assert waiting.next_attempt_at == NOON + timedelta(minutes=1)
        trouble = queries.mail_trouble()
        assert trouble is not None
        assert (trouble.kind, trouble.waiting, trouble.since) == ("server", 1, NOON)
        assert trouble.error
        with smtp_sink(port=port) as sink:
            assert delivery.drain() == 0, "it waits its minute"
            clock.shift(timedelta(minutes=1, seconds=1))
            assert delivery.drain() == 1
            assert sink.ids() == [waiting.message_id]
        assert queries.mail_trouble() is None
        assert message_to("pat@example.net").last_error is None


def test_a_server_dead_for_days_lets_the_mail_fail_after_growing_pauses(database: str) -> None:
    with (
        time_machine.travel(NOON, tick=False) as clock,
        application(database, MAIL_URL=f"smtp://127.0.0.1:{free_port()}"),
    ):
        put("pat@example.net")
        pauses = []
        while message_to("pat@example.net").status == "queued":
            delivery.drain()
            pauses.append(message_to("pat@example.net").next_attempt_at - now())
            clock.shift(max(pauses[-1], timedelta(0)) + timedelta(seconds=1))
        assert pauses[:-1] == sorted(pauses[:-1])
        assert timedelta(days=1) < sum(pauses[:-1], timedelta(0)) < timedelta(days=3)
        assert message_to("pat@example.net").status == "failed"
        assert queries.mail_trouble() is None, "what has failed is shown in the list, not as waiting"


def test_a_refused_address_fails_at_once_others_go_on_and_it_can_be_sent_again(database: str, sink: Sink) -> None:
    sink.on_recipient = lambda address: "550 5.1.1 nobody here" if address == "gone@example.net" else None
    with application(database, MAIL_URL=sink.url):
        put("first@example.net", "gone@example.net", "last@example.net")
        assert delivery.drain() == 2
        gone = message_to("gone@example.net")
        assert (gone.status, gone.attempts) == ("failed", 1)
        assert gone.last_error == "550 5.1.1 nobody here"
        assert [len(sink.to(address)) for address in ("first@example.net", "last@example.net")] == [1, 1]
        sink.on_recipient = None
        actor = person("alice").actor
        send_again(actor=actor, message_id=gone.id, organization_id=None)
        assert delivery.drain() == 1
        assert [mail.message_id for mail in sink.to("gone@example.net")] == [gone.message_id]
        with pytest.raises(NotFailed):
            send_again(actor=actor, message_id=gone.id, organization_id=None)


def test_an_address_put_off_by_its_server_waits_alone(database: str, sink: Sink) -> None:
    sink.on_recipient = lambda address: "450 4.2.0 try later" if address == "grey@example.net" else None
    with time_machine.travel(NOON, tick=False) as clock, application(database, MAIL_URL=sink.url):
        put("grey@example.net", "next@example.net")
        assert delivery.drain() == 1
        assert message_to("grey@example.net").status == "queued"
        assert message_to("next@example.net").status == "sent"
        sink.on_recipient = None
        clock.shift(timedelta(minutes=1, seconds=1))
        assert delivery.drain() == 1


@pytest.mark.parametrize("answer", ["421 4.3.2 closing down", "452 4.3.1 disk full"])
def test_a_server_that_takes_nothing_now_gets_nothing_more_in_this_run(database: str, sink: Sink, answer: str) -> None:
    asked = []

    def refuse(message: EmailMessage, address: str) -> str:
        asked.append(address)
        return answer

    sink.on_data = refuse
    with application(database, MAIL_URL=sink.url):
        put(*numbered(5))
        assert delivery.drain() == 0
        assert asked == ["person0@example.net"]
        assert [message.attempts for message in messages()] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(("knows_other_letters", "outcome"), [(True, "sent"), (False, "failed")])
def test_an_address_in_other_letters_goes_where_the_server_can_write_it_and_stops_nobody(
    database: str, knows_other_letters: bool, outcome: str
) -> None:
    with (
        smtp_sink(enable_SMTPUTF8=knows_other_letters) as sink,
        application(database, MAIL_URL=sink.url),
    ):
        put("пётр@example.net", "pat@example.net")
        delivery.drain()
        assert message_to("пётр@example.net").status == outcome
        assert message_to("pat@example.net").status == "sent"


def test_an_address_with_another_header_in_it_fails_and_stops_nobody(database: str, sink: Sink) -> None:
    hostile = "pat@example.net\r\nBcc: spy@example.net"
    with application(database, MAIL_URL=sink.url):
        put(hostile, "pat@example.net")
        delivery.drain()
        assert message_to(hostile).status == "failed"
        assert message_to("pat@example.net").status == "sent"
        assert [mail.to for mail in sink.arrivals] == ["pat@example.net"]


def test_a_message_that_can_not_be_rendered_fails_and_stops_nobody(database: str, sink: Sink) -> None:
    with application(database, MAIL_URL=sink.url):
        put("broken@example.net", name="registration_confirmed")
        put("unknown@example.net", name="never_heard_of")
        put("pat@example.net")
        assert delivery.drain() == 1
        assert statuses() == {"failed": 2, "sent": 1}
        assert message_to("broken@example.net").last_error == "KeyError: 'registration'"


def test_the_rate_is_kept_and_single_tickets_go_before_bulk(database: str, sink: Sink) -> None:
    with time_machine.travel(NOON, tick=False) as clock, application(database, MAIL_URL=sink.url, MAIL_RATE="4"):
        put(*numbered(6, "bulk"), priority=outbox.BULK)
        put(*numbered(2, "single"))
        put("link@example.net", priority=outbox.URGENT)
        assert [delivery.drain(), delivery.drain()] == [4, 0]
        assert [mail.to.partition("@")[0] for mail in sink.arrivals] == ["link", "single0", "single1", "bulk0"]
        put("late@example.net")
        clock.shift(timedelta(seconds=59))
        assert delivery.drain() == 0
        clock.shift(timedelta(seconds=2))
        assert delivery.drain() == 4
        assert [mail.to.partition("@")[0] for mail in sink.arrivals[4:]] == ["late", "bulk1", "bulk2", "bulk3"]
        clock.shift(timedelta(seconds=61))
        assert delivery.drain() == 2


def test_without_a_mail_server_nothing_is_lost_and_the_desk_is_told(database: str, sink: Sink) -> None:
    with application(database):
        put("pat@example.net")
        assert delivery.drain() == 0
        trouble = queries.mail_trouble()
        assert trouble is not None
        assert trouble.kind == "no_server"
    with application(database, MAIL_URL=sink.url):
        assert delivery.drain() == 1


def test_a_silent_worker_is_told_of_once_mail_has_waited(database: str, sink: Sink) -> None:
    with time_machine.travel(NOON, tick=False) as clock, application(database, MAIL_URL=sink.url):
        engine.beat("worker")
        put("pat@example.net")
        clock.shift(timedelta(minutes=2))
        assert queries.mail_trouble() is None
        clock.shift(timedelta(minutes=2))
        trouble = queries.mail_trouble()
        assert trouble is not None
        assert trouble.kind == "worker"
        engine.beat("worker")
        assert queries.mail_trouble() is None


def test_of_two_schedulers_one_does_the_run(database: str) -> None:
    done = []
    with application(database):
        at = now().replace(second=0, microsecond=0)
        assert engine.run_once("remind", at, lambda: done.append("one"))
        assert not engine.run_once("remind", at, lambda: done.append("two"))
        assert engine.run_once("remind", at + timedelta(minutes=1), lambda: done.append("three"))
        assert engine.run_once("expire", at, lambda: done.append("four"))
    assert done == ["one", "three", "four"]


def test_a_periodic_deed_that_breaks_stops_no_other(database: str) -> None:
    with application(database):
        assert not engine.run_once("remind", now(), lambda: 1 // 0)
        assert engine.run_once("expire", now(), lambda: None)
