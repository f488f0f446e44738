"""Imports of leads: one's files, the columns with samples, rows by what they become, and a file of those to mend."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from app.wording import told
from models.ground.base import db
from models.imports import ImportRow, ImportState, LeadImport, Verdict
from models.leads import Lead

SHOWN, SAMPLED = 50, 1000
VERDICTS: dict[str, tuple[Any, str]] = {
    Verdict.CREATE: (_l("New"), "green"),
    Verdict.DUPLICATE: (_l("There already"), "blue"),
    Verdict.SKIP: (_l("Left out"), "slate"),
    Verdict.ERROR: (_l("Mistake"), "red"),
}
STATES: dict[str, tuple[Any, str]] = {
    ImportState.MAPPING: (_l("Columns are to be named"), "amber"),
    ImportState.CHECKING: (_l("Is being checked"), "blue"),
    ImportState.CHECKED: (_l("Checked, not loaded"), "amber"),
    ImportState.RUNNING: (_l("Is being loaded"), "blue"),
    ImportState.DONE: (_l("Loaded"), "green"),
    ImportState.STOPPED: (_l("Stopped"), "amber"),
    ImportState.UNDOING: (_l("Is being taken back"), "blue"),
    ImportState.UNDONE: (_l("Taken back"), "slate"),
}
# A cell that begins so would be taken for a formula; a plain number or phone is none.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
HARMLESS = set("0123456789 ()+-.,")


@dataclass(frozen=True)
class Column:
    """A column of the file: its number, name, a few different values and how many rows have one."""

    at: int
    name: str
    samples: list[str]
    filled: int


def imports() -> list[LeadImport]:
    """The latest files that the reader reaches."""
    rows = select(LeadImport).options(defer(LeadImport.mapping)).order_by(LeadImport.id.desc()).limit(SHOWN)
    return list(db.session.execute(rows).scalars())


def first_rows(job: LeadImport) -> list[ImportRow]:
    """The beginning of the file."""
    rows = select(ImportRow).where(ImportRow.import_id == job.id).order_by(ImportRow.number).limit(SAMPLED)
    return list(db.session.execute(rows).scalars())


def columns(job: LeadImport, rows: Sequence[ImportRow]) -> list[Column]:
    """What stands in each column, by the beginning of the file."""
    found = []
    for at, name in enumerate(job.columns):
        values = [row.cells[at] for row in rows if at < len(row.cells) and row.cells[at]]
        found.append(Column(at, name, list(dict.fromkeys(values))[:3], len(values)))
    return found


def rows_of(job: LeadImport, verdict: str = "", page: int = 1) -> list[ImportRow]:
    """Rows of the file, all or by what they become."""
    rows = select(ImportRow).where(ImportRow.import_id == job.id)
    rows = rows.where(ImportRow.verdict == verdict) if verdict else rows
    found = rows.order_by(ImportRow.number).limit(SHOWN).offset((page - 1) * SHOWN)
    return list(db.session.execute(found).scalars())


def there(rows: Iterable[ImportRow]) -> set[int]:
    """Leads of these rows that the reader can open: not those in the trash, nor another's."""
    keys = [row.lead_id for row in rows if row.lead_id]
    return set(db.session.execute(select(Lead.id).where(Lead.id.in_(keys))).scalars()) if keys else set()


def loaded(job: LeadImport) -> int:
    """How many leads were made of it."""
    rows = select(func.count()).where(ImportRow.import_id == job.id, ImportRow.lead_id.is_not(None))
    return int(db.session.execute(rows).scalar() or 0)


def to_mend(job: LeadImport, verdicts: Iterable[str]) -> bytes:
    """Rows that became nothing, with the reason in a last column: to be mended and loaded again."""
    text = io.StringIO()
    sheet = csv.writer(text, delimiter=";")
    sheet.writerow([guarded(name) for name in (*job.columns, _("Why"))])
    rows = select(ImportRow).where(ImportRow.import_id == job.id, ImportRow.verdict.in_(list(verdicts)))
    for row in db.session.execute(rows.order_by(ImportRow.number)).scalars():
        sheet.writerow([guarded(cell) for cell in (*row.cells, told(row.words))])
    return text.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """Excel must take no cell for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) and not set(cell) <= HARMLESS else cell
