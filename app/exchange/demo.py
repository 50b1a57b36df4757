"""The demo: invented organizations, people and events, with sign-ins that everybody may know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update

from app.accounts.models import Organization, User
from app.accounts.passwords import hash_password
from app.accounts.permissions import Person
from app.accounts.queries import find_user, person_of
from app.attendance.models import Device
from app.attendance.operations import create_device, revoke_device
from app.catalogue.models import Event, EventStatus
from app.core.audit import COMMAND
from app.core.clock import now
from app.core.db import db, transaction
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.settings import settings
from app.exchange.operations import load_data

DATA = Path(__file__).with_name("demo.json")
PASSWORD = "lectern-demo"  # noqa: S105 - printed for everybody; without DEMO_MODE nobody gets it
GATE = "A"
ORGANIZER = "organizer@example.org"
SIGN_INS = (
    ("owner", "owner@example.org"),
    ("organizer", ORGANIZER),
    ("door helper", "door@example.org"),
    ("analyst", "analyst@example.org"),
    ("library's owner", "librarian@example.org"),
    ("administrator", "admin@example.org"),
)


class NotTheDemo(Refused):
    """The settings don't say that this is a demo."""

    code = "not_the_demo"


@dataclass(frozen=True)
class SignIn:
    """A role that one can try."""

    role: str
    email: str
    password: str


@dataclass(frozen=True)
class DemoCard:
    """What one needs to know to try everything. `door` pairs one phone, once."""

    created: bool
    addresses: dict[str, str]
    sign_ins: tuple[SignIn, ...]
    door: str | None
    mails: str


def prepare_demo() -> DemoCard:
    """Fill an empty database with the demo, and say how to get in; one that has organizations is left as it is.

    Each call gives out a fresh pairing link and withdraws the one before it, unless a phone has used that.
    Raises `NotTheDemo`.
    """
    if not settings().demo_mode:
        raise NotTheDemo(_("This is only for the demo. Set DEMO_MODE=1 to have one."))
    created = db.session.scalar(select(Organization.id).limit(1)) is None
    if created:
        _fill()
    base = settings().base_url
    return DemoCard(
        created=created,
        addresses={"site": base, "desk": f"{base}/desk", "door": f"{base}/door"},
        sign_ins=tuple(SignIn(role, email, PASSWORD) for role, email in SIGN_INS if find_user(email)),
        door=_pairing_link(),
        mails=f"{base}/letters",
    )


def _fill() -> None:
    password_hash = hash_password(PASSWORD)
    with transaction() as session:
        load_data(actor=COMMAND, content=DATA.read_bytes())
        emails = [email for _role, email in SIGN_INS]
        session.execute(update(User).where(User.email.in_(emails)).values(password_hash=password_hash))


def _pairing_link() -> str | None:
    """A link for the door of the organizer's next event in a hall; None when there is none."""
    user = find_user(ORGANIZER)
    if user is None:
        return None
    person = person_of(user)
    event_id = db.session.scalar(
        select(Event.id)
        .where(
            Event.organization_id.in_(person.roles),
            Event.status == EventStatus.PUBLISHED,
            Event.is_in_person,
            Event.ends_at > now(),
        )
        .order_by(Event.starts_at, Event.id)
        .limit(1)
    )
    if event_id is None:
        return None
    _withdraw_unused(person)
    return create_device(actor=person, event_ids=[event_id], gate=GATE).url


def _withdraw_unused(person: Person) -> None:
    unused = select(Device.public_id).where(
        Device.created_by == person.user_id,
        Device.gate == GATE,
        Device.paired_at.is_(None),
        Device.revoked_at.is_(None),
    )
    for public_id in db.session.scalars(unused).all():
        revoke_device(actor=person, device_public_id=public_id)
