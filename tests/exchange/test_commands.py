"""`flask load` and `flask demo`: what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

from apiflask import APIFlask

from tests.exchange.files import small_file


def test_it_says_what_was_added_and_then_that_nothing_is_to_change(app: APIFlask, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_text(json.dumps(small_file()), "utf-8")
    runner = app.test_cli_runner()

    first = runner.invoke(args=["load", str(file)])
    second = runner.invoke(args=["load", str(file)])

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.startswith("Added: organizations 1, consents 1, people 1")
    assert second.stdout == "Nothing to change.\n"


def test_it_lists_every_problem_and_fails(app: APIFlask, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_text(json.dumps(small_file(format="party", zone="Moon/Sea")), "utf-8")

    done = app.test_cli_runner().invoke(args=["load", str(file)])

    assert done.exit_code == 1
    assert "events[0].zone: There is no time zone “Moon/Sea”." in done.stderr
    assert "Error: 2 problems in the file; nothing was loaded." in done.stderr


def test_without_demo_mode_there_is_no_demo(app: APIFlask) -> None:
    done = app.test_cli_runner().invoke(args=["demo", "prepare"])

    assert done.exit_code == 1
    assert "Set DEMO_MODE=1" in done.stderr
