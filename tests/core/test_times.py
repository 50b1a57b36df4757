import pytest

from app.core.times import TimeInGap, UnknownZone, local_time, wall_time, zone, zone_names
from tests.catalogue.ics_cases import utc, wall


@pytest.mark.parametrize(
    ("local", "zone_name", "at"),
    [
        ("2026-01-15T18:00", "Europe/Berlin", "2026-01-15T17:00"),
        ("2026-07-15T18:00", "Europe/Berlin", "2026-07-15T16:00"),
        ("2026-07-15T18:00", "Europe/Moscow", "2026-07-15T15:00"),
        ("2026-07-15T18:00", "America/New_York", "2026-07-15T22:00"),
        ("2026-03-01T18:00", "Africa/Casablanca", "2026-03-01T18:00"),
        ("2026-04-01T18:00", "Africa/Casablanca", "2026-04-01T17:00"),
        ("2026-01-15T18:00", "Australia/Lord_Howe", "2026-01-15T07:00"),
        ("2026-07-15T18:00", "Australia/Lord_Howe", "2026-07-15T07:30"),
    ],
)
def test_wall_time_becomes_an_instant_and_comes_back(local: str, zone_name: str, at: str) -> None:
    resolved = wall_time(wall(local), zone_name)
    assert (resolved.at, resolved.ambiguous, resolved.fold) == (utc(at), False, 0)
    assert local_time(resolved.at, zone_name) == wall(local)


def test_an_ambiguous_hour_has_two_passes() -> None:
    first = wall_time(wall("2026-10-25T02:30"), "Europe/Berlin")
    second = wall_time(wall("2026-10-25T02:30"), "Europe/Berlin", fold=1)
    assert (first.at, first.ambiguous, first.fold) == (utc("2026-10-25T00:30"), True, 0)
    assert (second.at, second.ambiguous, second.fold) == (utc("2026-10-25T01:30"), True, 1)
    assert local_time(second.at, "Europe/Berlin").fold == 1


def test_a_second_pass_asked_for_where_there_is_none_is_forgotten() -> None:
    assert wall_time(wall("2026-07-01T02:30"), "Europe/Berlin", fold=1).fold == 0


@pytest.mark.parametrize(
    ("local", "zone_name", "starts", "ends", "before", "after"),
    [
        ("2026-03-29T02:30", "Europe/Berlin", "02:00", "03:00", "01:30", "03:30"),
        ("2026-03-29T02:00", "Europe/Berlin", "02:00", "03:00", "01:00", "03:00"),
        ("2026-03-29T02:59:59.9", "Europe/Berlin", "02:00", "03:00", "01:59:59.9", "03:59:59.9"),
        ("2026-10-04T02:10", "Australia/Lord_Howe", "02:00", "02:30", "01:40", "02:40"),
        ("2026-03-08T02:15", "America/New_York", "02:00", "03:00", "01:15", "03:15"),
    ],
)
def test_a_time_in_a_gap_is_refused_with_the_two_nearest(
    local: str, zone_name: str, starts: str, ends: str, before: str, after: str
) -> None:
    with pytest.raises(TimeInGap) as refused:
        wall_time(wall(local), zone_name)
    day = local[:11]
    gap = refused.value
    assert (gap.wall, gap.zone_name) == (wall(local), zone_name)
    assert (gap.gap_starts, gap.gap_ends) == (wall(day + starts), wall(day + ends))
    assert (gap.before, gap.after) == (wall(day + before), wall(day + after))
    for offered in (gap.before, gap.after):
        assert wall_time(offered, zone_name).local == offered


@pytest.mark.parametrize("last_before_or_first_after", ["2026-03-29T01:59:59", "2026-03-29T03:00"])
def test_the_edges_of_a_gap_are_times(last_before_or_first_after: str) -> None:
    moment = wall(last_before_or_first_after)
    assert wall_time(moment, "Europe/Berlin").local == moment


@pytest.mark.parametrize("name", ["", "Berlin", "europe/berlin", "../../etc/passwd", "Europe/Berlin\0", "Europe"])
def test_a_name_off_the_list_is_no_zone(name: str) -> None:
    with pytest.raises(UnknownZone) as refused:
        zone(name)
    assert refused.value.name == name


def test_old_names_are_still_zones() -> None:
    assert {"Europe/Kiev", "Asia/Calcutta", "UTC"} <= zone_names()


def test_a_wall_time_with_a_zone_of_its_own_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no zone of its own"):
        wall_time(utc("2026-07-01T18:00"), "Europe/Berlin")
