"""Partners of an event: seats kept for their guests, the link that leads to these, and the day on which they are freed.

Everybody's seats and the kept ones are together always as many as the hall has. What a partner no longer needs goes to
everybody, and so to those who wait.
"""

from __future__ import annotations

from sqlalchemy import delete, update

from app.accounts.models import Organization
from app.accounts.permissions import Person
from app.catalogue import operations as catalogue
from app.catalogue.derive import derive_kept
from app.catalogue.models import Event, EventPartner, Mode, SeatPool
from app.catalogue.operations.events import refuse_cancelled
from app.catalogue.operations.writing import finish, later_than
from app.catalogue.queries import desk_partners, pools_of
from app.catalogue.rules import kept_until
from app.catalogue.values import PartnerValues
from app.core import audit
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.core.errors import Missing, Refused
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.core.security.links import link_code, link_token, new_public_id, token_hash
from app.core.settings import settings
from app.registration import partner_seats, seats
from app.registration.models import Registration
from app.registration.operations.waiting import fill_seats, release_due


class CantKeep(Refused):
    """So many seats can't be kept, or not fewer; `mode` says which."""

    code = "cant_keep"


class TooLateToKeep(Refused):
    """The day on which kept seats join everybody's has come."""

    code = "too_late_to_keep"


class NoSuchPartner(Refused):
    """Neither a name nor an organization of this site."""

    code = "no_such_partner"


def add_partner(*, actor: Person, event_id: int, values: PartnerValues) -> int:
    """Put a partner on the event, keep seats for its guests, and return its id.

    Changes: the event's page; of everybody's free seats those that are kept. Raises `CantKeep`, `TooLateToKeep`,
    `NoSuchPartner`, `NotAllowed`, `Missing`.
    """
    with transaction():
        seats.hold(event_id)
        event = _event_to_change(actor, event_id)
        partner = EventPartner(event_id=event_id, position=len(desk_partners(event_id)))
        _fill(partner, values)
        db.session.add(partner)
        _make_page(partner)
        db.session.flush()
        _keep(event, partner, values)
        _finish(actor, event, partner, "add_partner")
        return partner.id


def edit_partner(*, actor: Person, partner_id: int, values: PartnerValues) -> None:
    """Change what is said of a partner and how many seats are kept; those that come free go to who waits.

    Outside: mails to those who move up. Raises as `add_partner`.
    """
    with transaction():
        event, partner = _partner_to_change(actor, partner_id)
        _fill(partner, values)
        _keep(event, partner, values)
        _finish(actor, event, partner, "edit_partner")
    fill_seats(event.id)


def remove_partner(*, actor: Person, partner_id: int) -> None:
    """Take a partner off the event. Its unused seats are everybody's; its guests keep theirs, and their registrations.

    Outside: mails to those who move up. Raises `NotAllowed`, `Missing`.
    """
    with transaction():
        event, partner = _partner_to_change(actor, partner_id)
        for mode in Mode:
            kept = partner_seats.kept_for(partner_id, mode)
            if kept is not None:
                _keep_in_mode(event, partner, mode, 0, kept)
        execute(update(Registration).where(Registration.partner_id == partner_id).values(partner_id=None))
        _finish(actor, event, partner, "remove_partner")
        db.session.expunge(partner)
        execute(delete(EventPartner).where(EventPartner.id == partner_id))
    fill_seats(event.id)


def renew_partner_link(*, actor: Person, partner_id: int) -> None:
    """Give the partner another link for guests; the old one leads to the event, but to no kept seat."""
    with transaction():
        event, partner = _partner_to_change(actor, partner_id)
        partner.code = link_code()
        _finish(actor, event, partner, "renew_partner_link")


def renew_partner_page(*, actor: Person, partner_id: int) -> None:
    """Give the partner's own page another secret address, or its first one; the old one is gone."""
    with transaction():
        event, partner = _partner_to_change(actor, partner_id)
        _make_page(partner)
        _finish(actor, event, partner, "renew_partner_page")


def release_kept_seats() -> int:
    """Let the kept seats whose day has come join everybody's, an event per transaction; returns how many events.

    What was broken off goes on: those who wait get their seats by `fill_seats`, of which the worker does the rest.
    """
    event_ids = partner_seats.events_to_release(now())
    for event_id in event_ids:
        with transaction():
            seats.hold(event_id)
            release_due(event_id)
        fill_seats(event_id)
    return len(event_ids)


def partner_page_token(partner: EventPartner) -> str | None:
    """The secret part of the address of the partner's own page; None while there is none."""
    if partner.page_hash is None:
        return None
    return link_token("partner", partner.public_id, partner.page_generation, partner.key_number)


