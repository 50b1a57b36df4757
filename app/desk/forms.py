"""Forms of the desk, but for the event's own."""

from __future__ import annotations

from typing import Any

from wtforms.validators import ValidationError

from app.core.forms import (
    ChoiceField,
    CountField,
    EmailField,
    Form,
    LineField,
    ManyField,
    NameField,
    ParagraphField,
    PhoneField,
    RadioField,
    TickField,
)
from app.core.i18n import LANGUAGE_NAMES, gettext
from app.core.i18n import lazy_gettext as _
from app.desk.words import ROLES
from app.registration.forms import WayForm
from app.registration.operations import Answer
from app.registration.questions.forms import AsksQuestions

REASON_LIMIT = 1000
WAIT, OVER = "wait", "over"
WHEN_FULL = [
    (WAIT, _("Put the person on the waiting list")),
    (OVER, _("Give a seat all the same, over the limit")),
]
GATE_LIMIT = 60
SLUG_LIMIT = 80


class InvitationForm(Form):
    """Somebody new for the team."""

    email = EmailField(_("E-mail"), needed=_("Please write the e-mail address."))
    name = LineField(_("Name"), needed=_("Please write the name."))
    role = RadioField(_("Role"), choices=list(ROLES.items()), needed=_("Please choose a role."))
    language = ChoiceField(
        _("Language of the mail"), choices=list(LANGUAGE_NAMES.items()), needed=_("Please choose the language.")
    )
    is_supervisor = TickField(_("Door supervisor: will be able to add people and undo, once the door can"))


class RoleForm(Form):
    """A new role for a member of the team."""

    role = RadioField(_("Role"), choices=list(ROLES.items()), needed=_("Please choose a role."))
    is_supervisor = TickField(_("Door supervisor: will be able to add people and undo, once the door can"))


class VenueForm(Form):
    """A place. Texts in the second language are optional."""

    name = LineField(_("Name of the place"), needed=_("Please write the name of the place."))
    address = LineField(_("Address"), needed=_("Please write the address."))
    district = LineField(_("District"), limit=100)
    directions = ParagraphField(_("How to find it"), limit=2000)
    capacity = CountField(_("Seats"), lowest=1)
    spaced_capacity = CountField(_("Seats when people sit apart"), lowest=1)
    is_outdoors = TickField(_("Outdoors"))
    has_step_free_access = TickField(_("Step-free access"))
    latitude = LineField(_("Latitude"), limit=20)
    longitude = LineField(_("Longitude"), limit=20)
    name_other = LineField(_("Name in the second language"))
    address_other = LineField(_("Address in the second language"))
    directions_other = ParagraphField(_("How to find it, in the second language"), limit=2000)

    def validate_latitude(self, field: Any) -> None:
        """Between the poles."""
        _check_degrees(field.data, 90)

    def validate_longitude(self, field: Any) -> None:
        """Around the globe once."""
        _check_degrees(field.data, 180)


def degrees(text: str) -> float | None:
    """The number in `text`, written with a point or a comma; None when it is empty. Raises `ValueError`."""
    return float(text.replace(",", ".")) if text else None


def _check_degrees(text: str, limit: int) -> None:
    try:
        value = degrees(text)
    except ValueError:
        value = float("nan")
    if value is not None and not -limit <= value <= limit:
        raise ValidationError(gettext("Please write degrees as a number, such as 55.7558."))


class GateForm(Form):
    """A phone for a door."""

    events = ManyField(_("Events"), needed=_("Please choose at least one event."))
    gate = LineField(_("Name of the door"), needed=_("Please name the door, for example A."), limit=GATE_LIMIT)
    is_supervisor = TickField(_("Supervisor: may add people and undo"))


class CancelEventForm(Form):
    """Why an event doesn't take place."""

    reason = ParagraphField(_("Why is it cancelled?"), limit=REASON_LIMIT)


class CancelSessionForm(Form):
    """Why one meeting of an event doesn't take place."""

    reason = ParagraphField(_("Why is the meeting cancelled?"), limit=REASON_LIMIT)


class DecideForm(Form):
    """Taking or declining several people."""

    people = ManyField(_("People"), needed=_("Please tick somebody first."), validate_choice=False, choices=[])
    message = ParagraphField(_("A word to those who are declined"), limit=REASON_LIMIT)
    tell = TickField(_("Tell them by mail"))


class CancelPersonForm(Form):
    """Taking a person off the list."""

    notify = TickField(_("Tell the person by mail"))


