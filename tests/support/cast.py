"""The fixed cast of test people.

Lighthouse (Маяк) is a resource centre: Alice owns it, Bob organizes, Carol stands at the door (Dora does too, as a
supervisor), Dan looks at figures. Oak Library is another organization: Olga owns it. Erin administers the site.
Everybody's password is `PASSWORD`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from app.accounts.models import Membership, Organization, Role, User
from app.accounts.passwords import hash_password
from app.accounts.permissions import Person
from app.accounts.queries import find_user, person_of
from app.catalogue.models import CatalogueVersion, Room, Venue
from app.core.db import db, transaction
from app.registration.models import ConsentText

PASSWORD = "seven green lanterns"
BORN = datetime(2026, 1, 1, tzinfo=UTC)

PEOPLE = {
    "alice": ("Alice Owner", "lighthouse", Role.OWNER, False),
    "bob": ("Bob Organizer", "lighthouse", Role.ORGANIZER, False),
    "carol": ("Carol Door", "lighthouse", Role.DOOR, False),
    "dora": ("Dora Supervisor", "lighthouse", Role.DOOR, True),
    "dan": ("Dan Analyst", "lighthouse", Role.ANALYST, False),
    "olga": ("Olga Owner", "oak", Role.OWNER, False),
    "erin": ("Erin Administrator", None, None, False),
}


def assemble() -> None:
    """Put the cast, their organizations and venues into the database."""
    password_hash = hash_password(PASSWORD)
    with transaction() as session:
        organizations = {
            "lighthouse": Organization(
                slug="lighthouse",
                name={"en": "Lighthouse Resource Centre", "ru": "Ресурсный центр «Маяк»"},
                about={"en": "We help non-profits."},
                email="hello@lighthouse.example",
                phone="+7 495 000-00-01",
                website="https://lighthouse.example",
                zone="Europe/Moscow",
                language="en",
                created_at=BORN,
            ),
            "oak": Organization(
                slug="oak",
                name={"en": "Oak Library", "ru": "Библиотека «Дуб»"},
                about={},
                email="hello@oak.example",
                zone="Europe/Moscow",
                language="ru",
                created_at=BORN,
            ),
        }
        session.add_all(organizations.values())
        session.flush()
        for key, (name, organization, role, supervises) in PEOPLE.items():
            user = User(
                email=f"{key}@example.org",
                name=name,
                language="en",
                password_hash=password_hash,
                is_administrator=role is None,
                created_at=BORN,
            )
            session.add(user)
            session.flush()
            if organization and role:
                session.add(
                    Membership(
                        user_id=user.id,
                        organization_id=organizations[organization].id,
                        role=role,
                        is_supervisor=supervises,
                        created_at=BORN,
                    )
                )
        for slug, organization in organizations.items():
            venue = Venue(
                organization_id=organization.id,
                slug=f"{slug}-hall",
                name={
                    "en": f"{organization.name['en']}, main hall",
                    "ru": f"{organization.name['ru']}, большой зал",
                },
                address={"en": "1 Harbour Street", "ru": "Портовая улица, 1"},
                directions={"en": "Second door on the left.", "ru": "Вторая дверь слева."},
                capacity=100,
                has_step_free_access=True,
            )
            session.add(venue)
            session.flush()
            session.add(Room(venue_id=venue.id, code="2", name={"en": "Room 2", "ru": "Аудитория 2"}, capacity=30))
            session.add(
                ConsentText(
                    organization_id=organization.id,
                    purpose="personal_data",
                    version=1,
                    wording={
                        "en": f"I agree that {organization.name['en']} uses my data to hold this event.",
                        "ru": f"Согласие: {organization.name['ru']} использует мои данные для мероприятия.",
                    },
                    is_required=True,
                    created_at=BORN,
                )
            )
        session.add(CatalogueVersion(id=1, version=1, changed_at=BORN))


def person(key: str) -> Person:
    """One of the cast, as operations want an actor. Needs an application context."""
    user = find_user(f"{key}@example.org")
    assert user is not None
    return person_of(user)


def organization_id(slug: str = "lighthouse") -> int:
    """The organization's number."""
    found = db.session.scalar(db.select(Organization.id).where(Organization.slug == slug))
    assert found is not None
    return int(found)
