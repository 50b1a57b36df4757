"""Pure decisions about registrations."""

from __future__ import annotations

from datetime import datetime

from app.registration.models import RegistrationStatus

PER_ADDRESS = 4
"""How many active registrations one address may have at one event."""

_KNOWN_DOMAINS = (
    "gmail.com",
    "yandex.ru",
    "mail.ru",
    "bk.ru",
    "list.ru",
    "inbox.ru",
    "rambler.ru",
    "ya.ru",
    "icloud.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
)
_SLIPS = {
    "gmail.ru": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "yandex.com.ru": "yandex.ru",
    "mail.com.ru": "mail.ru",
    "icloud.ru": "icloud.com",
    "outlook.ru": "outlook.com",
}


def suggest_address(email: str) -> str | None:
    """The address the person probably meant, when the domain looks mistyped; None when it looks right.

    One letter too many, missing, wrong or swapped against a domain that many people use counts as a slip.
    """
    local, at, domain = email.rpartition("@")
    domain = domain.lower()
    if not at or not local or domain in _KNOWN_DOMAINS:
        return None
    if domain in _SLIPS:
        return f"{local}@{_SLIPS[domain]}"
    near = [known for known in _KNOWN_DOMAINS if len(known) > 6 and _is_one_slip(domain, known)]
    return f"{local}@{near[0]}" if near else None


def _is_one_slip(typed: str, meant: str) -> bool:
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    if len(typed) == len(meant):
        differ = [i for i, (a, b) in enumerate(zip(typed, meant, strict=True)) if a != b]
        if len(differ) == 1:
            return True
        return (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and typed[differ[0]] == meant[differ[1]]
            and typed[differ[1]] == meant[differ[0]]
        )
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def may_cancel(status: str, ends_at: datetime, at: datetime) -> bool:
    """Whether the person can still give the seat back: while it counts and the event isn't over."""
    active = (
        RegistrationStatus.UNCONFIRMED,
        RegistrationStatus.PENDING,
        RegistrationStatus.WAITLISTED,
        RegistrationStatus.OFFERED,
        RegistrationStatus.CONFIRMED,
    )
    return status in active and at < ends_at
