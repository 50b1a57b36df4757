"""The day on which kept seats are everybody's, with the power cut in the middle of it."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select, update

from app.catalogue.models import EventPartner, SeatPool
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.messaging.models import OutboxMessage
from app.registration import operations
from app.registration.models import Registration
from tests.support.events import make_event, sign_up
from tests.support.outgoing import application
from tests.support.partners import add_partner, pools_now, seats_are_sound
from tests.support.servers import environment_for, running
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

KEPT, WAITING = 90, 100
RELEASE = """
from app import create_app
from app.registration.operations import release_kept_seats
with create_app().app_context():
    release_kept_seats()
"""


def promoted() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(OutboxMessage.name == "promoted")) or 0


def test_a_release_that_was_killed_half_way_is_finished_and_nobody_hears_of_it_twice(database: str) -> None:
    with application(database):
        event = make_event(capacity_in_person=KEPT + 1)
        add_partner(event, seats_in_person=KEPT)
        sign_up(event, "Holder")
        people = [sign_up(event, f"Waits {number}", may_wait=True).id for number in range(WAITING)]
        with transaction():
            execute(update(SeatPool).where(SeatPool.partner_id.is_not(None)).values(kept_until=now()))
        with running(["-c", RELEASE], environment_for(database)) as program:
            eventually(promoted, 60, what="the first promotion", every=0.001)
            program.kill()
        half = promoted()
        assert half < KEPT, "everything was over before the kill"
        so_far = pools_now(event)
        assert so_far == {("in_person", None): (KEPT + 1, half + 1, WAITING - half)}
        assert db.session.scalars(select(EventPartner.released_at)).one() is not None
        operations.release_kept_seats()
        operations.tend_queues()
        seats_are_sound(event.id)
        states = dict(db.session.execute(select(Registration.id, Registration.status)).all())
        assert [states[one] for one in people] == ["confirmed"] * KEPT + ["waitlisted"] * (WAITING - KEPT)
        told = Counter(
            one["registration"]
            for one in db.session.scalars(select(OutboxMessage.facts).where(OutboxMessage.name == "promoted"))
        )
        assert len(told) == KEPT
        assert set(told.values()) == {1}
