"""The pages of signing up and of one's own registration, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from apiflask import APIFlask
from icalendar import Calendar
from PIL import Image

from app import create_app
from app.catalogue.models import SeatPool
from app.core.db import db
from app.messaging.models import OutboxMessage
from app.registration.models import Consent, Registration
from app.registration.tickets import code_of
from tests.support import databases
from tests.support.events import event_values, make_event
from tests.support.pages import Client, Page
from tests.support.sign_up_form import form_of, send_sign_up

HOSTILE = [
    "<script>alert(1)</script>",
    "Ann\r\nBcc: all@example.org",
    "Ann\x00Bob",
    "😀 Анна 🎉",
    "А" * 10_000,
    "\u202egnp.exe",
    "Аnna Реtrоva",  # look-alikes: Latin and Cyrillic mixed
    "'; DROP TABLE registration; --",
    "{{ 7 * 7 }}",
]


def test_one_page_one_post_and_the_place_is_kept(client: Client, slug: str, app: APIFlask) -> None:
    page = client.page(send_sign_up(client, slug))
    with app.app_context():
        found = db.session.scalars(db.select(Registration)).one()
        assert found.reference[:3] in page.words
        assert db.session.scalars(db.select(Consent)).one().registration_id == found.id
    assert "You are in" in page.words
    assert "anna@example.net" in page.words


def test_a_double_click_is_one_registration(client: Client, slug: str, app: APIFlask) -> None:
    form = form_of(client, slug)
    first = client.send(f"/e/{slug}/sign-up", form).headers["Location"]
    second = client.send(f"/e/{slug}/sign-up", form).headers["Location"]
    assert first == second
    with app.app_context():
        assert len(db.session.scalars(db.select(Registration)).all()) == 1
        assert len(db.session.scalars(db.select(OutboxMessage)).all()) == 1


def test_the_same_person_again_gets_a_neutral_page_without_any_link(client: Client, slug: str) -> None:
    send_sign_up(client, slug)
    location = client.send(f"/e/{slug}/sign-up", form_of(client, slug)).headers["Location"]
    page = client.page(location)
    assert "look in your mail" in page.words.lower()
    assert not [link for link in page.links() if link.startswith("/r/")]


def test_errors_are_listed_and_everything_typed_is_kept(client: Client, slug: str) -> None:
    form = form_of(client, slug, email="no address", mode=None)
    form = {name: value for name, value in form.items() if not name.startswith("consent_")}
    page = Page(client.send(f"/e/{slug}/sign-up", form, status=422))
    assert page.fields()["name"] == "Анна Петрова"
    assert page.fields()["email"] == "no address"
    title = "".join(page.all("title")[0].itertext())
    assert title.startswith("Error:")
    summary = next(box for box in page.all("div") if box.get("role") == "alert")
    targets = [link.get("href") for link in summary.iter() if link.get("href")]
    ids = {element.get("id") for element in page.tree.iter() if element.get("id")}
    assert len(targets) == 3
    assert {target.removeprefix("#") for target in targets} <= ids


def test_a_used_form_signs_up_another_person_when_it_is_sent_again(client: Client, slug: str) -> None:
    form = form_of(client, slug)
    client.send(f"/e/{slug}/sign-up", form)
    other = {**form, "name": "Ben", "email": "ben@example.net"}
    again = Page(client.send(f"/e/{slug}/sign-up", other, status=409))
    assert again.fields()["key"] != form["key"]
    client.send(f"/e/{slug}/sign-up", {**other, "key": again.fields()["key"]})


@pytest.mark.parametrize("name", ["Win at http://evil.example/", "www.evil.example", "\ufffd\ufffdx"])
def test_a_name_is_no_address_and_no_broken_letters(client: Client, slug: str, name: str) -> None:
    client.send(f"/e/{slug}/sign-up", form_of(client, slug, name=name), status=422)


def test_a_tick_is_a_yes(client: Client, slug: str) -> None:
    form = form_of(client, slug)
    refused = {name: "no" if name.startswith("consent_") else value for name, value in form.items()}
    client.send(f"/e/{slug}/sign-up", refused, status=422)


def test_a_form_sent_after_the_hall_filled_keeps_what_was_typed(client: Client, slug: str) -> None:
    late = form_of(client, slug)
    for number in range(2):
        send_sign_up(client, slug, name=f"Guest {number}", email=f"g{number}@example.net")
    page = Page(client.send(f"/e/{slug}/sign-up", late, status=409))
    assert page.fields()["name"] == "Анна Петрова"
    assert "taken" in page.words
    client.send(f"/e/{slug}/sign-up", {**late, "mode": "online"})


def test_a_full_event_without_a_list_says_so_and_shows_no_form(client: Client, app: APIFlask) -> None:
    with app.app_context():
        full = make_event(capacity_in_person=1, has_waiting_list=False).slug
    send_sign_up(client, full, mode="in_person")
    page = client.page(f"/e/{full}/sign-up")
    assert "name" not in page.fields()
    assert "All seats are taken" in page.words


def test_a_robot_that_fills_the_trap_gets_nothing(client: Client, slug: str, app: APIFlask) -> None:
    trap = next(
        field.get("name") for field in client.page(f"/e/{slug}/sign-up").all("input") if field.get("tabindex") == "-1"
    )
    client.send(f"/e/{slug}/sign-up", form_of(client, slug, **{trap: "https://spam.example"}))
    with app.app_context():
        assert db.session.scalars(db.select(Registration)).all() == []


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["name", "email", "mode", "key"])
def test_hostile_input_gets_a_clear_answer(client: Client, slug: str, field: str, text: str) -> None:
    response = client.post(f"/e/{slug}/sign-up", data=form_of(client, slug, **{field: text}))
    assert response.status_code in (303, 422)
    if response.status_code == 303 and response.headers["Location"].startswith("/r/"):
        page = client.page(response.headers["Location"])
        assert "\x00" not in page.text
        assert "alert(1)</script>" not in page.text


def test_control_characters_are_taken_out_and_said_so_with_the_rest_kept(client: Client, slug: str) -> None:
    typed = form_of(client, slug, name="Ann\x00 Smith")
    page = Page(client.send(f"/e/{slug}/sign-up", typed, status=422))
    assert "This held invisible control characters." in page.words
    shown = {field.get("name"): field.get("value") for field in page.all("input")}
    assert (shown["name"], shown["email"]) == ("Ann Smith", typed["email"])
    client.send(f"/e/{slug}/sign-up", {**typed, "name": shown["name"]})


def test_an_oversized_form_is_refused_kindly(client: Client, slug: str) -> None:
    response = client.post(f"/e/{slug}/sign-up", data={"name": "x" * 3_000_000})
    assert response.status_code == 413


def test_a_get_changes_nothing(client: Client, slug: str, app: APIFlask) -> None:
    own = send_sign_up(client, slug, mode="online")
    in_hall = send_sign_up(client, slug, name="Ben", email="ben@example.net")
    for address in (own, f"{own}/cancel", f"{in_hall}/ticket", f"{own}/address", f"{own}/event.ics", f"{own}/room"):
        assert client.get(address).status_code == 200, address
        assert client.head(address).status_code == 200, address
    with app.app_context():
        assert db.session.scalars(db.select(Registration.status)).all() == ["confirmed", "confirmed"]


def test_giving_the_place_back_frees_it_at_once(client: Client, slug: str, app: APIFlask) -> None:
    own = send_sign_up(client, slug)
    client.send(f"{own}/cancel")
    client.send(f"{own}/cancel")
    assert "given back" in client.page(own).words
    with app.app_context():
        pool = db.session.scalars(db.select(SeatPool).where(SeatPool.mode == "in_person")).one()
        assert pool.taken == 0
    for gone in ("ticket.png", "ticket.svg", "event.ics"):
        assert client.get(f"{own}/{gone}").status_code == 404


def test_the_ticket_can_be_read_by_a_scanner(client: Client, slug: str, app: APIFlask, tmp_path: Any) -> None:
    own = send_sign_up(client, slug)
    picture = tmp_path / "ticket.png"
    picture.write_bytes(client.get(f"{own}/ticket.png").data)
    read = zxingcpp.read_barcode(Image.open(picture))
    with app.app_context():
        assert read.text == code_of(db.session.scalars(db.select(Registration)).one())
    assert len(read.text) == 16
    assert 'class="qr"' in client.page(f"{own}/ticket").text


def test_the_calendar_file_has_the_events_uid_and_the_own_page(client: Client, slug: str) -> None:
    own = send_sign_up(client, slug, mode="online")
    personal = Calendar.from_ical(client.get(f"{own}/event.ics").data)
    public = Calendar.from_ical(client.get(f"/e/{slug}.ics").data)
    mine, everybodys = (calendar.walk("VEVENT")[0] for calendar in (personal, public))
    assert mine["UID"] == everybodys["UID"]
    assert f"http://127.0.0.1:5000{own}/room" in str(mine["DESCRIPTION"])
    assert "secret-room-4711" not in personal.to_ical().decode()
    assert "METHOD" not in personal
    assert str(mine["LOCATION"]) == "Online"
    assert str(mine["CONFERENCE"]).endswith(f"{own}/room")


def test_the_calendar_file_of_who_comes_to_the_hall_names_the_hall_alone(client: Client, slug: str) -> None:
    own = send_sign_up(client, slug, mode="in_person")
    (mine,) = Calendar.from_ical(client.get(f"{own}/event.ics").data).walk("VEVENT")
    (everybodys,) = Calendar.from_ical(client.get(f"/e/{slug}.ics").data).walk("VEVENT")
    assert str(everybodys["LOCATION"]) == f"{mine['LOCATION']}, or online"
    assert "CONFERENCE" not in mine


def test_who_attends_online_has_no_ticket_to_show(client: Client, slug: str) -> None:
    own = send_sign_up(client, slug, mode="online")
    response = client.get(f"{own}/ticket")
    assert (response.status_code, response.headers["Location"]) == (303, own)
    assert "The link to this page is on its way" in client.page(own).words


def test_finding_ones_registrations_answers_everybody_alike(client: Client, slug: str, app: APIFlask) -> None:
    send_sign_up(client, slug)
    known = client.send("/find", {"email": "anna@example.net"})
    unknown = client.send("/find", {"email": "nobody@example.net"})
    assert known.headers["Location"] == unknown.headers["Location"]
    assert known.data == unknown.data
    with app.app_context():
        names = db.session.scalars(db.select(OutboxMessage.name).order_by(OutboxMessage.id)).all()
    assert names == ["registration_confirmed", "your_links"]


def test_my_page_opens_by_the_mailed_link_only(client: Client, slug: str, app: APIFlask) -> None:
    from app.messaging.delivery import letter_of

    own = send_sign_up(client, slug)
    client.send("/find", {"email": "anna@example.net"})
    with app.app_context():
        row = db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.name == "your_links")).one()
        letter = letter_of(row.name, row.facts, row.language)
        assert letter is not None
        words = letter.filled(letter.text)
        assert letter.text != words
    link = next(word for word in words.split() if "/me/" in word)
    page = client.page(link.removeprefix("http://127.0.0.1:5000"))
    assert any(link.startswith(own) and len(link) > len(own) for link in page.links())
    assert client.get("/me/wrong").status_code == 404


def test_a_draft_and_an_unknown_event_have_no_form(client: Client, app: APIFlask) -> None:
    with app.app_context():
        draft = make_event(event_values(), publish=False).slug
    client.page(f"/e/{draft}/sign-up", status=404)
    client.page("/e/nothing/sign-up", status=404)


def test_an_anonymous_participant_gets_no_cookie(client: Client, slug: str) -> None:
    own = send_sign_up(client, slug)
    for address in (f"/e/{slug}/sign-up", own, f"{own}/ticket", "/find"):
        assert "Set-Cookie" not in client.get(address).headers


def test_a_form_sent_before_signs_up_nobody_else(client: Client, slug: str, app: APIFlask) -> None:
    form = form_of(client, slug)
    first = client.send(f"/e/{slug}/sign-up", form).headers["Location"]
    other = {**form, "name": "Ben", "email": "ben@example.net"}
    page = Page(client.send(f"/e/{slug}/sign-up", other, status=409))
    assert first not in page.text
    assert page.fields()["name"] == "Ben"
    with app.app_context():
        assert len(db.session.scalars(db.select(Registration)).all()) == 1


@pytest.mark.parametrize("name", ["\u200b\u200b", ".", "🎉", "123"])
def test_a_name_has_letters(client: Client, slug: str, name: str) -> None:
    client.send(f"/e/{slug}/sign-up", form_of(client, slug, name=name), status=422)


def test_head_is_answered_like_get(client: Client, slug: str) -> None:
    assert client.head(f"/e/{slug}/sign-up").status_code == 200
    assert client.head("/find").status_code == 200


def test_a_form_for_an_event_without_sign_up_is_told_why(client: Client, app: APIFlask) -> None:
    with app.app_context():
        slug = make_event(sign_up="just_come").slug
    page = Page(client.send(f"/e/{slug}/sign-up", {"name": "Ann"}, status=409))
    assert "just come" in page.words


def test_the_language_can_be_changed_on_a_refused_form(client: Client, slug: str) -> None:
    typed = form_of(client, slug, name="Анна", email="anna@")
    for path in (f"/e/{slug}/sign-up", f"/e/{slug}/sign-up?lang=en"):
        page = Page(client.send(path, typed, status=422))
        (switch,) = [button for button in page.all("button") if button.get("name") == "lang"]
        (form,) = [form for form in page.all("form") if form.get("id") == switch.get("form")]
        other = Page(client.send(path, {**typed, "lang": switch.get("value")}, status=200))
        assert other.all("html")[0].get("lang") == "ru"
        assert "Проверьте" not in other.words
        assert {name: value for name, value in other.fields().items() if name in typed} == typed
        assert (form.get("action") or path).replace("lang=en", "") == path.replace("lang=en", "")
        (form,) = [form for form in other.all("form") if form.get("id") == "sign-up"]
        refused = Page(client.send(form.get("action") or path, typed, status=422))
        assert refused.all("html")[0].get("lang") == "ru"
        client.delete_cookie("lang")


def test_changing_the_language_takes_no_seat(client: Client, slug: str, app: APIFlask) -> None:
    client.send(f"/e/{slug}/sign-up", form_of(client, slug, lang="ru"), status=200)
    with app.app_context():
        assert db.session.scalars(db.select(Registration)).all() == []


def test_only_what_came_to_something_counts_towards_an_addresss_limit(database: str) -> None:
    app = create_app(databases.settings_for(database, LIMITS="1", SIGN_UP_ADDRESS_LIMIT="2 per hour"))
    app.test_client_class = Client
    with app.app_context():
        slug = make_event().slug
    client = app.test_client()
    assert isinstance(client, Client)
    for _slip in range(4):
        client.send(f"/e/{slug}/sign-up", form_of(client, slug, name=""), status=422)
    for name in ("Ann", "Ben"):
        client.send(f"/e/{slug}/sign-up", form_of(client, slug, name=name))
    response = client.post(f"/e/{slug}/sign-up", data=form_of(client, slug, name="Cay"))
    assert response.status_code == 429
    assert response.headers["Retry-After"]


def test_a_slip_in_the_own_name_is_corrected_with_one_mail(client: Client, slug: str, app: APIFlask) -> None:
    own = send_sign_up(client, slug, name="Ana Petrova", email="anna@example.net")
    assert f"{own}/name" in client.page(own).links()
    assert client.page(f"{own}/name").fields()["name"] == "Ana Petrova"
    assert "Please write your name." in Page(client.send(f"{own}/name", {"name": " "}, status=422)).words
    answer = client.send(f"{own}/name", {"name": "Anna  Petrova"})
    page = client.page(answer.headers["Location"])
    assert "Your change is saved." in page.words
    assert "Anna Petrova" in page.words
    client.send(f"{own}/name", {"name": "Anna Petrova"})
    with app.app_context():
        names = list(db.session.scalars(db.select(OutboxMessage.name).order_by(OutboxMessage.id)))
    assert names == ["registration_confirmed", "registration_changed"]


def test_a_name_that_is_on_the_list_already_is_refused(client: Client, slug: str) -> None:
    send_sign_up(client, slug, name="Boris Petrov", email="anna@example.net")
    own = send_sign_up(client, slug, name="Anna Petrova", email="anna@example.net")
    page = Page(client.send(f"{own}/name", {"name": "boris petrov"}, status=422))
    assert "is on the list already" in page.words
    assert page.fields()["name"] == "boris petrov"
