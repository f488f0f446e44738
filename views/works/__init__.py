"""Works in the background: how far one is, stop it, what it could not do and once more; and one's own works."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.services import works as verbs
from app.wording import told
from models.ground.base import db
from models.works import Work, WorkState
from reports.works import errors_as_csv
from views.base import CrmView, committing, require_signed_in
from views.shell import say

BIGGEST = 2**63 - 1
SHOWN = 50
STATES = {
    WorkState.WAITING: (_l("Waits for its turn"), "slate"),
    WorkState.RUNNING: (_l("Running"), "blue"),
    WorkState.DONE: (_l("Done"), "green"),
    WorkState.FAILED: (_l("Failed"), "red"),
    WorkState.STOPPED: (_l("Stopped"), "amber"),
}
# What a kind counts in `found`, in words.
COUNTS = {
    "read": _p("body", "Read"),
    "created": _p("work", "Created"),
    "updated": _l("Updated"),
    "changed": _p("work", "Changed"),
    "taken_back": _p("work", "Taken back"),
    "skipped": _l("Skipped"),
    "duplicate": _l("Duplicates"),
    "merged": _l("Merged"),
    "unmerged": _p("work", "Taken back"),
    "exact": _l("Same contact or INN"),
    "alike": _l("Alike"),
    "errors_beyond": _l("More errors, not listed"),
}


class Works(CrmView):
    """/works/…"""

    route_base = "/works"

    @expose("/")
    @require_signed_in
    def list(self) -> Any:
        """One's own latest works."""
        rows = select(Work).options(selectinload(Work.person)).order_by(Work.id.desc()).limit(SHOWN)
        return self.page("works/list.html", rows=db.session.execute(rows).scalars().all(), **_words())

    @expose("/<int:pk>")
    @require_signed_in
    def show(self, pk: int) -> Any:
        """The page of one work."""
        return self.page("works/show.html", work=_work(pk), **_words())

    @expose("/<int:pk>/state")
    @require_signed_in
    def state(self, pk: int) -> Any:
        """How far it is: a fragment that asks for itself while it runs, or JSON for whoever wants that."""
        work = _work(pk)
        if request.accept_mimetypes.best == "application/json":
            return jsonify(_plain(work))
        answer = make_response(render_template("works/_state.html", work=work, **_words()))
        if not work.is_live and request.headers.get("HX-Request"):
            # The page around the bar has buttons of its own for a work that is over.
            answer.headers["HX-Refresh"] = "true"
        return answer

    @expose("/<int:pk>/stop", methods=["POST"])
    @require_signed_in
    def stop(self, pk: int) -> Any:
        """Ask it to stop."""
        with committing():
            verbs.stop(_work(pk))
        say(_("It stops after the step at hand. What is done stays done."))
        return redirect(url_for("Works.show", pk=pk))

    @expose("/<int:pk>/again", methods=["POST"])
    @require_signed_in
    def again(self, pk: int) -> Any:
        """Try what failed once more, as a work of its own."""
        with committing():
            key = verbs.again(_work(pk)).id
        return redirect(url_for("Works.show", pk=key))

    @expose("/<int:pk>/errors.csv")
    @require_signed_in
    def errors(self, pk: int) -> Any:
        """What it could not do, for Excel."""
        answer = Response(errors_as_csv(_work(pk).errors), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="errors-{pk}.csv"'
        return answer


def _work(pk: int) -> Work:
    wanted = select(Work).where(Work.id == pk).options(selectinload(Work.person))
    work = db.session.execute(wanted).scalar_one_or_none() if pk <= BIGGEST else None
    return work if work is not None else abort(404)


def _words() -> dict[str, Any]:
    return {"states": STATES, "count_words": COUNTS, "kinds": verbs.KINDS, "may_retry": verbs.retriable}


def _plain(work: Work) -> dict[str, Any]:
    return {
        "id": work.id,
        "state": work.state,
        "done": work.done,
        "total": work.total,
        "percent": round(work.percent, 1),
        "failed": work.failed,
        "found": work.found,
        "words": told(work.words),
        "url": work.url,
    }
