"""Erasing a person: nothing that we keep tells who it was, and nobody loses a seat by it."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from app.core.db import Base, db, execute, transaction
from app.core.errors import NotAllowed
from app.core.i18n import in_language
from app.messaging.models import OutboxMessage
from app.privacy.operations import ErasedAlready, erase_person
from app.registration import operations, queries
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations import Companion, SignUpValues
from app.registration.operations.telling import call_person
from app.registration.tickets import manage_token
from tests.support.asking import ask, make_question
from tests.support.cast import person
from tests.support.events import make_event, sign_up
from tests.support.pages import Client
from tests.support.parties import address, again, bring, counters, states

NAME, PHONE, WORDS = "Wilhelmina Rarename", "+7 912 345-67-89", "an unusual allergy"


def everything() -> str:
    """All values of all tables, as a dump would show them."""
    rows = [row for table in Base.metadata.sorted_tables for row in execute(select(table))]
    return "\n".join(repr(tuple(row)) for row in rows).lower()


def write_all_mails() -> None:
    """As the worker does it: the exact words are kept with the message."""
    with transaction(), in_language("en"):
        for message in db.session.scalars(select(OutboxMessage)):
            letter = MESSAGES[message.name](message.facts)
            assert letter is not None
            message.subject, message.body_text, message.body_html = letter.subject, letter.text, letter.html
            message.status = "sent"


@pytest.mark.usefixtures("context")
def test_no_table_tells_who_it_was() -> None:
    event = make_event(largest_party=3)
    allergy = ask(event, make_question("long_text", "Allergies?"))
    [text_id] = [one.id for one in queries.current_consents(event.organization_id, event.id) if one.is_required]
    values = SignUpValues("Anna", address("Anna"), "in_person", "en", answers={allergy: "none"})
    companion = Companion(NAME, "rare@example.net", "Guardian Rarename", (text_id,), {allergy: WORDS})
    operations.register_party(event_id=event.id, values=values, companions=[companion])
    again()
    rare = db.session.query(Registration).filter_by(name=NAME).one()
    with transaction():
        db.session.get_one(Registration, rare.id).phone = PHONE
        call_person(rare.id, "event_moved")
    operations.request_links(email="rare@example.net", language="en")
    write_all_mails()
    secret, number = manage_token(rare), rare.reference
    for part in (NAME, "rare@example.net", "guardian rarename", WORDS, PHONE):
        assert part.lower() in everything()
    erase_person(actor=person("bob"), registration_id=rare.id)
    again()
    left = everything()
    for part in ("rarename", "rare@example.net", WORDS, PHONE):
        assert part not in left
    assert "anna" in left
    assert number in left  # the figures stay
    assert queries.find_by_manage_token(secret) is None
    assert counters(event) == (1, 0)


@pytest.mark.usefixtures("context")
def test_a_companion_without_an_own_address_goes_from_the_mail_of_who_brought_her() -> None:
    event = make_event(largest_party=3)
    people = bring(event, "Anna", NAME)
    write_all_mails()
    assert "rarename" in everything()
    erase_person(actor=person("bob"), registration_id=people[1].id)
    again()
    assert "rarename" not in everything()
    assert address("Anna") in everything()


@pytest.mark.usefixtures("context")
def test_the_seat_goes_to_who_waits_and_nobody_else_is_told() -> None:
    event = make_event(capacity_in_person=1)
    gone, waits = sign_up(event, "Gone"), sign_up(event, "Waits", may_wait=True)
    erase_person(actor=person("bob"), registration_id=gone.id)
    assert states([gone, waits]) == ["cancelled", "confirmed"]
    assert counters(event) == (1, 0)
    names = db.session.scalars(select(OutboxMessage.name).where(OutboxMessage.to_address == address("Waits"))).all()
    assert sorted(names) == ["promoted", "waitlisted"]


@pytest.mark.usefixtures("context")
def test_what_was_still_to_be_sent_is_not_sent() -> None:
    gone = sign_up(make_event(), "Gone")
    erase_person(actor=person("bob"), registration_id=gone.id)
    again()
    [message] = db.session.scalars(select(OutboxMessage)).all()
    assert (message.status, message.to_address) == ("not_needed", "")


@pytest.mark.usefixtures("context")
def test_an_address_with_another_registration_stays() -> None:
    gone = sign_up(make_event(), "Gone")
    stays = sign_up(make_event(), "Gone")
    erase_person(actor=person("bob"), registration_id=gone.id)
    again()
    assert db.session.get_one(Registration, stays.id).contact_id is not None
    with pytest.raises(ErasedAlready):
        erase_person(actor=person("bob"), registration_id=gone.id)
    with pytest.raises(NotAllowed):
        erase_person(actor=person("carol"), registration_id=stays.id)


def test_the_organizer_reads_what_goes_and_what_stays_first(client: Client, app: APIFlask) -> None:
    with app.app_context():
        gone = sign_up(make_event(), NAME)
        page = f"/desk/people/{gone.public_id}"
    client.sign_in("bob")
    assert f"Erase the data of {NAME}?" in client.page(f"{page}/erase").words
    assert NAME in client.page(page).words
    people = client.send(f"{page}/erase").headers["Location"]
    assert "The data of this person is erased." in client.page(people).words
    after = client.page(page).words
    assert NAME not in after
    assert "What is left is a number in your figures." in after
    client.send(f"{page}/erase")
