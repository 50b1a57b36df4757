"""How the desk names roles, states and ways of coming."""

from __future__ import annotations

from app.accounts.models import Role
from app.catalogue.models import EventStatus, Mode
from app.core.i18n import lazy_gettext as _
from app.messaging.models import DeliveryStatus
from app.registration.models import RegistrationStatus

ROLES = {
    Role.OWNER: _("Owner"),
    Role.ORGANIZER: _("Organizer"),
    Role.DOOR: _("Door helper"),
    Role.ANALYST: _("Analyst"),
}
ROLE_HINTS = {
    Role.OWNER: _("Everything, the team too."),
    Role.ORGANIZER: _("Events, people, mail, venues and the door."),
    Role.DOOR: _("Pairs phones and lets people in. Sees no list of people."),
    Role.ANALYST: _("Figures only, no names."),
}
MODES = {Mode.IN_PERSON: _("In the hall"), Mode.ONLINE: _("Online")}

# Each state: its word, icon and kind, as the macro `state_tag` takes them.
EVENT_STATES = {
    EventStatus.DRAFT: (_("Draft"), "edit", "plain"),
    EventStatus.PUBLISHED: (_("Published"), "ok", "ok"),
    EventStatus.CANCELLED: (_("Cancelled"), "cross", "bad"),
}
PERSON_STATES = {
    RegistrationStatus.CONFIRMED: (_("Has a seat"), "ok", "ok"),
    RegistrationStatus.WAITLISTED: (_("Waits"), "clock", "warn"),
    RegistrationStatus.OFFERED: (_("Has an offer"), "clock", "note"),
    RegistrationStatus.PENDING: (_("You decide"), "clock", "warn"),
    RegistrationStatus.UNCONFIRMED: (_("Mail not confirmed"), "mail", "warn"),
    RegistrationStatus.CANCELLED: (_("Off the list"), "cross", "plain"),
    RegistrationStatus.DECLINED: (_("Declined"), "cross", "plain"),
    RegistrationStatus.EXPIRED: (_("Ran out"), "cross", "plain"),
}
MAIL_STATES = {
    DeliveryStatus.QUEUED: (_("Waiting"), "clock", "note"),
    DeliveryStatus.SENT: (_("Sent"), "ok", "ok"),
    DeliveryStatus.FAILED: (_("Failed"), "cross", "bad"),
    DeliveryStatus.NOT_NEEDED: (_("No longer needed"), "ok", "plain"),
}
MAIL_NAMES = {
    "registration_confirmed": _("Ticket"),
    "registration_moved": _("Another date"),
    "registration_changed": _("Registration changed"),
    "registration_cancelled": _("Seat given back"),
    "waitlisted": _("On the waiting list"),
    "promoted": _("Ticket from the waiting list"),
    "seat_offered": _("Offer of a seat"),
    "offer_ending": _("Reminder of an offer"),
    "offer_over": _("Offer over"),
    "confirm_address": _("Button to confirm a sign-up"),
    "registration_pending": _("Request received"),
    "registration_declined": _("Declined"),
    "reminder": _("Reminder"),
    "please_reconfirm": _("Question whether the person comes"),
    "seat_released": _("Seat given to the waiting list"),
    "event_moved": _("Event moved"),
    "event_cancelled": _("Event cancelled"),
    "meetings_added": _("New meetings"),
    "session_moved": _("Meeting moved"),
    "session_cancelled": _("Meeting cancelled"),
    "address_left": _("Address corrected"),
    "your_links": _("Links to own registrations"),
    "sign_in_link": _("Link to sign in"),
    "team_invitation": _("Invitation to the team"),
    "new_sign_in": _("New sign-in"),
    "test_mail": _("Test mail"),
}
CALENDAR_HINTS = {
    "file": _("Works everywhere. Whoever opens it adds the event; later changes come by mail only."),
    "invitation": _(
        "Most calendars add the event, and change or remove it when you do. Events with several meetings stay with the "
        "file."
    ),
}
CHECK_NAMES = {
    "database": _("Database"),
    "migrations": _("Database structure"),
    "worker": _("Worker"),
    "queue": _("Queue of mails"),
}
