"""The real programs, as they run in production: gunicorn and the worker, each a process of its own."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import ROOT
from tests.support.databases import SECRETS
from tests.support.waiting import eventually

STOPS_WITHIN = 30
THREADS = 8


@dataclass(frozen=True)
class Program:
    """A running process and what it wrote."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it is still there."""
        return self.process.poll() is None

    def output(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(STOPS_WITHIN)

    def stop(self) -> int:
        """Ask it to end, as systemd does, and return its status."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not stop when asked to:\n{self.output()[-3000:]}") from None


@dataclass(frozen=True)
class Web:
    """A web server that answers."""

    program: Program
    port: int

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"


def environment_for(database: str, **settings: str) -> dict[str, str]:
    """The whole environment of a program on `database`: nothing of this process's own but what Python needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database,
        "LIMITS": "0",
        "LOG_LEVEL": "WARNING",
        **SECRETS,
        **settings,
    }


@contextmanager
def running(command: list[str], environment: dict[str, str], *, pass_fds: tuple[int, ...] = ()) -> Iterator[Program]:
    """A Python program, ended when the block ends, one way or the other."""
    with tempfile.TemporaryDirectory(prefix="lectern-log-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
            )
        program = Program(process, log)
        try:
            yield program
        except BaseException:
            print(program.output()[-6000:])
            raise
        finally:
            if program.is_running:
                program.stop()


@contextmanager
def serving(database: str, *, app: str = "wsgi:app", processes: int | None = None, **settings: str) -> Iterator[Web]:
    """gunicorn with 8 threads in each process: one on SQLite, two elsewhere, as `docs/operate.md` says."""
    processes = processes or (1 if database.startswith("sqlite") else 2)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        port = listener.getsockname()[1]
        command = ["-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--log-level", "warning"]
        command += ["--workers", str(processes), "--worker-class", "gthread", "--threads", str(THREADS)]
        command += ["--graceful-timeout", "5", "--timeout", "120", "--no-control-socket", app]
        own = {"BASE_URL": f"http://127.0.0.1:{port}"}
        environment = environment_for(database, **{**own, **settings})
        with running(command, environment, pass_fds=(listener.fileno(),)) as program:
            listener.close()
            eventually(lambda: _answers(program, port), 60, what="the web server's first answer")
            yield Web(program, port)


@contextmanager
def worker(database: str, queue: Path, **settings: str) -> Iterator[Program]:
    """The worker on its own queue file (it must be the same as the web server's for the bell to ring)."""
    environment = environment_for(database, QUEUE_FILE=str(queue), **settings)
    with running(["-m", "app.messaging.worker"], environment) as program:
        yield program


def _answers(program: Program, port: int) -> bool:
    assert program.is_running, f"the web server ended:\n{program.output()[-3000:]}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
