"""Few requests compute at once, and none of them can make the others stand still."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug import Request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.test import EnvironBuilder

from app.core import turns
from app.core.turns import Turns, away

LONG = 30.0
MOST_BODY = 1000
Environ = dict[str, Any]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long enough that nobody goes on without a turn by mistake."""
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", LONG)


def served(deed: Callable[[Environ], bytes], count: int = 1, most_body: int = MOST_BODY) -> Callable[[Environ], bytes]:
    """Asks an application that does `deed`, and gives its answer."""

    def application(environ: Environ, _start: Callable[..., Any]) -> Iterable[bytes]:
        return [deed(environ)]

    gate = Turns(application, count, most_body)
    return lambda environ: b"".join(gate(environ, lambda *_said: None))


class Room:
    """Counts who is inside at once."""

    def __init__(self, wait_for: int = 1) -> None:
        self.inside = self.most = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(wait_for)

    def enter(self, _environ: Environ) -> bytes:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self._together.wait(LONG)
        with self._lock:
            self.inside -= 1
        return b"done"


def test_no_more_compute_at_once_than_have_a_turn() -> None:
    room = Room()
    ask = served(room.enter)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, [{} for _ in range(400)])) == [b"done"] * 400
    assert room.most == 1


def test_as_many_as_there_are_turns_compute_together() -> None:
    room = Room(wait_for=3)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(served(room.enter, count=3), [{}, {}, {}])) == [b"done"] * 3
    assert room.most == 3


def test_somebody_else_computes_while_one_only_waits() -> None:
    other_was_in = threading.Event()

    def deed(environ: Environ) -> bytes:
        if environ["who"] == "other":
            other_was_in.set()
            return b"was in"
        with away():
            return b"saw it" if other_was_in.wait(LONG) else b"waited in vain"

    ask = served(deed)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, {"who": "first"})
        assert pool.submit(ask, {"who": "other"}).result(LONG) == b"was in"
        assert first.result(LONG) == b"saw it"


def test_a_turn_comes_back_after_an_error() -> None:
    def deed(environ: Environ) -> bytes:
        if environ["who"] == "first":
            raise ValueError
        return b"fine"

    ask = served(deed)
    with pytest.raises(ValueError):  # noqa: PT011 - it has no words
        ask({"who": "first"})
    assert ask({"who": "second"}) == b"fine"


def test_whoever_has_waited_long_goes_on_without_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.01)
    room = Room(wait_for=2)  # the first leaves only when a second one is in
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(served(room.enter), [{}, {}])) == [b"done", b"done"]
    assert room.most == 2


class SlowBody(io.BytesIO):
    """Comes only once somebody else was served."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.served_other = threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        assert self.served_other.wait(LONG)
        return super().read(size)


def read_body(environ: Environ) -> bytes:
    content: bytes = environ["wsgi.input"].read()
    return content


def test_a_slow_body_holds_up_nobody() -> None:
    slow = SlowBody(b"name=Olga&" + b"more to come")
    ask = served(read_body)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, {"CONTENT_LENGTH": "9", "wsgi.input": slow})
        assert pool.submit(ask, {"CONTENT_LENGTH": "", "wsgi.input": io.BytesIO()}).result(LONG) == b""
        slow.served_other.set()
        assert first.result(LONG) == b"name=Olga"


@pytest.mark.parametrize("size", [1, turns.PART, turns.PART + 1, turns.IN_MEMORY + 1])
def test_a_body_arrives_whole(size: int) -> None:
    sent = bytes(number % 251 for number in range(size))
    environ = {"CONTENT_LENGTH": str(size), "wsgi.input": io.BytesIO(sent + b"the next request")}
    assert served(read_body, most_body=size)(environ) == sent


def test_half_a_form_is_not_taken_for_a_whole_one() -> None:
    environ = EnvironBuilder(method="POST", data={"name": "Olga"}).get_environ()
    environ |= {"CONTENT_LENGTH": "900", "wsgi.input_terminated": True}  # as gunicorn says of every body
    with pytest.raises(ClientDisconnected):
        served(lambda environ: Request(environ).form["name"].encode())(environ)


@pytest.mark.parametrize("length", [str(MOST_BODY + 1), "", "many", "-1", "0"])
def test_a_body_that_is_too_large_or_of_unknown_length_is_left_to_the_application(length: str) -> None:
    body = io.BytesIO(b"whatever")
    seen: list[Any] = []
    served(lambda environ: seen.append(environ["wsgi.input"]) or b"")({"CONTENT_LENGTH": length, "wsgi.input": body})  # type: ignore[func-returns-value]
    assert seen == [body]
    assert body.tell() == 0


def test_outside_a_request_there_is_no_turn_to_give_back() -> None:
    with away():
        pass
    assert served(lambda _environ: b"fine")({}) == b"fine"
