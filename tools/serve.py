"""Serves the demo: prepares the database, then keeps web and worker running until Ctrl-C.

Run by `make run`, with the environment's Python. Settings already in the environment, such as
DATABASE_URL or MAIL_URL, are kept.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import io
import json
import os
import secrets
import ssl
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import qrcode

from config import SettingError, read_settings
from tools.certificate import Certificate, certificate_for, write_secret
from tools.network import is_free, lan_addresses
from tools.steps import StepFailed, run_quietly
from tools.supervisor import Patience, Program, Supervisor, stopping_on_signals

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
KEYS = INSTANCE / "demo.env"
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
READY_WITHIN = 60.0
THREADS = 8
PATIENCE = Patience(grace=25.0)  # longer than the worker gives the mail that it is sending


@dataclass(frozen=True)
class Place:
    """Where Lectern listens and how people reach it."""

    listen: str
    port: int
    addresses: list[str]
    certificate: Certificate | None = None

    @property
    def base_url(self) -> str:
        """The address that links and mails carry."""
        return self.url_of(self.addresses[0])

    def url_of(self, host: str) -> str:
        """The site's address by this host name."""
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"


def main() -> int:
    """Serve the demo; returns when stopped."""
    parser = argparse.ArgumentParser(prog="make run", description="Serve Lectern with demo data.")
    parser.add_argument("--port", default="5000")
    parser.add_argument("--lan", action="store_true")
    options = parser.parse_args()
    try:
        INSTANCE.mkdir(exist_ok=True)
        lock = only_one_here()
        place = choose_place(options.port, lan=options.lan)
        environment = environment_for(place)
        check_settings(environment)
        run_quietly("Preparing the database", [*FLASK, "db", "upgrade"], environment=environment, folder=ROOT)
        card = prepare_demo(environment)
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before the start.", file=sys.stderr)
        return 130
    with lock:
        return serve(place, environment, card)


def only_one_here() -> TextIO:
    """Hold this folder's lock as long as the file is open: SQLite wants one web process. Raises `StepFailed`."""
    lock = (INSTANCE / "running.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StepFailed(
            "Lectern runs from this folder already. Stop it there with Ctrl-C, or clone it anew."
        ) from None
    return lock


def choose_place(port_text: str, *, lan: bool) -> Place:
    """Decide where to listen. Raises `StepFailed` when that can't be."""
    if not port_text.isdecimal() or not 1 <= int(port_text) <= 65535:
        raise StepFailed(f"PORT must be a whole number from 1 to 65535, not {port_text!r}.")
    port = int(port_text)
    listen = "0.0.0.0" if lan else "127.0.0.1"  # noqa: S104 - LAN=1 asks for it
    if not is_free(listen, port):
        raise StepFailed(f"Port {port} is taken by another program. Choose another: make run PORT={port % 65535 + 1}")
    if not lan:
        return Place(listen, port, ["127.0.0.1"])
    addresses = lan_addresses()
    if not addresses:
        raise StepFailed("This machine has no address on a network, so LAN=1 can reach nobody.")
    return Place(listen, port, addresses, certificate_for(addresses, INSTANCE))


