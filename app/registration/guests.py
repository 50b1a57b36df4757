"""What the desk and a partner's own page say of a partner's guests: how many they are, and who may be named."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from app.catalogue.models import Event, EventPartner, SeatPool
from app.catalogue.rules import kept_until
from app.catalogue.times_text import date_text
from app.core.db import db, execute
from app.core.i18n import language
from app.core.security.links import token_hash
from app.registration.models import ACTIVE, Consent, ConsentText, Registration, RegistrationStatus
from app.registration.purposes import PARTNER

WAITS = (RegistrationStatus.WAITLISTED, RegistrationStatus.OFFERED)


@dataclass(frozen=True)
class Figures:
    """Seats kept for a partner and those of them taken; of all its guests, who has a seat anywhere, and who waits.

    `undecided` are sign-ups that don't count yet.
    """

    kept: int = 0
    taken: int = 0
    seated: int = 0
    waiting: int = 0
    undecided: int = 0

    @property
    def free(self) -> int:
        """Kept seats that nobody has."""
        return self.kept - self.taken

    @property
    def came(self) -> int:
        """Everybody who came by the link and is still there."""
        return self.seated + self.waiting + self.undecided


@dataclass(frozen=True)
class Guest:
    """A guest who agreed that the partner may know."""

    name: str
    mode: str
    status: str


def figures_of(event_id: int) -> dict[int, Figures]:
    """The figures of each partner of the event."""
    seats = select(SeatPool.partner_id, func.sum(SeatPool.capacity), func.sum(SeatPool.taken))
    pools = {
        partner_id: (kept, taken)
        for partner_id, kept, taken in execute(
            seats.where(SeatPool.event_id == event_id, SeatPool.partner_id.is_not(None)).group_by(SeatPool.partner_id)
        )
    }
    people: dict[int, dict[str, int]] = {}
    counted = (
        select(Registration.partner_id, Registration.status, func.count())
        .where(Registration.event_id == event_id, Registration.partner_id.is_not(None))
        .group_by(Registration.partner_id, Registration.status)
    )
    for partner_id, status, number in execute(counted):
        people.setdefault(partner_id, {})[status] = number
    return {one: _figures(pools.get(one, (0, 0)), people.get(one, {})) for one in {*pools, *people}}


def _figures(pool: tuple[int, int], people: dict[str, int]) -> Figures:
    kept, taken = pool
    return Figures(
        kept=kept,
        taken=taken,
        seated=people.get(RegistrationStatus.CONFIRMED, 0),
        waiting=sum(people.get(status, 0) for status in WAITS),
        undecided=people.get(RegistrationStatus.PENDING, 0) + people.get(RegistrationStatus.UNCONFIRMED, 0),
    )


def guests_of(partner_id: int) -> tuple[list[Guest], int]:
    """The guests who agreed to be named to the partner, by name, and how many others there are."""
    agreed = exists().where(
        Consent.registration_id == Registration.id,
        Consent.withdrawn_at.is_(None),
        ConsentText.id == Consent.text_id,
        ConsentText.purpose == PARTNER,
    )
    columns = (Registration.name, Registration.mode, Registration.status, agreed.label("agreed"))
    query = select(*columns).where(Registration.partner_id == partner_id, Registration.status.in_(ACTIVE))
    rows = execute(query.order_by(Registration.name_folded, Registration.id)).all()
    named = [Guest(row.name, row.mode, row.status) for row in rows if row.agreed]
    return named, len(rows) - len(named)


def find_partner_by_page(token: str) -> EventPartner | None:
    """The partner whose own page has this secret."""
    return db.session.scalar(select(EventPartner).where(EventPartner.page_hash == token_hash(token)))


def event_of(partner: EventPartner) -> Event:
    """The partner's event, with its organization."""
    query = select(Event).where(Event.id == partner.event_id).options(joinedload(Event.organization))
    return db.session.scalars(query).one()


def release_text(event: Event, partner: EventPartner) -> str:
    """The day on which unused seats are everybody's: "3 December 2026"."""
    return date_text(kept_until(event.starts_at, event.zone, partner.release_days), event.zone, language())
