"""Data files for tests: a small one that says a little of everything."""

from __future__ import annotations

import copy
import json
from typing import Any

from sqlalchemy import select

from app.core.audit import COMMAND
from app.core.db import Base, db
from app.exchange.load.problems import LoadRefused
from app.exchange.operations import Loaded, load_data

ORGANIZATION = {
    "slug": "harbour",
    "name": {"en": "Harbour Club", "ru": "Клуб «Гавань»"},
    "email": "hello@harbour.example.org",
    "zone": "Europe/Moscow",
    "language": "en",
    "consents": [{"purpose": "personal_data", "wording": {"en": "I agree."}, "required": True}],
}
PERSON = {"email": "Pat@example.org", "name": "Pat", "roles": [{"organization": "harbour", "role": "owner"}]}
VENUE = {
    "slug": "pier-house",
    "organization": "harbour",
    "name": {"en": "Pier House"},
    "address": {"en": "3 Pier Street"},
    "rooms": [{"code": "hall", "name": {"en": "Hall"}, "capacity": 40}],
}
PROJECT = {"organization": "harbour", "slug": "open-sea", "title": {"en": "Open Sea"}, "starts_on": "2026-01-01"}
PROGRAMME = {"slug": "forum", "title": {"en": "Forum"}, "summary": {"en": "Three days."}}
EVENT: dict[str, Any] = {
    "slug": "knots",
    "organization": "harbour",
    "project": "open-sea",
    "programme": "forum",
    "title": {"en": "Knots for beginners", "ru": "Морские узлы"},
    "format": "workshop",
    "topic": "crafts",
    "summary": {"en": "Six knots in an evening."},
    "sessions": [
        {
            "starts": "2027-06-03T18:30",
            "ends": "2027-06-03T20:00",
            "modes": ["in_person", "online"],
            "venue": "pier-house",
            "room": "hall",
            "room_url": "https://rooms.example.org/knots",
        }
    ],
    "seats": [{"mode": "in_person", "capacity": 2}, {"mode": "online", "capacity": None}],
    "partners": [{"kind": "funder", "name": {"en": "Sea Fund"}}],
}
REGISTRATION = {"key": "r1", "event": "knots", "name": "Ann Lee", "email": "ann@example.org", "mode": "in_person"}


def small_file(**event: Any) -> dict[str, Any]:
    """One thing of each kind; `event` replaces what it says of the event."""
    return copy.deepcopy(
        {
            "organizations": [ORGANIZATION],
            "people": [PERSON],
            "venues": [VENUE],
            "projects": [PROJECT],
            "programmes": [PROGRAMME],
            "events": [{**EVENT, **event}],
            "registrations": [REGISTRATION],
        }
    )


def load(document: Any) -> Loaded:
    """Load the document as the command does."""
    return load_data(actor=COMMAND, content=json.dumps(document).encode())


def problems_of(document: Any) -> dict[str, str]:
    """What loading the document complains of, by place; it must be refused."""
    try:
        load(document)
    except LoadRefused as refusal:
        return {problem.place: problem.message for problem in refusal.problems}
    raise AssertionError("the file was not refused")


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    db.session.rollback()
    return {
        table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }
