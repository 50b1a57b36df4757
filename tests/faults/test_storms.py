"""Storms of sign-up, switch and cancel over HTTP: one calm to the end, one with everything killed in the middle."""

from __future__ import annotations

import os
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from app.catalogue.models import SeatPool
from app.core.audit import AuditLine
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration import seats
from app.registration.models import Registration, SeatClaim
from tests.support.crowd import consent_field
from tests.support.events import hybrid, make_event
from tests.support.outgoing import application
from tests.support.servers import Program, serving, worker
from tests.support.smtp_sink import Sink
from tests.support.storm import Storm
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

HALL, ONLINE = 12, 9
PEOPLE = 160


def make_hybrid() -> tuple[int, str]:
    event = make_event(hybrid(capacity_in_person=HALL, capacity_online=ONLINE))
    return event.id, f"/e/{event.slug}/sign-up"


def the_ledger_is_true(event_id: int) -> None:
    """Counters are the claims, nobody has two seats, nothing is oversold, nobody waits beside a free seat."""
    db.session.expunge_all()
    db.session.rollback()
    assert seats.drifts() == []
    for pool in db.session.scalars(select(SeatPool).where(SeatPool.event_id == event_id)):
        assert pool.capacity is not None
        assert pool.taken <= pool.capacity
        assert pool.waiting == 0 or pool.taken == pool.capacity, "a free seat beside somebody who waits"
    claims = Counter(db.session.scalars(select(SeatClaim.registration_id)))
    assert set(claims.values()) <= {1}
    confirmed = db.session.scalars(
        select(Registration.id).where(Registration.event_id == event_id, Registration.status == "confirmed")
    )
    assert sorted(claims) == sorted(confirmed)


def everybody_who_moved_up_was_told_once() -> Counter[str]:
    """Each promotion is one line of the history and one mail."""
    db.session.rollback()
    subjects = db.session.scalars(select(AuditLine.subject_id).where(AuditLine.action == "promote"))
    ids = dict(db.session.execute(select(Registration.id, Registration.public_id)).all())
    deeds = Counter(ids[int(one)] for one in subjects)
    facts = db.session.scalars(select(OutboxMessage.facts).where(OutboxMessage.name == "promoted"))
    mails = Counter(one["registration"] for one in facts)
    assert mails == deeds
    return deeds


def test_a_storm_over_two_modes_leaves_nobody_stranded_and_nothing_oversold(database: str, queue: Path) -> None:
    with application(database, QUEUE_FILE=str(queue)):
        event_id, path = make_hybrid()
        with serving(database, QUEUE_FILE=str(queue)) as web:
            storm = Storm(web.port, path, consent_field(web.port, path))
            storm.blow(PEOPLE, seed=1)
            log = web.program.output()
        assert storm.cut_off == 0, log
        assert set(storm.statuses) <= {303, 409, 422}, log
        the_ledger_is_true(event_id)
        assert everybody_who_moved_up_was_told_once(), "the storm was too gentle: nobody moved up"


def test_web_and_worker_killed_in_mid_storm_leave_a_true_ledger_and_each_promotion_told_once(
    database: str, sink: Sink, queue: Path
) -> None:
    mail = {"MAIL_URL": sink.url, "MAIL_LEASE": "1"}
    own = {"QUEUE_FILE": str(queue), **mail}
    with application(database, QUEUE_FILE=str(queue)):
        event_id, path = make_hybrid()
        with serving(database, **own) as web, worker(database, queue, **mail) as post:
            storm = Storm(web.port, path, consent_field(web.port, path), bell_at=PEOPLE)
            storm.on_bell = lambda: kill_all(web.program, post)
            storm.blow(PEOPLE, seed=2)
        assert storm.cut_off > 0, "everything was over before the kill"
        the_ledger_is_true(event_id)
        everybody_who_moved_up_was_told_once()
        with serving(database, **own) as web, worker(database, queue, **mail):
            again = Storm(web.port, path, consent_field(web.port, path))
            again.blow(PEOPLE // 4, seed=3)
            log = web.program.output()
            eventually(nothing_is_queued, 120, what="the last mail")
        assert set(again.statuses) <= {303, 409, 422}, log
        the_ledger_is_true(event_id)
        assert everybody_who_moved_up_was_told_once()
        sent = set(db.session.scalars(select(OutboxMessage.message_id).where(OutboxMessage.status == "sent")))
        assert sent == set(sink.ids())


def nothing_is_queued() -> bool:
    db.session.rollback()
    queued = select(OutboxMessage.id).where(OutboxMessage.status == "queued")
    return db.session.scalar(queued.limit(1)) is None


def kill_all(*programs: Program) -> None:
    """As a power cut does: the programs and the processes that they have begun."""
    for program in programs:
        for pid in [*children_of(program.pid), program.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in path.read_text().split()] if path.exists() else []
