"""The floor of a feed: a view that sends the same bytes from memory, with the same headers."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

app = Flask("same_bytes")
_BODY = Path(os.environ["SAME_BYTES"]).read_bytes()


@app.get("/events.ics")
def feed() -> Response:
    """The bytes."""
    response = Response(_BODY, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Encoding"] = "gzip"
    return response
