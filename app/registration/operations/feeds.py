"""The personal feed's secret address: made, made anew, switched off; and the reminders in it."""

from __future__ import annotations

from sqlalchemy import update

from app.core import audit
from app.core.audit import PARTICIPANT
from app.core.clock import now
from app.core.db import db, execute, insert_unless_there, transaction
from app.core.errors import Missing, Refused
from app.core.i18n import gettext as _
from app.core.security.links import token_hash
from app.core.settings import settings
from app.registration import alarms
from app.registration.mailboxes import feed_token
from app.registration.models import Contact, PersonalFeed


class UnknownAlarms(Refused):
    """There are no such reminders."""

    code = "unknown_alarms"


def begin_feed(contact: Contact, language: str) -> None:
    """Give a contact its feed in a running transaction, unless there is one, switched off or not."""
    if _insert(contact.id, language):
        _set_address(contact)


def renew_feed(*, contact_id: int, language: str) -> None:
    """Make a new address for the person's feed, or the first one; the old one stops working at once. No mail.

    The first one speaks `language`; later ones keep what was chosen. Raises `Missing`.
    """
    with transaction():
        contact = _contact(contact_id)
        if not _insert(contact_id, language):
            _set(contact_id, generation=PersonalFeed.generation + 1)
        _set_address(contact)
        _record("renew_feed", contact_id)


def stop_feed(*, contact_id: int) -> bool:
    """Switch the person's feed off: its address stops working; False when it was off. No mail. Raises `Missing`."""
    with transaction():
        _contact(contact_id)
        is_on = (PersonalFeed.contact_id == contact_id, PersonalFeed.token_hash.is_not(None))
        if not execute(update(PersonalFeed).where(*is_on).values(token_hash=None, changed_at=now())).rowcount:
            return False
        _record("stop_feed", contact_id)
        return True


def set_alarms(*, contact_id: int, alarm: str, language: str | None = None) -> None:
    """Choose the reminders in the person's feed, and, if given, what it speaks. One that is off stays so. No mail.

    Raises `UnknownAlarms`, `Missing`.
    """
    if alarm not in alarms.CHOICES:
        raise UnknownAlarms(_("Please choose one of the reminders on the list."))
    with transaction():
        _contact(contact_id)
        _set(contact_id, alarms=alarm, **({"language": language} if language else {}))
        _record("set_feed_alarms", contact_id)


def _contact(contact_id: int) -> Contact:
    contact = db.session.get(Contact, contact_id)
    if contact is None:  # erased meanwhile
        raise Missing
    return contact


def _insert(contact_id: int, language: str) -> bool:
    """Whether the row is new; it has no address yet."""
    values = {
        "contact_id": contact_id,
        "token_hash": None,
        "generation": 1,
        "key_number": settings().link_key.number,
        "language": language,
        "alarms": alarms.NONE,
        "changed_at": now(),
    }
    made = execute(insert_unless_there(PersonalFeed, on=("contact_id",), returning=("contact_id",)), values)
    return made.first() is not None


def _set_address(contact: Contact) -> None:
    """Let the present generation's secret lead to the feed."""
    feed = db.session.get_one(PersonalFeed, contact.id, populate_existing=True)
    key_number = settings().link_key.number
    secret = feed_token(contact.public_id, feed.generation, key_number)
    _set(contact.id, key_number=key_number, token_hash=token_hash(secret))


def _set(contact_id: int, **values: object) -> None:
    execute(update(PersonalFeed).where(PersonalFeed.contact_id == contact_id).values(**values, changed_at=now()))


def _record(action: str, contact_id: int) -> None:
    audit.record(PARTICIPANT, action, subject=("contact", contact_id))
