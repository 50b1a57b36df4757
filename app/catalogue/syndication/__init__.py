"""News feeds (Atom, JSON Feed): pure functions, the same facts give the same bytes."""

from app.catalogue.syndication.atom import render_atom
from app.catalogue.syndication.facts import FeedHead, FeedItem, Meeting, Place, lasting_id
from app.catalogue.syndication.json_feed import render_json
from app.catalogue.syndication.text import clean

__all__ = ["FeedHead", "FeedItem", "Meeting", "Place", "clean", "lasting_id", "render_atom", "render_json"]
