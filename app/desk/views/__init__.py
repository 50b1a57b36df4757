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
    team,
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
    "team",
    "venues",
    "waiting",
]
