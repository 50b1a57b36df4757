"""What those who wait are written: in their language, with the way out, and never a ticket."""

from __future__ import annotations

import pytest

from app.catalogue.models import Event
from app.core.i18n import in_language
from app.messaging.letters import Letter
from app.registration.messages import MESSAGES
from app.registration.models import Registration
from app.registration.operations import cancel_registration, decline_offer
from tests.support.events import local, make_event, sign_up

pytestmark = pytest.mark.usefixtures("context")
LANGUAGES = ["en", "ru"]


def letter(message: str, registration: Registration, language: str = "en", **facts: str) -> Letter | None:
    with in_language(language):
        return MESSAGES[message]({"registration": registration.public_id, "by": "person", **facts})


def waiting(hours: float = 48) -> tuple[Event, Registration, Registration]:
    event = make_event(capacity_in_person=1, starts_local=local(hours=hours))
    holder = sign_up(event, "Early Bird")
    return event, holder, sign_up(event, "Wanda Waits", may_wait=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_joining_says_the_place_the_terms_and_the_way_out(language: str) -> None:
    _event, _holder, waits = waiting()
    mail = letter("waitlisted", waits, language)
    assert mail is not None
    assert (mail.qr, mail.calendar) == (None, None)
    told = {
        "en": ("You are the first on the list", "24 hours", "4 hours"),
        "ru": ("Вы на первом месте", "24 часа", "4 часа"),
    }
    for words in (mail.text, mail.html):
        assert "/cancel" in words
        assert all(part in words for part in told[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offer_says_until_when_and_leads_to_a_page(language: str) -> None:
    _event, holder, waits = waiting(hours=20)
    cancel_registration(registration_id=holder.id)
    for message in ("seat_offered", "offer_ending"):
        mail = letter(message, waits, language)
        assert mail is not None
        assert (mail.qr, mail.calendar) == (None, None)
        assert "/offer" in mail.text
        assert "/offer" in mail.html
        assert ("until" if language == "en" else "до") in mail.text


def test_a_promoted_person_gets_ticket_and_calendar_file() -> None:
    _event, holder, waits = waiting()
    cancel_registration(registration_id=holder.id)
    mail = letter("promoted", waits)
    assert mail is not None
    assert mail.qr is not None
    assert mail.calendar is not None
    assert "You have a seat now" in mail.text


def test_a_mail_that_waited_until_it_was_no_longer_true_is_not_sent() -> None:
    _event, holder, waits = waiting()
    assert letter("seat_offered", waits) is None
    cancel_registration(registration_id=holder.id)
    assert letter("waitlisted", waits) is None


@pytest.mark.parametrize("message", ["event_moved", "registration_changed"])
def test_news_of_the_event_promises_no_seat_to_those_who_wait(message: str) -> None:
    _event, _holder, waits = waiting()
    mail = letter(message, waits, only="in_person")
    assert mail is not None
    assert (mail.qr, mail.calendar) == (None, None)
    for words in (mail.text, mail.html):
        assert "Your seat is kept" not in words
        assert "Leave the waiting list" in words


def test_who_leaves_the_list_or_declines_is_not_told_of_a_ticket() -> None:
    _event, _holder, waits = waiting()
    cancel_registration(registration_id=waits.id)
    mail = letter("registration_cancelled", waits)
    assert mail is not None
    assert "You left the waiting list" in mail.text
    assert "ticket" not in mail.text
    _event, holder, asked = waiting(hours=20)
    cancel_registration(registration_id=holder.id)
    decline_offer(registration_id=asked.id)
    mail = letter("registration_cancelled", asked)
    assert mail is not None
    assert "ticket" not in mail.text
