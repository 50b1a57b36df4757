"""People who may be on an event's list twice: shown to the organizer, never refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from sqlalchemy import select

from app.core.db import execute
from app.core.text import dialled
from app.registration.models import ACTIVE, Contact, Registration

LOCAL_DIGITS = 10
ALIKE = 0.85
"""How much of two names must be the same, from 0 to 1, where one address has both: "Lucy Brown", "Lucie Brown"."""


class Likeness(StrEnum):
    """What two registrations have in common."""

    NAME = "name"
    PHONE = "phone"
    MAILBOX = "mailbox"
    SPELLING = "spelling"


@dataclass(frozen=True)
class Listed:
    """A registration, as one looks for doubles."""

    id: int
    public_id: str
    name: str
    name_folded: str
    reference: str
    status: str
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class Doubles:
    """Several registrations that may be of one person, and why."""

    likeness: Likeness
    people: tuple[Listed, ...]


def possible_doubles(event_id: int) -> list[Doubles]:
    """Groups of active registrations with the same name, telephone, or mailbox written another way.

    A couple with one mailbox isn't one, unless their names are nearly the same. Each group is shown once, for the
    strongest likeness.
    """
    query = (
        select(
            *(Registration.id, Registration.public_id, Registration.name, Registration.name_folded),
            *(Registration.reference, Registration.status, Contact.email, Registration.phone),
        )
        .outerjoin(Contact, Contact.id == Registration.contact_id)
        .where(Registration.event_id == event_id, Registration.status.in_(ACTIVE))
        .order_by(Registration.name_folded, Registration.id)
    )
    return find_doubles([Listed(*row) for row in execute(query)])


def find_doubles(people: Iterable[Listed]) -> list[Doubles]:
    """The groups among these people, in their order."""
    listed = list(people)
    found: list[Doubles] = []
    known: set[frozenset[int]] = set()
    keys: tuple[tuple[Likeness, Callable[[Listed], str | None]], ...] = (
        (Likeness.NAME, _name_in_any_order),
        (Likeness.PHONE, lambda one: dialled(one.phone).removeprefix("+")[-LOCAL_DIGITS:] if one.phone else None),
        (Likeness.MAILBOX, _other_writing),
    )
    for likeness, key in keys:
        groups: dict[str, list[Listed]] = {}
        for one in listed:
            value = key(one)
            if value:
                groups.setdefault(value, []).append(one)
        for group in groups.values():
            ids = frozenset(one.id for one in group)
            if len(group) > 1 and ids not in known and not _is_a_family(likeness, group):
                known.add(ids)
                found.append(Doubles(likeness, tuple(group)))
    return found + [one for one in _spelt_alike(listed) if frozenset(each.id for each in one.people) not in known]


def _name_in_any_order(one: Listed) -> str:
    return " ".join(sorted(one.name_folded.split()))


def _spelt_alike(people: Iterable[Listed]) -> list[Doubles]:
    """Those at one address whose names differ by a letter or two."""
    at: dict[str, list[Listed]] = {}
    for one in people:
        if one.email:
            at.setdefault(one.email, []).append(one)
    groups = ([one for one in group if any(_are_alike(one, other) for other in group)] for group in at.values())
    return [Doubles(Likeness.SPELLING, tuple(group)) for group in groups if group]


def _are_alike(one: Listed, other: Listed) -> bool:
    names = _name_in_any_order(one), _name_in_any_order(other)
    return names[0] != names[1] and SequenceMatcher(None, *names).ratio() >= ALIKE


def _other_writing(one: Listed) -> str | None:
    """The mailbox without what many providers ignore: what follows a plus, and at Gmail dots."""
    if not one.email:
        return None
    local, _at, domain = one.email.partition("@")
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if domain in ('gmail.com', 'googlemail.com') else local}@{domain}"


def _is_a_family(likeness: Likeness, group: list[Listed]) -> bool:
    """Several people who share one address, as it is meant to be."""
    return likeness is Likeness.MAILBOX and len({one.email for one in group}) == 1
