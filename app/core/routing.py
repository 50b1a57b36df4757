"""Parts of addresses."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter

LARGEST = 2**31 - 1


class Number(IntegerConverter):
    """A row's number, no larger than a database column can hold: whatever is larger is nowhere to be found."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **{"max": LARGEST, **options})  # type: ignore[arg-type]
