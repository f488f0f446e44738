"""The list of pairs, the scan, and what is done with many pairs at once."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.services import duplicates as verbs
from app.services import works
from app.services.duplicates import batches
from app.wording import number
from models.clients import Client
from models.duplicates import LikePair
from models.ground.actor import current_actor
from models.ground.base import db
from models.works import Work
from reports import duplicates as report
from views.base import committing, require
from views.crud.filters import whole
from views.shell import say

MOST_CHOSEN = 500


class PairPages:
    """/clients/duplicates/"""

    @expose("/duplicates/")
    @require("can_merge")
    def list(self) -> Any:
        """Pairs of one sort, the surest first."""
        counted = report.counts()
        tab = request.args.get("tab") or next((key for key in report.TABS if counted[key]), "exact")
        if tab not in report.TABS:
            abort(404)
        page = whole(request.args.get("page", "0"), 10_000)
        found = report.pairs(tab, page)
        phone, email = report.sees_contacts()
        values = {
            "tab": tab, "tabs": _tabs(tab, counted), "pairs": found[: report.SIZE], "number": page,
            "is_more": len(found) > report.SIZE, "size": report.SIZE, "reason_words": report.REASONS,
            "scan": works.live(batches.SCAN), "last_scan": _last_scan(), "counted": counted, "few": _few,
            "sees_phone": phone, "sees_email": email,
        }  # fmt: skip
        return self.page("duplicates/list.html", **values)  # type: ignore[attr-defined]

    @expose("/duplicates/waiting")
    @require("can_merge")
    def waiting(self) -> Any:
        """A line over the list of clients, asked for after it: who is in reach takes its time on a large base."""
        return render_template("duplicates/_waiting.html", count=report.count_waiting())

    @expose("/duplicates/scan", methods=["POST"])
    @require("can_merge")
    def scan(self) -> Any:
        """Look through the whole base, in the background."""
        with committing():
            key = batches.begin_scan().id
        return redirect(url_for("Works.show", pk=key))

    @expose("/duplicates/many", methods=["POST"])
    @require("can_merge")
    def many(self) -> Any:
        """Merge the chosen pairs, or all exact ones, as a batch in the background; or say that none are the same."""
        chosen = [int(key) for key in request.form.getlist("rowid")[:MOST_CHOSEN] if key.isascii() and key.isdigit()]
        what = request.form.get("what", "")
        if what == "apart":
            return _apart(chosen)
        with committing():
            key = batches.begin_merge(None if what == "exact" else chosen).id
        return redirect(url_for("Works.show", pk=key))

    @expose("/duplicates/<int:one>/<int:other>/apart", methods=["POST"])
    @require("can_merge")
    def apart(self, one: int, other: int) -> Any:
        """The two are different: remembered."""
        with committing():
            verbs.apart(current_actor(), _key(one), _key(other))
        say(_("Remembered: these are different clients."), undo=url_for("Duplicates.maybe_same", one=one, other=other))
        return redirect(_back())

    @expose("/duplicates/<int:one>/<int:other>/maybe-same", methods=["POST"])
    @require("can_merge")
    def maybe_same(self, one: int, other: int) -> Any:
        """Undo of it."""
        with committing():
            verbs.maybe_same(current_actor(), _key(one), _key(other))
        say(_("They may be one client again."))
        return redirect(_back())


def _apart(chosen: list[int]) -> Any:
    rows = db.session.execute(select(LikePair.a_id, LikePair.b_id).where(LikePair.id.in_(chosen))).all()
    with committing():
        for row in rows:
            verbs.apart(current_actor(), row.a_id, row.b_id)
    say(_("Remembered: these are different clients."))
    return redirect(_back())


def _key(number_typed: int) -> int:
    return number_typed if number_typed < 2**63 else abort(404)


def _back() -> str:
    address = request.form.get("next") or request.referrer or ""
    is_ours = address.startswith(("/clients/", request.host_url))
    return address if is_ours and "//clients" not in address else url_for("Duplicates.list")


def _few(count: int) -> str:
    return number(count) if count < report.CAP else f"{number(report.CAP)}+"


def _tabs(tab: str, counted: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": str(words), "url": url_for("Duplicates.list", tab=key), "on": key == tab, "count": _few(counted[key])}
        for key, words in report.TABS.items()
    ]


def _last_scan() -> Work | None:
    """The latest scan that is over and that the actor may see."""
    done = select(Work).where(Work.kind == batches.SCAN, Work.state == "done").order_by(Work.id.desc()).limit(1)
    return db.session.execute(done).scalar_one_or_none()


def client_of(key: int) -> Client:
    """A client that the actor reaches."""
    found = db.session.execute(select(Client).where(Client.id == _key(key))).scalar_one_or_none()
    return found if found is not None else abort(404)
