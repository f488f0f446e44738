"""Two clients side by side: from whom each field is taken, and the merge."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.services import duplicates as verbs
from app.services.clients import became
from models.clients import Client
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.ground.writing import may_write
from reports import duplicates as report
from views.base import committing, require
from views.shell import say


class MergingPages:
    """/clients/duplicates/<survivor>/<loser>"""

    @expose("/duplicates/<int:one>/<int:other>")
    @require("can_merge")
    def compare(self, one: int, other: int) -> Any:
        """Both, with what is best taken from whom; the first one stays."""
        return self._compared(*_both(one, other))

    @expose("/duplicates/<int:one>/<int:other>/merge", methods=["POST"])
    @require("can_merge")
    def merge(self, one: int, other: int) -> Any:
        """One client of the two."""
        asker, choice = current_actor(), _choice()
        _both(one, other)
        try:
            with verbs.whole_base() as own, committing(own):
                key = verbs.merge(asker, one, other, choice).id
        except NotFound:
            raise
        except Refused as refusal:
            return self._compared(*_both(one, other), refusal), 422
        say(_("Merged: it is one client now."), undo=url_for("Duplicates.undo", pk=key))
        return redirect(url_for("Clients.card", pk=one))

    def _compared(self, survivor: Client, loser: Client, refusal: Refused | None = None) -> Any:
        pair = verbs.pair_between(survivor.id, loser.id)
        phone, email = report.sees_contacts()
        session: Any = db.session()
        actor = current_actor()
        values = {
            "survivor": survivor, "loser": loser, "refusal": refusal, "pair": pair,
            "rows": report.side_by_side(survivor, loser, verbs.suggested(survivor, loser) | _choice()),
            "parts": (report.belongings(survivor), report.belongings(loser)), "reason_words": report.REASONS,
            "is_apart": verbs.are_apart(survivor.id, loser.id), "joined": ("comment", "partner_terms"),
            "is_mine": all(may_write(session, actor, client) for client in (survivor, loser)),
            "sees_phone": phone, "sees_email": email,
        }  # fmt: skip
        return self.page("duplicates/compare.html", **values)  # type: ignore[attr-defined]


def _both(one: int, other: int) -> tuple[Client, Client]:
    if one == other or max(one, other) >= 2**63:
        abort(404)
    loads = (selectinload(Client.contacts), selectinload(Client.owner))
    wanted = select(Client).where(Client.id.in_((one, other))).options(*loads)
    found = {client.id: client for client in db.session.execute(wanted).scalars()}
    if len(found) < 2:
        _merged_since(one, other)
    return found[one], found[other]


def _merged_since(one: int, other: int) -> NoReturn:
    """Back, another tab or a colleague: where the two are one already, the way leads there and says so."""
    first, second = (became(key) or key for key in (one, other))
    if (first, second) == (one, other):
        abort(404)
    if first == second:
        say(_("They are one client already."), kind="warn")
        abort(redirect(url_for("Clients.card", pk=first)))
    abort(redirect(url_for("Duplicates.compare", one=first, other=second)))


def _choice() -> dict[str, str]:
    """From whom each field is taken, as the form says."""
    sides = ("survivor", "loser", "both")
    return {name: request.form[name] for name in report.FIELDS if request.form.get(name) in sides}
