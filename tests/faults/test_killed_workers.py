"""The worker's process dies at the worst moments. No mail is lost, and none is sent twice but where SMTP can't tell."""

from __future__ import annotations

import os
import signal
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.messaging.models import OutboxMessage
from tests.support.outgoing import all_sent, application, are_leases_over, messages, numbered, put, statuses
from tests.support.servers import worker
from tests.support.smtp_sink import Sink
from tests.support.waiting import eventually

MAILS = 6
UNLUCKY = "person2@example.net"


def mail_settings(sink: Sink) -> dict[str, str]:
    return {"MAIL_URL": sink.url, "MAIL_LEASE": "1"}


def ids_of(rows: list[OutboxMessage]) -> list[str]:
    return sorted(row.message_id for row in rows)


def test_a_worker_killed_before_the_server_accepts_sends_each_mail_once(database: str, sink: Sink, queue: Path) -> None:
    deaths: list[str] = []
    with application(database, QUEUE_FILE=str(queue)):
        put(*numbered(MAILS))
        with worker(database, queue, **mail_settings(sink)) as doomed:

            def kill_once(_message: EmailMessage, address: str) -> str | None:
                if deaths or address != UNLUCKY:
                    return None
                deaths.append(address)
                doomed.kill()
                return "451 4.3.0 not kept"

            sink.on_data = kill_once
            eventually(lambda: not doomed.is_running, 60, what="the worker's death")
        assert doomed.process.returncode == -signal.SIGKILL
        assert statuses() == {"sent": 2, "queued": MAILS - 2}
        eventually(are_leases_over, what="the end of the dead worker's lease")
        with worker(database, queue, **mail_settings(sink)):
            eventually(all_sent(MAILS), 60, what="the last mail")
        assert sorted(sink.ids()) == ids_of(messages())


def test_a_worker_killed_after_the_server_accepted_says_it_again_under_the_same_message_id(
    database: str, sink: Sink, queue: Path
) -> None:
    deaths: list[str] = []
    with application(database, QUEUE_FILE=str(queue)):
        put(*numbered(MAILS))
        with worker(database, queue, **mail_settings(sink)) as doomed:

            def hold(_message: EmailMessage, address: str) -> None:
                """Stop the worker, so that it can't act upon the 250 that is about to be written."""
                if not deaths and address == UNLUCKY:
                    os.kill(doomed.pid, signal.SIGSTOP)

            def kill(_message: EmailMessage, address: str) -> None:
                if not deaths and address == UNLUCKY:
                    deaths.append(address)
                    doomed.kill()

            sink.on_data = hold
            sink.on_kept = kill
            eventually(lambda: not doomed.is_running, 60, what="the worker's death")
        unmarked = [row for row in messages() if row.to_address == UNLUCKY]
        assert [row.status for row in unmarked] == ["queued"], "the worker was killed too late to prove anything"
        eventually(are_leases_over, what="the end of the dead worker's lease")
        with worker(database, queue, **mail_settings(sink)):
            eventually(all_sent(MAILS), 60, what="the last mail")
        counts = Counter(sink.ids())
        assert sorted(counts) == ids_of(messages())
        assert counts.pop(unmarked[0].message_id) == 2, "what SMTP can't tell is said again rather than lost"
        assert set(counts.values()) == {1}


@pytest.mark.slow
def test_a_worker_asked_to_stop_ends_at_once_and_the_rest_goes_out_later(
    database: str, sink: Sink, queue: Path
) -> None:
    many = 150
    with application(database, QUEUE_FILE=str(queue)):
        put(*numbered(many))
        with worker(database, queue, MAIL_URL=sink.url) as asked:

            def ask(_message: EmailMessage, address: str) -> None:
                if address == UNLUCKY:
                    os.kill(asked.pid, signal.SIGTERM)

            sink.on_data = ask
            eventually(lambda: not asked.is_running, 60, what="the worker's end")
        assert asked.process.returncode == 0, asked.output()
        sent = len(sink.ids())
        assert 3 <= sent < many, "it stops between two mails, not after the whole queue"
        assert statuses() == {"sent": sent, "queued": many - sent}
        assert are_leases_over(), "a worker that ends in peace leaves nothing half done"
        with worker(database, queue, MAIL_URL=sink.url):
            eventually(all_sent(many), 120, what="the last mail")
        assert sorted(sink.ids()) == ids_of(messages())


@pytest.mark.slow
def test_two_workers_send_each_mail_once(database: str, sink: Sink, tmp_path: Path) -> None:
    many = 80
    with application(database, QUEUE_FILE=str(tmp_path / "web.db")):
        put(*numbered(many))
        with (
            worker(database, tmp_path / "one.db", MAIL_URL=sink.url),
            worker(database, tmp_path / "two.db", MAIL_URL=sink.url),
        ):
            eventually(all_sent(many), 120, what="the last mail")
        assert sorted(sink.ids()) == ids_of(messages())
        assert {row.attempts for row in messages()} == {1}


@pytest.mark.valkey
def test_a_worker_on_valkey_hears_the_bell(sink: Sink, valkey_url: str, tmp_path: Path) -> None:
    from tests.support import databases

    with (
        databases.fresh("sqlite") as database,
        application(database, REDIS_URL=valkey_url),
        worker(database, tmp_path / "unused.db", REDIS_URL=valkey_url, MAIL_URL=sink.url),
    ):
        put("first@example.net")
        eventually(all_sent(1), 60, what="the first mail")
        put("second@example.net")  # the worker has started long ago: only the bell can bring this one soon
        eventually(all_sent(2), 20, what="the second mail")
        assert not (tmp_path / "unused.db").exists()
