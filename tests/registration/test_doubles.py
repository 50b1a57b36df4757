"""Possible doubles: listed for the organizer with the reason, and never refused."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from app.registration.doubles import Likeness, Listed, find_doubles, possible_doubles
from app.registration.operations import cancel_registration
from tests.support.events import make_event, sign_up
from tests.support.pages import Client


def listed(number: int, name: str, email: str | None = None, phone: str | None = None) -> Listed:
    return Listed(number, f"p{number}", name, name.lower(), f"{number:06}", "confirmed", email, phone)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (("Anna Petrova", "a@example.net"), ("Petrova Anna", "b@example.net"), Likeness.NAME),
        (("Anna", None, "+7 912 345-67-89"), ("Anna P.", None, "8 912 3456789"), Likeness.PHONE),
        (("Anna", "an.na@gmail.com"), ("Anja", "anna+forum@gmail.com"), Likeness.MAILBOX),
        (("Anna", "anna@example.net"), ("Anja", "anna+forum@example.net"), Likeness.MAILBOX),
        (("Anna", "an.na@example.net"), ("Anja", "anna@example.net"), None),
        (("Anna", "one@example.net"), ("Pjotr", "one@example.net"), None),
        (("Lucy Brown", "one@example.net"), ("Lucie Brown", "one@example.net"), Likeness.SPELLING),
        (("Lucy Brown", "one@example.net"), ("Lucie Brown", "two@example.net"), None),
        (("Lucy Brown", "one@example.net"), ("Peter Brown", "one@example.net"), None),
        (("Anna", "a@example.net"), ("Pjotr", "b@example.net"), None),
        (("Anna",), ("Pjotr",), None),
    ],
)
def test_what_makes_a_double(one: tuple[str, ...], other: tuple[str, ...], likeness: Likeness | None) -> None:
    found = find_doubles([listed(1, *one), listed(2, *other)])
    assert [group.likeness for group in found] == ([likeness] if likeness else [])


def test_a_group_is_named_once_for_its_strongest_likeness() -> None:
    people = [listed(one, "Anna", f"anna+{one}@example.net", "+7 912 345-67-89") for one in (1, 2, 3)]
    (group,) = find_doubles(people)
    assert group.likeness is Likeness.NAME
    assert len(group.people) == 3


@pytest.mark.usefixtures("context")
def test_doubles_are_signed_up_all_the_same_and_go_when_one_leaves() -> None:
    event = make_event()
    sign_up(event, "Anna Petrova", email="a@example.net")
    again = sign_up(event, "Anna Petrova", email="b@example.net")
    assert again.status == "confirmed"
    (group,) = possible_doubles(event.id)
    assert [one.name for one in group.people] == ["Anna Petrova"] * 2
    cancel_registration(registration_id=again.id)
    assert possible_doubles(event.id) == []


def test_the_desk_lists_them(client: Client, app: APIFlask) -> None:
    with app.app_context():
        event = make_event()
        sign_up(event, "Anna Petrova", email="a@example.net")
        sign_up(event, "Petrova Anna", email="b@example.net")
        public_id = event.public_id
    client.sign_in("bob")
    people = client.page(f"/desk/events/{public_id}/people")
    assert f"/desk/events/{public_id}/doubles" in people.links()
    words = client.page(f"/desk/events/{public_id}/doubles").words
    for part in ("Possible doubles", "The same name", "a@example.net", "b@example.net"):
        assert part in words
