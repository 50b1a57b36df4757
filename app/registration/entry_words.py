"""What a calendar entry says to the people of one mailbox, beside the event's own words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from app.catalogue.models import Mode
from app.core.i18n import gettext as _
from app.registration.standings import Place, Standing
from app.registration.tickets import manage_url
from app.registration.waiting_words import deadline_words


def title_prefix(standing: Standing) -> str:
    """The words before the title of an entry that is no seat yet."""
    words: dict[Standing, str] = {
        Standing.ASKED: _("Not decided yet:"),
        Standing.WAITS: _("Waiting list:"),
        Standing.OFFERED: _("A seat is offered:"),
    }
    return words.get(standing, "")


def note_of(places: Sequence[Place], *, is_off: bool = False) -> str:
    """How things stand, and the own pages; of what doesn't take place only that."""
    if is_off:
        return _("It doesn’t take place. You need not do anything.")
    return _note_of_one(places[0]) if len(places) == 1 else _note_of_several(places)


def _note_of_one(place: Place) -> str:
    url = manage_url(place.person)
    if place.standing is Standing.COMES:
        note = _("Your ticket, or if you can’t come: %(url)s", url=url)
        if place.mode == Mode.ONLINE:
            note = _("Enter the online room here: %(url)s", url=f"{url}/room") + "\n" + note
        return note
    not_yet = _("This is not a ticket yet. Please don’t come without a seat.")
    page = _("How things stand: %(url)s", url=url)
    if place.standing is Standing.OFFERED:
        return "\n".join([_offer_words(place), _("Take it or leave it here: %(url)s", url=f"{url}/offer"), not_yet])
    if place.standing is Standing.WAITS:
        return "\n".join([_("You are on the waiting list."), not_yet, page])
    return "\n".join([_("The organizer decides about your place."), not_yet, page])


def _offer_words(place: Place) -> str:
    if place.until is None:
        return _("A seat is free for you")
    return _("A seat is offered until %(time)s.", time=deadline_words(place.until, place.session.zone))


def _note_of_several(places: Sequence[Place]) -> str:
    """Who comes and who doesn't yet, a line for each standing, then everybody's page."""
    strongest_first = sorted(places, key=lambda place: -place.standing)
    lines = []
    for standing, group in groupby(strongest_first, key=lambda place: place.standing):
        people = list(group)
        names = ", ".join(_named(place) for place in people)
        lines.append(_who(standing, names))
        lines += [f"{place.person.name}: {_offer_words(place)}" for place in people if standing is Standing.OFFERED]
    lines.append(_("Tickets, or if somebody can’t come:"))
    lines += [f"{place.person.name}: {manage_url(place.person)}" for place in places]
    rooms = [place for place in places if place.standing is Standing.COMES and place.mode == Mode.ONLINE]
    if rooms:
        lines.append(_("Enter the online room here: %(url)s", url=f"{manage_url(rooms[0].person)}/room"))
    return "\n".join(lines)


def _who(standing: Standing, names: str) -> str:
    words: dict[Standing, str] = {
        Standing.COMES: _("Who comes: %(names)s", names=names),
        Standing.OFFERED: _("A seat is offered to: %(names)s", names=names),
        Standing.WAITS: _("On the waiting list: %(names)s", names=names),
        Standing.ASKED: _("Not decided yet: %(names)s", names=names),
    }
    return words[standing]


def _named(place: Place) -> str:
    return _("%(name)s (online)", name=place.person.name) if place.mode == Mode.ONLINE else place.person.name
