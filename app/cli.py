"""flask crm …: what an operator does at a terminal, and what the supervisor runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from psycopg.errors import UndefinedColumn, UndefinedTable
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from app import files, logs
from app import worker as crews
from app.database import check_database, servers
from app.doors import committing
from app.install import install
from app.jobs import scheduler as clock
from app.processes import Failed
from app.services import staff
from config import BadSetting, Config
from models.channels import Channel
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import CrmSession, db
from models.ground.refused import Refused
from models.staff import Person

# Two machines over one database may be started at the same moment: one migrates, the other waits.
SET_UP_LOCK = 4_201_042
UNFINISHED = (UndefinedTable, UndefinedColumn)


class Spoken(AppGroup):
    """Commands whose refusals are a sentence and an exit code, not a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refused, Failed, BadSetting) as error:
            raise click.ClickException(str(error)) from error
        except OperationalError as error:
            raise click.ClickException(f"The database does not answer: {error.orig}") from error
        except ProgrammingError as error:
            if not isinstance(error.orig, UNFINISHED):
                raise
            words = "The tables are missing or older than the program; `crm install` brings them up to date."
            raise click.ClickException(words) from error


@click.group("crm", cls=Spoken)
@click.pass_context
@with_appcontext
def crm(ctx: click.Context) -> None:
    """Voronka at the terminal. Finds the running system by itself, or starts the database meanwhile."""
    ctx.with_resource(servers(current_app.config["CRM"]))


@crm.command("install")
def install_command() -> None:
    """Add tables, permissions and the shipped pack where they are missing; what was edited stays as it is."""
    with _set_up():
        pass


@crm.command()
@click.option("--deals", type=click.IntRange(1, 5_000_000), help="So many plausible ones instead.")
def demo(deals: int | None) -> None:
    """Load the demo company into an empty base, or a large base for measuring."""
    # Here and not above: the pages load this module too, and have no use for demo companies.
    from app.demo import bulk, company

    with acting_as(SYSTEM) as session, committing(session):
        if deals:
            bulk.load(deals=deals)
        else:
            company.load()


@crm.command()
@click.argument("username")
@click.option("--name", prompt=True, help="First and last name.")
@click.option("--email", prompt=True)
@click.option("--role", "roles", multiple=True, default=("administrator",), help="Several may be given.")
def person(username: str, name: str, email: str, roles: tuple[str, ...]) -> None:
    """Invite a person; prints the one-time link at which they set a password."""
    first, _, last = name.partition(" ")
    with acting_as(SYSTEM) as session, committing(session):
        link = staff.invite(username=username, first_name=first, last_name=last, email=email, roles=roles)
    click.echo(link)


@crm.command()
@click.option("--burst", is_flag=True, help="Do what waits and come back.")
def worker(burst: bool) -> None:
    """Do the jobs of the queue until stopped."""
    logs.begin(current_app.config["LOG_FORMAT"])
    crews.work(burst=burst)


@crm.command()
def scheduler() -> None:
    """Start the periodic work, and find again what was lost on its way, until stopped."""
    logs.begin(current_app.config["LOG_FORMAT"])
    clock.run_forever()


@crm.command()
def facts() -> None:
    """One line of JSON for the supervisor: who may log in, where leads are taken, the first invitation."""
    with acting_as(SYSTEM) as session, committing(session):
        click.echo(json.dumps(gather(session), ensure_ascii=False))


@crm.command(hidden=True)
@click.pass_context
def prepare(ctx: click.Context) -> None:
    """All that a start needs before the pages: check, migrate, install, demo company, facts."""
    logs.begin(current_app.config["LOG_FORMAT"])
    with _set_up():
        if current_app.config["CRM"].DEMO and is_empty():
            ctx.invoke(demo)
    ctx.invoke(facts)


@contextmanager
def _set_up() -> Iterator[None]:
    """Tables, permissions and the pack are there, and until the block ends nobody else sets up this database."""
    check_database(current_app.config["CRM"])
    check_files()
    with db.engine.connect() as connection:
        # However long the other one takes: to load the demo company, or to change a large table.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(select(text(f"pg_advisory_xact_lock({SET_UP_LOCK})")))
        upgrade()
        install()
        yield


def check_files() -> None:
    """Whether files can be kept where they are to be. Raises Failed."""
    folder = files.folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Failed(f"Files cannot be kept in {folder}: {error.strerror}. Set FILES_URL to another folder.") from error


def is_empty() -> bool:
    """Whether nobody has begun to work here."""
    with acting_as(SYSTEM) as session:
        return not any(session.execute(select(noun.id).limit(1)).first() for noun in (Person, Deal))


def gather(session: CrmSession) -> dict[str, Any]:
    """What the supervisor tells the person at the terminal."""
    config: Config = current_app.config["CRM"]
    people = select(Person.username).where(Person.demo, Person.active).order_by(Person.id)
    token = session.execute(
        select(Channel.token).where(Channel.kind == "site", Channel.active).order_by(Channel.id).limit(1)
    ).scalar()
    return {
        "people": list(session.execute(people).scalars()),
        "hook": f"{config.BASE_URL}/hooks/site/{token}" if token else None,
        "invitation": staff.first_administrator_link() if is_empty() else None,
    }


def init_app(app: Flask) -> None:
    """Let `flask` know these commands."""
    app.cli.add_command(crm)
