"""Signing in and out, and a user's own page, as a browser meets them."""

from __future__ import annotations

import re

import pytest
from apiflask import APIFlask

from app import create_app
from app.accounts import operations, queries
from app.accounts.models import SignInLink
from app.accounts.sign_in_cookie import COOKIE_NAMES
from app.core.db import db
from app.core.security.links import link_token
from app.messaging import delivery
from app.messaging.models import OutboxMessage
from tests.support import databases
from tests.support.cast import PASSWORD, person
from tests.support.pages import Client, Page

HOSTILE = [
    "<script>alert(1)</script>",
    "a\r\nBcc: everybody@example.org",
    "nul\x00byte",
    "🦉" * 300,
    "x" * 10_000,
    "\u202egro.elpmaxe@ecila",
    "' OR 1=1 --",
    "\ufffd\ufffe",
]


def cookie(client: Client) -> str | None:
    found = client.get_cookie(COOKIE_NAMES[1], domain="127.0.0.1")
    return found.value if found else None


def letters(app: APIFlask, name: str) -> list[OutboxMessage]:
    with app.app_context():
        return list(db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.name == name)))


def link_in_mail(app: APIFlask, name: str = "sign_in_link") -> str:
    """The address that stands in the mail, as the reader gets it."""
    message = letters(app, name)[-1]
    with app.test_request_context():
        letter = delivery.letter_of(message.name, message.facts, message.language)
        assert letter is not None
        found = re.search(r"http://[^/]+(/sign-in/[\w-]+)", letter.filled(letter.text))
    assert found
    return found[1]


def test_the_right_password_opens_the_desk(client: Client) -> None:
    response = client.send("/login", {"email": " Alice@Example.org ", "password": PASSWORD})
    assert response.location == "/desk/"
    assert "HttpOnly" in response.headers["Set-Cookie"]
    assert "SameSite=Lax" in response.headers["Set-Cookie"]
    assert client.page("/desk/").h1 == "Events"


@pytest.mark.parametrize(("email", "password"), [("alice@example.org", "wrong"), ("nobody@example.org", PASSWORD)])
def test_wrong_words_are_refused_alike_and_the_address_is_kept(client: Client, email: str, password: str) -> None:
    page = Page(client.send("/login", {"email": email, "password": password}, status=422))
    assert "The address or the password is not right." in page.words
    assert page.fields()["email"] == email
    assert page.fields()["password"] == ""
    assert cookie(client) is None


def test_a_link_by_mail_signs_in_once(client: Client, app: APIFlask) -> None:
    assert client.send("/login", {"email": "alice@example.org", "deed": "link"}).location == "/login/sent"
    address = link_in_mail(app)
    client.page(address)
    assert cookie(client) is None, "opening the link must not use it up"
    client.send(address)
    assert client.page("/desk/").h1 == "Events"
    client.send("/logout")
    client.page(address, status=410)
    assert client.post(address).status_code == 410


def test_a_link_still_opens_when_the_key_was_replaced_before_the_mail_went_out(client: Client, app: APIFlask) -> None:
    client.send("/login", {"email": "alice@example.org", "deed": "link"})
    keys = f"2:{'5e0d8c4b7a19f236' * 4},{databases.SECRETS['LINK_KEY']}"
    later = create_app(databases.settings_for(app.config["SQLALCHEMY_DATABASE_URI"], LINK_KEY=keys))
    client.page(link_in_mail(later))


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Client, app: APIFlask) -> None:
    assert client.send("/login", {"email": "nobody@example.org", "deed": "link"}).location == "/login/sent"
    assert letters(app, "sign_in_link") == []
    assert "If this address has an account" in client.page("/login/sent").words


@pytest.mark.parametrize("path", ["/desk/team", "/desk/events/new?x=1", "/desk/"])
def test_signing_in_leads_back_to_a_page_of_ours(client: Client, path: str) -> None:
    page = client.page("/login", next=path)
    values = {**page.fields(), "email": "alice@example.org", "password": PASSWORD}
    assert client.send("/login", values).location == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/ /evil.example",
        "/\t/evil.example",
        "desk",
        "http:evil.example",
        "",
    ],
)
def test_signing_in_never_leads_away(client: Client, path: str) -> None:
    values = {"email": "alice@example.org", "password": PASSWORD, "next": path}
    location = client.send("/login", values).location
    assert location == "/desk/" or re.fullmatch(r"/[^/\\\s][^\\\s]*", location)
    assert "evil" not in location or not location.startswith(("//", "http"))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_on_the_sign_in_page_breaks_it(client: Client, text: str) -> None:
    for values in (
        {"email": text, "password": text, "next": text},
        {"email": "alice@example.org", "password": text},
        {"email": text, "deed": "link"},
    ):
        assert client.post("/login", data=values).status_code in (303, 422)
    assert client.post("/login").status_code == 422
    assert client.get("/sign-in/" + "x" * 500).status_code == 410


def test_bytes_that_are_no_text_break_nothing(client: Client) -> None:
    body = b"email=%ff%fe%ed%a0%bd@example.org&password=%c3%28&next=%ed%a0%bd"
    kind = "application/x-www-form-urlencoded"
    assert client.post("/login", data=body, content_type=kind).status_code == 422


