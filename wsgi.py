"""What a WSGI server serves: `gunicorn wsgi:app`."""

import gc
import sys

from app import create_app
from config import SettingError

try:
    app = create_app()
except SettingError as wrong:
    sys.exit(f"Lectern can't start. {wrong}")

# What is loaded by now stays to the end, so the search for lost objects may leave it out; and a page makes thousands of
# small objects that go by themselves. Searching as often as Python does by default was a tenth of a page's time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
