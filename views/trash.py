"""The trash: what was deleted in the last 30 days, each with a way back."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _

from app.services import trash
from models.ground.base import db
from views.base import CrmView, committing, expose, require
from views.crud.filters import whole
from views.crud.saving import name_of
from views.shell import say

SIZE = 50


class Trash(CrmView):
    """Thrown away rows of one noun at a time."""

    route_base = "/trash"

    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """The rows that the actor may see."""
        bins = trash.open_bins()
        noun = request.args.get("noun") or next(iter(bins), "")
        if noun not in bins:
            abort(404)
        page = whole(request.args.get("page", "0"), 10_000)
        wanted = trash.in_trash(bins[noun].model).offset(page * SIZE).limit(SIZE + 1)
        rows = list(db.session.execute(wanted).scalars())
        people = {row.deleted_by_id: name_of(row.deleted_by_id) for row in rows}
        tabs = [
            {"label": str(bin_.label), "url": url_for("Trash.list", noun=code), "on": code == noun}
            for code, bin_ in bins.items()
        ]
        return self.page(
            "trash/list.html", title=_("Trash"), nav="trash", noun=noun, tabs=tabs, rows=rows[:SIZE], people=people,
            number=page, size=SIZE, is_more=len(rows) > SIZE, kept_for=trash.KEPT_FOR, days=trash.KEPT_FOR.days,
        )  # fmt: skip

    @expose("/restore/<noun>/<pk>", methods=["POST"])
    @require("can_restore")
    def restore(self, noun: str, pk: str) -> Any:
        """Take a row out of the trash."""
        with committing():
            row = trash.find(noun, whole(pk))
            trash.restore(row)
            words = _("Restored: %(name)s", name=str(row))
        say(words)
        return redirect(request.referrer if _is_ours(request.referrer) else url_for("Trash.list", noun=noun))


def _is_ours(address: str | None) -> bool:
    return bool(address) and str(address).startswith(request.host_url)
