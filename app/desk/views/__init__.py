"""The desk's pages, a module per entry of its menu."""

from app.desk.blueprint import desk
from app.desk.views import (
    adding,
    admin,
    answers,
    audit,
    calls,
    door,
    editing,
    events,
    mail,
    organizations,
    people,
    session_editing,
    sessions,
    team,
    tracks,
    venues,
    waiting,
)

__all__ = [
    "adding",
    "admin",
    "answers",
    "audit",
    "calls",
    "desk",
    "door",
    "editing",
    "events",
    "mail",
    "organizations",
    "people",
    "session_editing",
    "sessions",
    "team",
    "tracks",
    "venues",
    "waiting",
]
