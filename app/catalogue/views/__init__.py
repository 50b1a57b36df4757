"""The public pages and feeds of the catalogue."""

from app.catalogue.views import about, events, feeds, months, pictures, places, sitemap, subscribing
from app.catalogue.views.blueprint import public

__all__ = ["about", "events", "feeds", "months", "pictures", "places", "public", "sitemap", "subscribing"]
