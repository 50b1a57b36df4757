"""A party as the page of who signed it up shows it, and as mails to that address tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.catalogue.models import Mode
from app.core.clock import now
from app.core.i18n import gettext as _
from app.core.settings import settings
from app.messaging.letters import placeholder
from app.registration.companions import brought_by, companions_of, other_places_of, party_of
from app.registration.facts import state_of
from app.registration.mailboxes import people_at
from app.registration.models import Registration
from app.registration.queries import find_by_public_id
from app.registration.questions.queries import answers_of, questions_to_ask
from app.registration.questions.rules import missing_answers
from app.registration.tickets import mailed_token, manage_url, spaced


@dataclass(frozen=True)
class PartyLine:
    """One person of a party. `url` leads to that person's page, where who signed up the others may open it.

    `state` is a word with its icon and kind, as the macro `state_tag` takes them.
    """

    name: str
    reference: str
    state: tuple[str, str, str]
    url: str


@dataclass(frozen=True)
class PartyFacts:
    """A party in words. `leader` is who signed up the person whose page it is, empty on that person's own page."""

    lines: list[PartyLine]
    leader: str
    may_split: bool
    has_tickets: bool


def party_facts(registration: Registration) -> PartyFacts | None:
    """What the person may know of the party; None for who came alone."""
    people = party_of(registration)
    if len(people) < 2:
        return None
    if not (registration.leads_party or _handed_it_over(registration, people)):
        return PartyFacts([], brought_by(registration), False, False)
    others = [one for one in people if one.id != registration.id]
    waits = [one for one in people if one.waits and one.stays_together] if registration.leads_party else []
    has_tickets = registration.leads_party and len(with_tickets(registration, people)) > 1
    return PartyFacts([_line(one, registration) for one in others], "", len(waits) > 1, has_tickets)


def _handed_it_over(registration: Registration, people: Sequence[Registration]) -> bool:
    """Whether somebody else of this mailbox leads the party instead of who signed it up."""
    leader = next(one for one in people if one.leads_party)
    return registration.ended_by == "replaced" and registration.contact_id == leader.contact_id is not None


def _is_ours(one: Registration, leader: Registration) -> bool:
    """Who has an own address has the own link, too, and what stands behind it is nobody else's business."""
    return one.contact_id == leader.contact_id


def _line(one: Registration, leader: Registration) -> PartyLine:
    url = manage_url(one) if _is_ours(one, leader) else ""
    return PartyLine(one.name, spaced(one.reference), state_of(one), url)


@dataclass(frozen=True)
class CompanionLine:
    """Somebody of whom a mail to the same address tells as well. `mark` stands in the words for the secret `token`."""

    name: str
    reference: str
    state: str
    page: str
    mark: str
    token: str


def companion_lines(registration: Registration) -> list[CompanionLine]:
    """Those who were signed up together with the person, still count, and have the same address."""
    lines = []
    for number, one in enumerate(companions_of(registration)):
        mark = placeholder(f"companion-{number}")
        page = f"{settings().base_url}/r/{mark}"
        lines.append(CompanionLine(one.name, spaced(one.reference), state_of(one)[0], page, mark, mailed_token(one)))
    return lines


def stay_behind(registration: Registration) -> list[Registration]:
    """Who of the same mailbox still counts at the event that this person has left."""
    if registration.is_active or registration.contact_id is None:
        return []
    return people_at(registration.contact_id, registration.event_id)


def remarks_on(registration: Registration, known: Sequence[str] = ()) -> list[str]:
    """What is special about a place: that the person has another one here, or has not been asked the questions.

    And who of the same form, by public id, had a place before.
    """
    words = []
    if _owes_answers(registration):
        words.append(_("The organizer has questions for you. Please answer them on your page, under “My answers”."))
    others = other_places_of(registration)
    if others:
        numbers = ", ".join(spaced(one.reference) for one in others)
        words.append(_("You have another place at this event, number %(number)s.", number=numbers))
        words.append(_("If one is enough for you, please give the other one back."))
    there = [one for one in map(find_by_public_id, known) if one is not None]
    if there:
        words.append(_("On the list already, so nothing has changed for: %(names)s.", names=_named(there)))
    return words


def remarks_by_mail(registration: Registration, facts: Mapping[str, Any]) -> list[str]:
    """The same by the facts of a mail, and what only the mailbox may know.

    That is, of a place that was left, who of the mailbox stays; and instead of whom the person comes.
    """
    staying = stay_behind(registration)
    words = [_("Nothing changes for: %(names)s.", names=_named(staying))] if staying else []
    old = find_by_public_id(facts["instead_of"]) if "instead_of" in facts else None
    if old is not None and old.erased_at is None:
        words.append(_("%(name)s comes instead of %(old)s.", name=registration.name, old=old.name))
        words += [_("The old ticket no longer works.")] if old.confirmed_at else []
    return words + remarks_on(registration, facts.get("known", ()))


def _named(people: Sequence[Registration]) -> str:
    return ", ".join(f"{one.name} ({spaced(one.reference)})" for one in people)


def _owes_answers(registration: Registration) -> bool:
    """Whether a required question was never asked: the person came instead of somebody, or it is a new one."""
    event = registration.event
    if not (registration.is_active and event.asks_questions) or event.is_cancelled or event.ends_at <= now():
        return False
    return bool(missing_answers(questions_to_ask(event), answers_of(registration.id)))


def with_tickets(leader: Registration, people: Sequence[Registration]) -> list[Registration]:
    """Those of the party who show a ticket at the entrance and have it by this person, in the order of the form."""
    ours = (one for one in people if _is_ours(one, leader))
    return [one for one in ours if one.has_seat and one.mode == Mode.IN_PERSON]
