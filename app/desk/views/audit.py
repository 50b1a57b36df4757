"""Who did what, and when."""

from __future__ import annotations

from flask import Response, request

from app.accounts import queries
from app.accounts.desk_page import organization_here, person_here
from app.accounts.permissions import Deed
from app.catalogue import queries as catalogue
from app.core.errors import NotAllowed
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, page

PAGE_SIZE = 100


@desk.get("/audit")
def audit() -> Response:
    """The organization's deeds, latest first; organizers see those on the events that they put up."""
    person, organization = person_here(), organization_here()
    if person.may(Deed.SEE_AUDIT, organization.id):
        made_by = None
    elif person.may(Deed.SEE_OWN_AUDIT, organization.id):
        made_by = person.user_id
    else:
        raise NotAllowed(_("Your role does not include the audit."))
    number = max(request.args.get("page", 1, type=int), 1)
    lines = queries.audit_of(
        organization.id, made_by=made_by, limit=PAGE_SIZE + 1, offset=(min(number, 10_000) - 1) * PAGE_SIZE
    )
    shown = lines[:PAGE_SIZE]
    return page(
        "audit",
        "audit",
        lines=shown,
        names=queries.names_of([line.actor_id for line in shown if line.actor_kind == "user"]),
        events=catalogue.titles_of({line.event_id for line in shown if line.event_id}),
        number=number,
        has_more=len(lines) > PAGE_SIZE,
        is_own=made_by is not None,
    )
