"""Reads pytest's JUnit files and fails where a green run proved too little.

`python -m tools.check_results FILE… --must-pass WORD` demands that tests ran, that none was skipped (a
skipped browser or database test proves nothing), and that a test with WORD in its name ran and passed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Result:
    """How one test ended: `passed`, `failed` or `skipped`."""

    name: str
    outcome: str
    reason: str = ""

    @property
    def function(self) -> str:
        """The test function's name, without its parameters."""
        return self.name.partition("[")[0]


def read_results(file: Path) -> Iterator[Result]:
    """The results in one JUnit file."""
    for case in ElementTree.parse(file).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        name = f"{case.get('classname', '')}::{case.get('name', '')}"
        broken = case.find("failure") is not None or case.find("error") is not None
        skipped = case.find("skipped")
        if broken:
            yield Result(name, "failed")
        elif skipped is not None:
            yield Result(name, "skipped", skipped.get("message", ""))
        else:
            yield Result(name, "passed")


def complaints_about(results: Sequence[Result], must_pass: Sequence[str]) -> Iterator[str]:
    """Why these results don't prove enough, a sentence each."""
    if not results:
        yield "No test ran."
    for result in results:
        if result.outcome == "failed":
            yield f"Failed: {result.name}"
        elif result.outcome == "skipped":
            yield f"Skipped, though everything it needs must be here: {result.name} ({result.reason})"
    for word in must_pass:
        if not any(word in result.function and result.outcome == "passed" for result in results):
            yield f"No test named {word} ran and passed."


def main(arguments: Sequence[str]) -> int:
    """Print the complaints and a closing line; 1 when there is a complaint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--must-pass", action="append", default=[], metavar="WORD")
    options = parser.parse_args(arguments)
    missing = [f"{file} is missing: its tests did not run to the end." for file in options.files if not file.exists()]
    results = [result for file in options.files if file.exists() for result in read_results(file)]
    complaints = [*missing, *complaints_about(results, options.must_pass)]
    for complaint in complaints:
        print(complaint)
    count = Counter(result.outcome for result in results)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
