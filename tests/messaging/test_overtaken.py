"""Mails that had to wait while more happened: what they would have said to calendars is said all the same."""

from __future__ import annotations

import icalendar
import pytest

from app.accounts.operations import set_invitations
from app.catalogue.models import Event
from app.catalogue.queries import sessions_of
from app.core.db import db
from app.messaging import delivery
from app.registration import operations, queries
from app.registration.models import Registration
from app.registration.operations import SignUpValues
from tests.support.cast import organization_id, person
from tests.support.changes import change
from tests.support.events import local, make_event, sign_up
from tests.support.parties import again
from tests.support.scheduling import PAT, calendar_parts, mails_to, plain_words
from tests.support.smtp_sink import Sink


def dates(*, times: int) -> tuple[Event, list[int]]:
    """An event, and the ids of its further dates."""
    event = make_event()
    return event, operations.repeat_event(
        actor=person("bob"), event_id=event.id, times=times, weeks=1, is_published=True
    )


def uid(event_id: int) -> str:
    return sessions_of(event_id)[0].uid


def move(pat: Registration, event_id: int, *, notify: bool = True) -> Registration:
    """Move the person to another date; returns the place there."""
    again()
    public_id = operations.move_person(
        actor=person("bob"), registration_id=pat.id, to_event_id=event_id, may_wait=False, notify=notify
    )
    moved = queries.find_by_public_id(public_id)
    assert moved is not None
    return moved


def calendar_after(sink: Sink, address: str = PAT) -> dict[str, str]:
    """What a calendar program holds once it has taken in every invitation so far: METHOD of the latest by UID."""
    held: dict[str, tuple[int, str]] = {}
    for mail in mails_to(sink, address):
        for part in calendar_parts(mail):
            if part.get_param("method") is None:
                continue  # a plain file, which no program takes in by itself
            calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
            assert str(calendar["METHOD"]) == part.get_param("method")
            [found] = calendar.walk("VEVENT")
            number, known = int(found["SEQUENCE"]), held.get(str(found["UID"]), (-1, ""))
            if number >= known[0]:
                held[str(found["UID"])] = (number, str(calendar["METHOD"]))
    return {one: method for one, (_number, method) in held.items()}


def test_who_is_moved_twice_before_a_mail_goes_out_keeps_the_last_date_alone(inviting: Sink) -> None:
    event, [second, third] = dates(times=2)
    pat = sign_up(event)
    mails_to(inviting)
    move(move(pat, second), third)
    mails = mails_to(inviting)
    assert len(mails) == 2
    assert calendar_after(inviting) == {uid(event.id): "CANCEL", uid(third): "REQUEST"}


@pytest.mark.parametrize("how", ["gives back", "called off"])
def test_who_is_moved_and_then_does_not_come_keeps_no_date(inviting: Sink, how: str) -> None:
    event, [second] = dates(times=1)
    pat = sign_up(event)
    mails_to(inviting)
    moved = move(pat, second)
    if how == "gives back":
        operations.cancel_registration(registration_id=moved.id)
    else:
        operations.cancel_event(actor=person("bob"), event_id=second, reason="Ill")
    assert len(mails_to(inviting)) == 2
    assert calendar_after(inviting) == {uid(event.id): "CANCEL"}


def test_who_is_moved_away_and_back_keeps_the_first_date(inviting: Sink) -> None:
    event, [second] = dates(times=1)
    pat = sign_up(event)
    mails_to(inviting)
    move(move(pat, second), event.id)
    mails_to(inviting)
    assert calendar_after(inviting) == {uid(event.id): "REQUEST"}


def test_a_move_that_was_told_is_not_told_again(inviting: Sink) -> None:
    event, [second] = dates(times=1)
    pat = sign_up(event)
    mails_to(inviting)
    moved = move(pat, second)
    mails_to(inviting)
    operations.cancel_registration(registration_id=moved.id)
    [part] = calendar_parts(mails_to(inviting)[-1])
    assert part.get_param("method") == "CANCEL"
    assert calendar_after(inviting) == {uid(event.id): "CANCEL", uid(second): "CANCEL"}


def test_who_got_a_file_before_invitations_began_is_told_to_delete_it(inviting: Sink) -> None:
    invite(on=False)
    event = make_event()
    with_file = sign_up(event)
    delivery.drain()
    invite(on=True)
    invited = sign_up(event, "Invited Guest")
    delivery.drain()
    for one in (with_file, invited):
        operations.cancel_registration(registration_id=one.id)
    assert "please delete it there" in plain_words(mails_to(inviting)[-1])
    assert calendar_after(inviting) == {}, "a calendar without an invitation can't end one"
    assert "please delete it there" not in plain_words(mails_to(inviting, "invited.guest@example.net")[-1])


