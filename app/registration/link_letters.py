"""The mail with somebody's links: of the registrations of one deed, or of all of an address."""

from __future__ import annotations

from typing import Any

from app.core.i18n import language, said
from app.core.security.links import link_token
from app.core.settings import settings
from app.messaging.letters import Letter, placeholder, render
from app.registration import mailboxes, queries
from app.registration.facts import own_facts, state_of
from app.registration.invitations import left_mailbox
from app.registration.models import Contact, Registration
from app.registration.tickets import mailed_token


def your_links(facts: dict[str, Any]) -> Letter | None:
    """Where somebody's registrations are: one of them, or all of an address."""
    if "find" in facts:
        return _all_links(facts)
    found = [queries.find_by_public_id(public_id) for public_id in facts["registrations"]]
    registrations = [registration for registration in found if registration is not None]
    contact = registrations[0].contact if registrations else None
    if contact is None:
        return None
    return _links(contact, registrations, all_url="", secrets={}, most=facts.get("most"))


def _all_links(facts: dict[str, Any]) -> Letter | None:
    contact = queries.find_contact(facts["contact"])
    if contact is None:
        return None
    mark = placeholder("find")
    url = f"{settings().base_url}/me/{mark}"
    active = [row for row in mailboxes.registrations_of_contact(contact.id) if row.is_active][:20]
    return _links(contact, active, all_url=url, secrets={mark: link_token("find", facts["find"])})


def _links(
    contact: Contact,
    registrations: list[Registration],
    *,
    all_url: str,
    secrets: dict[str, str],
    most: int | None = None,
) -> Letter:
    base_url = settings().base_url
    rows = []
    for number, registration in enumerate(registrations):
        mark = placeholder(f"manage-{number}")
        secrets[mark] = mailed_token(registration)
        facts = own_facts(registration, base_url)
        state = state_of(registration)[0]
        rows.append({"event": facts, "name": registration.name, "state": state, "page": f"{base_url}/r/{mark}"})
    reply_to = registrations[0].event.organization.email if registrations else None
    values = {"rows": rows, "all_url": all_url, "most": most}
    return render("your_links", values, secrets=secrets, reply_to=reply_to, addressee=contact.email)


def address_left(facts: dict[str, Any]) -> Letter | None:
    """To an address that was corrected: its invitation is taken back, and nothing is sent there any more.

    It has no link and no name, for it may be a stranger's. None once it is written to again, or has no invitation.
    """
    registration, left = queries.find_by_public_id(facts["registration"]), queries.find_contact(facts["left"])
    if registration is None or left is None or registration.contact_id == left.id:
        return None
    parts = left_mailbox(registration, left, language())
    if not parts:
        return None
    values = {
        "title": said(registration.event.title),
        "somebody_stays": parts["invitation"] is not None and parts["invitation"].method == "REQUEST",
    }
    from_name = said(registration.event.organization.name)
    return render("address_left", values, addressee=left.email, from_name=from_name, **parts)
