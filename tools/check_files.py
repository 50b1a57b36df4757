"""Fails on what must not be in a tracked file: package registries' addresses, secrets, local paths."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A lock file names packages and digests; where they come from is each installation's own choice.
FORBIDDEN = {
    "a download address in a lock file": re.compile(rb'"resolved"\s*:\s*"'),
    "the choice of a package index": re.compile(rb"^\s*--(extra-)?(index-url|find-links)\b", re.MULTILINE),
    "a package registry's host": re.compile(rb"\b(?:registry\.[a-z]+js\.org|files\.python[a-z]+\.org)\b"),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n"),
    "the path of this folder": re.compile(re.escape(str(ROOT).encode()) + rb"\b"),
    "an unresolved merge": re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE),
}
LARGEST = 1024 * 1024


def tracked_files(root: Path = ROOT) -> list[Path]:
    """The files that git knows."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
    return [root / name.decode() for name in listing.split(b"\0") if name]


def problems_in(file: Path) -> Iterator[str]:
    """What must not be there, a phrase each."""
    content = file.read_bytes()
    if len(content) > LARGEST:
        yield f"{len(content)} bytes, more than a source file needs"
    yield from (name for name, pattern in FORBIDDEN.items() if pattern.search(content))


def main() -> int:
    """Print every problem; 1 when there is one."""
    files = [file for file in tracked_files() if file.is_file()]
    found = [f"{file.relative_to(ROOT)}: {problem}" for file in files for problem in problems_in(file)]
    print("\n".join([*found, f"Files: {len(files)} looked at, {len(found)} problems"]))
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
