"""The partners of an event: by the code of a link, on the desk, and at another date."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organization
from app.catalogue.models import EventPartner, SeatPool
from app.core.db import db, execute, table_of


class FoundPartner(NamedTuple):
    """The partner whose link it is."""

    id: int
    name: dict[str, str]


def find_partner(event_id: int, code: str | None) -> FoundPartner | None:
    """The event's partner with this code in its link; a code that was renewed is nobody's."""
    if not code:
        return None
    row = execute(_BY_CODE, {"of_event": event_id, "code": code.strip().lower()[:CODE_LIMIT]}).first()
    return FoundPartner(row.id, row.name or row.own_name) if row else None


CODE_LIMIT = 12
_partner, _organization = table_of(EventPartner), table_of(Organization)
_BY_CODE = (
    select(_partner.c.id, _partner.c.name, _organization.c.name.label("own_name"))
    .select_from(_partner.outerjoin(_organization, _organization.c.id == _partner.c.organization_id))
    .where(_partner.c.event_id == bindparam("of_event"), _partner.c.code == bindparam("code"))
)


class DeskPartner(NamedTuple):
    """A partner as the desk lists it, by the name that its page shows, and the seats kept for it by mode."""

    row: EventPartner
    name: dict[str, str]
    pools: dict[str, SeatPool]


def desk_partners(event_id: int) -> list[DeskPartner]:
    """The event's partners in their order."""
    pools: dict[int, dict[str, SeatPool]] = {}
    for pool in db.session.scalars(
        select(SeatPool).where(SeatPool.event_id == event_id, SeatPool.partner_id.is_not(None)).order_by(SeatPool.id)
    ):
        pools.setdefault(pool.partner_id or 0, {})[pool.mode] = pool
    query = (
        select(EventPartner, Organization.name)
        .outerjoin(Organization, Organization.id == EventPartner.organization_id)
        .where(EventPartner.event_id == event_id)
        .order_by(EventPartner.position, EventPartner.id)
    )
    return [DeskPartner(row, row.name or own or {}, pools.get(row.id, {})) for row, own in db.session.execute(query)]


def partner_at(event_id: int, partner_id: int | None) -> int | None:
    """The same partner at another event: the same organization, or one of the same name."""
    if partner_id is None:
        return None
    there, here = aliased(EventPartner), db.session.get_one(EventPartner, partner_id)
    for row in db.session.scalars(select(there).where(there.event_id == event_id).order_by(there.id)):
        is_same = row.organization_id == here.organization_id if here.organization_id else row.name == here.name
        if is_same:
            return row.id
    return None
