"""Writes docs/third-party.md: what Lectern is built from, and under which licences."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tools.node import PACKAGES

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "third-party.md"
INTRODUCTION = """# Third-party notices

Lectern itself is under the Apache License 2.0. It is installed together with the packages below; each comes
with its own licence text. `make notices` writes this page.
"""
READER_NOTE = """\
The code reader's `zxing_reader.wasm` is compiled from ZXing-C++, which is under the Apache License 2.0.
"""
# Packages whose metadata doesn't name the licence that their licence file holds.
READ_BY_HAND = {"huey": "MIT", "qrcode": "BSD-3-Clause"}


def main() -> int:
    """Write the page."""
    parts = [
        INTRODUCTION,
        "## Python\n",
        _table(python_rows()),
        "## In the browser\n",
        _table(browser_rows()),
    ]
    TARGET.write_text("\n".join([*parts, READER_NOTE]))
    print(f"Wrote {TARGET.relative_to(ROOT)}")
    return 0


def python_rows() -> list[tuple[str, str, str]]:
    """Name, version and licence of each package in requirements.txt that is installed here."""
    required = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    listing = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json", "--packages", *required],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [(entry["Name"], entry["Version"], _licence(entry)) for entry in json.loads(listing.stdout)]
    return sorted(rows, key=lambda row: row[0].lower())


def browser_rows() -> list[tuple[str, str, str]]:
    """The same of what is served to browsers: the packages of package.json, without those for tests."""
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    described = [json.loads((PACKAGES / name / "package.json").read_text()) for name in sorted(wanted)]
    return [(entry["name"], entry["version"], entry["license"]) for entry in described]


def _licence(entry: dict[str, str]) -> str:
    """The licence's name; some packages put its whole text into that field."""
    return READ_BY_HAND.get(entry["Name"]) or entry["License"].strip().splitlines()[0]


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = ["| Package | Version | Licence |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {version} | {licence} |" for name, version, licence in rows), ""])


if __name__ == "__main__":
    sys.exit(main())
