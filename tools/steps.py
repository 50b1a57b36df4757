"""Telling what an installation is doing, briefly: one line a step, the whole log only when it fails."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class StepFailed(Exception):
    """An installation step went wrong; the message says what to do."""


def run_quietly(
    title: str,
    command: Sequence[str | Path],
    *,
    progress: Callable[[str], str | None] = lambda _line: None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> None:
    """Run `command`, showing `title`, what `progress` makes of its lines, and at last the seconds taken.

    Raises `StepFailed` with the last lines of its output when it fails.
    """
    started = time.monotonic()
    line_of_progress = _Line(title)
    lines: list[str] = []
    with subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=folder,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            line_of_progress.show(progress(line))
    line_of_progress.end(f"{time.monotonic() - started:.0f} s")
    if process.returncode != 0:
        raise StepFailed(
            f"{title} failed:\n\n{''.join(lines[-30:])}\n{_joined(command)} ended with {process.returncode}."
        )


class _Line:
    """A line rewritten in place on a terminal; elsewhere a new line every few seconds."""

    PAUSE = 5.0

    def __init__(self, title: str) -> None:
        self._title = title
        self._in_place = sys.stdout.isatty()
        self._last = time.monotonic()
        self._write("" if self._in_place else "\n", f"{title} …")

    def show(self, text: str | None) -> None:
        if text is None:
            return
        if self._in_place:
            self._write("", f"{self._title} … {text}")
        elif time.monotonic() - self._last >= self.PAUSE:
            self._write("\n", f"{self._title} … {text}")
            self._last = time.monotonic()

    def end(self, text: str) -> None:
        self._write("\n", f"{self._title}: {text}")

    def _write(self, ending: str, text: str) -> None:
        start = "\r\x1b[K" if self._in_place else ""
        print(start + text, end=ending, flush=True)


def _joined(command: Sequence[str | Path]) -> str:
    return " ".join(str(part) for part in command[:6])
