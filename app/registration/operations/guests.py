"""Whom a partner has sent: whose guest somebody is, and the seats that are kept for such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.catalogue.queries import SignUpFrame, desk_partners, find_partner, sign_up_frame
from app.registration import partner_seats, seats
from app.registration.values import SignUpValues


def as_guest(event: SignUpFrame, values: SignUpValues) -> tuple[SignUpFrame, SignUpValues]:
    """Of somebody who came by a partner's link: whose guest it is, and the event with its seats, which are held then.

    What is kept may change at any moment: nobody is to wait beside a seat that was kept meanwhile.
    """
    if values.via is None or find_partner(event.id, values.via) is None:
        return event, values
    seats.hold(event.id)
    partner = find_partner(event.id, values.via)
    return frame_of(event.id), replace(values, partner_id=partner and partner.id)


def hold_for_guest(event_id: int, values: SignUpValues) -> SignUpValues:
    """Of somebody whom the organizer adds as a guest: the event's seats are held, and the partner is still there."""
    if values.partner_id is None:
        return values
    seats.hold(event_id)
    is_there = values.partner_id in [one.row.id for one in desk_partners(event_id)]
    return values if is_there else replace(values, partner_id=None)


def frame_of(event_id: int) -> SignUpFrame:
    """The event with its seats as they are now."""
    event = sign_up_frame(event_id)
    assert event is not None
    return event


def claim_seat(event: SignUpFrame, registration_id: int, pool_id: int, values: SignUpValues) -> bool:
    """Take a seat of this pool of everybody's; the guest of a partner has one that is kept, if there is one."""
    if values.partner_id is None:
        return seats.claim(registration_id, [pool_id])
    return partner_seats.claim_first([registration_id], _pools_of_guest(event, pool_id, values.partner_id))


def claim_seats(event: SignUpFrame, registration_ids: Sequence[int], pool_id: int, values: SignUpValues) -> bool:
    """The same for several people, all or none, who may also have what nobody who waits can use. The pools are held."""
    if values.partner_id is None:
        return seats.claim_together(registration_ids, pool_id)
    return partner_seats.claim_first(registration_ids, _pools_of_guest(event, pool_id, values.partner_id))


def left_for(event: SignUpFrame, pool_id: int, values: SignUpValues) -> int:
    """How many seats nobody has that this person could have: of everybody's, and of a guest's partner."""
    if values.partner_id is None:
        return seats.left_in(pool_id)
    return partner_seats.left_for(_pools_of_guest(event, pool_id, values.partner_id))


def _pools_of_guest(event: SignUpFrame, pool_id: int, partner_id: int) -> list[int]:
    mode = next(pool.mode for pool in event.pools if pool.id == pool_id)
    return partner_seats.pools_for(event.pools, mode, partner_id)
