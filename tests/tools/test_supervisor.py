"""The supervisor, with real child processes."""

from __future__ import annotations

import os
import queue
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.supervisor import Patience, Program, Supervisor

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 20.0
QUICK = Patience(first_pause=0.01, longest_pause=0.02, deaths=3, within=60.0, grace=DEADLINE)

FOREVER = "import os, signal; print('pid', os.getpid(), flush=True); signal.pause()"
DYING = "import os; print('pid', os.getpid(), flush=True); raise SystemExit(3)"
DEAF = (
    "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('pid', os.getpid(), flush=True)\nwhile True: signal.pause()"
)
# A parent like gunicorn, with a child of its own that outlives it.
WITH_CHILD = (
    "import subprocess, sys, signal;"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
    "print('pid', child.pid, flush=True); signal.pause()"
)


def program(name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code])


class Running:
    """A supervisor in a thread, and what it said."""

    def __init__(self, programs: list[Program], patience: Patience) -> None:
        self.said: list[str] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.supervisor = Supervisor(programs, say=self._say, patience=patience)
        self.status: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _say(self, line: str) -> None:
        self.said.append(line)
        self._lines.put(line)

    def _run(self) -> None:
        self.status = self.supervisor.run()

    def wait_for(self, text: str) -> str:
        """The next line that holds `text`."""
        while True:
            line = self._lines.get(timeout=DEADLINE)
            if text in line:
                return line

    def next_pid(self) -> tuple[str, int]:
        """The next program that says its process number, and that number."""
        name, _, rest = self.wait_for("| pid ").partition("|")
        return name.strip(), int(rest.split()[1])

    def end(self) -> int | None:
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()
        return self.status


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*programs: Program, patience: Patience = QUICK) -> Running:
        started.append(Running(list(programs), patience))
        return started[-1]

    yield start
    for running in started:
        running.supervisor.stop()
        running.supervisor.stop()
        running.end()


SUPERVISED = f"""
import sys
from tools.supervisor import Program, Supervisor, stopping_on_signals
web = Program("web", [sys.executable, "-c", {FOREVER!r}])
supervisor = Supervisor([web], say=lambda line: print(line, flush=True))
with stopping_on_signals(supervisor):
    sys.exit(supervisor.run())
"""


def has_ended(process: int) -> bool:
    """Whether the process behind this descriptor has ended, or does so before the deadline."""
    try:
        return bool(select.select([process], [], [], DEADLINE)[0])
    finally:
        os.close(process)


def is_gone(pid: int) -> bool:
    """Whether no process has this number, not even as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_stops_all_children_when_asked_and_leaves_no_zombie(start):
    running = start(program("web", FOREVER), program("worker", FOREVER))
    pids = dict([running.next_pid(), running.next_pid()])
    assert set(pids) == {"web", "worker"}
    running.supervisor.stop()
    assert running.end() == 0
    assert all(is_gone(pid) for pid in pids.values())


def test_passes_on_what_a_child_says_while_it_stops():
    said: list[str] = []
    up = threading.Event()

    def slow_terminal(line: str) -> None:
        if "last" in line:
            threading.Event().wait(0.3)
        said.append(line)
        up.set()

    code = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [15]); print('up', flush=True)"
    web = program("web", f"{code}; signal.sigwait([15]); print('last words')")
    supervisor = Supervisor([web], say=slow_terminal, patience=QUICK)
    asker = threading.Thread(target=lambda: (up.wait(DEADLINE), supervisor.stop()))
    asker.start()
    assert supervisor.run() == 0
    assert said == ["web | up", "web | last words"]
    asker.join()


def test_says_that_a_child_died_and_starts_it_again(start):
    running = start(program("web", FOREVER), program("worker", FOREVER))
    pids = dict([running.next_pid(), running.next_pid()])
    os.kill(pids["worker"], signal.SIGKILL)
    assert running.wait_for("worker was killed") == "worker was killed by SIGKILL; starting it again in 0.01 s."
    name, pid = running.next_pid()
    assert name == "worker"
    assert pid != pids["worker"]
    assert not is_gone(pids["web"])


def test_gives_up_on_a_child_that_keeps_dying_and_stops_the_others(start):
    running = start(program("web", FOREVER), program("worker", DYING))
    assert running.end() == 1
    assert "worker ended with status 3, death number 3; giving up." in running.said
    pids = [int(line.rpartition(" ")[2]) for line in running.said if "| pid " in line]
    assert all(is_gone(pid) for pid in pids)
    assert sum("| pid " in line for line in running.said if line.startswith("worker")) == 3


def test_pauses_longer_after_each_death(start):
    running = start(program("worker", DYING), patience=Patience(0.01, 0.03, 4, 60.0, DEADLINE))
    assert running.end() == 1
    pauses = [line.rpartition("again in ")[2] for line in running.said if "starting it again" in line]
    assert pauses == ["0.01 s.", "0.02 s.", "0.03 s."]


def test_says_when_a_program_cannot_be_started(start):
    running = start(Program("web", ["/nowhere/to/be/found"]))
    assert running.end() == 1
    assert any("web" in line and "giving up" in line for line in running.said)


def test_kills_a_child_that_does_not_stop_in_time(start):
    running = start(program("web", DEAF), patience=Patience(0.01, 0.02, 3, 60.0, grace=0.05))
    _, pid = running.next_pid()
    running.supervisor.stop()
    assert running.end() == 1
    assert "web did not stop in time and is killed." in running.said
    assert is_gone(pid)


def test_asking_twice_does_not_wait_for_a_deaf_child(start):
    running = start(program("web", DEAF), patience=Patience(grace=1000.0))
    _, pid = running.next_pid()
    running.supervisor.stop()
    running.supervisor.stop()
    assert running.end() == 1
    assert is_gone(pid)


def test_a_dead_childs_own_children_do_not_stay_behind(start):
    running = start(program("web", WITH_CHILD))
    _, grandchild = running.next_pid()
    watched = os.pidfd_open(grandchild)
    running.supervisor.stop()
    assert running.end() == 0
    assert has_ended(watched)


def test_marks_each_line_with_its_program_and_survives_odd_bytes(start):
    code = r"import os, signal; os.write(1, b'caf\xe9\n'); signal.pause()"
    running = start(program("web", code), program("worker", FOREVER))
    assert running.wait_for("caf") == "web    | caf\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_cleanly(number):
    with subprocess.Popen([sys.executable, "-c", SUPERVISED], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline().rpartition(" ")[2]))
        process.send_signal(number)
        assert process.wait(DEADLINE) == 0
        assert has_ended(child)


def test_a_killed_supervisor_takes_its_children_along():
    with subprocess.Popen([sys.executable, "-c", SUPERVISED], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline().rpartition(" ")[2]))
        process.kill()
        assert has_ended(child)
