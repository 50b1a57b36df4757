"""Sign-up and what a person can change: untrusted input to clean values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from app.core.forms import (
    EmailField,
    Form,
    HiddenLine,
    Honeypot,
    ManyField,
    NameField,
    RadioField,
    SubmissionKey,
    TickField,
)
from app.core.i18n import LANGUAGE_NAMES, gettext, lazy_gettext, said
from app.registration import alarms
from app.registration.queries import AskedConsent
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.forms import AnswersForm, AsksQuestions
from app.registration.rules import Way, Ways
from app.registration.way_words import change_label, way_label

CONSENT = "consent_"
MOST_COMPANIONS = 29


class CompanionFields(NamedTuple):
    """The fields of one person who comes along, with the number that tells them from the others'."""

    number: int
    name: Any
    email: Any
    minor: Any
    answers: AnswersForm | None

    @property
    def is_filled(self) -> bool:
        """Whether somebody stands there; lines that were left empty are none."""
        return bool(self.name.data or self.email.data or self.minor.data or self.given_answers)

    @property
    def given_answers(self) -> dict[int, Any]:
        """This person's answers, by question."""
        return self.answers.answers if self.answers is not None else {}


class SignUpForm(AsksQuestions):
    """Name, address, how to come; the consents are added by `sign_up_form`, the questions by the view."""

    name = NameField(lazy_gettext("Your name"), needed=lazy_gettext("Please write your name."))
    email = EmailField(lazy_gettext("E-mail"), needed=lazy_gettext("Please write your e-mail address."))
    mode = RadioField(
        lazy_gettext("How will you take part?"), needed=lazy_gettext("Please choose how you will take part.")
    )
    sessions = ManyField(lazy_gettext("Choose your sessions"))
    is_minor = TickField(lazy_gettext("The participant is under 18"))
    guardian = NameField(lazy_gettext("Name of a parent or guardian"))
    guardian_agrees = TickField(lazy_gettext("I am the parent or guardian, and I agree that this person takes part"))
    others = HiddenLine()
    may_be_split: TickField
    others_agree: TickField
    key = SubmissionKey()
    trap = Honeypot()

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self._others_asks: dict[int, AnswersForm] = {}
        super().__init__(*arguments, **more)

    def validate(self, extra_validators: Any = None) -> bool:
        """For somebody under 18 a parent or guardian gives name and tick; whoever begins with one of these means it."""
        super().validate(extra_validators)
        self._check_guardian()
        self._check_companions()
        return not self.errors

    def _check_guardian(self) -> None:
        are_minors = [self.is_minor, *(one.minor for one in self.companions)]
        begun = self.guardian.data or self.guardian_agrees.data
        if begun or any(field.data for field in are_minors):
            if not any(field.data for field in are_minors):
                self.is_minor.data = True
            if not self.guardian.data and not self.guardian.errors:
                self.refuse(gettext("Please write the name of the parent or guardian."), "guardian")
            if not self.guardian_agrees.data:
                self.refuse(gettext("Please let the parent or guardian tick this."), "guardian_agrees")

    def _check_companions(self) -> None:
        filled = [one for one in self.companions if one.is_filled]
        for one in filled:
            if not one.name.data and not one.name.errors:
                self.refuse(gettext("Please write this person’s name, or take the person out."), one.name.name)
        if filled and not self.others_agree.data:
            self.refuse(gettext("Please tick this: we keep nobody’s name without it."), "others_agree")

    def forget_guardian(self) -> None:
        """The event doesn't ask for this."""
        self.is_minor.data, self.guardian.data, self.guardian_agrees.data = False, "", False
        for one in self.companions:
            one.minor.data = False

    @property
    def companions(self) -> list[CompanionFields]:
        """The fields of those who come along, the empty ones included."""
        found = []
        for number in companion_numbers(self.others.data):
            name, email, minor = (self[_field_of(number, part)] for part in _PARTS)
            found.append(CompanionFields(number, name, email, minor, self._others_asks.get(number)))
        return found

    def ask(self, formdata: Any, asked: Sequence[AskedQuestion], suggestions: Mapping[int, Sequence[str]]) -> None:
        """Ask these questions of the person and of each who comes along."""
        self.answers = AnswersForm(formdata, asked, suggestions=suggestions)
        for number in companion_numbers(self.others.data):
            prefix = f"other_{number}"
            self._others_asks[number] = AnswersForm(formdata, asked, prefix=prefix, suggestions=suggestions)

    def __iter__(self) -> Iterator[Any]:
        """The fields in the order of the page: one's own, the questions, then everybody who comes along."""
        later = {field.name for one in self.companions for field in (one.name, one.email, one.minor)}
        later |= {"may_be_split", "others_agree"}
        yield from (field for field in Form.__iter__(self) if field.name not in later)
        yield from self.answers or ()
        for number, one in enumerate(self.companions, 2):
            for field in (one.name, one.email, one.minor, *(one.answers or ())):
                field.whose = one.name.data or gettext("Person %(number)s", number=number)
                yield field
        yield from (self["may_be_split"], self["others_agree"])

    @property
    def asks(self) -> list[AnswersForm]:
        """The questions to the person, and to everybody who comes along and whose line isn't empty."""
        return super().asks + [one.answers for one in self.companions if one.answers and one.is_filled]

    def show_ways(self, codes: Sequence[str]) -> None:
        """Show these ways of coming. A form may be older than the last seat, so more are understood than shown."""
        shown = [Way.of_code(code) for code in codes]
        self.mode.choices = [(way.code, way_label(way)) for way in shown]
        chosen = Way.of_code(self.mode.data or "")
        if chosen.queue and chosen not in shown:
            self.mode.data = chosen.queue

    @property
    def consents(self) -> list[Any]:
        """The fields of the consents."""
        return [field for field in self if field.name.startswith(CONSENT)]

    @property
    def consent_text_ids(self) -> tuple[int, ...]:
        """Which wordings were agreed to."""
        return tuple(int(field.name.removeprefix(CONSENT)) for field in self.consents if field.data)