def environment_for(place: Place) -> dict[str, str]:
    """The settings of the demo, over those already in the environment where they must fit the place."""
    return {
        "DATABASE_URL": f"sqlite:///{INSTANCE / 'lectern.db'}",
        **demo_keys(),
        **os.environ,
        "BASE_URL": place.base_url,
        "TRUSTED_HOSTS": ",".join(dict.fromkeys([*place.addresses, "127.0.0.1", "localhost"])),
        "DEMO_MODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def check_settings(environment: dict[str, str]) -> None:
    """Raise `StepFailed` naming the setting that is wrong, before anything is touched."""
    try:
        read_settings(environment)
    except SettingError as wrong:
        raise StepFailed(str(wrong)) from None


def demo_keys() -> dict[str, str]:
    """The demo's secrets, made at the first start and kept, so that links and tickets stay good."""
    if not KEYS.exists():
        lines = [f"SECRET_KEY={secrets.token_hex(32)}", f"LINK_KEY=1:{secrets.token_hex(32)}"]
        write_secret(KEYS, "\n".join([*lines, ""]).encode())
    pairs = (line.partition("=") for line in KEYS.read_text().splitlines())
    return {name: value for name, _, value in pairs if value}


def prepare_demo(environment: dict[str, str]) -> list[tuple[str, str]]:
    """Load the demo data where there is none; returns the card's rows, as label and text."""
    done = subprocess.run(
        [*FLASK, "demo", "prepare", "--json"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StepFailed("The demo data could not be prepared; the lines above say why.")
    return card_rows(json.loads(done.stdout.splitlines()[-1]))


def card_rows(card: dict[str, Any]) -> list[tuple[str, str]]:
    """The rows that `flask demo prepare --json` gives: addresses, sign-ins, the door's pairing link, mail."""
    rows = [(name.capitalize(), str(address)) for name, address in card["addresses"].items()]
    rows += [(who["role"].capitalize(), f"{who['email']}  {who['password']}") for who in card["sign_ins"]]
    if card["door"]:
        rows.append(("Pair a phone", card["door"]))
    return [*rows, ("Outgoing mail", card["mails"])]


def serve(place: Place, environment: dict[str, str], card: list[tuple[str, str]]) -> int:
    """Run web and worker until asked to stop, and show the card once the site answers."""
    supervisor = Supervisor(programs_for(place, environment), say=_say, patience=PATIENCE)
    ended = threading.Event()
    announcer = threading.Thread(target=_announce, args=(place, card, ended), daemon=True)
    with stopping_on_signals(supervisor):
        announcer.start()
        try:
            status = supervisor.run()
        finally:
            ended.set()
    announcer.join()
    print("Stopped." if status == 0 else "Stopped, but not cleanly.")
    return status


def programs_for(place: Place, environment: dict[str, str]) -> list[Program]:
    """The web server and the worker. SQLite wants one web process; its threads share the work."""
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"{place.listen}:{place.port}",
        "--log-level",
        "warning",
    ]
    web += ["--workers", "1", "--worker-class", "gthread", "--threads", str(THREADS)]
    web += ["--graceful-timeout", "5", "--no-control-socket"]
    if place.certificate:
        web += ["--certfile", str(place.certificate.certificate), "--keyfile", str(place.certificate.key)]
    worker = [sys.executable, "-m", "app.messaging.worker"]
    return [Program("web", [*web, "wsgi:app"], environment), Program("worker", worker, environment)]


def render_card(place: Place, card: list[tuple[str, str]]) -> str:
    """The card that says where everything is."""
    rows = [*card, *(("Also", place.url_of(address)) for address in place.addresses[1:]), ("Stop", "Ctrl-C")]
    width = max(len(label) for label, _ in rows)
    lines = ["", "Lectern is running.", "", *(f"  {label:<{width}}  {text}" for label, text in rows), ""]
    if place.certificate:
        lines += ["Phones on this network open the site by this code. Their browser warns once,"]
        lines += ["because the certificate is this machine's own.", "", _terminal_code(place.base_url)]
    return "\n".join(lines)


def _terminal_code(text: str) -> str:
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    drawing = io.StringIO()
    code.print_ascii(out=drawing, invert=True)
    return drawing.getvalue()


def _announce(place: Place, card: list[tuple[str, str]], ended: threading.Event) -> None:
    """Show the card as soon as the site answers, unless the end comes first."""
    for _ in range(int(READY_WITHIN / 0.2)):
        if _answers(place):
            _say(render_card(place, card))
            return
        if ended.wait(0.2):
            return
    _say(f"{place.base_url} does not answer yet; the lines above may say why.")


def _answers(place: Place) -> bool:
    connection: http.client.HTTPConnection
    if place.certificate:
        context = ssl.create_default_context(cafile=place.certificate.certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", place.port, timeout=5, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _say(text: str) -> None:
    """Print in one write, as several threads speak."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
