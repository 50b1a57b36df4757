"""Mistyped and corrected e-mail addresses."""

from __future__ import annotations

from apiflask import APIFlask

from app.core.db import db
from app.registration.models import Registration
from tests.support.pages import Client, Page
from tests.support.sign_up_form import form_of, send_sign_up


def test_a_mistyped_domain_is_asked_about_and_never_refused(client: Client, slug: str, app: APIFlask) -> None:
    form = form_of(client, slug, email="anna@gmial.com")
    asked = Page(client.send(f"/e/{slug}/sign-up", form, status=422))
    assert "anna@gmail.com" in asked.words
    client.send(f"/e/{slug}/sign-up", {**form, "address": "suggested"})
    other = form_of(client, slug, email="ben@gmial.com", name="Ben")
    asked = Page(client.send(f"/e/{slug}/sign-up", other, status=422))
    client.send(f"/e/{slug}/sign-up", {**other, "asked": asked.fields()["asked"]})
    with app.app_context():
        addresses = {found.contact.email for found in _all_with_contacts()}
    assert addresses == {"anna@gmail.com", "ben@gmial.com"}


def test_a_mistyped_domain_is_asked_about_together_with_everything_else_and_once(client: Client, slug: str) -> None:
    form = form_of(client, slug, email="anna@gmial.com")
    incomplete = {name: value for name, value in form.items() if not name.startswith("consent_")}
    asked = Page(client.send(f"/e/{slug}/sign-up", incomplete, status=422))
    assert "anna@gmail.com" in asked.words
    assert "Please tick this" in asked.words
    still_incomplete = Page(client.send(f"/e/{slug}/sign-up", {**incomplete, **_asked(asked)}, status=422))
    assert "anna@gmail.com" not in still_incomplete.words
    changed = {**form, **_asked(still_incomplete), "email": "anna@yandx.ru"}
    assert "anna@yandex.ru" in Page(client.send(f"/e/{slug}/sign-up", changed, status=422)).words
    client.send(f"/e/{slug}/sign-up", {**form, **_asked(still_incomplete)})


def test_the_question_about_a_slip_stands_on_top_and_the_usual_button_answers_it(client: Client, slug: str) -> None:
    form = form_of(client, slug, email="anna@gmial.com")
    page = Page(client.send(f"/e/{slug}/sign-up", form, status=422))
    assert "".join(page.all("title")[0].itertext()).startswith("Error:")
    assert page.words.index("Did you mean anna@gmail.com?") < page.words.index("Your name")
    client.send(f"/e/{slug}/sign-up", {**form, **_asked(page)})


def test_a_slip_in_the_corrected_address_is_asked_about(client: Client, slug: str) -> None:
    own = send_sign_up(client, slug)
    asked = Page(client.send(f"{own}/address", {"email": "anna@gmial.com"}, status=422))
    assert "anna@gmail.com" in asked.words
    client.send(f"{own}/address", {"email": "anna@gmial.com", **_asked(asked)})


def test_correcting_the_address_leads_to_a_new_page_and_ends_the_old(client: Client, slug: str) -> None:
    own = send_sign_up(client, slug, email="wrong@example.net")
    new = client.send(f"{own}/address", {"email": "right@example.net"}).headers["Location"]
    assert new != own
    assert client.get(own).status_code == 404
    assert "corrected after it was sent" in client.page(own, status=404).words
    assert "The address is changed" in client.page(new).words
    assert "right@example.net" in client.page(new).words


def _asked(page: Page) -> dict[str, str]:
    return {"asked": page.fields()["asked"]}


def _all_with_contacts() -> list[Registration]:
    query = db.select(Registration).options(db.joinedload(Registration.contact))
    return list(db.session.scalars(query))
