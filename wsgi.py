"""What a WSGI server serves: `gunicorn wsgi:app`."""

import sys

from app import create_app
from config import SettingError

try:
    app = create_app()
except SettingError as wrong:
    sys.exit(f"Lectern can't start. {wrong}")
