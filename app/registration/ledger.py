"""What every transaction that changes who comes writes last: revisions of calendar entries, and the change number."""

from __future__ import annotations

from sqlalchemy import bindparam, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.catalogue.models import EventLedger
from app.core.clock import now
from app.core.db import db, execute, table_of
from app.registration.models import OwnEntry, Registration


def raise_change_number(event_id: int, *registration_ids: int) -> int:
    """Raise the number and stamp it on the registrations that changed, so that doors can ask what is new.

    The calendar entries that were told to have changed become new revisions, by one however often they were told of.
    """
    _count_changes()
    number: int = execute(_RAISE, {"of_event": event_id}).scalar_one()
    if registration_ids:
        at = now()
        execute(_STAMP, [{"stamped": each, "number": number, "at": at} for each in registration_ids])
    return number


def entry_begins(registration_id: int) -> None:
    """A new registration: its mailbox has an entry now, or one that tells of one person more."""
    _changed_entries().setdefault(registration_id, True)


def entry_changes(registration_id: int) -> None:
    """The person's own calendar entry reads differently from now on, or is gone."""
    _changed_entries().setdefault(registration_id, False)


def entry_leaves(event_id: int, contact_id: int) -> None:
    """A registration of this mailbox is written to at another one."""
    left = update(_own).where(_own.c.contact_id == contact_id, _own.c.event_id == event_id)
    execute(left.values(changes=_own.c.changes + 1, changed_at=now()))


def _changed_entries() -> dict[int, bool]:
    """The registrations of the running transaction whose entries change, and which of them are new."""
    session = db.session()
    known: tuple[object, dict[int, bool]] | None = session.info.get("changed_entries")
    if known is not None and known[0] is session.get_transaction():
        return known[1]
    fresh: dict[int, bool] = {}
    session.info["changed_entries"] = (session.get_transaction(), fresh)
    return fresh


def _count_changes() -> None:
    changed = _changed_entries()
    if not changed:
        return
    for registration_id in sorted(one for one, is_new in changed.items() if not is_new):
        db.session.get_one(Registration, registration_id).changes += 1
    execute(_COUNT[db.engine.dialect.name], {"changed": sorted(changed), "at": now()})
    changed.clear()


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
# In one order, as two deeds may touch the same two mailboxes.
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
