"""Keeps a few long-running programs alive side by side, and ends them together.

Each child gets a waiting thread and a reading thread; both only put events into one queue, and everything
is decided by the thread that called `run`. So no lock is needed, and a signal is just another event.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

LAST_WORDS = 2.0  # seconds; the pipes close with the processes, so this only guards against a lost one


@dataclass(frozen=True)
class Program:
    """One program to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Patience:
    """How long the supervisor waits, in seconds, and how many deaths it forgives."""

    first_pause: float = 0.5
    longest_pause: float = 15.0
    deaths: int = 5
    within: float = 60.0
    grace: float = 10.0


@dataclass(frozen=True)
class _Ended:
    child: _Child
    status: int


@dataclass(frozen=True)
class _Asked:
    """Someone asked for the end: the first time kindly, the second time at once."""


@dataclass(eq=False)
class _Child:
    """A program, its present process, and what is known of its deaths."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    reader: threading.Thread | None = None
    restart_at: float | None = None
    deaths: deque[float] = field(default_factory=deque)


class Supervisor:
    """Starts programs, passes on what they print, restarts the dead and stops all together."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        say: Callable[[str], None] = print,
        patience: Patience | None = None,
    ) -> None:
        self._children = [_Child(program) for program in programs]
        self._say = say
        self._patience = patience or Patience()
        self._events: queue.SimpleQueue[_Ended | _Asked] = queue.SimpleQueue()
        self._width = max(len(program.name) for program in programs)

    def stop(self) -> None:
        """Ask for the end, from any thread or signal handler. Asking twice doesn't wait for the children."""
        self._events.put(_Asked())

    def run(self) -> int:
        """Run until asked to stop, or until a program keeps dying.

        Returns 0 after a clean stop; 1 when a program died too often or had to be killed.
        """
        try:
            for child in self._children:
                self._start(child)
            kept = self._watch()
        finally:
            stopped = self._stop_all()
        return 0 if kept and stopped else 1

    def _watch(self) -> bool:
        """Handle events until the end; False when a program died too often."""
        while True:
            event = self._next_event()
            if isinstance(event, _Asked):
                return True
            if event is not None and not self._mourn(event):
                return False
            self._restart_due()

    def _next_event(self) -> _Ended | _Asked | None:
        due = [child.restart_at for child in self._children if child.restart_at is not None]
        timeout = max(0.0, min(due) - time.monotonic()) if due else None
        with contextlib.suppress(queue.Empty):
            return self._events.get(timeout=timeout)
        return None

    def _start(self, child: _Child) -> None:
        program = child.program
        child.restart_at = None
        try:
            # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then
            # stops the children in its own way, and a kill reaches a child's children too.
            process = subprocess.Popen(
                [*_bound_to_parent(), *program.command],
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._say(f"{program.name} could not be started: {error}")
            self._events.put(_Ended(child, 127))
            return
        child.process = process
        assert process.stdout is not None
        child.reader = threading.Thread(target=self._read, args=(program.name, process.stdout), daemon=True)
        child.reader.start()
        threading.Thread(target=self._wait, args=(child, process), daemon=True).start()

    def _read(self, name: str, output: IO[bytes]) -> None:
        with output:
            for line in output:
                self._say(f"{name:<{self._width}} | {line.decode(errors='replace').rstrip()}")

    def _wait(self, child: _Child, process: subprocess.Popen[bytes]) -> None:
        self._events.put(_Ended(child, process.wait()))

    def _mourn(self, event: _Ended) -> bool:
        """Note a death and plan the restart; False when it was one too many."""
        child, now = event.child, time.monotonic()
        _end_group(child, signal.SIGKILL)  # what the dead one left behind would hold its port or its files
        child.process = None
        child.deaths.append(now)
        while child.deaths[0] < now - self._patience.within:
            child.deaths.popleft()
        if len(child.deaths) >= self._patience.deaths:
            self._say(f"{child.program.name} {_how(event.status)}, death number {len(child.deaths)}; giving up.")
            return False
        pause = min(self._patience.first_pause * 2 ** (len(child.deaths) - 1), self._patience.longest_pause)
        child.restart_at = now + pause
        self._say(f"{child.program.name} {_how(event.status)}; starting it again in {pause:g} s.")
        return True

    def _restart_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.restart_at is not None and child.restart_at <= now:
                self._start(child)

    def _stop_all(self) -> bool:
        """Ask every child to end, then kill what is left; False when something had to be killed."""
        alive = {child for child in self._children if child.process is not None}
        for child in alive:
            _end_group(child, signal.SIGTERM, whole=False)
        deadline = time.monotonic() + self._patience.grace
        while alive:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if isinstance(event, _Asked):
                break
            alive.discard(event.child)
            _end_group(event.child, signal.SIGKILL)
        for child in alive:
            self._say(f"{child.program.name} did not stop in time and is killed.")
            _end_group(child, signal.SIGKILL)
            assert child.process is not None
            child.process.wait()
        self._hear_last_words()
        return not alive

    def _hear_last_words(self) -> None:
        """Let the readers finish: what a program prints while stopping is worth seeing."""
        for child in self._children:
            if child.reader is not None:
                child.reader.join(LAST_WORDS)


@contextlib.contextmanager
def stopping_on_signals(supervisor: Supervisor) -> Iterator[None]:
    """Let Ctrl-C, TERM and a closed terminal stop `supervisor`; main thread only."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        supervisor.stop()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _bound_to_parent() -> Sequence[str]:
    """A prefix that ends the child when the supervisor itself is killed, where there is the tool for it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _end_group(child: _Child, number: signal.Signals, *, whole: bool = True) -> None:
    """Signal the child's whole process group, which may outlive the child, or the child alone."""
    if child.process is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if whole:
            os.killpg(child.process.pid, number)
        else:
            child.process.send_signal(number)


def _how(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
