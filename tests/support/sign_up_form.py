"""The sign-up form over HTTP, filled in as a person would."""

from __future__ import annotations

from typing import Any

from tests.support.pages import Client


def form_of(client: Client, slug: str, **changes: Any) -> dict[str, Any]:
    """The form as a browser would send it, filled in."""
    fields = client.page(f"/e/{slug}/sign-up").fields()
    consent = next(name for name in names_of(client, slug) if name.startswith("consent_"))
    filled = {**fields, "name": "Анна Петрова", "email": "anna@example.net", "mode": "in_person", consent: "y"}
    filled.update(changes)
    return {name: value for name, value in filled.items() if value is not None}


def names_of(client: Client, slug: str) -> list[str]:
    return [field.get("name", "") for field in client.page(f"/e/{slug}/sign-up").all("input")]


def send_sign_up(client: Client, slug: str, **changes: Any) -> str:
    """Sign up and return the address of the own page."""
    location = client.send(f"/e/{slug}/sign-up", form_of(client, slug, **changes)).headers["Location"]
    assert location.startswith("/r/")
    return str(location)
