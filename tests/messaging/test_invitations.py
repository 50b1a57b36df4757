"""Invitations by mail (RFC 5546, 6047): what arrives at a real SMTP server, and what calendar programs read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import Organization
from app.accounts.operations import set_invitations
from app.catalogue.models import Event
from app.catalogue.operations import add_session
from app.catalogue.queries import seen_of, session_values, sessions_of
from app.catalogue.values import SessionValues
from app.core.clock import now
from app.core.db import db
from app.messaging import delivery
from app.messaging.letters import CalendarMessage, Letter
from app.messaging.mail import build_message
from app.registration import operations
from app.registration.models import Registration
from app.registration.own_calendar import personal_calendar
from app.registration.rules import Way
from app.registration.tickets import manage_url, spaced
from tests.readers.calendars import READERS, installed
from tests.support.calendars import entries
from tests.support.cast import organization_id, person
from tests.support.changes import change
from tests.support.conference import FAIR, comes, make_conference
from tests.support.events import hybrid, local, make_event, sign_up
from tests.support.parties import again, bring
from tests.support.scheduling import PAT, calendar_parts, mails_to, message_in, methods, plain_words
from tests.support.smtp_sink import Sink


def test_a_confirmation_is_an_invitation_in_the_shape_that_clients_take_in(inviting: Sink) -> None:
    event = make_event()
    pat = sign_up(event)
    [mail] = mails_to(inviting)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "text/plain",
        "multipart/related",
        "text/calendar",
    ]
    [part] = calendar_parts(mail)
    assert part["Content-Type"] == 'text/calendar; method="REQUEST"; charset="UTF-8"'
    assert part["Content-Transfer-Encoding"] == "base64"
    assert part["Content-Disposition"] is None
    method, found = message_in(mail)
    assert method == "REQUEST"
    assert str(found["UID"]) == sessions_of(event.id)[0].uid
    assert found["ORGANIZER"] == "mailto:" + mail["From"].addresses[0].addr_spec == "mailto:desk@events.example"
    assert found["ORGANIZER"].params["CN"] == "Lighthouse Resource Centre"
    attendee = found["ATTENDEE"]
    assert not isinstance(attendee, list)
    assert attendee == f"mailto:{PAT}"
    assert (attendee.params["PARTSTAT"], attendee.params["RSVP"]) == ("ACCEPTED", "FALSE")
    assert attendee.params["CN"] == "Pat Participant"
    assert manage_url(pat) in str(found["DESCRIPTION"])
    assert (str(found["STATUS"]), int(found["SEQUENCE"])) == ("CONFIRMED", 0)
    assert datetime.now(UTC) - timedelta(minutes=1) < found["DTSTAMP"].dt <= datetime.now(UTC)


def test_the_entry_is_the_one_of_file_and_feed_but_for_who_invites_whom(inviting: Sink) -> None:
    pat = sign_up(make_event())
    _method, invited = message_in(mails_to(inviting)[0])
    [filed] = entries(personal_calendar(pat, "en", by_mail=True)).values()
    for name in ("UID", "SEQUENCE", "SUMMARY", "DTSTART", "DTEND", "LOCATION", "STATUS", "CREATED", "LAST-MODIFIED"):
        assert invited[name].to_ical() == filed[name].to_ical(), name


def test_a_move_is_a_request_with_a_higher_number_and_the_end_a_cancel_with_one_more(inviting: Sink) -> None:
    event = make_event()
    sign_up(event)
    mails_to(inviting)
    change(event, starts_local=local(days=9), ends_local=local(days=9, hours=2))
    mails_to(inviting)
    operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Flood")
    assert methods(inviting) == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]
    _method, off = message_in(mails_to(inviting)[-1])
    assert str(off["STATUS"]) == "CANCELLED"
    assert off["ATTENDEE"] == f"mailto:{PAT}"


def test_switch_name_giving_back_and_coming_again_each_raise_the_number(inviting: Sink) -> None:
    event = make_event(hybrid())
    pat = sign_up(event)
    mails_to(inviting)
    operations.switch_mode(registration_id=pat.id, way=Way(seat="online"))
    mails_to(inviting)
    operations.correct_own_name(registration_id=pat.id, name="Pat P. Participant")
    mails_to(inviting)
    operations.cancel_registration(registration_id=pat.id)
    mails_to(inviting)
    sign_up(event)
    assert methods(inviting) == [("REQUEST", 0), ("REQUEST", 1), ("REQUEST", 2), ("CANCEL", 3), ("REQUEST", 4)]


@pytest.mark.parametrize("how", ["organizer", "silence", "replaced"])
def test_whoever_loses_the_seat_loses_the_entry(inviting: Sink, how: str) -> None:
    event = make_event(reconfirm_days=30, release_hours=24 * 30, capacity_in_person=1, starts_local=local(days=3))
    pat = sign_up(event)
    mails_to(inviting)
    if how == "organizer":
        operations.cancel_person(actor=person("bob"), registration_id=pat.id, notify=True)
    elif how == "replaced":
        values = operations.SignUpValues("Rosa", "rosa@example.net", "in_person", "en")
        operations.replace_person(registration_id=pat.id, values=values)
        assert methods(inviting, "rosa@example.net") == [("REQUEST", 0)]
    else:
        sign_up(event, "Wanda Waits", may_wait=True)
        registration = db.session.get_one(Registration, pat.id)
        _ask_long_ago(registration)
        operations.release_silent_seats()
    assert methods(inviting) == [("REQUEST", 0), ("CANCEL", 1)]


def _ask_long_ago(registration: Registration) -> None:
    from sqlalchemy import update

    from app.core.db import execute, transaction

    with transaction():
        asked = {"asked_at": now() - timedelta(days=2)}
        execute(update(Registration).where(Registration.id == registration.id).values(**asked))


def test_mails_of_the_waiting_list_bring_no_entry_and_the_seat_does(inviting: Sink) -> None:
    event = make_event(capacity_in_person=1)
    holder = sign_up(event, "Holder")
    sign_up(event, may_wait=True)
    [mail] = mails_to(inviting)
    assert calendar_parts(mail) == []
    operations.cancel_registration(registration_id=holder.id)
    assert [method for method, _number in methods(inviting)] == ["REQUEST"]


def test_of_several_in_one_mailbox_one_leaves_and_the_entry_of_the_others_stays(inviting: Sink) -> None:
    event = make_event(largest_party=3)
    anna, boris = bring(event, "Anna", "Boris")
    zoe = sign_up(event, "Zoe", email="anna@example.net")
    _method, three = message_in(mails_to(inviting, "anna@example.net")[-1])
    assert three["ATTENDEE"].params["CN"] == "Anna, Boris, Zoe"
    operations.cancel_registration(registration_id=boris.id)
    mails_to(inviting, "anna@example.net")
    operations.cancel_registration(registration_id=anna.id)
    mails = mails_to(inviting, "anna@example.net")
    assert methods(inviting, "anna@example.net")[-2:] == [("REQUEST", 2), ("REQUEST", 3)]
    _method, left = message_in(mails[-1])
    assert str(left["STATUS"]) == "CONFIRMED"
    assert "Anna" not in str(left["DESCRIPTION"])
    assert left["ATTENDEE"].params["CN"] == "Zoe"
    words = plain_words(mails[-1])
    assert f"Nothing changes for: Zoe ({spaced(zoe.reference)})." in words
    assert "please delete it there" not in words
    operations.cancel_registration(registration_id=zoe.id)
    assert methods(inviting, "anna@example.net")[-1] == ("CANCEL", 4)
    uids = {str(message_in(mail)[1]["UID"]) for mail in mails_to(inviting, "anna@example.net")}
    assert len(uids) == 1


def test_who_is_moved_to_another_date_gets_it_and_the_end_of_the_old_one(inviting: Sink) -> None:
    event = make_event()
    [other] = operations.repeat_event(actor=person("bob"), event_id=event.id, times=1, weeks=1, is_published=True)
    pat = sign_up(event)
    old, new = sessions_of(event.id)[0].uid, sessions_of(other)[0].uid
    mails_to(inviting)
    operations.move_person(actor=person("bob"), registration_id=pat.id, to_event_id=other, may_wait=False, notify=True)
    mail = mails_to(inviting)[-1]
    invited, of_others = calendar_parts(mail)
    assert (invited.get_param("method"), of_others.get_param("method")) == ("REQUEST", "CANCEL")
    assert of_others.get_filename() == "cancelled.ics"
    assert set(entries(invited.get_payload(decode=True))) == {new}  # type: ignore[arg-type]
    [gone] = entries(of_others.get_payload(decode=True)).values()  # type: ignore[arg-type]
    assert (str(gone["UID"]), int(gone["SEQUENCE"]), str(gone["STATUS"])) == (old, 1, "CANCELLED")


def test_events_with_several_sessions_and_other_organizations_stay_with_the_file(inviting: Sink) -> None:
    comes(make_conference(), "Pat Participant", FAIR)
    sign_up(make_event(by="olga"), "Otto Other")
    for address in (PAT, "otto.other@example.net"):
        [mail] = mails_to(inviting, address)
        assert mail.get_content_type() == "multipart/mixed"
        [part] = calendar_parts(mail)
        assert part.get_filename() == "event.ics"
        assert "METHOD" not in icalendar.Calendar.from_ical(part.get_payload(decode=True))


@pytest.mark.parametrize("how", ["gives back", "called off"])
def test_an_event_that_gets_a_second_meeting_still_ends_the_invitations_that_it_sent(inviting: Sink, how: str) -> None:
    event = make_event()
    first, uid = sign_up(event), sessions_of(event.id)[0].uid
    mails_to(inviting)
    with time_machine.travel(now() + timedelta(minutes=1)):
        add_session(actor=person("bob"), event_id=event.id, values=later_meeting(event))
        late = sign_up(event, "Late Guest")
        if how == "gives back":
            for one in (first, late):
                operations.cancel_registration(registration_id=one.id)
        else:
            operations.cancel_event(actor=person("bob"), event_id=event.id, reason="Ill")
        mail = mails_to(inviting)[-1]
        ends = [part for part in calendar_parts(mail) if part.get_param("method") == "CANCEL"]
        assert len([part for part in calendar_parts(mail) if part.get_param("method")]) == 1, "one end, said once"
        [found] = icalendar.Calendar.from_ical(ends[0].get_payload(decode=True)).walk("VEVENT")
        assert (str(found["UID"]), str(found["STATUS"])) == (uid, "CANCELLED")
        others = mails_to(inviting, "late.guest@example.net")[-1]
        assert [part for part in calendar_parts(others) if part.get_param("method")] == []


def test_an_event_that_gets_a_second_meeting_keeps_the_first_invitation_right(inviting: Sink) -> None:
    event = make_event()
    sign_up(event)
    delivery.drain()
    add_session(actor=person("bob"), event_id=event.id, values=later_meeting(event))
    first, second = sessions_of(event.id)
    sign_up(event, "Late Guest")
    delivery.drain()
    values = session_values(first, [])
    by = timedelta(hours=2)
    moved = replace(values, starts_local=values.starts_local + by, ends_local=values.ends_local + by)
    operations.change_session(actor=person("bob"), session_id=first.id, values=moved, seen=seen_of(event_now(event)))
    delivery.drain()
    operations.cancel_session(actor=person("bob"), session_id=first.id, reason="Ill")
    [invited, told, ended] = mails_to(inviting)
    for mail, method in ((invited, "REQUEST"), (told, "REQUEST"), (ended, "CANCEL")):
        [part] = [one for one in calendar_parts(mail) if one.get_param("method")]
        found = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
        assert (part.get_param("method"), [str(one["UID"]) for one in found]) == (method, [first.uid])
    [file] = [one for one in calendar_parts(told) if not one.get_param("method")]
    assert entries(file.get_payload(decode=True)).keys() == {second.uid}  # type: ignore[arg-type]
    late = [part for mail in mails_to(inviting, "late.guest@example.net") for part in calendar_parts(mail)]
    assert {part.get_param("method") for part in late} == {None}


def test_a_meeting_that_is_added_and_told_comes_by_file_beside_the_invitation(inviting: Sink) -> None:
    event = make_event()
    sign_up(event)
    delivery.drain()
    operations.add_meetings(actor=person("bob"), event_id=event.id, new=later_meeting(event))
    first, second = sessions_of(event.id)
    [_invited, told] = mails_to(inviting)
    [part] = [one for one in calendar_parts(told) if one.get_param("method")]
    [invited] = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    assert (part.get_param("method"), str(invited["UID"])) == ("REQUEST", first.uid)
    [file] = [one for one in calendar_parts(told) if not one.get_param("method")]
    assert entries(file.get_payload(decode=True)).keys() == {second.uid}  # type: ignore[arg-type]


def event_now(event: Event) -> Event:
    """As it is now."""
    again()
    return db.session.get_one(Event, event.id)


def later_meeting(event: Event) -> SessionValues:
    """The same a week later."""
    values = session_values(sessions_of(event.id)[0], [])
    week = timedelta(days=7)
    return replace(values, starts_local=values.starts_local + week, ends_local=values.ends_local + week)


def test_a_plain_file_has_all_chosen_sessions_and_a_seat_given_back_brings_none(inviting: Sink) -> None:
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=False)
    event = make_conference()
    pat = comes(event, "Pat Participant", FAIR)
    [mail] = mails_to(inviting)
    [part] = calendar_parts(mail)
    assert len(entries(part.get_payload(decode=True))) == 2  # type: ignore[arg-type]
    operations.cancel_registration(registration_id=pat.id)
    gone = mails_to(inviting)[-1]
    assert calendar_parts(gone) == []
    assert "delete it there" in plain_words(gone)


def test_a_file_is_not_to_be_deleted_while_somebody_else_of_the_mailbox_comes(inviting: Sink) -> None:
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=False)
    event = make_event()
    pat = sign_up(event)
    zoe = sign_up(event, "Zoe", email=PAT)
    mails_to(inviting)
    operations.cancel_registration(registration_id=pat.id)
    told = plain_words(mails_to(inviting)[-1])
    assert f"Nothing changes for: Zoe ({spaced(zoe.reference)})." in told
    assert "delete it there" not in told


def test_what_was_a_file_becomes_an_invitation_of_the_same_entry(inviting: Sink) -> None:
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=False)
    event = make_event()
    sign_up(event)
    [filed] = calendar_parts(mails_to(inviting)[0])
    [before] = entries(filed.get_payload(decode=True)).values()  # type: ignore[arg-type]
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=True)
    change(event, starts_local=local(days=9), ends_local=local(days=9, hours=2))
    method, after = message_in(mails_to(inviting)[-1])
    assert (method, str(after["UID"])) == ("REQUEST", str(before["UID"]))
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1


def test_who_was_invited_goes_on_getting_invitations_when_others_get_files(inviting: Sink) -> None:
    event = make_event()
    sign_up(event, "Pat Participant")
    mails_to(inviting)
    set_invitations(actor=person("alice"), organization_id=organization_id(), sends_invitations=False)
    later = sign_up(event, "Quinn")
    delivery.drain()
    change(event, starts_local=local(days=9), ends_local=local(days=9, hours=1))
    delivery.drain()
    pat = db.session.scalars(select(Registration).where(Registration.name == "Pat Participant")).one()
    operations.cancel_registration(registration_id=pat.id)
    operations.cancel_registration(registration_id=later.id)
    assert [method for method, _sequence in methods(inviting)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert "delete it there" not in plain_words(mails_to(inviting)[-1])
    of_quinn = mails_to(inviting, "quinn@example.net")
    assert [part.get_param("method") for mail in of_quinn for part in calendar_parts(mail)] == [None, None]
    assert "please delete it there" in plain_words(of_quinn[-1])


def test_an_invitation_goes_to_nobody_but_its_attendee() -> None:
    invitation = CalendarMessage(method="REQUEST", content=b"BEGIN:VCALENDAR\r\n", attendee="right@example.net")
    letter = Letter(subject="Hello", text="Words\n", html="<p>Words</p>", invitation=invitation, of_others=[invitation])

    def parts_to(address: str) -> int:
        built = build_message(
            letter, sender="a@example.org", sender_name="A", to=address, message_id="<1@example.org>", date=now()
        )
        return len([part for part in built.walk() if part.get_content_type() == "text/calendar"])

    assert (parts_to("right@example.net"), parts_to("wrong@example.net")) == (2, 0)


def test_hostile_names_write_no_lines(inviting: Sink) -> None:
    db.session.execute(
        db.update(Organization)
        .where(Organization.slug == "lighthouse")
        .values(name={"en": 'Lamp";X=1:\r\nMETHOD:CANCEL'})
    )
    db.session.commit()
    sign_up(make_event(), 'Eve";RSVP=TRUE:x\r\nATTENDEE:mailto:spy@example.net', email="eve@example.net")
    method, found = message_in(mails_to(inviting, "eve@example.net")[0])
    assert method == "REQUEST"
    assert found["ATTENDEE"] == "mailto:eve@example.net"
    assert found["ATTENDEE"].params["RSVP"] == "FALSE"


@pytest.mark.parametrize("name", READERS)
def test_every_reader_takes_the_same_from_request_and_cancel(inviting: Sink, name: str) -> None:
    event = make_event(title={"en": "Слово 🌱; and, more"})
    pat = sign_up(event)
    mails_to(inviting)
    operations.cancel_registration(registration_id=pat.id)
    [request, cancel] = [calendar_parts(mail)[0].get_payload(decode=True) for mail in mails_to(inviting)]
    session = sessions_of(event.id)[0]
    with installed(name) as read:
        [brought], [taken] = read(request), read(cancel)  # type: ignore[arg-type]
    for number, found in enumerate((brought, taken)):
        assert (found.uid, found.sequence) == (session.uid, number)
        assert found.starts == f"{session.starts_at:%Y%m%dT%H%M%SZ}"
        assert found.summary == "Слово 🌱; and, more"
        assert {"ATTENDEE", "ORGANIZER", "STATUS"} <= found.names


def test_only_an_owner_chooses_and_a_second_time_changes_nothing(inviting: Sink) -> None:
    from app.core.errors import NotAllowed

    here = organization_id()
    assert not set_invitations(actor=person("alice"), organization_id=here, sends_invitations=True)
    with pytest.raises(NotAllowed):
        set_invitations(actor=person("bob"), organization_id=here, sends_invitations=False)
    assert db.session.scalars(select(Organization.sends_invitations).where(Organization.id == here)).one()
