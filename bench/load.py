"""Asks a server for many things over a few lasting connections, and measures how long each took.

Runs as a program of its own, so that its work isn't mixed with anybody else's: the plan comes by standard input, the
figures leave by standard output, both as JSON. It speaks just enough HTTP to be light.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSED = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
NOW, CURSOR = "@now@", "@cursor@"


@dataclass
class Visitor:
    """One connection and what was asked over it.

    `@now@` in a body is the moment of sending, `@cursor@` the cursor of the last answer, as a phone at a door writes
    them.
    """

    port: int
    requests: list[dict[str, str]]
    expected: int
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cursor: str = "null"
    received: int = 0
    _socket: socket.socket | None = None

    def visit(self) -> None:
        """Ask for everything, one after the other; stop at the first answer that isn't as expected."""
        for request in self.requests:
            packet = self._packet(request)
            begun = time.perf_counter()
            head, body = self._ask(packet)
            self.seconds.append(time.perf_counter() - begun)
            self.received += len(body)
            status = int(head[9:12])
            if status != self.expected:
                self.failures.append(f"{status} {head[:300]!r} {body[:600].decode(errors='replace')}")
                return
            if CURSOR in request["body"]:
                self.cursor = json.dumps(json.loads(body)["cursor"])

    def _packet(self, request: dict[str, str]) -> bytes:
        body = request["body"]
        if CURSOR in body:
            body = body.replace(CURSOR, self.cursor).replace(NOW, datetime.now(UTC).isoformat())
        payload = body.encode()
        length = f"Content-Length: {len(payload)}\r\n" if payload else ""
        return f"{request['head']}{length}\r\n".encode() + payload

    def _ask(self, packet: bytes) -> tuple[bytes, bytes]:
        connection = self._socket or socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(packet)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        wanted = int(found[1]) if found else 0
        parts, got = [body], len(body)
        while got < wanted:
            parts.append(self._more(connection))
            got += len(parts[-1])
        self._socket = None if _CLOSED.search(head) else connection
        return head, b"".join(parts)

    def _more(self, connection: socket.socket) -> bytes:
        data = connection.recv(1 << 18)
        if not data:
            raise ConnectionError("the server hung up")
        return data


def main() -> None:
    """Do the plan: `port`, `expected` status, and per connection a list of requests."""
    plan: dict[str, Any] = json.load(sys.stdin)
    visitors = [Visitor(plan["port"], requests, plan["expected"]) for requests in plan["connections"]]
    threads = [threading.Thread(target=visitor.visit) for visitor in visitors]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures = {
        "wall": time.perf_counter() - begun,
        "seconds": [seconds for visitor in visitors for seconds in visitor.seconds],
        "failures": [failure for visitor in visitors for failure in visitor.failures],
        "received": sum(visitor.received for visitor in visitors),
        "asked": sum(len(visitor.requests) for visitor in visitors),
    }
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
