"""Forms of signing in and of one's own page."""

from __future__ import annotations

from app.accounts.passwords import MAXIMUM_LENGTH
from app.core.forms import ChoiceField, EmailField, Form, HiddenLine, LineField, SecretField
from app.core.i18n import LANGUAGE_NAMES
from app.core.i18n import lazy_gettext as _

NEXT_LIMIT = 1000


class SignInForm(Form):
    """An address with a password, or an address alone for a link by mail."""

    email = EmailField(_("E-mail"), needed=_("Please write your e-mail address."))
    password = SecretField(_("Password"), limit=MAXIMUM_LENGTH)
    next = HiddenLine(limit=NEXT_LIMIT)


class PasswordForm(Form):
    """A new password, and the present one."""

    current = SecretField(_("Present password"), limit=MAXIMUM_LENGTH)
    password = SecretField(_("New password"), needed=_("Please write the new password."), limit=MAXIMUM_LENGTH)


class ProfileForm(Form):
    """How a user is called and which language mails speak."""

    name = LineField(_("Your name"), needed=_("Please write your name."))
    language = ChoiceField(_("Language of mails and pages"), choices=list(LANGUAGE_NAMES.items()))
