"""khal and vdirsyncer as real subscribers of a feed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WITHIN = 120

SYNC = """\
[general]
status_path = "{folder}/status/"

[pair feed]
a = "local"
b = "remote"
collections = null
conflict_resolution = "b wins"

[storage local]
type = "filesystem"
path = "{folder}/calendar/"
fileext = ".ics"

[storage remote]
type = "http"
url = "{url}"
"""
KHAL = """\
[calendars]
[[feed]]
path = {folder}/calendar/
type = calendar

[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin

[sqlite]
path = {folder}/khal.db
"""


@dataclass(frozen=True)
class Subscriber:
    """A folder that vdirsyncer keeps like the feed, and from which khal shows a calendar."""

    folder: Path

    @classmethod
    def of(cls, url: str, folder: Path) -> Subscriber:
        """Subscribe to the feed; nothing is fetched yet."""
        (folder / "calendar").mkdir(parents=True)
        (folder / "sync.conf").write_text(SYNC.format(folder=folder, url=url))
        (folder / "khal.conf").write_text(KHAL.format(folder=folder))
        return cls(folder)

    def sync(self) -> dict[str, bytes]:
        """Bring the folder up to date and say what is in it."""
        discovered = self.folder / "status"
        if not discovered.exists():
            self._run("vdirsyncer", "-c", str(self.folder / "sync.conf"), "discover", "feed")
        self._run("vdirsyncer", "-c", str(self.folder / "sync.conf"), "sync", "feed")
        return {path.name: path.read_bytes() for path in sorted((self.folder / "calendar").glob("*.ics"))}

    def changed_at(self) -> dict[str, int]:
        """When each item was last written, in nanoseconds."""
        return {path.name: path.stat().st_mtime_ns for path in (self.folder / "calendar").glob("*.ics")}

    def shown(self, start: str, days: int) -> list[str]:
        """What khal lists of those days: start, end and title of each."""
        form = "{start-long-full}|{end-long-full}|{title}"
        once = ("--once", "--notstarted", "--day-format", "", "--format", form)
        text = self._run("khal", "-c", str(self.folder / "khal.conf"), "list", *once, start, f"{days}d")
        return [line for line in text.splitlines() if "|" in line]

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        environment = {**os.environ, "HOME": str(self.folder), "PYTHONTZPATH": "", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=WITHIN, input="y\n", check=False
        )
        assert done.returncode == 0, f"{program}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout
