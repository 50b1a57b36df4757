"""Who signs up and has a place already: nothing is told on the page, and everything by mail."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.queries import SignUpFrame
from app.core.clock import now
from app.messaging import outbox
from app.registration.operations.addresses import person_registration, registrations_in_series
from app.registration.values import SignUpResult, SignUpValues


@dataclass(frozen=True)
class Known:
    """A person who needs no new place, and what the mail names: the place here, or those in the series."""

    registration_id: int
    registrations: tuple[str, ...]
    key: str
    most: int | None = None


def find_known(event: SignUpFrame, contact_id: int | None, values: SignUpValues) -> Known | None:
    """A person who has a place at this event, or as many in its series as one may have; None for anybody else.

    Needs a running transaction that holds the contact's row. Raises `TooManyPerAddress`.
    """
    if contact_id is None:
        return None
    here = person_registration(event.id, contact_id, values.name)
    if here is not None:
        return Known(here.id, (here.public_id,), f"your_links:{here.id}")
    return full_series(event, contact_id, values)


def full_series(event: SignUpFrame, contact_id: int, values: SignUpValues) -> Known | None:
    """A person who has as many places in the event's series as one may have."""
    if event.series_id is None:
        return None
    elsewhere, most = registrations_in_series(event.series_id, contact_id, values.name)
    if most is None or len(elsewhere) < most:
        return None
    return Known(0, tuple(elsewhere), f"series_full:{event.id}:{elsewhere[0]}", most)


def answer_known(event: SignUpFrame, known: Known, values: SignUpValues) -> SignUpResult:
    """Say where the places are, by mail only, at most once an hour."""
    assert values.email is not None
    facts: dict[str, object] = {"registrations": list(known.registrations)}
    outbox.put(
        "your_links",
        to=values.email,
        language=values.language,
        facts=facts | ({"most": known.most} if known.most else {}),
        organization_id=event.organization_id,
        dedupe_key=f"{known.key}:{now():%Y%m%d%H}",
        priority=outbox.URGENT,
    )
    return SignUpResult(known.registration_id, known.registrations[0], False)
