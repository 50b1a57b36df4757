"""Servers as they run in production, and what they cost: the CPU time of their processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from config import ROOT

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60
THREADS = 8
PROCESSES = {"sqlite": 1, "postgresql": 2}


@dataclass(frozen=True)
class Server:
    """A running gunicorn; `pid` is its master's, `log` what it has said."""

    port: int
    pid: int
    log: Path

    @property
    def last_words(self) -> str:
        """The end of the log."""
        return self.log.read_text(errors="replace")[-2000:]

    def cpu_seconds(self) -> float:
        """User and system time that the master and its workers have used so far."""
        parents = _parents()
        family = {self.pid}
        while grown := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= grown
        return sum(_cpu_seconds(pid) for pid in family)

    def etag_of(self, path: str) -> str:
        """The version that this server gives out now."""
        http = HTTPConnection("127.0.0.1", self.port, timeout=60)
        http.request("GET", path)
        response = http.getresponse()
        response.read()
        http.close()
        return response.headers["ETag"]


@contextmanager
def serving(target: str, kind: str, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Serve `target` (such as `wsgi:app`) as production does for this kind of database."""
    port = int(environment["PORT"])
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    command += ["--workers", str(PROCESSES[kind]), "--worker-class", "gthread", "--threads", str(THREADS)]
    command += ["--graceful-timeout", "5", "--no-control-socket", target]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait(port, process, log)
            yield Server(port, process.pid, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"A server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _fields(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat behind the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _parents() -> dict[int, int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int(_fields(int(entry.name))[1])
            except OSError:  # it has ended meanwhile
                continue
    return parents


def _cpu_seconds(pid: int) -> float:
    user, system = _fields(pid)[11:13]
    return (int(user) + int(system)) / TICKS
