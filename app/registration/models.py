"""Tables of contacts, registrations, seats held and consents given."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.catalogue.models import Event, SeatPool
from app.core.db import Base


class RegistrationStatus(StrEnum):
    """A registration's life, as `rules.py` tells which follows which."""

    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    DECLINED = "declined"
    CANCELLED = "cancelled"


ACTIVE = ("unconfirmed", "pending", "waitlisted", "offered", "confirmed")
IS_ONE_PERSONS = text("status IN ('unconfirmed', 'pending', 'waitlisted', 'offered', 'confirmed') AND NOT is_double")


class Contact(Base):
    """An e-mail address (normalized) that people sign up with."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]


class Registration(Base):
    """One person's place at one event.

    `public_id`, the generations and `key_number` are what its secrets are made of; of these the database keeps
    hashes only. `reference` is spoken aloud. `changes` counts what moved this person's own calendar entry.
    `ways_before` says until when somebody came which other way, for what was then stays as it was.
    `via` is what the address said that led here, `partner_id` the partner whose link it was.
    `hold_until` is the end of the time for the mail's button, `asked_at` when the person was last asked "do you come?",
    `replied_at` when there was an answer. `guardian_name` is whose parent or guardian agreed, at `guardian_agreed_at`.
    `erased_at` is when everything was erased that tells who it is.
    People who were signed up together are a party: `party_id` is the registration of who signed them up, that person's
    own included. While they wait, all of them that `stays_together` move up in one go, or nobody does.
    `is_double`: somebody else signed this person up, who had a place with that name and address already.
    """

    __tablename__ = "registration"
    __table_args__ = (
        Index(
            "uq_registration_person",
            "event_id",
            "contact_id",
            "name_folded",
            unique=True,
            sqlite_where=IS_ONE_PERSONS,
            postgresql_where=IS_ONE_PERSONS,
        ),
        UniqueConstraint("event_id", "reference"),
        Index("ix_registration_event_id_status", "event_id", "status"),
        Index("ix_registration_event_id_change_number", "event_id", "change_number", "id"),
        Index("ix_registration_hold_until", "hold_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    mode: Mapped[str] = mapped_column(String(12))
    ways_before: Mapped[list[str] | None]
    name: Mapped[str] = mapped_column(String(200))
    name_folded: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    wants_call: Mapped[bool] = mapped_column(default=False)
    guardian_name: Mapped[str | None] = mapped_column(String(200))
    guardian_agreed_at: Mapped[datetime | None]
    party_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), index=True)
    stays_together: Mapped[bool] = mapped_column(default=False)
    is_double: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(8))
    reference: Mapped[str] = mapped_column(String(6))
    manage_hash: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    manage_generation: Mapped[int] = mapped_column(default=1)
    ticket_hash: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    ticket_generation: Mapped[int] = mapped_column(default=1)
    key_number: Mapped[int]
    submission_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    via: Mapped[str | None] = mapped_column(String(80))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("event_partner.id"), index=True)
    changes: Mapped[int] = mapped_column(default=0)
    change_number: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(20))
    hold_until: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    source_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    erased_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    contact: Mapped[Contact | None] = relationship(lazy="raise_on_sql")

    @property
    def is_active(self) -> bool:
        """Whether the person is still counted on, or waits."""
        return self.status in ACTIVE

    @property
    def leads_party(self) -> bool:
        """Whether this person has signed up others as well."""
        return self.party_id is not None and self.party_id == self.id

    @property
    def owes_answer(self) -> bool:
        """Whether the person was asked "do you come?", and has not answered since."""
        if self.asked_at is None or not self.has_seat:
            return False
        return self.replied_at is None or self.replied_at < self.asked_at

    @property
    def has_seat(self) -> bool:
        """Whether there is a ticket that opens the door."""
        return self.status == RegistrationStatus.CONFIRMED

    @property
    def is_undecided(self) -> bool:
        """Whether it doesn't count yet: the mail's button wasn't pressed, or the organizer hasn't decided."""
        return self.status in (RegistrationStatus.UNCONFIRMED, RegistrationStatus.PENDING)

    @property
    def waits(self) -> bool:
        """Whether the person is in a queue, or has been asked whether to take a seat."""
        return self.status in (RegistrationStatus.WAITLISTED, RegistrationStatus.OFFERED)


class OwnEntry(Base):
    """How often the calendar entries of one event have changed in one mailbox, by what its people did.

    Their SEQUENCE is the session's and this number (RFC 5545 §3.8.7.4). It belongs to the mailbox and not to a
    registration: several people share one entry, and who comes back after leaving goes on where the number was.

    `invited_session_id` is the session whose invitation a mail of ours has brought to the mailbox's calendar, where
    only further invitations keep it right or end it. `invited_sequence` is the number that the last of them had.
    """

    __tablename__ = "own_entry"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True, index=True)
    changes: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    invited_session_id: Mapped[int | None]
    invited_sequence: Mapped[int | None]


class PersonalFeed(Base):
    """The calendar of everything that one address has signed up for, at a secret address of its own.

    Of the secret the row keeps a hash, or nothing while it is switched off. A new generation is a new address.
    """

    __tablename__ = "personal_feed"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16), unique=True)
    generation: Mapped[int] = mapped_column(default=1)
    key_number: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    alarms: Mapped[str] = mapped_column(String(12))
    changed_at: Mapped[datetime]


class SeatClaim(Base):
    """A seat that a registration holds in a pool."""

    __tablename__ = "seat_claim"
    __table_args__ = (UniqueConstraint("registration_id", "pool_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("seat_pool.id"), index=True)

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")
    pool: Mapped[SeatPool] = relationship(lazy="raise_on_sql")


class WaitingEntry(Base):
    """A registration's place in the queue of one pool; the queue goes by `id`.

    An entry that was made an offer keeps the seat as a claim until `offer_until`, and no longer counts as waiting.
    """

    __tablename__ = "waiting_entry"
    __table_args__ = (
        UniqueConstraint("registration_id", "pool_id"),
        Index("ix_waiting_entry_pool_id_id", "pool_id", "id"),
        Index("ix_waiting_entry_offer_until", "offer_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("seat_pool.id"))
    created_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    offer_until: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")
    pool: Mapped[SeatPool] = relationship(lazy="raise_on_sql")


class SessionWish(Base):
    """A session that somebody has chosen who has no seat at the event yet: taken as soon as there is one.

    `is_rather`: was full when it was chosen, and the person would rather have it than what is at the same time.
    """

    __tablename__ = "session_wish"
    __table_args__ = (UniqueConstraint("registration_id", "session_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), index=True)
    is_rather: Mapped[bool] = mapped_column(default=False)


class ReminderRound(Base):
    """One round of reminders for one start of a session, so that each is sent once and goes on where it was broken off.

    `up_to` is the last registration that was looked at.
    """

    __tablename__ = "reminder_round"
    __table_args__ = (UniqueConstraint("session_id", "starts_at", "hours"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    starts_at: Mapped[datetime]
    hours: Mapped[int]
    up_to: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


class Call(Base):
    """Somebody to be phoned: what a mail says to others, for a person who has none, or doesn't read it.

    `message` and `facts` are those of the mail. Open until it has an `answer`; `tries` counts calls that nobody took.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index(
            "uq_call_open",
            "registration_id",
            "message",
            unique=True,
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    message: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(12))
    answered_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")


class ConsentText(Base):
    """The wording of a consent. A new wording is a new version; given consents keep theirs.

    Forms ask for the latest version of each purpose, unless it is no longer `is_asked`.
    """

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("organization_id", "purpose", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    purpose: Mapped[str] = mapped_column(String(30))
    version: Mapped[int]
    wording: Mapped[dict[str, str]]
    is_required: Mapped[bool]
    is_asked: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Consent(Base):
    """What one person agreed to, in which words and when."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("registration_id", "text_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    text_id: Mapped[int] = mapped_column(ForeignKey("consent_text.id"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    text: Mapped[ConsentText] = relationship(lazy="raise_on_sql")


class FindLink(Base):
    """A short-lived link, sent by mail, to everything one address has signed up for."""

    __tablename__ = "find_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
