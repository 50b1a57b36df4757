"""What the tests of attendance share."""

from __future__ import annotations

import pytest


@pytest.fixture
def in_app(app):
    """An application context without a request."""
    with app.app_context():
        yield
