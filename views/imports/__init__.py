"""Leads out of a file: choose it, name its columns, look at the check, load, take back."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from app.services import imports as verbs
from app.services.imports import mapping, table
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.imports import ImportState, LeadImport, Verdict
from models.lowcode import choices
from models.works import Work
from reports import imports as report
from views.base import CrmView, committing, require
from views.leads.found import colleagues
from views.shell import say

BIGGEST, MOST_PAGES = 2**63 - 1, 10_000
FIELDS = {
    "": _l("Not loaded"),
    "name": _l("Name or firm"),
    "phone": _l("Phone"),
    "email": _l("E-mail"),
    "handle": _l("Messenger"),
    "words": _l("Request"),
    "source": _l("Source"),
    "date": _l("First contact"),
    "address": _l("Address"),
    "note": _l("Into the note"),
}
SEPARATORS = {";": _l("semicolon"), ",": _l("comma"), "\t": _l("tab"), "|": _l("bar")}
STEPS = (_l("File"), _l("Columns"), _l("Check"), _p("step", "Loading"))
MOST_WORDS = 30
CHECKS = (ImportState.CHECKING, ImportState.CHECKED)


class Imports(CrmView):
    """/imports/…"""

    route_base = "/imports"
    class_permission_name = "Imports"

    @expose("/", methods=["GET", "POST"])
    @require("can_add")
    def list(self) -> Any:
        """One's files, and the box for a new one."""
        if request.method == "GET":
            return self._list()
        try:
            name, body = _sent()
            with committing():
                key = verbs.load(name, body).id
        except Refused as refusal:
            return self._list(refusal), 422
        return redirect(url_for("Imports.show", pk=key))

    def _list(self, refusal: Refused | None = None) -> str:
        return self.page("imports/list.html", rows=report.imports(), states=report.STATES, refusal=refusal)

    @expose("/<int:pk>")
    @require("can_add")
    def show(self, pk: int) -> Any:
        """The step at which the file is; a checked one may go back to its columns."""
        job = import_or_404(pk)
        if job.state == ImportState.MAPPING or (job.state == ImportState.CHECKED and "columns" in request.args):
            return self._mapping(job)
        return self._rows(job)

    def _mapping(self, job: LeadImport, typed: Any = None, refusal: Refused | None = None) -> str:
        rows = report.first_rows(job)
        if typed is not None:
            # Shown as it was typed, not kept.
            db.session.expunge(job)
            job.mapping = {str(at): typed.get(f"column.{at}", "") for at in range(len(job.columns))}
        seen = [mapping.understood(row.cells, job) for row in rows]
        values = {
            "job": job,
            "columns": report.columns(job, rows),
            "fields": FIELDS,
            "looks": list(zip(rows, seen, strict=True))[:3],
            "bad": _bad(job, rows, seen),
            "unknown": _unknown(seen),
            "sources": [(one.code, one.label(current_actor().language)) for one in choices.choices("source")],
            "owners": _owners(),
            "headless": mapping.is_headless(job.columns),
            "refusal": refusal,
            "typed": typed,
        }
        return self.page("imports/mapping.html", **values, **_common(1))

    @expose("/<int:pk>/columns", methods=["POST"])
    @require("can_add")
    def name_columns(self, pk: int) -> Any:
        """Keep what the columns are, and check every row."""
        job = import_or_404(pk)
        typed = {str(at): request.form.get(f"column.{at}", "") for at in range(len(job.columns))}
        try:
            with committing():
                verbs.map_columns(job, typed, _options())
        except NotFound:
            raise
        except Refused as refusal:
            return self._mapping(import_or_404(pk), request.form, refusal), 422
        return redirect(url_for("Imports.show", pk=pk))

    def _rows(self, job: LeadImport) -> str:
        verdict = request.args.get("show", "")
        if verdict and verdict not in report.VERDICTS:
            raise BadRequest
        page = _page()
        work = db.session.execute(select(Work).where(Work.id == (job.work_id or 0))).scalar_one_or_none()
        rows = report.rows_of(job, verdict, page)
        values = {
            "job": job,
            "work": work,
            "rows": rows,
            "looks": [mapping.understood(row.cells, job) for row in rows],
            "verdict": verdict,
            "page_number": page,
            "size": report.SHOWN,
            "loaded": report.loaded(job),
            "there": report.there(rows),
            "to_make": _to_make(job),
        }
        return self.page("imports/rows.html", **values, **_common(2 if job.state in CHECKS else 3))

    @expose("/<int:pk>/run", methods=["POST"])
    @require("can_add")
    def run(self, pk: int) -> Any:
        """Make the leads, in the background."""
        with committing():
            key = verbs.run(import_or_404(pk)).id
        return redirect(url_for("Works.show", pk=key))

    @expose("/<int:pk>/undo", methods=["POST"])
    @require("can_add")
    def undo(self, pk: int) -> Any:
        """Take the whole import back."""
        with committing():
            key = verbs.undo(import_or_404(pk)).id
        return redirect(url_for("Works.show", pk=key))

    @expose("/<int:pk>/forget", methods=["POST"])
    @require("can_add")
    def forget(self, pk: int) -> Any:
        """Throw the file away; its leads stay."""
        with committing():
            verbs.forget(import_or_404(pk))
        say(_("The file is thrown away. The leads that came of it are where they were."))
        return redirect(url_for("Imports.list"))

    @expose("/<int:pk>/rest.csv")
    @require("can_add")
    def rest(self, pk: int) -> Any:
        """Rows that became nothing, to be mended and loaded again."""
        job = import_or_404(pk)
        verdict = request.args.get("show", "")
        wanted = [verdict] if verdict in report.VERDICTS else [Verdict.ERROR]
        answer = Response(report.to_mend(job, wanted), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="rows-{pk}.csv"'
        return answer


def _sent() -> tuple[str, bytes]:
    """The name and the bytes of the file; one byte beyond the limit tells that it is too large."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused(_("Choose a file."), "file")
    with file.stream as stream:
        return file.filename, stream.read(table.BIGGEST + 1)


def import_or_404(pk: int) -> LeadImport:
    """The import of an address."""
    job = verbs.find(pk) if pk <= BIGGEST else None
    return job if job is not None else abort(404)


def _common(step: int) -> dict[str, Any]:
    words = {"verdicts": report.VERDICTS, "states": report.STATES, "separators": SEPARATORS}
    return {"steps": STEPS, "step": step + 1, **words}


def _owners() -> list[tuple[str, str]]:
    """Whose the leads may become: one's own, by turn, a colleague's."""
    actor = current_actor()
    own = [("me", _("Mine")), ("turn", _("By turn, as all leads"))]
    others = colleagues() if actor.may("can_assign", "Leads") else []
    return own + [(str(person.id), person.name) for person in others if person.id != actor.person_id]


def _options() -> dict[str, Any]:
    sent = request.form
    words = zip(sent.getlist("word"), sent.getlist("source"), strict=False)
    return {
        "remember": bool(sent.get("remember")),
        "duplicates": sent.get("duplicates", "skip"),
        "owner": sent.get("owner", "me"),
        "values": {word: code for word, code in list(words)[:MOST_WORDS] if code},
    }


def _bad(job: LeadImport, rows: Any, seen: Any) -> dict[str, int]:
    """How many of the looked at phones and e-mails cannot be used."""
    at = {code: int(key) for key, code in job.mapping.items() if code in ("phone", "email")}
    return {
        code: sum(1 for row, said in zip(rows, seen, strict=True) if _cell(row, place) and not getattr(said, code))
        for code, place in at.items()
    }


def _cell(row: Any, place: int) -> str:
    return str(row.cells[place]) if place < len(row.cells) else ""


def _unknown(seen: Any) -> list[str]:
    """Words of the source column that the company does not know."""
    return list(dict.fromkeys(word for said in seen for word in said.unknown.values()))[:MOST_WORDS]


def _to_make(job: LeadImport) -> int:
    counts = job.counts or {}
    more = int(counts.get(Verdict.DUPLICATE, 0)) if job.options.get("duplicates") == "create" else 0
    return int(counts.get(Verdict.CREATE, 0)) + more


def _page() -> int:
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_PAGES:
        raise BadRequest
    return int(text)
