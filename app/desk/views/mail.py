"""What was mailed in the organization's name, and what failed."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.desk_page import need, organization_here, person_here
from app.accounts.permissions import Deed
from app.core.errors import DomainError, Missing
from app.core.http import status_of
from app.core.i18n import gettext as _
from app.desk.blueprint import desk, page
from app.messaging import operations, queries
from app.messaging.letters import without_secrets
from app.messaging.models import DeliveryStatus, OutboxMessage

PAGE_SIZE = 100


@desk.get("/mail")
def mail() -> Response:
    """The list, by state."""
    need(Deed.SEE_PEOPLE)
    organization = organization_here()
    status = request.args.get("status", "")
    status = status if status in list(DeliveryStatus) else ""
    counts = queries.message_counts(organization.id)
    pages = max(1, -(-(counts[status] if status else sum(counts.values())) // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    messages = queries.messages_of(
        organization.id, status=status or None, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    may_choose = person_here().may(Deed.EDIT_ORGANIZATION, organization.id)
    listed = {"messages": messages, "counts": counts, "status": status, "number": number, "pages": pages}
    return page("mail", "mail", **listed, may_choose_calendars=may_choose)


@desk.get("/mail/<number:message_id>")
def message(message_id: int) -> Response:
    """One mail with its words."""
    return _message_page(_load(message_id))


@desk.post("/mail/<number:message_id>/again")
def send_again(message_id: int) -> ResponseReturnValue:
    """Send a failed mail again."""
    row = _load(message_id)
    try:
        operations.send_again(actor=person_here().actor, message_id=row.id, organization_id=row.organization_id)
    except DomainError as refusal:
        return _message_page(_load(message_id), status_of(refusal), refusal.message)
    flash(_("One mail to %(address)s is on its way again.", address=row.to_address))
    return redirect(url_for("desk.message", message_id=message_id), 303)


def _load(message_id: int) -> OutboxMessage:
    need(Deed.SEE_PEOPLE)
    row = queries.find_message(message_id)
    if row is None or row.organization_id != organization_here().id:
        raise Missing
    return row


def _message_page(row: OutboxMessage, status: int = 200, refusal: str | None = None) -> Response:
    words = without_secrets(row.body_text) if row.body_text else None
    return page("message", "mail", status, message=row, words=words, refusal=refusal)
