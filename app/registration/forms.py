"""Sign-up and what a person can change: untrusted input to clean values."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from app.core.forms import EmailField, Form, Honeypot, ManyField, NameField, RadioField, SubmissionKey, TickField
from app.core.i18n import gettext, lazy_gettext, said
from app.registration.queries import AskedConsent
from app.registration.rules import Way, Ways
from app.registration.way_words import change_label, way_label

CONSENT = "consent_"


class SignUpForm(Form):
    """Name, address, how to come; the consents are added by `sign_up_form`."""

    name = NameField(lazy_gettext("Your name"), needed=lazy_gettext("Please write your name."))
    email = EmailField(lazy_gettext("E-mail"), needed=lazy_gettext("Please write your e-mail address."))
    mode = RadioField(
        lazy_gettext("How will you take part?"), needed=lazy_gettext("Please choose how you will take part.")
    )
    sessions = ManyField(lazy_gettext("Choose your sessions"))
    is_minor = TickField(lazy_gettext("The participant is under 18"))
    guardian = NameField(lazy_gettext("Name of a parent or guardian"))
    guardian_agrees = TickField(lazy_gettext("I am the parent or guardian, and I agree that this person takes part"))
    key = SubmissionKey()
    trap = Honeypot()

    def validate(self, extra_validators: Any = None) -> bool:
        """For somebody under 18 a parent or guardian gives name and tick; whoever begins with one of these means it."""
        super().validate(extra_validators)
        if self.is_minor.data or self.guardian.data or self.guardian_agrees.data:
            self.is_minor.data = True
            if not self.guardian.data and not self.guardian.errors:
                self.refuse(gettext("Please write the name of the parent or guardian."), "guardian")
            if not self.guardian_agrees.data:
                self.refuse(gettext("Please let the parent or guardian tick this."), "guardian_agrees")
        return not self.errors

    def forget_guardian(self) -> None:
        """The event doesn't ask for this."""
        self.is_minor.data, self.guardian.data, self.guardian_agrees.data = False, "", False

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
    data: dict[str, Any] | None = None,
) -> SignUpForm:
    """The form of one event: the ways of coming, its sessions to choose, and a tick for each of the consents."""
    kind = _with_ticks(tuple((text.id, said(text.wording), text.is_required) for text in consents))
    values = dict(data or {})
    if len(modes) == 1:
        values["mode"] = modes[0]
    form = kind(formdata, data=values)
    meanwhile = [Way(seat, queue).code for seat in modes for queue in modes if seat != queue]
    form.mode.choices = [(code, code) for code in [*modes, *meanwhile]]
    form.sessions.choices = [(code, code) for code in sessions]
    if len(modes) == 1:
        form.mode.data = modes[0]
    return form


@lru_cache(maxsize=1024)
def _with_ticks(consents: tuple[tuple[int, str, bool], ...]) -> type[SignUpForm]:
    """A form with a tick for each consent, kept because making a class takes longer than filling its form."""
    ticks: dict[str, Any] = {
        f"{CONSENT}{text_id}": TickField(wording, needed=_NEEDED_TICK if is_required else None)
        for text_id, wording, is_required in consents
    }
    return type("EventSignUpForm", (SignUpForm,), ticks)


_NEEDED_TICK = lazy_gettext("Please tick this: without it we can’t keep your name on the list.")
