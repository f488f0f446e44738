"""Merges: the list with its batches, one merge with what was changed since, and the way back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.services import duplicates as verbs
from app.services.duplicates import Unresolved, batches
from models.clients import Client
from models.duplicates import UNDO_FOR, Merge
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.refused import NotFound, Refused
from models.ground.writing import may_write
from models.works import Work
from reports import duplicates as report
from reports.duplicates import merged as told
from views.base import committing, require
from views.crud.filters import whole
from views.shell import say


class UndoingPages:
    """/clients/merges/"""

    @expose("/merges/")
    @require("can_merge")
    def merges(self) -> Any:
        """What was merged, and what of it was taken back."""
        page = whole(request.args.get("page", "0"), 10_000)
        found = report.merges(page)
        values = {
            "rows": found[: report.SIZE], "number": page, "is_more": len(found) > report.SIZE, "size": report.SIZE,
            "batches": report.batches() if not page else [], "loser_name": report.loser_name, "at": utcnow(),
            "survivor_name": told.survivor_name, "tabs": _tabs(), "undo_days": UNDO_FOR.days,
        }  # fmt: skip
        return self.page("duplicates/merges.html", **values)  # type: ignore[attr-defined]

    @expose("/merges/<int:pk>")
    @require("can_merge")
    def show(self, pk: int) -> Any:
        """One merge: what became of what, what was changed since."""
        return self._shown(_merge(pk))

    @expose("/merges/<int:pk>/undo", methods=["POST"])
    @require("can_merge")
    def undo(self, pk: int) -> Any:
        """Take it back; where something was changed since, the page asks first."""
        asker, key = current_actor(), _merge(pk).id
        decisions = {name: value for name, value in request.form.items() if value in ("keep", "back")}
        try:
            with verbs.whole_base() as own, committing(own):
                loser = verbs.undo(asker, key, decisions).loser_id
        except NotFound:
            raise
        except Unresolved as unresolved:
            say(unresolved.words, kind="warn")
            return redirect(url_for("Duplicates.show", pk=pk))
        except Refused as refusal:
            return self._shown(_merge(pk), refusal), 422
        say(_("Taken back: they are two clients again."))
        return redirect(url_for("Clients.card", pk=loser) if _is_seen(loser) else url_for("Duplicates.merges"))

    @expose("/merges/batch/<int:pk>/undo", methods=["POST"])
    @require("can_merge")
    def undo_batch(self, pk: int) -> Any:
        """Take a whole batch back, in the background."""
        found = select(Work).where(Work.id == pk, Work.kind == batches.MERGE)
        batch = db.session.execute(found).scalar_one_or_none() if pk < 2**63 else None
        if batch is None:
            abort(404)
        with committing():
            key = batches.begin_undo(batch).id
        return redirect(url_for("Works.show", pk=key))

    def _shown(self, merge: Merge, refusal: Refused | None = None) -> Any:
        values = {
            "merge": merge, "refusal": refusal, "lines": told.lines(merge), "followed": told.followed(merge),
            "asked": told.questions(merge, _conflicts(merge)), "decided": told.questions(merge, merge.conflicts),
            "loser_name": report.loser_name(merge), "survivor_name": told.survivor_name(merge),
            "undo_days": UNDO_FOR.days, "at": utcnow(),
        }  # fmt: skip
        return self.page("duplicates/merge.html", **values)  # type: ignore[attr-defined]


def _conflicts(merge: Merge) -> list[dict[str, Any]]:
    """What was changed since, for whoever may take the merge back."""
    if not merge.can_be_undone(utcnow()) or not may_write(db.session(), current_actor(), merge):  # type: ignore[arg-type]
        return []
    with verbs.whole_base() as own:
        return [asdict(one) for one in verbs.report(own.get_one(Merge, merge.id))]


def _merge(pk: int) -> Merge:
    loads = (selectinload(Merge.survivor), selectinload(Merge.by), selectinload(Merge.undone_by))
    wanted = select(Merge).where(Merge.id == pk).options(*loads, selectinload(Merge.batch))
    merge = db.session.execute(wanted).scalar_one_or_none() if pk < 2**63 else None
    return merge if merge is not None else abort(404)


def _is_seen(client_id: int) -> bool:
    return db.session.execute(select(Client.id).where(Client.id == client_id)).first() is not None


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": _("Pairs"), "url": url_for("Duplicates.list"), "on": False},
        {"label": _("Merges"), "url": url_for("Duplicates.merges"), "on": True},
    ]
