"""The form of an event, read into its values.

What the form doesn't ask (other languages of small texts, colour, the room in a venue) stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from app.accounts.models import Organization
from app.catalogue import queries as catalogue
from app.catalogue.audiences import AUDIENCES
from app.catalogue.formats import FORMATS
from app.catalogue.models import Mode, SignUp, SignUpWay
from app.catalogue.times_text import zone_choices
from app.catalogue.topics import TOPICS
from app.catalogue.values import SIGN_UP_SETTINGS, EventValues
from app.core.forms import (
    ChoiceField,
    CountField,
    DateField,
    EmailField,
    Form,
    HiddenLine,
    LineField,
    LinkField,
    ManyField,
    ParagraphField,
    PhoneField,
    RadioField,
    TickField,
    TimeField,
)
from app.core.i18n import LANGUAGE_NAMES, language, said
from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext as _l
from app.core.times import wall_time
from app.desk.event_data import other_language
from app.desk.hours import PASSES, Hours

TEXT_LIMIT = 10_000
LONGEST_LEAD = 720
LONGEST_RECONFIRM = 30
SHORTEST_CONFIRM, LONGEST_CONFIRM = 5, 10_080
LONGEST_OFFER = 120
LARGEST_PARTY = 30
DAY_STARTS, DAY_ENDS = time(0, 0), time(23, 59)


_MORE = (
    "price",
    "contact_email",
    "contact_phone",
    "sign_up",
    "sign_up_url",
    "opens_on",
    "opens_at",
    "closes_on",
    "closes_at",
    *SIGN_UP_SETTINGS,
    "ends_on",
    "description",
    "project",
    "programme",
)


_SECOND = ("title_other", "place_note_other", "summary_other", "description_other", "price_other")


def _coded(table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(code, entry.name) for code, entry in table.items()]


class EventForm(Hours, Form):
    """An event, with the time and place of one meeting: `session` says which."""

    title = LineField(_l("Title"), needed=_l("Please write the title."))
    language = ChoiceField(
        _l("Language of the text"), choices=list(LANGUAGE_NAMES.items()), needed=_l("Please choose the language.")
    )
    format = ChoiceField(_l("Format"), choices=_coded(FORMATS), needed=_l("Please choose the format."))
    on = DateField(_l("Day"), needed=_l("Please choose the day."))
    all_day = TickField(_l("All day, without hours"))
    starts = TimeField(_l("Starts at"), needed=_l("Please write when it starts."))
    ends = TimeField(_l("Ends at"), needed=_l("Please write when it ends."))
    zone = ChoiceField(_l("Time zone"), needed=_l("Please choose the time zone."))
    modes = ManyField(
        _l("How can people come?"),
        choices=[(Mode.IN_PERSON, _l("In the hall")), (Mode.ONLINE, _l("Online"))],
        needed=_l("Please say how people can come."),
    )
    venue = ChoiceField(_l("Place"))
    place_note = LineField(_l("Room or meeting point"))
    capacity_in_person = CountField(_l("Seats in the hall"), lowest=1)
    room_url = LinkField(_l("Link to the online room"), limit=1000)
    capacity_online = CountField(_l("Seats online"), lowest=1)
    over_limit = TickField(_l("Keep more people than seats"))
    audience = ChoiceField(_l("For whom"), choices=_coded(AUDIENCES), needed=_l("Please choose for whom it is."))
    topic = ChoiceField(
        _l("Topic"), choices=[("", _l("Choose one")), *_coded(TOPICS)], needed=_l("Please choose the topic.")
    )
    summary = ParagraphField(_l("What is it about?"), limit=2000)
    title_other = LineField(_l("Title in the second language"))
    place_note_other = LineField(_l("Room or meeting point in the second language"))
    summary_other = ParagraphField(_l("What is it about, in the second language"), limit=2000)
    description_other = ParagraphField(_l("Full text in the second language"), limit=TEXT_LIMIT)
    price_other = LineField(_l("Price in the second language"))
    description = ParagraphField(_l("Full text"), limit=TEXT_LIMIT)
    ends_on = DateField(_l("Last day, if it is another one"))
    price = LineField(_l("Price"))
    contact_email = EmailField(_l("E-mail for questions"))
    contact_phone = PhoneField(_l("Telephone for questions"))
    sign_up = RadioField(
        _l("How do people sign up?"),
        choices=[
            (SignUp.HERE, _l("Here")),
            (SignUp.JUST_COME, _l("Not at all: they just come")),
            (SignUp.ELSEWHERE, _l("On another site")),
        ],
        needed=_l("Please say how people sign up."),
    )
    sign_up_way = RadioField(
        _l("When does a sign-up count?"),
        choices=[
            (SignUpWay.AT_ONCE, _l("At once")),
            (SignUpWay.AFTER_MAIL, _l("After a button in the mail is pressed")),
            (SignUpWay.I_DECIDE, _l("When I say so: I decide about each")),
        ],
    )
    confirm_minutes = CountField(
        _l("Minutes for the button in the mail"), lowest=SHORTEST_CONFIRM, highest=LONGEST_CONFIRM
    )
    sign_up_url = LinkField(_l("Address of the sign-up page"))
    opens_on = DateField(_l("Sign-up opens on"))
    opens_at = TimeField(_l("At"))
    closes_on = DateField(_l("Sign-up closes on"))
    closes_at = TimeField(_l("At"))
    has_waiting_list = TickField(_l("Waiting list when all seats are taken"))
    offer_lead_hours = CountField(_l("Ask the next person first when fewer hours are left"), highest=LONGEST_LEAD)
    offer_hours = CountField(_l("Hours to answer the offer of a seat"), lowest=1, highest=LONGEST_OFFER)
    change_lead_hours = CountField(
        _l("People can change how they come until so many hours before the start"), highest=LONGEST_LEAD
    )
    reminder_hours = CountField(_l("Remind people so many hours before the start"), highest=LONGEST_LEAD)
    late_reminder_hours = CountField(_l("And once more, so many hours before"), highest=LONGEST_LEAD)
    reconfirm_days = CountField(_l("Ask everybody whether they come, so many days before"), highest=LONGEST_RECONFIRM)
    release_hours = CountField(
        _l("Give silent people’s seats to those who wait from so many hours before the start"),
        lowest=1,
        highest=LONGEST_LEAD,
    )
    asks_guardian = TickField(_l("For people under 18 ask for a parent or guardian"))
    largest_party = CountField(_l("How many people one person may sign up at once"), lowest=1, highest=LARGEST_PARTY)
    project = ChoiceField(_l("Project"))
    programme = ChoiceField(_l("Programme"))
    starts_pass = RadioField(_l("That night the clocks show the hour of the start twice. Which one?"), choices=PASSES)
    ends_pass = RadioField(_l("That night the clocks show the hour of the end twice. Which one?"), choices=PASSES)
    session = HiddenLine(limit=20)
    seen = HiddenLine(limit=60)

    @property
    def has_more_errors(self) -> bool:
        """Whether something is wrong in the part that is folded at first."""
        return any(self[name].errors for name in _MORE)

    @property
    def has_second_language(self) -> bool:
        """Whether something is said, or wrong, in the second language, which is folded at first."""
        return any(self[name].data or self[name].errors for name in _SECOND)

    def offer(self, organization: Organization, zone: str | None = None) -> None:
        """Fill the lists that differ between organizations."""
        self.zone.choices = zone_choices([zone or organization.zone, organization.zone], language())
        venues = catalogue.venues_of(organization.id)
        self.venue.choices = [("", _("Another place, or none")), *((str(one.id), said(one.name)) for one in venues)]
        projects = catalogue.projects_of(organization.id)
        self.project.choices = [("", _("None")), *((str(one.id), said(one.title)) for one in projects)]
        programmes = catalogue.programmes()
        self.programme.choices = [("", _("None")), *((str(one.id), said(one.title)) for one in programmes)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Each answer by itself, and all together as far as they can be understood."""
        self.let_hours_out()
        super().validate(extra_validators)
        if not self.zone.errors:
            self.check_hours()
            self._check_sign_up()
        return not self.errors

    def read(self, before: EventValues | None) -> EventValues:
        """The values of a valid form, on top of `before`."""
        return self._values(before)

    def _instant(self, day: Any, hour: Any, otherwise: time) -> datetime | None:
        if day.data is None:
            return None
        return wall_time(datetime.combine(day.data, hour.data or otherwise), self.zone.data).at

    @property
    def _opens(self) -> datetime | None:
        return self._instant(self.opens_on, self.opens_at, DAY_STARTS)

    @property
    def _closes(self) -> datetime | None:
        return self._instant(self.closes_on, self.closes_at, DAY_ENDS)

    def _check_sign_up(self) -> None:
        if self.sign_up.data == SignUp.ELSEWHERE and not self.sign_up_url.data:
            self.refuse(_("Please give the address of the page where people sign up."), "sign_up_url")
        if self.sign_up.data == SignUp.JUST_COME and Mode.ONLINE in self.modes.data and self.room_url.data:
            self.refuse(
                _(
                    "Without sign-up nobody is shown this link. Let people sign up here, or leave the link empty and "
                    "write into the text how to join."
                ),
                "room_url",
            )
        both = [
            self._has_instant(self.opens_on, self.opens_at, DAY_STARTS),
            self._has_instant(self.closes_on, self.closes_at, DAY_ENDS),
        ]
        if all(both) and self._opens and self._closes and self._closes <= self._opens:
            self.refuse(_("Sign-up must close later than it opens."), "closes_on")

    def _has_instant(self, day: Any, hour: Any, otherwise: time) -> bool:
        """Whether that instant can be told; an hour without a day, or one that the clocks skip, is refused."""
        if day.data is None:
            if hour.data is not None:
                self.refuse(_("Please choose the day too."), day.name)
            return hour.data is None
        return self.happens(datetime.combine(day.data, hour.data or otherwise), hour.name)

    def _values(self, before: EventValues | None) -> EventValues:
        first, second = self.language.data, other_language(self.language.data)
        venue_id = _number(self.venue.data)
        return EventValues(
            title={first: self.title.data, second: self.title_other.data},
            summary={first: self.summary.data, second: self.summary_other.data},
            description={first: self.description.data, second: self.description_other.data},
            place_note={first: self.place_note.data, second: self.place_note_other.data},
            price={first: self.price.data, second: self.price_other.data},
            format=self.format.data,
            audience=self.audience.data,
            topic=self.topic.data,
            language=first,
            zone=self.zone.data,
            **self.times(before),
            is_in_person=Mode.IN_PERSON in self.modes.data,
            is_online=Mode.ONLINE in self.modes.data,
            venue_id=venue_id,
            room_id=before.room_id if before and before.venue_id == venue_id else None,
            room_url=self.room_url.data or None,
            room_note=before.room_note if before else {},
            capacity_in_person=self.capacity_in_person.data,
            capacity_online=self.capacity_online.data,
            sign_up=self.sign_up.data,
            sign_up_way=self.sign_up_way.data or SignUpWay.AT_ONCE,
            confirm_minutes=_or(self.confirm_minutes.data, EventValues.confirm_minutes),
            sign_up_url=self.sign_up_url.data or None,
            sign_up_opens_at=self._opens,
            sign_up_closes_at=self._closes,
            has_waiting_list=self.has_waiting_list.data,
            offer_lead_hours=_or(self.offer_lead_hours.data, EventValues.offer_lead_hours),
            offer_hours=_or(self.offer_hours.data, EventValues.offer_hours),
            change_lead_hours=_or(self.change_lead_hours.data, EventValues.change_lead_hours),
            reminder_hours=self.reminder_hours.data or 0,
            late_reminder_hours=self.late_reminder_hours.data or 0,
            reconfirm_days=self.reconfirm_days.data or 0,
            asks_guardian=self.asks_guardian.data,
            largest_party=_or(self.largest_party.data, EventValues.largest_party),
            release_hours=_or(self.release_hours.data, EventValues.release_hours),
            contact_email=self.contact_email.data or None,
            contact_phone=self.contact_phone.data or None,
            colour=before.colour if before else None,
            project_id=_number(self.project.data),
            programme_id=_number(self.programme.data),
            confirm_over_limit=self.over_limit.data,
        )


def _or(number: int | None, otherwise: int) -> int:
    """What was typed, or what an empty field means."""
    return otherwise if number is None else number


def _number(text: str | None) -> int | None:
    return int(text) if text else None
