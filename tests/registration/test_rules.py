"""Pure decisions about registrations."""

from datetime import UTC, datetime, timedelta

import pytest

from app.registration.models import RegistrationStatus
from app.registration.rules import may_cancel, suggest_address

NOON = datetime(2026, 12, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anna@gmial.com", "anna@gmail.com"),
        ("anna@gmail.ru", "anna@gmail.com"),
        ("anna@gmai.com", "anna@gmail.com"),
        ("anna@gmailл.com", "anna@gmail.com"),
        ("anna@yandx.ru", "anna@yandex.ru"),
        ("anna@rambler.rru", "anna@rambler.ru"),
    ],
)
def test_a_slip_in_a_well_known_domain_is_asked_about(typed: str, meant: str) -> None:
    assert suggest_address(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["anna@gmail.com", "anna@example.org", "anna@mail.ru", "anna@bk.ru", "anna@library.org", "anna", "@gmail.ru"],
)
def test_other_addresses_are_left_in_peace(typed: str) -> None:
    assert suggest_address(typed) is None


@pytest.mark.parametrize("status", list(RegistrationStatus))
def test_only_what_counts_can_be_cancelled_and_only_before_the_end(status: RegistrationStatus) -> None:
    counts = status not in ("expired", "declined", "cancelled")
    assert may_cancel(status, NOON + timedelta(hours=1), NOON) is counts
    assert may_cancel(status, NOON, NOON) is False
