"""The desk's pages, a module per entry of its menu."""

from app.desk.blueprint import desk
from app.desk.views import admin, audit, door, editing, events, mail, organizations, people, team, venues, waiting

__all__ = [
    "admin",
    "audit",
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
