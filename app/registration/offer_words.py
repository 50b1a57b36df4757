"""What is said to somebody who answers an offer that isn't there."""

from __future__ import annotations

from app.core.i18n import gettext as _
from app.registration import seats
from app.registration.models import Registration, RegistrationStatus


def no_offer_words(registration: Registration) -> str:
    """Why the seat is no longer offered."""
    if registration.status == RegistrationStatus.WAITLISTED:
        return _("No seat is offered to you just now. We write to you when one is free.")
    is_late = any(entry.offer_until is not None for entry in seats.entries_of(registration.id))
    if is_late or registration.ended_by == "time":
        return _("The time to answer is over.")
    if registration.ended_by == "person":
        return _("You have answered already.")
    return _("This offer is over. Your page says how things stand now.")
