"""Reading the three forms of a feed."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from tests.support.pages import Client

KINDS = {
    "ics": "text/calendar; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}

ATOM = "{http://www.w3.org/2005/Atom}"


def unfolded(data: bytes) -> str:
    return data.replace(b"\r\n ", b"").decode()


def titles(kind: str, data: bytes) -> set[str]:
    """The titles of a feed's events."""
    if kind == "ics":
        return set(re.findall(r"^SUMMARY[^:]*:([^\r]*)", unfolded(data), re.MULTILINE))
    if kind == "atom":
        return {entry.findtext(f"{ATOM}title") or "" for entry in ElementTree.fromstring(data).iter(f"{ATOM}entry")}
    return {item["title"] for item in json.loads(data)["items"]}


def name_of(kind: str, data: bytes) -> str:
    """What the feed calls itself."""
    if kind == "ics":
        (name,) = re.findall(r"^NAME:([^\r]*)", unfolded(data), re.MULTILINE)
        return str(name).replace("\\", "")
    if kind == "atom":
        return ElementTree.fromstring(data).findtext(f"{ATOM}title") or ""
    return str(json.loads(data)["title"])


def own_address(kind: str, data: bytes) -> str:
    """The address that the feed gives as its own."""
    if kind == "ics":
        (address,) = re.findall(r"^SOURCE;VALUE=URI:([^\r]*)", unfolded(data), re.MULTILINE)
        return str(address)
    if kind == "atom":
        link = ElementTree.fromstring(data).find(f"{ATOM}link[@rel='self']")
        assert link is not None
        return str(link.get("href"))
    return str(json.loads(data)["feed_url"])


def ask(client: Client, kind: str, query: str = "") -> bytes:
    response = client.get(f"/events.{kind}?{query}")
    assert response.status_code == 200
    return response.data
