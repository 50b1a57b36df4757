"""Two doors see the same ticket at the same moment: real threads, both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select

from app.attendance.models import Admission, Scan, Verdict
from app.attendance.operations import IncomingScan, PairingOver, create_device, pair_device
from app.attendance.queries import counts_of
from app.core.db import db
from app.registration.models import Registration
from app.registration.operations import cancel_registration
from tests.support.cast import person
from tests.support.door import open_door, open_event, scan_of
from tests.support.events import sign_up

ROUNDS = 10


def at_once(app: APIFlask, deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """The answers, or the exceptions, of deeds that begin at the same moment, each in its own thread."""
    barrier = threading.Barrier(len(deeds))
    answers: list[Any] = [None] * len(deeds)

    def run(place: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                answers[place] = deeds[place]()
            except Exception as error:
                answers[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The caller's own snapshot is older than what the threads did.
    db.session.expunge_all()
    db.session.rollback()
    return answers


def verdicts(answers: list[dict[str, Any]]) -> Counter[Verdict]:
    return Counter(result.verdict for answer in answers for result in answer.values())


@pytest.fixture
def in_app(app):
    with app.app_context():
        yield


def test_one_welcome_and_one_already_in(app, in_app):
    event = open_event(capacity_in_person=None)
    doors = [open_door(event, gate="front"), open_door(event, gate="back")]
    for number in range(ROUNDS):
        pat = sign_up(event, f"Person {number}")
        scans = [scan_of(event, pat) for _door in doors]
        answers = at_once(
            app, [lambda door=door, scan=scan: door.scan(scan) for door, scan in zip(doors, scans, strict=True)]
        )
        assert verdicts(answers) == {Verdict.WELCOME: 1, Verdict.ALREADY_IN: 1}, answers
        by_verdict = {result.verdict: result for answer in answers for result in answer.values()}
        welcome, second = by_verdict[Verdict.WELCOME], by_verdict[Verdict.ALREADY_IN]
        assert (second.entry_gate, second.entry_at) == (welcome.gate, welcome.at)
    assert counts_of(event.id).inside == ROUNDS
    assert db.session.scalar(select(func.count()).select_from(Admission)) == ROUNDS


def test_a_parcel_that_is_sent_twice_at_once_is_stored_once(app, in_app):
    event = open_event(capacity_in_person=None)
    people = [sign_up(event, f"Person {number}") for number in range(ROUNDS)]
    door = open_door(event)
    scans = [scan_of(event, one) for one in people]
    answers = at_once(app, [lambda: door.scan(*scans), lambda: door.scan(*scans), lambda: door.scan(*scans)])
    assert verdicts(answers) == {Verdict.WELCOME: 3 * ROUNDS}
    assert db.session.scalar(select(func.count()).select_from(Scan)) == ROUNDS
    assert db.session.scalar(select(func.count()).select_from(Admission)) == ROUNDS


def test_doors_with_the_same_people_in_opposite_order_do_not_block_each_other(app, in_app):
    event = open_event(capacity_in_person=None)
    people = [sign_up(event, f"Person {number}") for number in range(ROUNDS)]
    doors = [open_door(event, gate=gate) for gate in ("front", "back")]

    def parcel(order: Sequence[Registration]) -> list[IncomingScan]:
        return [scan_of(event, one, ago=ROUNDS - place) for place, one in enumerate(order)]

    forth, back = parcel(people), parcel(people[::-1])
    answers = at_once(app, [lambda: doors[0].scan(*forth), lambda: doors[1].scan(*back)])
    assert verdicts(answers) == {Verdict.WELCOME: ROUNDS, Verdict.ALREADY_IN: ROUNDS}, answers


def test_a_person_who_cancels_at_the_door_is_either_in_before_or_out(app, in_app):
    event = open_event(capacity_in_person=None)
    door = open_door(event)
    for number in range(ROUNDS):
        pat = sign_up(event, f"Person {number}")
        scan = scan_of(event, pat)
        result, cancelled = at_once(
            app,
            [lambda scan=scan: door.scan(scan), lambda number=pat.id: cancel_registration(registration_id=number)],
        )
        assert cancelled is True
        (verdict,) = (one.verdict for one in result.values())
        assert verdict in (Verdict.WELCOME, Verdict.CANCELLED)
        admitted = db.session.scalar(select(func.count()).where(Admission.registration_id == pat.id))
        assert admitted == (verdict is Verdict.WELCOME)


def test_one_link_pairs_one_of_two_phones(app, in_app):
    event = open_event()
    for _round in range(ROUNDS):
        link = create_device(actor=person("carol"), event_ids=[event.id], gate="A")
        token = link.url.partition("#")[2]
        phones = [partial(pair_device, token=token, device_name=name) for name in ("One", "Two", "Three")]
        answers = at_once(app, phones)
        refused = [answer for answer in answers if isinstance(answer, PairingOver)]
        assert len(refused) == 2, answers
