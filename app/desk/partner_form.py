"""The form of a partner: who it is, what is kept for its guests, and what it may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.accounts.queries import all_organizations
from app.catalogue.models import Event, EventPartner, Mode, PartnerKind, SeatPool
from app.catalogue.rules import release_day
from app.catalogue.values import PartnerValues
from app.core.clock import now
from app.core.forms import ChoiceField, CountField, DateField, Form, LineField, LinkField, RadioField
from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext as _l
from app.core.i18n import said
from app.core.times import local_time
from app.desk.event_data import other_language

NAMES, COUNTS = "names", "counts"
KINDS: dict[str, Any] = {
    PartnerKind.PARTNER: _l("Partner"),
    PartnerKind.CO_ORGANIZER: _l("Co-organizer"),
    PartnerKind.FUNDER: _l("Funder"),
}
MOST_DAYS = 365


class PartnerForm(Form):
    """A partner of an event. What can't be kept is the operation's to refuse, with the reason."""

    kind = RadioField(_l("What is it to the event?"), choices=list(KINDS.items()), needed=_l("Please choose one."))
    name = LineField(_l("Name of the partner"))
    name_other = LineField(_l("Name in the second language"))
    organization = ChoiceField(_l("Or an organization of this site"))
    website = LinkField(_l("Website"), limit=300)
    seats_in_person = CountField(_l("Seats kept in the hall"))
    seats_online = CountField(_l("Seats kept online"))
    release_on = DateField(_l("Day on which the free ones go to everybody"))
    shows = RadioField(
        _l("What may the partner see of its guests?"),
        choices=[
            (COUNTS, _l("Only how many there are")),
            (NAMES, _l("Names of those who agreed to it")),
        ],
        needed=_l("Please choose what the partner may see."),
    )

    def offer(self) -> None:
        """Fill in the organizations of this site."""
        self.organization.choices = [("", _("None")), *((str(one.id), said(one.name)) for one in all_organizations())]

    def read(self, event: Event, before: EventPartner | None) -> PartnerValues:
        """The values of a valid form. Without a day the one that was agreed before stays."""
        first, second = event.language, other_language(event.language)
        texts = {first: self.name.data, second: self.name_other.data}
        usual = before.release_days if before else _usual_days(event)
        return PartnerValues(
            kind=self.kind.data,
            name={code: text for code, text in texts.items() if text},
            organization_id=int(self.organization.data) if self.organization.data else None,
            website=self.website.data or None,
            seats_in_person=self.seats_in_person.data or 0,
            seats_online=self.seats_online.data or 0,
            release_days=self._days(event, self.release_on.data) if self.release_on.data else usual,
            shows_names=self.shows.data == NAMES,
        )

    def check_day(self, event: Event) -> bool:
        """Whether the day, if there is one, lies before the event, and not years before it."""
        day = self.release_on.data
        if day is not None and not 0 <= self._days(event, day) <= MOST_DAYS:
            self.refuse(_("Please choose a day before the event, or its own."), "release_on")
            return False
        return True

    @staticmethod
    def _days(event: Event, day: date) -> int:
        return (release_day(event.starts_at, event.zone, 0) - day).days


def partner_data(event: Event, row: EventPartner | None, pools: Mapping[str, SeatPool]) -> dict[str, Any]:
    """What the form begins with, of a new partner or of one that is known."""
    if row is None:
        day = release_day(event.starts_at, event.zone, _usual_days(event))
        return {"kind": PartnerKind.PARTNER, "shows": COUNTS, "release_on": day}
    first, second = event.language, other_language(event.language)
    return {
        "kind": row.kind,
        "name": row.name.get(first, ""),
        "name_other": row.name.get(second, ""),
        "organization": str(row.organization_id or ""),
        "website": row.website or "",
        "seats_in_person": pools[Mode.IN_PERSON].capacity if Mode.IN_PERSON in pools else None,
        "seats_online": pools[Mode.ONLINE].capacity if Mode.ONLINE in pools else None,
        "release_on": release_day(event.starts_at, event.zone, row.release_days),
        "shows": NAMES if row.shows_names else COUNTS,
    }


def _usual_days(event: Event) -> int:
    """A week before the event, or tomorrow, if that is later; never after the start."""
    starts = release_day(event.starts_at, event.zone, 0)
    tomorrow = local_time(now(), event.zone).date() + timedelta(days=1)
    return max(min(PartnerValues.release_days, (starts - tomorrow).days), 0)
