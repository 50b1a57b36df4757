"""What people agree to: separate ticks, the words of then, and withdrawing them from the own page."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from app.catalogue.models import EventPartner
from app.core.audit import AuditLine
from app.core.db import db, transaction
from app.core.errors import NotAllowed, Refused
from app.registration import operations, queries
from app.registration.models import Consent, ConsentText, Registration
from app.registration.operations.consents import NoWords
from tests.support.cast import person
from tests.support.events import make_event
from tests.support.pages import Client, Page
from tests.support.sign_up_form import form_of, send_sign_up

PHOTO = {"en": "You may show photos of me.", "ru": "Можно показывать мои фотографии."}


def ask(purpose: str = "photo", *, is_asked: bool = True, by: str = "alice", **wording: str) -> bool:
    return operations.word_consent(
        actor=person(by),
        organization_id=next(iter(person("alice").roles)),
        purpose=purpose,
        wording=wording or PHOTO,
        is_asked=is_asked,
    )


def text_id(purpose: str) -> int:
    return queries.latest_texts(next(iter(person("alice").roles)))[purpose].id


def only() -> Registration:
    return db.session.scalars(db.select(Registration)).one()


@pytest.fixture
def event(app: APIFlask) -> str:
    """The address of an event whose organization asks for photos, too."""
    with app.app_context():
        slug = make_event().slug
        ask()
        return slug


def test_optional_ticks_stand_apart_and_are_stored_with_words_and_time(
    client: Client, app: APIFlask, event: str
) -> None:
    with app.app_context():
        photo = text_id("photo")
    words = client.page(f"/e/{event}/sign-up").words
    assert PHOTO["en"] in words
    own = send_sign_up(client, event, **{f"consent_{photo}": "y"})
    with app.app_context():
        given = queries.given_consents(only().id)
        assert [(one.purpose, one.is_required, one.is_given) for one in given] == [
            ("personal_data", True, True),
            ("photo", False, True),
        ]
        assert given[1].wording == PHOTO
        assert given[1].given_at is not None
    page = client.page(f"{own}/consents")
    assert "Agreed on" in page.words
    assert "give the seat back" in page.words


def test_nothing_optional_is_ticked_beforehand(client: Client, app: APIFlask, event: str) -> None:
    with app.app_context():
        photo = text_id("photo")
    boxes = [one for one in client.page(f"/e/{event}/sign-up").all("input") if one.get("type") == "checkbox"]
    assert f"consent_{photo}" in [one.get("name") for one in boxes]
    assert not [one for one in boxes if one.get("checked") is not None]
    send_sign_up(client, event, **{f"consent_{photo}": None})
    with app.app_context():
        assert [one.purpose for one in queries.given_consents(only().id)] == ["personal_data"]


def test_a_consent_is_withdrawn_and_given_again_from_the_own_page(client: Client, app: APIFlask, event: str) -> None:
    with app.app_context():
        photo = text_id("photo")
    own = send_sign_up(client, event, **{f"consent_{photo}": "y"})
    client.send(f"{own}/consents", {})
    with app.app_context():
        row = db.session.scalars(db.select(Consent).where(Consent.text_id == photo)).one()
        assert row.withdrawn_at is not None
        assert row.given_at <= row.withdrawn_at
        assert only().status == "confirmed"
    assert "Withdrawn on" in client.page(f"{own}/consents").words
    client.send(f"{own}/consents", {"consents": str(photo)})
    with app.app_context():
        row = db.session.scalars(db.select(Consent).where(Consent.text_id == photo)).one()
        assert row.withdrawn_at is None
        deeds = db.session.scalars(db.select(AuditLine.details).where(AuditLine.action == "change_consents"))
        assert list(deeds) == [{"given": [], "withdrawn": ["photo"]}, {"given": ["photo"], "withdrawn": []}]


def test_the_required_one_and_those_of_others_cannot_be_changed_there(
    client: Client, app: APIFlask, event: str
) -> None:
    own = send_sign_up(client, event)
    with app.app_context():
        required = queries.given_consents(only().id)[0].id
    for sent in ({}, {"consents": "999999"}, {"consents": "x"}, {"consents": "\u0663"}):
        client.send(f"{own}/consents", sent)
    with app.app_context():
        (given,) = queries.given_consents(only().id)
        assert (given.id, given.is_given) == (required, True)


def test_other_words_are_a_new_version_and_what_was_given_keeps_the_old(
    client: Client, app: APIFlask, event: str
) -> None:
    with app.app_context():
        photo = text_id("photo")
    own = send_sign_up(client, event, **{f"consent_{photo}": "y"})
    with app.app_context():
        assert ask(en="Photos and films of me may be shown.")
        assert text_id("photo") != photo
        assert queries.latest_texts(next(iter(person("alice").roles)))["photo"].version == 2
    assert PHOTO["en"] in client.page(f"{own}/consents").words
    assert "Photos and films" in client.page(f"/e/{event}/sign-up").words


@pytest.mark.usefixtures("context")
def test_the_same_words_make_no_version_and_what_is_no_longer_asked_for_is_gone_from_forms() -> None:
    event = make_event()
    assert ask()
    assert not ask()
    assert ask(is_asked=False)
    asked = queries.current_consents(event.organization_id, event.id)
    assert [one.purpose for one in asked] == ["personal_data"]
    assert ask()
    assert len(db.session.scalars(db.select(ConsentText).where(ConsentText.purpose == "photo")).all()) == 1


@pytest.mark.usefixtures("context")
def test_partners_are_asked_about_only_where_there_are_some() -> None:
    event = make_event()
    ask("partner", en="My name may be given to the partners.")
    asked = queries.current_consents(event.organization_id, event.id)
    assert "partner" not in [one.purpose for one in asked]
    with transaction() as session:
        session.add(EventPartner(event_id=event.id, kind="partner", name={"en": "Bakery"}, has_desk_rights=False))
    asked = queries.current_consents(event.organization_id, event.id)
    assert "partner" in [one.purpose for one in asked]


@pytest.mark.usefixtures("context")
def test_only_owners_word_consents_and_the_required_one_stays() -> None:
    with pytest.raises(NotAllowed):
        ask(by="bob")
    with pytest.raises(Refused):
        ask("personal_data", is_asked=False, en="I agree.")
    with pytest.raises(NoWords):
        ask(en="")
    with pytest.raises(Refused):
        ask("shoe_size", en="My shoes may be measured.")


@pytest.mark.usefixtures("context")
def test_an_organization_begins_with_the_required_consent_once() -> None:
    event = make_event()
    with transaction() as session:
        session.execute(db.delete(ConsentText))
    for _time in range(2):
        operations.begin_consents(event.organization_id)
    (asked,) = queries.current_consents(event.organization_id, event.id)
    assert (asked.purpose, asked.is_required) == ("personal_data", True)
    assert set(asked.wording) == {"en", "ru"}


def test_the_desk_pages_of_consents(client: Client, app: APIFlask, event: str) -> None:
    client.sign_in("alice")
    words = client.page("/desk/consents").words
    for part in ("Personal data required", "Photo and recording asked for", "News not asked for"):
        assert part in words
    form = client.page("/desk/consents/news").fields()
    assert form["wording_en"]
    client.send("/desk/consents/news", {**form, "is_asked": "y"})
    assert form["wording_en"] in client.page(f"/e/{event}/sign-up").words
    assert client.get("/desk/consents/shoe_size").status_code == 404
    assert client.post("/desk/consents/news", data={"is_asked": "y"}).status_code == 422


def test_the_own_page_leads_there_in_russian_too(client: Client, app: APIFlask, event: str) -> None:
    own = send_sign_up(client, event)
    assert f"{own}/consents" in client.page(own).links()
    assert "Мои согласия" in client.page(f"{own}/consents", lang="ru").words


@pytest.fixture
def school(app: APIFlask) -> str:
    """The address of an event that asks for a parent or guardian."""
    with app.app_context():
        return make_event(asks_guardian=True).slug


def test_a_guardian_gives_name_and_tick_for_somebody_under_18(client: Client, app: APIFlask, school: str) -> None:
    assert "Only for people under 18" in client.page(f"/e/{school}/sign-up").words
    filled = {"is_minor": "y", "guardian": "Mother Petrova", "guardian_agrees": "y"}
    own = send_sign_up(client, school, **filled)
    with app.app_context():
        row = only()
        assert row.guardian_name == "Mother Petrova"
        assert row.guardian_agreed_at is not None
        public_id = row.public_id
    assert "Mother Petrova agreed as parent or guardian" in client.page(f"{own}/consents").words
    client.sign_in("bob")
    assert "Mother Petrova" in client.page(f"/desk/people/{public_id}").words


@pytest.mark.parametrize(
    ("filled", "words"),
    [
        ({"is_minor": "y"}, "Please write the name of the parent or guardian."),
        ({"is_minor": "y", "guardian": "Mother"}, "Please let the parent or guardian tick this."),
        ({"guardian": "Mother"}, "Please let the parent or guardian tick this."),
        ({"guardian_agrees": "y"}, "Please write the name of the parent or guardian."),
    ],
)
def test_half_of_it_is_refused_and_kept(
    client: Client, app: APIFlask, school: str, filled: dict[str, str], words: str
) -> None:
    response = client.post(f"/e/{school}/sign-up", data=form_of(client, school, **filled))
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.fields().get("guardian", "") == filled.get("guardian", "")
    with app.app_context():
        assert db.session.scalars(db.select(Registration)).all() == []


def test_grown_ups_leave_it_empty_and_other_events_do_not_ask(client: Client, app: APIFlask, school: str) -> None:
    send_sign_up(client, school)
    with app.app_context():
        assert only().guardian_name is None
        other = make_event().slug
    assert "under 18" not in client.page(f"/e/{other}/sign-up").words
    send_sign_up(client, other, name="Else", email="else@example.net", is_minor="y")
    with app.app_context():
        rows = db.session.scalars(db.select(Registration.guardian_name)).all()
        assert list(rows) == [None, None]
