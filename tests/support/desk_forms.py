"""Forms of the desk as they are shown, sent back with changes, and the mails that come of it."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask
from sqlalchemy import select

from app.core.db import db
from app.messaging.models import OutboxMessage
from tests.support.pages import Client, Page


def form_at(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    """The form at this address as it is, sent back with changes."""
    return form_of_page(client.page(address), **changes)


def form_of_page(page: Page, **changes: Any) -> dict[str, Any]:
    """A shown form, sent back with changes; of check boxes the page's helper keeps the last one only."""
    values: dict[str, Any] = page.fields()
    values["modes"] = [
        one.get("value") for one in page.all("input") if one.get("name") == "modes" and one.get("checked") is not None
    ]
    values.pop("over_limit", None)
    return {**values, **changes}


def mails(app: APIFlask, name: str) -> list[str]:
    """The addresses that a message of this name goes to."""
    with app.app_context():
        query = select(OutboxMessage.to_address).where(OutboxMessage.name == name)
        return sorted(db.session.scalars(query))
