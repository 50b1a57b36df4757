"""Clean values that a form or a file hands to registration's operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SignUpValues:
    """What the person entered, cleaned."""

    name: str
    email: str | None
    mode: str
    language: str
    phone: str | None = None
    guardian_name: str | None = None
    """Of somebody under 18, the parent or guardian who has agreed."""
    consent_text_ids: tuple[int, ...] = ()
    submission_key: str | None = None
    via: str | None = None
    partner_id: int | None = None
    """The partner whose guest this is. Whoever signs up by a link is one by what `via` says at that moment."""
    may_wait: bool = False
    """Whether the person agreed to the waiting list where no seat is left."""
    also_wait_for: str | None = None
    """The mode that the person would rather have: a place in its queue, and a seat of `mode` meanwhile."""
    sessions: tuple[str, ...] = ()
    """The codes of the sessions that were chosen, where people choose."""
    told_full: tuple[str, ...] = ()
    """Of these sessions, those that the person knew to be full, and agreed to wait for."""
    answers: Mapping[int, Any] = field(default_factory=dict)
    """What was answered, by question, in the canonical form of its kind."""


@dataclass(frozen=True)
class Companion:
    """Somebody whom the person signs up as well. Without an own address the person's one is used."""

    name: str
    email: str | None = None
    guardian_name: str | None = None
    consent_text_ids: tuple[int, ...] = ()
    """What the person says that this one has agreed to."""
    answers: Mapping[int, Any] = field(default_factory=dict)
    """What was answered for this one, by question."""


@dataclass(frozen=True)
class SignUpResult:
    """What came of it. `is_new` is False when the person had a place already.

    Without `token` the link went by mail only.
    """

    registration_id: int
    public_id: str
    is_new: bool
    token: str | None = field(default=None, repr=False)
