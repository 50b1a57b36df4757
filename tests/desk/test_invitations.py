"""The desk's choice between a calendar file and an invitation, for an organization there is and for a new one."""

from __future__ import annotations

from apiflask import APIFlask
from sqlalchemy import select

from app.accounts.models import Organization
from app.core.audit import AuditLine
from app.core.db import db
from app.exchange.load.people import ORGANIZATION
from tests.exchange.files import ORGANIZATION as HARBOUR
from tests.exchange.files import load
from tests.support.desk_forms import form_at
from tests.support.pages import Client

PAGE = "/desk/mail/calendars"


def sends(app: APIFlask, slug: str) -> bool:
    with app.app_context():
        return db.session.scalars(select(Organization.sends_invitations).where(Organization.slug == slug)).one()


def test_an_owner_chooses_and_the_audit_says_so(client: Client, app: APIFlask) -> None:
    client.sign_in("alice")
    assert PAGE in client.page("/desk/mail").links()
    assert client.page(PAGE).fields()["calendar"] == "file"
    assert not sends(app, "lighthouse")
    client.send(PAGE, {"calendar": "invitation"})
    assert sends(app, "lighthouse")
    assert not sends(app, "oak")
    assert client.page(PAGE).fields()["calendar"] == "invitation"
    client.send(PAGE, {"calendar": "invitation"})
    with app.app_context():
        told = db.session.scalars(select(AuditLine.action).where(AuditLine.action == "set_invitations")).all()
    assert len(told) == 1
    assert "Changed whether mails invite calendars" in client.page("/desk/audit").words


def test_without_a_choice_nothing_is_saved_and_the_field_says_why(client: Client, app: APIFlask) -> None:
    client.sign_in("alice")
    for wrong in ({}, {"calendar": "pigeon"}):
        answer = client.post(PAGE, data=wrong)
        assert answer.status_code == 422
        assert "error-summary" in answer.get_data(as_text=True)
    assert not sends(app, "lighthouse")


def test_an_organizer_is_not_offered_what_only_owners_decide(client: Client) -> None:
    client.sign_in("bob")
    assert PAGE not in client.page("/desk/mail").links()


def test_a_new_organization_begins_with_the_choice(client: Client, app: APIFlask) -> None:
    client.sign_in("erin")
    address = "/desk/admin/organizations/new"
    form = form_at(client, address, name="Harbour", slug="harbour", email="hello@harbour.example")
    assert form.pop("calendar") == "file"
    form.pop("modes")
    assert client.post(address, data=form).status_code == 422
    client.send(address, {**form, "calendar": "invitation"})
    assert sends(app, "harbour")


def test_a_data_file_says_it_and_leaves_it_alone_where_it_doesnt(app: APIFlask) -> None:
    assert "sends_invitations" in ORGANIZATION
    with app.app_context():
        load({"organizations": [{**HARBOUR, "sends_invitations": True}]})
        load({"organizations": [HARBOUR]})
    assert sends(app, "harbour")
