"""Verbs of an import of leads: load a file, map its columns, check, run, take back, forget."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from app.services import works
from app.services.imports import checking, mapping, running, table
from app.services.versions import locked
from app.wording import kept
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.imports import ImportRow, ImportState, LeadImport, Verdict
from models.staff import Person
from models.works import Work

CHECK, RUN, UNDO = "leads.check", "leads.import", "leads.undo_import"
# Up to so many rows are checked while the page is waited for.
AT_ONCE = 1000
PIECE = 1000
OPEN_STATES = (ImportState.MAPPING, ImportState.CHECKED)
DUPLICATES = ("skip", "create")


def load(name: str, body: bytes) -> LeadImport:
    """Keep the rows of a file, with a first guess at its columns. Refuses what is no table."""
    read = table.read(body)
    shape = mapping.shape_of(read.columns)
    guess, options = mapping.first_guess(read.columns, shape)
    job = LeadImport(
        person_id=current_actor().person_id, name=clean_line(name, "file")[:250] or _("Table"), size=len(body),
        coding=read.coding, separator=read.separator, columns=read.columns, shape=shape, total=len(read.rows),
        mapping=guess, options=options, counts={},
    )  # fmt: skip
    db.session.add(job)
    db.session.flush()
    for first in range(0, len(read.rows), PIECE):
        usual = {"import_id": job.id, "verdict": Verdict.CREATE, "words": "", "done": False}
        rows = [
            {**usual, "number": number, "cells": cells}
            for number, cells in enumerate(read.rows[first : first + PIECE], first + 1)
        ]
        db.session.execute(insert(ImportRow), rows)
    return job


def map_columns(job: LeadImport, typed: Mapping[str, str], options: Mapping[str, Any]) -> Work | None:
    """Keep the mapping and check all rows by it: at once, or as a work when there are many. Refuses a bad one."""
    job = _open(job)
    job.mapping = mapping.checked(job.columns, typed)
    job.options = _options(options)
    checking.begin_anew(job)
    if job.total <= AT_ONCE:
        checking.look_through(job)
        return None
    job.state = ImportState.CHECKING
    title = kept("Check of the file %(name)s", name=job.name)
    return _begin(job, CHECK, title, job.total)


def _options(typed: Mapping[str, Any]) -> dict[str, Any]:
    owner = str(typed.get("owner") or "me")
    if owner not in ("me", "turn") and not _is_person(owner):
        raise Refused(_("Choose one from the list."), "owner")
    duplicates = str(typed.get("duplicates") or "skip")
    values = {str(word).lower()[:250]: str(code)[:60] for word, code in dict(typed.get("values") or {}).items() if code}
    return {
        "remember": bool(typed.get("remember")), "owner": owner, "values": values,
        "duplicates": duplicates if duplicates in DUPLICATES else "skip",
    }  # fmt: skip


def _is_person(text: str) -> bool:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return False
    person = db.session.get(Person, int(text))
    return person is not None and bool(person.active)


def run(job: LeadImport) -> Work:
    """Make the leads, in the background. Refuses an import that was not checked, or has nothing to make."""
    job = locked(job)
    if job.state != ImportState.CHECKED:
        raise Refused(_("Check the file first."))
    count = len(running.numbers(job))
    if not count:
        raise Refused(_("There is no row that would become a lead. Look at the mistakes and the duplicates."))
    job.state = ImportState.RUNNING
    return _begin(job, RUN, kept("Import of leads from %(name)s", name=job.name), count)


def undo(job: LeadImport) -> Work:
    """Put the leads of the import into the trash, but for those that somebody has worked on."""
    job = locked(job)
    if job.state not in (ImportState.DONE, ImportState.STOPPED):
        raise Refused(_("There is nothing to take back here."))
    job.state = ImportState.UNDOING
    title = kept("Import of leads from %(name)s is taken back", name=job.name)
    return _begin(job, UNDO, title, len(running.made(job)))


def forget(job: LeadImport) -> None:
    """Throw the rows of a file away; leads that were made stay. Refuses one at which something works."""
    job = locked(job)
    if job.state in (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING):
        raise Refused(_("This is still running. Wait for its end, or stop it."))
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == job.id))
    db.session.delete(job)
    db.session.flush()


def ended(job: LeadImport, state: ImportState) -> None:
    """Note that a work on it is over."""
    job.state, job.finished_at = state, utcnow()
    db.session.flush()


def _begin(job: LeadImport, kind: str, title: str, total: int) -> Work:
    work = works.begin(kind, title, {"import": job.id}, total=total, url=f"/imports/{job.id}")
    job.work_id = work.id
    db.session.flush()
    return work


def _open(job: LeadImport) -> LeadImport:
    job = locked(job)
    if job.state not in OPEN_STATES:
        raise Refused(_("This file is being worked on, or is loaded already."))
    return job


def find(pk: int) -> LeadImport | None:
    """The import with this key, if the actor reaches it."""
    return db.session.execute(select(LeadImport).where(LeadImport.id == pk)).scalar_one_or_none()
