"""The worker's process: `python -m app.messaging.worker`."""

from __future__ import annotations

import logging
import sys


def main() -> None:
    """Start the worker of the application that the environment describes."""
    from app import create_app
    from app.messaging.engine import run
    from config import SettingError

    try:
        app = create_app()
    except SettingError as wrong:
        sys.exit(f"Lectern can't start. {wrong}")
    logging.captureWarnings(True)
    run(app)


if __name__ == "__main__":
    main()
