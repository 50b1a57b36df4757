"""What an operation raises when it can't do what it was asked.

An error carries a stable `code`, a message fit for the person (already in the reader's language), and details. It
knows nothing of HTTP: `core/http.py` maps the five families to statuses.
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """Something the person asked for is not possible; `message` says why and what to do."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class Refused(DomainError):
    """The values given can't be accepted (422)."""

    code = "refused"


class Conflict(DomainError):
    """The state of things doesn't allow it now (409)."""

    code = "conflict"


class NotAllowed(DomainError):
    """This person may not do that (403)."""

    code = "not_allowed"


class Missing(DomainError):
    """There is no such thing, or not for this person (404)."""

    code = "missing"


class TooMany(DomainError):
    """Too often in too short a time (429); in `seconds` it may go again."""

    code = "too_many_requests"

    def __init__(self, message: str = "", *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
