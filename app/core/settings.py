"""The settings of the running application, for code that knows no request."""

from typing import cast

from flask import Flask, current_app

from config import Settings

KEY = "lectern.settings"


def attach(app: Flask, values: Settings) -> None:
    """Keep `values` with `app`."""
    app.extensions[KEY] = values


def settings() -> Settings:
    """The settings of the application at work. Needs an application context."""
    return cast("Settings", current_app.extensions[KEY])
