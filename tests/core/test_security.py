"""Forged requests, foreign hosts, headers, cookies, caching."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from tests.support.events import make_event
from tests.support.pages import Client

FOREIGN = {"Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize("address", ["/find", "/login", "/logout", "/desk/events/new", "/view", "/language"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": None, "Origin": "null"},
        {"Sec-Fetch-Site": None, "Origin": "http://127.0.0.1:5000.evil.example"},
    ],
)
def test_a_request_made_by_another_site_is_refused(client: Client, address: str, headers: dict[str, str]) -> None:
    assert client.post(address, headers=headers).status_code == 403


def test_a_program_without_a_sign_in_may_post(client: Client) -> None:
    assert client.post("/find", data={"email": "a@example.org"}, headers={"Sec-Fetch-Site": None}).status_code == 303


def test_a_program_with_a_sign_in_must_say_where_it_comes_from(client: Client) -> None:
    client.sign_in("bob")
    assert client.post("/logout", headers={"Sec-Fetch-Site": None}).status_code == 403


def test_an_origin_of_ours_is_welcome(client: Client) -> None:
    headers = {"Sec-Fetch-Site": None, "Origin": "http://127.0.0.1:5000"}
    assert client.post("/find", data={"email": "a@example.org"}, headers=headers).status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:5000", "[::1]:5000"])
def test_a_foreign_host_is_refused(client: Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_public_pages_set_no_cookie_and_may_be_kept(client: Client, app: APIFlask) -> None:
    with app.app_context():
        slug = make_event().slug
    for address in ("/", "/events", f"/e/{slug}", "/help", "/privacy", "/accessibility", "/subscribe"):
        response = client.get(address)
        assert response.status_code == 200, address
        assert "Set-Cookie" not in response.headers, address
        assert "public" in response.headers["Cache-Control"], address
        assert "Cookie" in response.headers["Vary"], address


def test_with_a_cookie_a_page_is_private(client: Client) -> None:
    client.set_cookie("lang", "ru", domain="127.0.0.1")
    assert "private" in client.get("/events").headers["Cache-Control"]


def test_forms_and_secret_pages_are_kept_by_nobody(client: Client, app: APIFlask) -> None:
    with app.app_context():
        slug = make_event().slug
    for address in (f"/e/{slug}/sign-up", "/find", "/login"):
        assert client.get(address).headers["Cache-Control"] == "no-store", address


def test_every_answer_carries_the_guarding_headers(client: Client) -> None:
    for address in ("/", "/no-such-page", "/events.ics", "/health/live"):
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"]


def test_static_files_are_kept_only_under_an_address_with_their_hash(client: Client) -> None:
    assert "immutable" in client.get("/static/css/lectern.css?v=1").headers["Cache-Control"]
    assert client.get("/static/css/lectern.css").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "address", ["/no-such-page", "/e/nothing", "/r/nothing", "/me/nothing", "/e/nothing/sign-up", "/r/a%00b"]
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_unknown_links_get_a_kind_404(client: Client, address: str, language: str) -> None:
    page = client.page(address, status=404, lang=language)
    assert page.h1
    assert page.all("html")[0].get("lang") == language


def test_machines_get_problem_json(client: Client) -> None:
    response = client.get("/api/v1/nothing")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.get_json()["status"] == 404
