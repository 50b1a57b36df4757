"""The online room: its address is given to one person at a time, and the entering is written down."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import joinedload

from app.attendance.models import OnlineJoin
from app.attendance.rules import JoinDecision, decide_join
from app.attendance.wording import join_words
from app.catalogue.models import Session, SessionStatus
from app.core import audit
from app.core.audit import PARTICIPANT
from app.core.clock import now
from app.core.db import execute, transaction
from app.core.errors import Conflict, Missing
from app.core.i18n import gettext as _
from app.registration.models import Registration
from app.registration.own_sessions import own_sessions


class JoinRefused(Conflict):
    """The room isn't open to this person now; `details["decision"]` says why."""

    code = "join_refused"


def join_room(*, registration_id: int, session_id: int) -> str:
    """Record that the person enters the online room of a session, and return the room's real address.

    Raises `Missing` when the session isn't one of the registration's event, and `JoinRefused` when it is too
    early or over, the place isn't confirmed or is one in the hall, the event is cancelled, or no address is
    known yet.
    """
    with transaction() as session:
        registration = session.get(Registration, registration_id, options=[joinedload(Registration.event)])
        part = session.get(Session, session_id)
        if registration is None or part is None or not _comes_to(registration, part):
            raise Missing(_("We could not find this room."))
        decision = decide_room_for(registration, part)
        if decision is not JoinDecision.OPEN or part.room_url is None:
            raise JoinRefused(join_words(decision, part).detail, decision=decision.value)
        execute(
            insert(OnlineJoin).values(
                event_id=part.event_id, session_id=part.id, registration_id=registration.id, at=now()
            )
        )
        audit.record(
            PARTICIPANT,
            "join_room",
            organization_id=registration.event.organization_id,
            event_id=part.event_id,
            subject=("registration", registration.id),
        )
        return part.room_url


def decide_room_for(registration: Registration, part: Session) -> JoinDecision:
    """Whether this person may enter the session's room now. The registration comes with its event.

    Who comes to the hall enters the room of a session that is held online only.
    """
    is_off = registration.event.is_cancelled or part.status == SessionStatus.CANCELLED or not part.is_online
    return decide_join(
        status=registration.status,
        mode=own_sessions(registration).modes.get(part.id, registration.mode),
        is_cancelled=is_off,
        has_address=bool(part.room_url),
        starts_at=part.starts_at,
        ends_at=part.ends_at,
        now=now(),
    )


def _comes_to(registration: Registration, part: Session) -> bool:
    return part.id in [one.id for one in own_sessions(registration).coming]
