"""Which mails are still true when they are rendered: one that had to wait may have been overtaken by a later deed.

What overtakes a mail sends a mail of its own, so nobody misses anything.
"""

from __future__ import annotations

from app.registration.companions import party_of
from app.registration.models import Registration, RegistrationStatus

OF_SEATS = frozenset(("registration_confirmed", "promoted"))
OF_PLACES = frozenset(("registration_changed", "registration_moved", "event_moved", "meetings_added"))
OF_REQUESTS = frozenset(("registration_pending",))


def person_to_tell(registration: Registration, message: str, *, alone: bool = False) -> Registration | None:
    """Whom this mail is about as things stand: the person, or, unless it is about her `alone`, somebody of her party.

    The others are those who share the mailbox, for one mail tells all of them. None where it is true of nobody.
    """
    if _is_true_of(registration, message):
        return registration
    mailbox = registration.contact_id
    others = [] if alone or mailbox is None else [one for one in party_of(registration) if one.contact_id == mailbox]
    return next((one for one in others if _is_true_of(one, message, registration)), None)


def _is_true_of(one: Registration, message: str, of_event: Registration | None = None) -> bool:
    event = (of_event or one).event
    if message in OF_SEATS:
        return one.has_seat and not event.is_cancelled
    if message in OF_PLACES:
        return one.is_active and not event.is_cancelled
    if message in OF_REQUESTS:
        return one.status == RegistrationStatus.PENDING and not event.is_cancelled
    return True
