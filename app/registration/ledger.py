"""What every transaction that changes who comes writes last: revisions of calendar entries, and the change number."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import bindparam, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.catalogue.models import EventLedger
from app.core.clock import now
from app.core.db import db, execute, table_of
from app.registration.models import OwnEntry, Registration


@dataclass
class _Changed:
    """What the running transaction does to calendar entries: of which registrations, and which of them are new.

    `left` are mailboxes that a registration is no longer written to at.
    """

    registrations: dict[int, bool] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)


def raise_change_number(event_id: int, *registration_ids: int) -> int:
    """Raise the number and stamp it on the registrations that changed, so that doors can ask what is new.

    The calendar entries that were told to have changed become new revisions, by one however often they were told of.
    Their rows are written behind the ledger's, so nobody who waits for one of them holds another.
    """
    number: int = execute(_RAISE, {"of_event": event_id}).scalar_one()
    _count_changes(event_id)
    if registration_ids:
        at = now()
        execute(_STAMP, [{"stamped": each, "number": number, "at": at} for each in registration_ids])
    return number


def entry_begins(registration_id: int) -> None:
    """A new registration: its mailbox has an entry now, or one that tells of one person more."""
    _changed().registrations.setdefault(registration_id, True)


def entry_changes(registration_id: int) -> None:
    """The person's own calendar entry reads differently from now on, or is gone."""
    _changed().registrations.setdefault(registration_id, False)


def entry_leaves(contact_id: int) -> None:
    """A registration of this mailbox is written to at another one."""
    _changed().left.add(contact_id)


def _changed() -> _Changed:
    session = db.session()
    known: tuple[object, _Changed] | None = session.info.get("changed_entries")
    if known is not None and known[0] is session.get_transaction():
        return known[1]
    fresh = _Changed()
    session.info["changed_entries"] = (session.get_transaction(), fresh)
    return fresh


def _count_changes(event_id: int) -> None:
    changed, at = _changed(), now()
    for registration_id in sorted(one for one, is_new in changed.registrations.items() if not is_new):
        db.session.get_one(Registration, registration_id).changes += 1
    if changed.registrations:
        execute(_COUNT[db.engine.dialect.name], {"changed": sorted(changed.registrations), "at": at})
    if changed.left:
        execute(_LEAVE, [{"of_contact": one, "of_event": event_id, "at": at} for one in sorted(changed.left)])
    changed.registrations.clear()
    changed.left.clear()


_ledger, _registration, _own = table_of(EventLedger), table_of(Registration), table_of(OwnEntry)
_RAISE = (
    update(_ledger)
    .where(_ledger.c.event_id == bindparam("of_event"))
    .values(change_number=_ledger.c.change_number + 1)
    .returning(_ledger.c.change_number)
)
_STAMP = (
    update(_registration)
    .where(_registration.c.id == bindparam("stamped"))
    .values(change_number=bindparam("number"), changed_at=bindparam("at"))
)
_AT = bindparam("at", type_=_own.c.changed_at.type)
_MAILBOXES = (
    select(
        _registration.c.contact_id,
        _registration.c.event_id,
        literal(0),
        _AT,
    )
    .where(_registration.c.id.in_(bindparam("changed", expanding=True)), _registration.c.contact_id.is_not(None))
    .distinct()
    .order_by(_registration.c.contact_id)
)
_COUNT = {
    name: insert(_own)
    .from_select(["contact_id", "event_id", "changes", "changed_at"], _MAILBOXES)
    .on_conflict_do_update(
        index_elements=["contact_id", "event_id"],
        set_={"changes": _own.c.changes + 1, "changed_at": _AT},
    )
    for name, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
_LEAVE = (
    update(_own)
    .where(_own.c.contact_id == bindparam("of_contact"), _own.c.event_id == bindparam("of_event"))
    .values(changes=_own.c.changes + 1, changed_at=_AT)
)
