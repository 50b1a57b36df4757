"""Who signs up and has a place already: nothing is told on the page, and everything by mail."""

from __future__ import annotations

from collections.abc import Sequence

from app.catalogue.queries import SignUpFrame
from app.core.clock import now
from app.messaging import outbox
from app.registration.operations.addresses import person_registration, registrations_in_series
from app.registration.values import SignUpResult, SignUpValues


def answer_known(event: SignUpFrame, contact_id: int | None, values: SignUpValues) -> SignUpResult | None:
    """The answer to a person who has a place at this event, or as many in its series as one may have; None else.

    Needs a running transaction that holds the contact's row. Raises `TooManyPerAddress`.
    """
    if contact_id is None:
        return None
    known = person_registration(event.id, contact_id, values.name)
    if known is not None:
        _mail(event, values, [known.public_id], key=f"your_links:{known.id}")
        return SignUpResult(known.id, known.public_id, False)
    if event.series_id is None:
        return None
    elsewhere, most = registrations_in_series(event.series_id, contact_id, values.name)
    if most is None or len(elsewhere) < most:
        return None
    _mail(event, values, elsewhere, key=f"series_full:{event.id}:{elsewhere[0]}", most=most)
    return SignUpResult(0, elsewhere[0], False)


def _mail(event: SignUpFrame, values: SignUpValues, registrations: Sequence[str], *, key: str, **facts: object) -> None:
    """Say where the places are, by mail only, at most once an hour."""
    assert values.email is not None
    outbox.put(
        "your_links",
        to=values.email,
        language=values.language,
        facts={"registrations": list(registrations), **facts},
        organization_id=event.organization_id,
        dedupe_key=f"{key}:{now():%Y%m%d%H}",
        priority=outbox.URGENT,
    )
