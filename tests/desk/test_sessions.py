"""Putting up a course, a club or a conference on the desk, meeting by meeting."""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIFlask

from app.catalogue.queries import entries_of, pools_of, tracks_of
from tests.support.events import hybrid, local, make_event
from tests.support.meetings import event_of, limits, make, meetings, one_more, typed
from tests.support.pages import Client, Page


def test_a_course_of_six_meetings_takes_one_more_form(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, format="course", publish=False)
    (first,) = meetings(app, public_id)
    address = f"/desk/events/{public_id}/sessions"
    assert f"{address}/{first.id}/repeat" in client.page(address).links()
    client.page(f"{address}/{first.id}/repeat")
    client.send(f"{address}/{first.id}/repeat", {"times": "5", "weeks": "1"})
    page = client.page(address)
    assert "5 meetings are added." in page.words
    assert "6 meetings" in page.words
    made = meetings(app, public_id)
    assert [one.starts_local - first.starts_local for one in made] == [timedelta(weeks=number) for number in range(6)]
    assert [one.position for one in made] == list(range(6))
    assert len({one.uid for one in made}) == 6
    assert {one.venue_id for one in made} == {first.venue_id}
    client.send(f"/desk/events/{public_id}/publish")
    with app.app_context():
        event = event_of(public_id)
        assert event.ends_at == made[-1].ends_at
        assert len(entries_of(event.id, "en")) == 6
        slug = event.slug
    assert "6 meetings" in client.page(f"/e/{slug}").words


def test_a_second_click_repeats_nothing_twice(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    (first,) = meetings(app, public_id)
    address = f"/desk/events/{public_id}/sessions/{first.id}/repeat"
    client.send(address, {"times": "2", "weeks": "2"})
    page = Page(client.send(address, {"times": "2", "weeks": "2"}, status=409))
    assert "These meetings are on the list already." in page.words
    assert page.fields()["times"] == "2"
    assert len(meetings(app, public_id)) == 3
    for wrong in ({"times": "", "weeks": "1"}, {"times": "99", "weeks": "1"}, {"times": "2", "weeks": "3"}):
        Page(client.send(address, wrong, status=422))


def test_one_more_a_week_later_brings_its_seats_along(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, format="club")
    address = f"/desk/events/{public_id}/sessions"
    client.send(f"{address}/new", typed(who="chosen", capacity_in_person="7"))
    last = meetings(app, public_id)[-1]
    client.send(f"{address}/{last.id}/copy")
    newest = meetings(app, public_id)[-1]
    assert newest.starts_local == last.starts_local + timedelta(weeks=1)
    with app.app_context():
        own = [pool for pool in pools_of(event_of(public_id).id) if pool.session_id == newest.id]
    assert [(pool.mode, pool.capacity) for pool in own] == [("in_person", 7)]
    Page(client.send(f"{address}/{last.id}/copy", status=409))


def test_a_conference_has_parallel_meetings_in_sections_with_limits(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app, hybrid(format="conference", title={"en": "Forum"}), publish=False)
    address = f"/desk/events/{public_id}/sessions"
    assert client.page(f"{address}/new").fields()["room_url"] == "https://rooms.example/secret-room-4711"
    for title, section, changes in (
        ("Money", "Funding", {"capacity_in_person": "20"}),
        ("People", "Teams", {"capacity_in_person": "30", "capacity_online": "", "modes": ["in_person", "online"]}),
        ("Laws", "Funding", {"capacity_in_person": "25"}),
    ):
        client.send(f"{address}/new", typed(title=title, who="chosen", new_track=section, format="workshop", **changes))
    page = client.page(address)
    for words in ("Workshop · Funding", "Workshop · Teams", "In the hall: 0 of 20 taken", "Online: 0 taken, no limit"):
        assert words in page.words, words
    assert limits(app, public_id) == {
        ("", "in_person"): 10,
        ("", "online"): 100,
        ("Money", "in_person"): 20,
        ("People", "in_person"): 30,
        ("People", "online"): None,
        ("Laws", "in_person"): 25,
    }
    with app.app_context():
        titles = [track.title["en"] for track in tracks_of(event_of(public_id).id)]
        assert titles == ["Funding", "Teams"]
    assert "secret-room" not in page.text
    client.send(f"/desk/events/{public_id}/publish")
    public = client.page(f"/e/{event_slug(app, public_id)}").words
    assert public.index("Funding") < public.index("Laws") < public.index("Teams")


def event_slug(app: APIFlask, public_id: str) -> str:
    with app.app_context():
        return event_of(public_id).slug


def test_sections_are_added_renamed_moved_and_removed_when_unused(client: Client, app: APIFlask) -> None:
    client.sign_in("bob")
    public_id = make(app)
    address = f"/desk/events/{public_id}/tracks"
    for name in ("Funding", "Teams", "Law"):
        client.send(address, {"new-title": name})
    client.send(address, {"new-title": ""}, status=422)
    with app.app_context():
        tracks = {track.title["en"]: track.id for track in tracks_of(event_of(public_id).id)}
    client.send(f"/desk/events/{public_id}/sessions/new", typed(track=str(tracks["Funding"])))
    client.send(f"{address}/{tracks['Law']}", {"deed": "up"})
    name = f"track{tracks['Teams']}-title"
    client.send(f"{address}/{tracks['Teams']}", {"deed": "rename", name: "People"})
    client.send(f"{address}/{tracks['Teams']}", {"deed": "rename", name: ""}, status=422)
    page = Page(client.send(f"{address}/{tracks['Funding']}", {"deed": "remove"}, status=409))
    assert "Give them another one first." in page.words
    with app.app_context():
        assert [track.title["en"] for track in tracks_of(event_of(public_id).id)] == ["Funding", "Law", "People"]
    client.send(f"{address}/{tracks['Law']}", {"deed": "remove"})
    with app.app_context():
        assert [track.title["en"] for track in tracks_of(event_of(public_id).id)] == ["Funding", "People"]
    client.send(f"{address}/{tracks['Law']}", {"deed": "up"}, status=404)


def test_hours_name_clocks_of_another_place(client: Client, app: APIFlask) -> None:
    """Of a webinar in New York with a meeting by the site's own clocks both are named."""
    evening = local(days=20).replace(hour=18, minute=0)
    with app.app_context():
        event = make_event(zone="America/New_York", starts_local=evening, ends_local=evening + timedelta(hours=1))
        one_more(event, zone="Europe/Moscow", ends_local=evening + timedelta(hours=2))
        address = f"/desk/events/{event.public_id}/sessions"
    client.sign_in("bob")
    words = client.page(address).words
    assert "18:00–19:00, New York time" in words
    assert "18:00–20:00, Moscow time" in words


def test_several_whole_days_are_all_named(client: Client, app: APIFlask) -> None:
    first = local(days=20).replace(hour=0, minute=0)
    last = first + timedelta(days=2)
    with app.app_context():
        event = make_event(is_all_day=True, starts_local=first, ends_local=last + timedelta(days=1))
        address = f"/desk/events/{event.public_id}/sessions"
    client.sign_in("bob")
    assert f"– {last:%A} {last.day} {last:%B %Y}" in client.page(address).words


def test_of_a_hybrid_course_no_link_is_missed_because_the_next_meeting_is_in_the_hall_alone(
    client: Client, app: APIFlask
) -> None:
    client.sign_in("bob")
    public_id = make(app, hybrid())
    with app.app_context():
        times = {"starts_local": local(days=2), "ends_local": local(days=2, hours=1)}
        one_more(event_of(public_id), **times, is_online=False, room_url=None)
    assert "The link is set" in client.page(f"/desk/events/{public_id}").words