class WayForm(Form):
    """Another way of coming. What isn't possible any more is the operation's to refuse, with the reason."""

    way = RadioField(
        lazy_gettext("How will you take part?"), needed=lazy_gettext("Please choose how you will take part.")
    )

    def offer(self, ways: Ways) -> None:
        """List the ways that are open now."""
        self.way.choices = [(way.code, change_label(way, ways.now)) for way in ways.open]


class SessionsForm(Form):
    """Other sessions. What can't be chosen any more is the operation's to refuse, with the reason."""

    sessions = ManyField(lazy_gettext("Choose your sessions"))


class AddressForm(Form):
    """The right e-mail address."""

    email = EmailField(
        lazy_gettext("The right e-mail address"), needed=lazy_gettext("Please write your e-mail address.")
    )


class OwnNameForm(Form):
    """The right name."""

    name = NameField(lazy_gettext("The right name"), needed=lazy_gettext("Please write your name."))


class OtherPersonForm(Form):
    """Who comes instead."""

    name = NameField(lazy_gettext("Name of the other person"), needed=lazy_gettext("Please write the name."))
    email = EmailField(lazy_gettext("E-mail of the other person"))
    agrees = TickField(
        lazy_gettext("The other person knows of it and agrees"),
        needed=lazy_gettext("Please tick this: we keep nobody’s name without it."),
    )


class FindForm(Form):
    """The address that somebody signed up with."""

    email = EmailField(lazy_gettext("E-mail"), needed=lazy_gettext("Please write your e-mail address."))
    trap = Honeypot()


def sign_up_form(
    formdata: Any,
    *,
    modes: Sequence[str],
    consents: Sequence[AskedConsent],
    sessions: Sequence[str] = (),
    others: str = "",
    data: dict[str, Any] | None = None,
) -> SignUpForm:
    """The form of one event: the ways of coming, its sessions to choose, and a tick for each of the consents.

    `others` are the numbers of the people who come along, as `companion_numbers` reads them.
    """
    kind = _with_ticks(
        tuple((text.id, said(text.wording), text.is_required) for text in consents), companion_numbers(others)
    )
    values = dict(data or {})
    if len(modes) == 1:
        values["mode"] = modes[0]
    form = kind(formdata, data=values)
    meanwhile = [Way(seat, queue).code for seat in modes for queue in modes if seat != queue]
    form.mode.choices = [(code, code) for code in [*modes, *meanwhile]]
    form.sessions.choices = [(code, code) for code in sessions]
    form.others.data = others
    if len(modes) == 1:
        form.mode.data = modes[0]
    return form


_PARTS = ("name", "email", "minor")


def _field_of(number: int, part: str) -> str:
    return f"other_{number}_{part}"


def companion_numbers(others: str | None) -> tuple[int, ...]:
    """The numbers that the form lists, as `1 2 4`; what can't be meant is left out."""
    typed = (int(word) for word in (others or "").split() if word.isascii() and word.isdigit() and len(word) < 3)
    return tuple(dict.fromkeys(number for number in typed if number))[:MOST_COMPANIONS]


def with_one_more(others: str) -> str:
    """The list with one more person at its end."""
    numbers = companion_numbers(others)
    fresh = max(numbers, default=0) + 1
    return others if fresh > 99 else " ".join(map(str, (*numbers, fresh)))


def without_one(others: str, number: str) -> str:
    """The list without this person."""
    return " ".join(str(one) for one in companion_numbers(others) if str(one) != number)


@lru_cache(maxsize=1024)
def _with_ticks(consents: tuple[tuple[int, str, bool], ...], others: tuple[int, ...]) -> type[SignUpForm]:
    """A form with a tick for each consent, and the lines of those who come along.

    Kept, because making a class takes longer than filling its form.
    """
    fields: dict[str, Any] = {}
    for number in others:
        fields[_field_of(number, "name")] = NameField(lazy_gettext("Name"))
        fields[_field_of(number, "email")] = EmailField(lazy_gettext("E-mail"))
        fields[_field_of(number, "minor")] = TickField(lazy_gettext("Under 18"))
    fields["may_be_split"] = TickField(
        lazy_gettext("We may be split: take the seats there are, and let the others wait")
    )
    fields["others_agree"] = TickField(lazy_gettext("The people whose names I give know of it and agree"))
    for text_id, wording, is_required in consents:
        fields[f"{CONSENT}{text_id}"] = TickField(wording, needed=_NEEDED_TICK if is_required else None)
    return type("EventSignUpForm", (SignUpForm,), fields)


_NEEDED_TICK = lazy_gettext("Please tick this: without it we can’t keep your name on the list.")


class OwnCalendarForm(Form):
    """The language of one's own calendar, and the reminders in it."""

    speaks = RadioField(
        lazy_gettext("Language of the calendar"),
        choices=list(LANGUAGE_NAMES.items()),
        needed=lazy_gettext("Please choose the language of the calendar."),
    )

    alarms = RadioField(
        lazy_gettext("Reminders"),
        choices=list(alarms.CHOICES.items()),
        needed=lazy_gettext("Please choose one of the reminders."),
    )
