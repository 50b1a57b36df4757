"""Commands: `flask load FILE` and `flask demo prepare`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from app.core.audit import COMMAND
from app.core.i18n import gettext as _
from app.core.i18n import ngettext

demo = AppGroup("demo", help="The demo.")


@click.command("load")
@click.argument("path", metavar="FILE.json", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def load(path: Path) -> None:
    """Load organizations, people, venues, events and registrations from FILE.json, all or nothing.

    docs/how-to/load-data.md describes the form.
    """
    from app.exchange.load.problems import LoadRefused
    from app.exchange.operations import load_data

    try:
        loaded = load_data(actor=COMMAND, content=path.read_bytes())
    except LoadRefused as refusal:
        count = len(refusal.problems)
        for problem in refusal.problems:
            click.echo(str(problem), err=True)
        raise click.ClickException(
            ngettext(
                "%(num)d problem in the file; nothing was loaded.",
                "%(num)d problems in the file; nothing was loaded.",
                count,
            )
        ) from None
    if loaded.is_nothing:
        click.echo(_("Nothing to change."))
    for words, counts in ((_("Added"), loaded.added), (_("Changed"), loaded.changed)):
        if counts:
            click.echo(f"{words}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))


@demo.command("prepare")
@click.option("--json", "as_json", is_flag=True, help="Print the card as one line of JSON.")
def prepare(as_json: bool) -> None:
    """Fill an empty database with the demo, and print how to get in. Needs DEMO_MODE=1."""
    from app.core.errors import DomainError
    from app.exchange.demo import prepare_demo

    try:
        card = prepare_demo()
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    if as_json:
        click.echo(json.dumps(asdict(card), ensure_ascii=False))
        return
    rows = [*card.addresses.items(), *((who.role, f"{who.email}  {who.password}") for who in card.sign_ins)]
    if card.door:
        rows.append(("pair a phone", card.door))
    rows.append(("outgoing mail", card.mails))
    width = max(len(name) for name, _text in rows)
    for name, text in rows:
        click.echo(f"{name:<{width}}  {text}")
