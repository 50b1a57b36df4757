"""Commands: `flask admin create`, `flask mail test`, `flask backup`, `flask doctor` and others."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from app.core.audit import COMMAND
from app.core.errors import DomainError
from app.core.settings import settings

MAIL_TEST_SECONDS = 60

admin = AppGroup("admin", help="Administrators' accounts.")
mail = AppGroup("mail", help="Outgoing mail.")


def register(app: Flask) -> None:
    """Add all commands to `app`."""
    from app.exchange.commands import demo, load

    for command in (admin, mail, load, demo, backup, restore, doctor):
        app.cli.add_command(command)


@admin.command("create")
@click.argument("email")
@click.option("--name", prompt="Name", help="How the person is called on the desk.")
@click.option("--language", type=click.Choice(["en", "ru"]), default="en", show_default=True)
@click.password_option(help="At least ten characters; asked for when left out.")
def create_administrator(email: str, name: str, language: str, password: str) -> None:
    """Make an administrator's account for EMAIL."""
    from app.accounts.operations import create_user

    try:
        create_user(actor=COMMAND, email=email, name=name, language=language, password=password, is_administrator=True)
    except DomainError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{email} can sign in at {settings().base_url}/login")


@mail.command("test")
@click.argument("address")
def send_test(address: str) -> None:
    """Send a mail to ADDRESS through the worker and report what became of it."""
    from app.core.db import db
    from app.messaging.models import DeliveryStatus, OutboxMessage
    from app.messaging.operations import send_test_mail

    if settings().mail is None:
        raise click.ClickException("MAIL_URL is not set, so no mail can be sent.")
    number = send_test_mail(actor=COMMAND, address=address)
    click.echo("Written. Waiting for the worker …")
    deadline = time.monotonic() + MAIL_TEST_SECONDS
    while time.monotonic() < deadline:
        db.session.rollback()
        message = db.session.get_one(OutboxMessage, number, populate_existing=True)
        if message.status == DeliveryStatus.SENT:
            click.echo(f"Sent to {address}. Message-ID: {message.message_id}")
            return
        if message.status == DeliveryStatus.FAILED or message.last_error:
            raise click.ClickException(f"The mail server answered: {message.last_error}")
        time.sleep(0.5)
    raise click.ClickException("Nobody took the message within a minute. Is the worker running?")


@click.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Write the whole database into the new file PATH while Lectern goes on running."""
    from app.core.backup import BackupFailed, write_backup

    try:
        write_backup(settings().database_url, path)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB)")


@click.command("restore")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace everything without asking.")
def restore(path: Path, yes: bool) -> None:
    """Replace the whole database by the backup PATH. Stop web and worker first."""
    from app.core.backup import BackupFailed, read_backup

    if not yes:
        click.confirm("This replaces everything in the database. Go on?", abort=True)
    try:
        read_backup(settings().database_url, path)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from None
    click.echo("Restored. Run `flask db upgrade` if this backup comes from an older version.")


@click.command("doctor")
def doctor() -> None:
    """Look at everything that should be in order; exit with 1 when something isn't."""
    from app.core.health import Check, readiness
    from app.registration.seats import drifts

    checks = readiness()
    if all(check.ok for check in checks[:2]) and len(checks) >= 2:
        wrong = drifts()
        checks.append(Check("seats", not wrong, {"drift": [drift.pool_id for drift in wrong]}))
    for check in checks:
        click.echo(f"{'ok   ' if check.ok else 'WRONG'} {check.name}: {json.dumps(check.facts)}")
    if not all(check.ok for check in checks):
        sys.exit(1)
