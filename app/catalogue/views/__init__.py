"""The catalogue's public pages and feeds."""

from app.catalogue.views import about, events, feeds, places
from app.catalogue.views.blueprint import public

__all__ = ["about", "events", "feeds", "places", "public"]
