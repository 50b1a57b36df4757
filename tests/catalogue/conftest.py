"""What the tests of the catalogue share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.readers.calendars import READERS, Reader, installed


@pytest.fixture(scope="module", params=READERS)
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Each calendar program in turn."""
    with installed(request.param) as program:
        yield program
