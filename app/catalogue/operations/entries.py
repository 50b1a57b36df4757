"""Making stored calendar entries anew, where they aren't what would be rendered now: after an upgrade, say."""

from __future__ import annotations

from app.accounts.permissions import Deed, Person
from app.catalogue.models import Event
from app.catalogue.operations.guards import need
from app.catalogue.operations.writing import finish
from app.catalogue.queries.health import health_of_coming
from app.core import audit
from app.core.clock import now
from app.core.db import db, transaction


def renew_entries(*, actor: Person, organization_id: int) -> int:
    """Render the stale entries of coming events anew and return of how many events.

    Calendars get the new bytes when they ask next; stamps and revisions stay, for nothing is other than it was. Once
    more, it does nothing. Raises `Missing` and `NotAllowed`.
    """
    need(actor, Deed.EDIT_EVENTS, organization_id)
    with transaction():
        stale = [one.event.id for one in health_of_coming(now(), organization_id) if one.stale]
        for event_id in sorted(stale):
            event = db.session.get_one(Event, event_id)
            audit.record(actor.actor, "renew_entries", organization_id=organization_id, event_id=event_id)
            finish(event)
    return len(stale)