def _event_to_change(actor: Person, event_id: int) -> Event:
    event = catalogue.event_to_edit(actor, event_id)
    refuse_cancelled(event)
    return event


def _partner_to_change(actor: Person, partner_id: int) -> tuple[Event, EventPartner]:
    """Both as they are once nobody else can move a seat. Raises `Missing`, `NotAllowed`."""
    partner = db.session.get(EventPartner, partner_id)
    if partner is None:
        raise Missing
    seats.hold(partner.event_id)
    event = _event_to_change(actor, partner.event_id)
    db.session.refresh(event)
    partner = db.session.get(EventPartner, partner_id, populate_existing=True)
    if partner is None:
        raise Missing
    return event, partner


def _fill(partner: EventPartner, values: PartnerValues) -> None:
    name = {language: text for language, text in values.name.items() if text}
    if values.organization_id is not None and db.session.get(Organization, values.organization_id) is None:
        raise NoSuchPartner(_("This organization is gone. Choose another one."))
    if values.organization_id is None and not name:
        raise NoSuchPartner(_("Please write the partner’s name, or choose an organization."))
    partner.kind, partner.name, partner.website = values.kind, name, values.website
    partner.organization_id = values.organization_id
    partner.release_days, partner.shows_names = values.release_days, values.shows_names


def _make_page(partner: EventPartner) -> None:
    """A secret address for the partner's page; what is kept of it is a hash."""
    partner.public_id = partner.public_id or new_public_id()
    partner.page_generation = (partner.page_generation or 0) + 1
    partner.key_number = settings().link_key.number
    token = link_token("partner", partner.public_id, partner.page_generation, partner.key_number)
    partner.page_hash = token_hash(token)


def _keep(event: Event, partner: EventPartner, values: PartnerValues) -> None:
    """Keep so many seats as were asked for, no more and no fewer. Raises `CantKeep`, `TooLateToKeep`."""
    wanted = {Mode.IN_PERSON: values.seats_in_person, Mode.ONLINE: values.seats_online}
    if any(wanted.values()) and kept_until(event.starts_at, event.zone, values.release_days) <= now():
        raise TooLateToKeep(_("On this day the seats join everybody’s, so it must be later than today."))
    for mode, number in wanted.items():
        kept = partner_seats.kept_for(partner.id, mode)
        if number != (kept.capacity if kept else 0):
            _keep_in_mode(event, partner, mode, number, kept)
    if any(wanted.values()):
        partner.released_at = None
    derive_kept(event)


def _keep_in_mode(event: Event, partner: EventPartner, mode: Mode, number: int, kept: SeatPool | None) -> None:
    setattr(partner, f"seats_{mode}", number)
    everybodys = next(
        (pool for pool in pools_of(event.id) if pool.mode == mode and pool.session_id is pool.partner_id is None), None
    )
    if everybodys is None:
        raise CantKeep(_("Nobody can come that way, so there are no seats to keep."), mode=mode)
    if everybodys.capacity is None:
        raise CantKeep(
            _("Without a limit of seats nothing can be kept. Set their number in the event first."), mode=mode
        )
    if kept is None:
        kept = SeatPool(event_id=event.id, partner_id=partner.id, mode=mode, capacity=0)
        db.session.add(kept)
        db.session.flush()
    if number == 0:
        partner_seats.end_keeping(kept.id, everybodys.id)
        return
    more = number - (kept.capacity or 0)
    if more > 0 and not partner_seats.keep(everybodys.id, kept.id, more):
        raise CantKeep(_too_many_words(everybodys), mode=mode)
    if more < 0 and not partner_seats.return_unused(kept.id, everybodys.id, -more):
        raise CantKeep(_too_few_words(kept.taken), mode=mode)


def _too_many_words(pool: SeatPool) -> str:
    if pool.waiting:
        return _("People wait for these seats, so none can be kept. Give the event more seats first.")
    return ngettext(
        "Only %(num)d seat more can be kept: the others are taken.",
        "Only %(num)d seats more can be kept: the others are taken.",
        max((pool.capacity or 0) - pool.taken, 0),
    )


def _too_few_words(taken: int) -> str:
    return ngettext(
        "%(num)d of these seats is taken. Keep at least as many, or none: who has one keeps it.",
        "%(num)d of these seats are taken. Keep at least as many, or none: who has one keeps it.",
        taken,
    )


def _finish(actor: Person, event: Event, partner: EventPartner, action: str) -> None:
    """The event's page names its partners, so it reads differently."""
    event.changed_at = later_than(event.changed_at)
    audit.record(
        actor.actor,
        action,
        organization_id=event.organization_id,
        event_id=event.id,
        subject=("partner", partner.id),
        partner=partner.name or None,
        seats=partner.seats_in_person + partner.seats_online,
    )
    finish(event)
