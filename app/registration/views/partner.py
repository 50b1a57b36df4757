"""A partner's own page: how many of its guests come, or who."""

from __future__ import annotations

from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.models import Event, EventStatus
from app.catalogue.queries import desk_partners
from app.core.errors import Missing
from app.core.i18n import gettext as _
from app.core.i18n import said
from app.core.pages import absolute
from app.core.settings import settings
from app.registration.facts import event_facts, mode_word
from app.registration.guests import Figures, Guest, event_of, figures_of, find_partner_by_page, guests_of, release_text
from app.registration.models import RegistrationStatus
from app.registration.purposes import PARTNER
from app.registration.qr import qr_svg
from app.registration.queries import current_consents
from app.registration.views.blueprint import own_page, registration


@registration.get("/partner/<token>")
def partner_page(token: str) -> BaseResponse:
    """Seats kept, taken and free, and, where the organizer allows it, the names of those who agreed."""
    partner = find_partner_by_page(token)
    if partner is None:
        raise Missing(_("This link is no longer valid. Please ask the organizer of the event for a new one."))
    event = event_of(partner)
    name = next(one.name for one in desk_partners(event.id) if one.row.id == partner.id)
    named, others = guests_of(partner.id) if partner.shows_names else ([], 0)
    link = absolute(f"/e/{event.slug}?via={partner.code}")
    return own_page(
        "partner",
        event=event,
        facts=event_facts(event, settings().base_url),
        partner=partner,
        name=said(name),
        figures=figures_of(event.id).get(partner.id, Figures()),
        release_day=release_text(event, partner),
        named=[_cells(event, one) for one in named],
        others=others,
        asks=any(text.purpose == PARTNER for text in current_consents(event.organization_id, event.id)),
        link=link if event.status == EventStatus.PUBLISHED else "",
        code=qr_svg(link),
    )


def _cells(event: Event, guest: Guest) -> list[str]:
    how = [mode_word(guest.mode)] if event.is_in_person and event.is_online else []
    return [guest.name, *how, _state_words(guest.status)]


def _state_words(status: str) -> str:
    return {
        RegistrationStatus.CONFIRMED: _("has a seat"),
        RegistrationStatus.OFFERED: _("is offered a seat"),
        RegistrationStatus.WAITLISTED: _("is on the waiting list"),
    }.get(RegistrationStatus(status), _("has signed up, but it doesn’t count yet"))