def test_the_tries_are_limited_by_address(app: APIFlask, client: Client) -> None:
    limited = create_app(
        databases.settings_for(app.config["SQLALCHEMY_DATABASE_URI"], LIMITS="1", SIGN_IN_LIMIT="3 per hour")
    )
    limited.test_client_class = Client
    with limited.app_context():
        browsers = [limited.test_client() for _ in range(4)]
    answers = []
    for number, browser in enumerate(browsers):
        browser.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        values = {"email": "Alice@example.org", "password": "wrong"}
        answers.append(browser.post("/login", data=values))
    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    with limited.app_context():
        db.engine.dispose()


def test_signing_out_ends_the_sign_in_on_the_server(client: Client, app: APIFlask) -> None:
    client.sign_in("alice")
    token = cookie(client)
    assert token
    client.send("/logout")
    assert client.get("/desk/").status_code == 303
    with app.app_context():
        assert queries.find_sign_in(token) is None


def test_signing_out_everywhere_ends_the_others_too(client: Client, app: APIFlask) -> None:
    with app.app_context():
        other = operations.sign_in_with_password(email="alice@example.org", password=PASSWORD, browser="Phone")
    client.sign_in("alice")
    assert "this device" in client.page("/desk/me").words
    client.send("/desk/me/sign-out-everywhere")
    with app.app_context():
        assert queries.find_sign_in(other) is None
    assert client.get("/desk/me").status_code == 303


def test_a_new_password_ends_all_sign_ins_and_works(client: Client) -> None:
    client.sign_in("alice")
    assert (
        client.send("/desk/me/password", {"current": PASSWORD, "password": "four wet green frogs"}).location == "/login"
    )
    assert client.get("/desk/").status_code == 303
    assert "Your password is saved" in client.page("/login").words
    client.send("/login", {"email": "alice@example.org", "password": PASSWORD}, status=422)
    client.send("/login", {"email": "alice@example.org", "password": "four wet green frogs"})


def test_a_stranger_at_an_open_desk_can_not_change_the_password(client: Client) -> None:
    client.sign_in("alice")
    for current in ("", "wrong"):
        page = Page(
            client.send("/desk/me/password", {"current": current, "password": "four wet green frogs"}, status=422)
        )
        assert "The present password is not right." in page.words


def test_who_came_by_a_mailed_link_need_not_know_the_old_password(client: Client, app: APIFlask) -> None:
    with app.app_context():
        operations.send_sign_in_link(email="alice@example.org")
        link = db.session.scalars(db.select(SignInLink)).one()
        token = link_token("sign-in", link.public_id)
    client.send(f"/sign-in/{token}")
    assert "Present password" not in client.page("/desk/me").words
    assert client.send("/desk/me/password", {"password": "four wet green frogs"}).location == "/login"


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaa", "x" * 10_000])
def test_a_weak_password_is_refused_at_the_field(client: Client, password: str) -> None:
    client.sign_in("alice")
    page = Page(client.send("/desk/me/password", {"current": PASSWORD, "password": password}, status=422))
    assert "Please check these answers" in page.words


def test_name_and_language_are_saved_and_spoken(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    client.send("/desk/me", {"name": "  Боб\u200b  Организатор ", "language": "ru"})
    with app.app_context():
        user = queries.find_user("bob@example.org")
        assert user is not None
        assert (user.name, user.language) == ("Боб Организатор", "ru")
    assert client.page("/desk/me").all("html")[0].get("lang") == "ru"
    Page(client.send("/desk/me", {"name": "", "language": "xx"}, status=422))


def test_a_new_browser_is_told_by_mail(client: Client, app: APIFlask) -> None:
    for agent in ("Mozilla/5.0 (Windows NT 10.0) Gecko Firefox/140.0", "Mozilla/5.0 (Linux; Android 15) Chrome/140.0"):
        client.post("/login", data={"email": "dan@example.org", "password": PASSWORD}, headers={"User-Agent": agent})
    (message,) = letters(app, "new_sign_in")
    assert message.facts["browser"] == "Chrome, Android"
    with app.test_request_context():
        letter = delivery.letter_of(message.name, message.facts, "en")
        assert letter is not None
        assert "Chrome, Android" in letter.text


def test_an_invitation_opens_the_desk_of_the_new_member(client: Client, app: APIFlask) -> None:
    client.sign_in("alice")
    values = {"email": "nina@example.org", "name": "Nina New", "role": "organizer", "language": "ru"}
    client.send("/desk/team", values)
    client.send("/logout")
    (message,) = letters(app, "team_invitation")
    with app.test_request_context("/?lang=ru"):
        letter = delivery.letter_of(message.name, message.facts, "ru")
        assert letter is not None
        assert "Маяк" in letter.subject
        assert "((sign-in))" in letter.text, "the kept words must not open anything"
    client.send(link_in_mail(app, "team_invitation"))
    assert "Nina New" in client.page("/desk/").words
    with app.app_context():
        assert person("alice").roles.keys() == queries.person_of(queries.find_user("nina@example.org")).roles.keys()  # type: ignore[arg-type]
