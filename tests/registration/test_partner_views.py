"""A partner's link on the public pages, and the partner's own page."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from sqlalchemy import select, update

from app.catalogue.models import Event, EventPartner, EventSlug, SeatPool
from app.core.clock import now
from app.core.db import db, execute, transaction
from app.registration.models import Consent, ConsentText, Registration
from app.registration.operations.partners import partner_page_token
from tests.support.cast import organization_id
from tests.support.events import hybrid, make_event, sign_up
from tests.support.pages import Client, Page
from tests.support.partners import add_partner, guest
from tests.support.sign_up_form import form_of


@pytest.fixture
def slug(app: APIFlask) -> str:
    """The address of an event with one seat for everybody and two for guests of the bakery."""
    with app.app_context():
        event = make_event(capacity_in_person=3)
        add_partner(event, seats_in_person=2)
        return event.slug


def code_of_bakery(app: APIFlask) -> str:
    with app.app_context():
        return db.session.scalars(select(EventPartner.code)).one()


def fill(app: APIFlask) -> None:
    """Somebody has the seat that is for everybody."""
    with app.app_context():
        sign_up(db.session.scalars(select(Event)).one(), "Ann")


def test_the_link_goes_along_from_page_to_page_and_language_to_language(
    client: Client, app: APIFlask, slug: str
) -> None:
    code = code_of_bakery(app)
    page = client.page(f"/e/{slug}", via=code)
    assert "2 seats are kept for guests of Harbour Bakery." in page.words
    assert f"/e/{slug}/sign-up?via={code}" in page.links()
    assert page.fields()["next"] == f"/e/{slug}?via={code}"  # where the button for the other language leads
    form = client.page(f"/e/{slug}/sign-up", via=code)
    assert f"/e/{slug}?via={code}" in form.links()
    assert "Пекарня у гавани" in client.page(f"/e/{slug}/sign-up", via=code, lang="ru").words
    russian = client.page(f"/e/{slug}/sign-up", via=code, lang="ru")
    action = next(one.get("action") for one in russian.all("form") if one.get("id") == "sign-up")
    assert f"via={code}" in action
    typed = {**form.fields(), "name": "Gus", "lang": "ru"}
    again = Page(client.post(f"/e/{slug}/sign-up?via={code}", data=typed))
    assert "Пекарня у гавани" in again.words
    assert again.fields()["name"] == "Gus"


def test_the_page_of_everybody_shows_everybodys_seats_whoever_looked_before(
    client: Client, app: APIFlask, slug: str
) -> None:
    code = code_of_bakery(app)
    for _time in range(2):
        guests = client.get(f"/e/{slug}?via={code}")
        assert guests.headers["Cache-Control"] == "public, max-age=30"
        assert "kept for guests" in Page(guests).words
        everybody = client.page(f"/e/{slug}").words
        assert "Only 1 seat left" in everybody
        assert "kept for guests" not in everybody
    assert f'rel="canonical" href="http://127.0.0.1:5000/e/{slug}"' in client.page(f"/e/{slug}", via=code).text


def test_a_guest_signs_up_where_it_is_full_for_everybody(client: Client, app: APIFlask, slug: str) -> None:
    code = code_of_bakery(app)
    fill(app)
    assert "All seats are taken" in client.page(f"/e/{slug}").words
    page = client.page(f"/e/{slug}", via=code)
    assert "2 seats are kept for guests" in page.words
    assert "Join the waiting list" not in page.words
    form = form_of(client, slug, queued="")
    location = client.send(f"/e/{slug}/sign-up?via={code}", form).headers["Location"]
    assert location.startswith("/r/")
    with app.app_context():
        registration = db.session.scalars(select(Registration).order_by(Registration.id.desc())).first()
        assert registration is not None
        partner_id = db.session.scalars(select(EventPartner.id)).one()
        assert (registration.status, registration.via, registration.partner_id) == ("confirmed", code, partner_id)


def test_when_the_kept_seats_are_taken_too_the_page_says_so_and_offers_the_list(
    client: Client, app: APIFlask, slug: str
) -> None:
    code = code_of_bakery(app)
    fill(app)
    with app.app_context():
        event = db.session.scalars(select(Event)).one()
        bakery = db.session.scalars(select(EventPartner)).one()
        for number in range(2):
            guest(event, bakery, f"Guest {number}")
    page = client.page(f"/e/{slug}/sign-up", via=code)
    assert "The seats for guests of Harbour Bakery are taken." in page.words
    assert page.h1 == "Waiting list"


def test_an_unknown_word_is_kept_and_changes_nothing(client: Client, app: APIFlask, slug: str) -> None:
    words = client.page(f"/e/{slug}/sign-up", via="poster-7").words
    assert "kept for guests" not in words
    client.send(f"/e/{slug}/sign-up?via=poster-7", form_of(client, slug))
    with app.app_context():
        assert db.session.execute(select(Registration.via, Registration.partner_id)).one() == ("poster-7", None)


def test_odd_words_in_the_address_do_no_harm(client: Client, app: APIFlask, slug: str) -> None:
    for odd in ("", " ", "%00", "x" * 3000, "<script>", "%F0%9F%8E%88", code_of_bakery(app).upper() + "%0A"):
        assert client.get(f"/e/{slug}?via={odd}").status_code == 200
        assert client.get(f"/e/{slug}/sign-up?via={odd}").status_code == 200
        answer = client.post(f"/e/{slug}/sign-up?via={odd}", data=form_of(client, slug, name=f"P {len(odd)} {odd[:3]}"))
        assert answer.status_code in (303, 409, 422)


def test_seats_whose_day_has_come_are_shown_as_everybodys_though_the_scheduler_is_dead(
    client: Client, app: APIFlask, slug: str
) -> None:
    fill(app)
    with app.app_context():
        db.session.execute(update(Event).values(has_waiting_list=False))
        db.session.execute(update(SeatPool).where(SeatPool.partner_id.is_not(None)).values(kept_until=now()))
        db.session.commit()
    assert "Only 2 seats left" in client.page(f"/e/{slug}").words
    form = client.page(f"/e/{slug}/sign-up")
    assert form.h1 == "Sign up"
    client.send(f"/e/{slug}/sign-up", form_of(client, slug))
    assert "Only 1 seat left" in client.page(f"/e/{slug}").words


def test_an_old_address_of_the_event_keeps_the_code(client: Client, app: APIFlask, slug: str) -> None:
    with app.app_context(), transaction():
        event_id = db.session.scalars(select(Event.id)).one()
        db.session.add(EventSlug(slug="old-address", event_id=event_id))
    code = code_of_bakery(app)
    for address in ("/e/old-address", "/e/old-address/sign-up"):
        assert f"via={code}" in client.get(f"{address}?via={code}").headers["Location"]


# The partner's own page


def page_address(app: APIFlask) -> str:
    with app.app_context():
        return f"/partner/{partner_page_token(db.session.scalars(select(EventPartner)).one())}"


def agree(registration: Registration) -> None:
    """This person may be named to partners."""
    with transaction():
        text = db.session.scalar(select(ConsentText).where(ConsentText.purpose == "partner"))
        if text is None:
            text = ConsentText(
                organization_id=organization_id(),
                purpose="partner",
                version=1,
                wording={"en": "My name may be given to the partners."},
                is_required=False,
                created_at=now(),
            )
            db.session.add(text)
            db.session.flush()
        db.session.add(Consent(registration_id=registration.id, text_id=text.id, language="en", given_at=now()))


def test_the_partners_page_says_how_many_and_nobodys_name(client: Client, app: APIFlask, slug: str) -> None:
    with app.app_context():
        event = db.session.scalars(select(Event)).one()
        bakery = db.session.scalars(select(EventPartner)).one()
        agree(guest(event, bakery, "Gus Guest", phone="+7 900 000-00-07"))
        sign_up(event, "Ann Anybody")
        code = bakery.code
    response = client.get(page_address(app))
    page = Page(response)
    assert page.h1 == "Guests of Harbour Bakery"
    for words in (
        "Seats kept for your guests 2",
        "Of these taken 1",
        "Still free 1",
        "Your guests with a seat 1",
    ):
        assert words in page.words
    assert "How to ask for money" in page.words
    for secret in ("Gus", "Ann", "example.net", "900"):
        assert secret not in page.words.replace("How to ask for money", "")
    assert any(link.endswith(f"/e/{slug}?via={code}") for link in page.links())
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_names_are_shown_where_it_was_set_and_only_of_those_who_agreed(
    client: Client, app: APIFlask, slug: str
) -> None:
    with app.app_context():
        event = db.session.scalars(select(Event)).one()
        bakery = db.session.scalars(select(EventPartner)).one()
        execute(update(EventPartner).values(shows_names=True))
        db.session.commit()
        gus = guest(event, bakery, "Gus Guest")
        agree(gus)
        guest(event, bakery, "Silent Sue")
        guest(event, bakery, "Shy Sam")
        agree(guest(event, bakery, "Willing Will", may_wait=True))
        agree(sign_up(event, "Ann Anybody", may_wait=True))
    page = client.page(page_address(app))
    assert "Gus Guest has a seat" in page.words
    assert "Willing Will is on the waiting list" in page.words
    assert "2 more people did not agree that you may know their names." in page.words
    for name in ("Sue", "Sam", "Ann", "example.net"):
        assert name not in page.words
    with app.app_context():
        execute(update(Consent).where(Consent.registration_id == gus.id).values(withdrawn_at=now()))
        db.session.commit()
    page = client.page(page_address(app))
    assert "Gus" not in page.words
    assert "3 more people" in page.words


def test_the_page_of_a_hybrid_event_says_who_comes_how(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event(hybrid(capacity_in_person=3, capacity_online=3))
        bakery = add_partner(event, seats_in_person=1, seats_online=1, shows_names=True)
        agree(guest(event, bakery, "Gus", mode="online"))
    assert "Gus online has a seat" in client.page(page_address(app)).words.replace("Online", "online")


def test_a_wrong_address_shows_nothing(client: Client, slug: str) -> None:
    for token in ("x", "A" * 22, "%F0%9F%8E%88"):
        answer = client.get(f"/partner/{token}")
        assert answer.status_code == 404
        assert "Bakery" not in answer.get_data(as_text=True)
