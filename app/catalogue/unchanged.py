"""The shortest way to say that a feed is unchanged.

Calendar programs and news readers ask every hour whether anything has changed, and most of the time nothing has. What
they are told depends on the address, on what they have, and on the catalogue's version and the day. So an answer that
the application has given once is given again without waking it, while those are the same: one small row is read, and
that is all.
A process that hasn't given the answer yet asks the application, and remembers.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flask import Flask, request

from app.catalogue.version import catalogue_version
from app.core.clock import today
from app.core.db import db

ANSWERS = 4096
BASIS = "lectern.basis"
NOT_MODIFIED = "304 "
FEEDS = (".ics", ".atom", ".json")

Headers = list[tuple[str, str]]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Question(NamedTuple):
    """All of a request that an answer of 304 can depend on."""

    method: str
    scheme: str
    host: str
    path: str
    query: str
    known_tag: str
    known_since: str


class Answer(NamedTuple):
    """What was said, and the state of the catalogue that it rests on."""

    basis: Any
    status: str
    headers: Headers


class UnchangedFeeds:
    """Stands before the application and repeats what it has said of unchanged feeds."""

    def __init__(self, application: Application, read_basis: Callable[[], Any]) -> None:
        self._application = application
        self._read_basis = read_basis
        self._answers: OrderedDict[Question, Answer] = OrderedDict()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        question = _question(environ)
        if question is None:
            return self._application(environ, start_response)
        answer = self._answers.get(question)
        if answer is not None and answer.basis == self._read_basis():
            start_response(answer.status, answer.headers[:])
            return []

        def listen(status: str, headers: Headers, *more: Any) -> Any:
            if status.startswith(NOT_MODIFIED) and BASIS in environ:
                self._remember(question, Answer(environ[BASIS], status, headers[:]))
            return start_response(status, headers, *more)

        return self._application(environ, listen)

    def _remember(self, question: Question, answer: Answer) -> None:
        self._answers[question] = answer
        while len(self._answers) > ANSWERS:
            self._answers.popitem(last=False)


def attach(app: Flask) -> None:
    """Put it before the application."""
    with app.app_context():
        engine = db.engine
    app.wsgi_app = UnchangedFeeds(app.wsgi_app, lambda: _basis(catalogue_version(engine)))  # type: ignore[method-assign]


def rests_on(version: Any) -> None:
    """Say that this answer changes with the catalogue's version and the day, and with nothing else but the request."""
    request.environ[BASIS] = _basis(version)


def _basis(version: Any) -> Any:
    return version, today()


def _question(environ: dict[str, Any]) -> Question | None:
    """What is asked, if it is whether a feed has changed."""
    tag, since = environ.get("HTTP_IF_NONE_MATCH", ""), environ.get("HTTP_IF_MODIFIED_SINCE", "")
    path = environ["PATH_INFO"]
    if not (tag or since) or not path.endswith(FEEDS):
        return None
    scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
    return Question(environ["REQUEST_METHOD"], scheme, host, path, environ.get("QUERY_STRING", ""), tag, since)
