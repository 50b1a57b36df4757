"""Commands: `flask admin create`, `flask mail test`, `flask backup`, `flask doctor` and others."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
from email_validator import EmailNotValidError, validate_email
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from app.core.audit import COMMAND
from app.core.errors import DomainError
from app.core.settings import settings
from app.core.text import clean_line

MAIL_TEST_SECONDS = 60

admin = AppGroup("admin", help="Administrators' accounts.")
mail = AppGroup("mail", help="Outgoing mail.")


class EmailAddress(click.ParamType[str]):
    """An address that mail can be sent to; its domain isn't looked up."""

    name = "email"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address, checked and with its domain in small letters."""
        try:
            return validate_email(value, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            self.fail(f"{value} is not an address such as name@example.org", param, ctx)


def register(app: Flask) -> None:
    """Add all commands to `app`."""
    from app.exchange.commands import demo, load

    for command in (admin, mail, load, demo, backup, restore, doctor):
        app.cli.add_command(command)


@admin.command("create")
@click.argument("email", type=EmailAddress())
@click.option("--name", prompt="Name", help="How the person is called on the desk.")
@click.option("--language", type=click.Choice(["en", "ru"]), default="en", show_default=True)
@click.password_option(help="At least ten characters; asked for when left out.")
@with_appcontext
def create_administrator(email: str, name: str, language: str, password: str) -> None:
    """Make an administrator's account for EMAIL."""
    from app.accounts.operations import create_user

    name = clean_line(name)
    if not name:
        raise click.BadParameter("a name is needed", param_hint="--name")
    try:
        create_user(actor=COMMAND, email=email, name=name, language=language, password=password, is_administrator=True)
    except DomainError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{email} can sign in at {settings().base_url}/login")


@mail.command("test")
@click.argument("address", type=EmailAddress())
@with_appcontext
def send_test(address: str) -> None:
    """Send a mail to ADDRESS through the worker and report what became of it."""
    from app.core.db import db
    from app.messaging.models import DeliveryStatus, OutboxMessage
    from app.messaging.operations import send_test_mail
    from app.messaging.queries import is_worker_alive

    if settings().mail is None:
        raise click.ClickException("MAIL_URL is not set, so no mail can be sent.")
    if not is_worker_alive():
        raise click.ClickException("No worker has been seen lately, so nobody would send it. Start one first.")
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
            raise click.ClickException(f"It did not go out: {message.last_error}")
        time.sleep(0.5)
    raise click.ClickException("It was not sent within a minute. Look at the worker's log and at MAIL_RATE.")


@click.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
@with_appcontext
def backup(path: Path) -> None:
    """Write the whole database into the new file PATH while Lectern goes on running."""
    from app.core.backup import BackupFailed, write_backup

    try:
        write_backup(settings().database_url, path)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB)")


@click.command("restore")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace everything without asking.")
@with_appcontext
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
@with_appcontext
def doctor() -> None:
    """Look at everything that should be in order; exit with 1 when something isn't."""
    from app.catalogue.health import calendar_entries
    from app.core.health import Check, readiness
    from app.registration.seats import drifts

    checks = readiness()
    if all(check.ok for check in checks[:2]) and len(checks) >= 2:
        wrong = drifts()
        checks.append(Check("seats", not wrong, {"drift": [drift.pool_id for drift in wrong]}))
        checks.append(calendar_entries())
    for check in checks:
        click.echo(f"{'ok   ' if check.ok else 'WRONG'} {check.name}: {json.dumps(check.facts)}")
    if not all(check.ok for check in checks):
        sys.exit(1)
