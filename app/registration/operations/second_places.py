"""Whoever has a place already and is signed up by somebody else as well, who can't know and isn't told."""

from __future__ import annotations

from app.catalogue.models import Event
from app.core.audit import SYSTEM
from app.registration.companions import other_places_of
from app.registration.models import Registration
from app.registration.operations.cancel import end_registration


def wait_no_more(registration: Registration, event: Event) -> None:
    """Whose second place is a seat needs no other place of that mode that isn't one: it goes to the next in the queue.

    In a running transaction that holds the event's pools. Nobody is told but by the mail about the seat.
    """
    if not registration.has_seat:
        return
    for one in other_places_of(registration):
        if not one.has_seat and one.mode == registration.mode:
            end_registration(one, event, actor=SYSTEM, by="other_place", notify=False)