def test_who_is_moved_untold_has_the_calendar_right_by_the_next_mail(inviting: Sink) -> None:
    event, [second] = dates(times=1)
    pat = sign_up(event)
    mails_to(inviting)
    move(pat, second, notify=False)
    assert calendar_after(inviting) == {uid(event.id): "REQUEST"}, "nobody was to be told"
    there = db.session.get_one(Event, second)
    change(there, starts_local=local(days=20), ends_local=local(days=20, hours=1))
    mails_to(inviting)
    assert calendar_after(inviting) == {uid(event.id): "CANCEL", uid(second): "REQUEST"}


def test_an_invitation_of_the_mailbox_is_kept_right_whoever_comes_by_it_now(inviting: Sink) -> None:
    event = make_event()
    pat = sign_up(event)
    mails_to(inviting)
    invite(on=False)
    sign_up(event, "Quinn", email=PAT)
    operations.cancel_registration(registration_id=pat.id)
    mails_to(inviting)
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Ill")
    assert calendar_after(inviting) == {uid(event.id): "CANCEL"}
    for mail in mails_to(inviting)[1:]:
        assert [part.get_param("method") for part in calendar_parts(mail)] != [None]


def test_who_comes_instead_without_an_address_keeps_the_invitation_right(inviting: Sink) -> None:
    event = make_event()
    pat = sign_up(event)
    mails_to(inviting)
    invite(on=False)
    operations.replace_person(registration_id=pat.id, values=SignUpValues("Quinn", PAT, "in_person", "en"))
    change(event, starts_local=local(days=9), ends_local=local(days=9, hours=1))
    mails_to(inviting)
    assert calendar_after(inviting) == {uid(event.id): "REQUEST"}
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Ill")
    assert calendar_after(inviting) == {uid(event.id): "CANCEL"}


def invite(*, on: bool) -> None:
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=on)


def test_a_mail_that_waited_does_not_go_to_an_address_that_was_corrected(inviting: Sink) -> None:
    pat = sign_up(make_event())
    operations.correct_address(registration_id=pat.id, email="right@example.net")
    assert mails_to(inviting) == [], "it would have the new link and the new ticket"
    assert len(mails_to(inviting, "right@example.net")) == 1


def test_an_address_that_was_corrected_loses_its_invitation_and_learns_nothing(inviting: Sink) -> None:
    event = make_event()
    pat = sign_up(event)
    mails_to(inviting)
    token = operations.correct_address(registration_id=pat.id, email="right@example.net")
    mail = mails_to(inviting)[-1]
    assert calendar_after(inviting) == {uid(event.id): "CANCEL"}
    words = plain_words(mail) + str(calendar_parts(mail)[0].get_content())
    assert "Mails go to another address now" in words
    for secret in (token, "right@example.net", "/r/"):
        assert secret not in words
    assert calendar_after(inviting, "right@example.net") == {uid(event.id): "REQUEST"}


def test_a_corrected_address_loses_the_date_too_that_one_was_moved_away_from_untold(inviting: Sink) -> None:
    event, [second] = dates(times=1)
    pat = sign_up(event)
    mails_to(inviting)
    moved = move(pat, second, notify=False)
    operations.correct_address(registration_id=moved.id, email="right@example.net")
    assert calendar_after(inviting) == {uid(event.id): "CANCEL"}
    assert calendar_after(inviting, "right@example.net") == {uid(second): "REQUEST"}


def test_who_stays_at_the_corrected_address_keeps_the_invitation(inviting: Sink) -> None:
    event = make_event()
    pat = sign_up(event)
    sign_up(event, "Zoe", email=PAT)
    mails_to(inviting)
    operations.correct_address(registration_id=pat.id, email="right@example.net")
    mail = mails_to(inviting)[-1]
    assert calendar_after(inviting) == {uid(event.id): "REQUEST"}
    [part] = calendar_parts(mail)
    assert 'CN="Zoe"' in part.get_content().replace("CN=Zoe", 'CN="Zoe"')
    assert "stays, for those who still come by this address" in plain_words(mail)


def test_with_plain_files_the_corrected_address_is_not_written_to_again(inviting: Sink) -> None:
    invite(on=False)
    pat = sign_up(make_event())
    assert len(mails_to(inviting)) == 1
    operations.correct_address(registration_id=pat.id, email="right@example.net")
    assert len(mails_to(inviting)) == 1