class PersonWayForm(WayForm):
    """Another way of coming for somebody else."""

    way = RadioField(_("How will the person take part?"), needed=_("Please choose how the person takes part."))
    tell = TickField(_("Tell the person by mail"))


class AddPersonForm(AsksQuestions):
    """Somebody whom the organizer puts on the list; the questions are added by the view."""

    name = NameField(_("Name"), needed=_("Please write the name."))
    phone = PhoneField(_("Telephone"))
    email = EmailField(_("E-mail"))
    wants_call = TickField(_("Please phone: this person doesn’t read mail"))
    mode = RadioField(_("How will the person take part?"), needed=_("Please choose how the person takes part."))
    partner = ChoiceField(_("Guest of"))
    sessions = ManyField(_("Sessions of this person"))
    when_full = RadioField(
        _("All seats are taken. What now?"),
        choices=WHEN_FULL,
    )
    agreed = TickField(
        _("The person agreed that we keep these data for this event"),
        needed=_("Please ask the person first, and tick this."),
    )
    tell = TickField(_("Tell the person by mail"))

    def validate(self, extra_validators: Any = None) -> bool:
        """One way to reach the person is needed, and a telephone for who is to be phoned."""
        super().validate(extra_validators)
        if not self.email.data and not self.phone.data and not (self.email.errors or self.phone.errors):
            self.refuse(gettext("Please write a telephone number or an e-mail address."), "phone")
        elif self.wants_call.data and not self.phone.data and not self.phone.errors:
            self.refuse(gettext("Please write the number to phone."), "phone")
        return not self.errors


class PersonSessionsForm(Form):
    """The sessions that a person comes to."""

    sessions = ManyField(_("Sessions of this person"))
    tell = TickField(_("Tell the person by mail"))


class AnswerForm(Form):
    """What came of a call."""

    answer = RadioField(choices=[(one, one) for one in Answer], needed=_("Please choose an answer."))


class NameForm(Form):
    """A corrected name, and how to reach the person by telephone."""

    name = LineField(_("Name"), needed=_("Please write the name."))
    phone = PhoneField(_("Telephone"))
    wants_call = TickField(_("Please phone: this person doesn’t read mail"))
    notify = TickField(_("Tell the person by mail"))


class MovePersonForm(Form):
    """Another date for a person."""

    date = RadioField(_("The other date"), needed=_("Please choose the date."))
    may_wait = TickField(_("When all seats are taken there, put the person on that waiting list"))
    tell = TickField(_("Tell the person by mail"))


class ReplacePersonForm(Form):
    """Who comes instead of a person."""

    name = NameField(_("Name of the other person"), needed=_("Please write the name."))
    email = EmailField(_("E-mail"))
    phone = PhoneField(_("Telephone"))
    tell = TickField(_("Tell both by mail"))


class PersonAddressForm(Form):
    """The right e-mail address of a person."""

    email = EmailField(_("E-mail"), needed=_("Please write the e-mail address."))
    send = TickField(_("Send the ticket, or how things stand, to this address"))


class ConsentForm(Form):
    """The words of a consent, by language."""

    is_asked = TickField(_("Ask for it when people sign up"))
    wording_en = ParagraphField(_("In English"), limit=2000)
    wording_ru = ParagraphField(_("In Russian"), limit=2000)


FILE, INVITATION = "file", "invitation"
CALENDAR_MAILS = [
    (FILE, _("A calendar file to open")),
    (INVITATION, _("An invitation that the calendar takes in by itself")),
]


class InvitationsForm(Form):
    """What mails bring to calendars."""

    calendar = RadioField(
        _("What do mails bring to people’s calendars?"),
        choices=CALENDAR_MAILS,
        needed=_("Please choose one of the two."),
    )


class OrganizationForm(InvitationsForm):
    """A new organization."""

    name = LineField(_("Name of the organization"), needed=_("Please write the name of the organization."))
    slug = LineField(_("Short name in addresses"), needed=_("Please write a short name."), limit=SLUG_LIMIT)
    email = EmailField(_("E-mail for participants"), needed=_("Please write the e-mail address."))
    language = ChoiceField(
        _("Main language"), choices=list(LANGUAGE_NAMES.items()), needed=_("Please choose the language.")
    )
    zone = ChoiceField(_("Time zone"), needed=_("Please choose the time zone."))

    def validate_slug(self, field: Any) -> None:
        """Small Latin letters, digits and hyphens."""
        if not all(part.isascii() and part.isalnum() and part == part.lower() for part in field.data.split("-")):
            raise ValidationError(gettext("Use small Latin letters, digits and hyphens, such as city-library."))
