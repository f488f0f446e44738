"""Many leads at once: taken, given, set aside; each refusal in its own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n
from sqlalchemy import select

from app.services import leads as verbs
from models.ground.base import db
from models.ground.refused import Refused, Stale
from models.leads import Lead
from reports import leads as report
from views.base import committing, require
from views.leads.doing import person_of
from views.leads.found import colleagues, common
from views.security import safe_next
from views.shell import say

MOST = 200
# A toast's address stands in the cookie, which browsers cut off at 4 kB.
MOST_UNDONE = 60

Outcome = tuple[list[tuple[int, str]], list[tuple[Lead, str]]]


class ManyPages:
    """Actions of the list's bulk bar, the page that asks what is meant, and their undo."""

    @action("take", _l("Take"), "", "hand-stop", single=False)
    def take_many(self, rows: list[Lead]) -> Any:
        """All of them are mine."""
        done = _each(rows, lambda lead: _was(lead, verbs.take))
        words = _n("%(num)s lead is yours.", "%(num)s leads are yours.", len(done[0]))
        return self._tell(done, words, _address("Leads.many_give_back", [f"{n}.{was}" for n, was in done[0] if was]))

    @action("assign", _l("Give"), "", "user-share", single=False)
    def ask_whom(self, rows: list[Lead]) -> Any:
        """To whom?"""
        return self._ask(rows, "assign", people=colleagues())

    @action("edit", _l("Set aside"), "", "archive", single=False)
    def ask_why(self, rows: list[Lead]) -> Any:
        """Why?"""
        return self._ask(rows, "reject", reasons=report.reasons())

    def _ask(self, rows: list[Lead], what: str, **values: Any) -> Any:
        back = safe_next(request.referrer or url_for("Leads.list"))
        return self.render_template(  # type: ignore[attr-defined]
            "leads/many.html", rows=rows, what=what, back=back, **values, **common()
        )

    @expose("/many/assign", methods=["POST"])
    @require("can_assign")
    def many_assign(self) -> Any:
        """Give the chosen leads to one person."""
        person = person_of(request.form.get("owner", ""))
        done = _each(_chosen(request.form.getlist("lead")), lambda lead: _was(lead, _giver(person)))
        one, several = "%(num)s lead is given to %(name)s.", "%(num)s leads are given to %(name)s."
        words = _n(one, several, len(done[0]), name=person.name)
        return self._tell(done, words, _address("Leads.many_give_back", [f"{n}.{was}" for n, was in done[0] if was]))

    @expose("/many/reject", methods=["POST"])
    @require("can_edit")
    def many_reject(self) -> Any:
        """Set the chosen leads aside."""
        reason = request.form.get("reason", "")
        done = _each(_chosen(request.form.getlist("lead")), lambda lead: _was(lead, _rejecter(reason)))
        words = _n("%(num)s lead is set aside.", "%(num)s leads are set aside.", len(done[0]))
        return self._tell(done, words, _address("Leads.many_restore", [n for n, _was in done[0]]))

    @expose("/many/give-back", methods=["POST"])
    @require("can_assign")
    def many_give_back(self) -> Any:
        """Undo of a mass hand-over."""
        pairs = dict(one.partition(".")[::2] for one in request.args.get("of", "").split(",")[:MOST])
        rows = _chosen(list(pairs))
        return self._tell(_each(rows, lambda lead: _was(lead, _giver(person_of(pairs[str(lead.id)])))), _("Undone."))

    @expose("/many/restore", methods=["POST"])
    @require("can_edit")
    def many_restore(self) -> Any:
        """Undo of setting many aside."""
        rows = _chosen(request.args.get("of", "").split(","))
        return self._tell(_each(rows, lambda lead: _was(lead, verbs.restore)), _("Undone."))

    def _tell(self, done: Outcome, words: str, undo: str = "") -> Any:
        """A toast when all went well; a page with every refusal otherwise."""
        back = safe_next(request.form.get("next") or _referrer())
        if done[0]:
            say(words, undo=undo)
        if not done[1]:
            return redirect(back)
        return self.render_template(  # type: ignore[attr-defined]
            "leads/refused.html", refused=done[1], back=back, **common()
        )


def _each(rows: list[Lead], act: Callable[[Lead], str]) -> Outcome:
    """Do it to each lead; what is refused is rolled back alone and told in its own words."""
    changed: list[tuple[int, str]] = []
    refused: list[tuple[Lead, str]] = []
    with committing():
        for lead in rows:
            try:
                with db.session.begin_nested():
                    was = act(lead)
                changed.append((lead.id, was))
            except Refused as refusal:
                refused.append((lead, refusal.words or _("You may not change this lead.")))
            except Stale as stale:
                refused.append((lead, _("%(person)s has just changed it.", person=stale.by)))
    return changed, refused


def _was(lead: Lead, act: Callable[[Lead], Any]) -> str:
    """Do it, and tell whose the lead was before."""
    was = str(lead.owner_id or "")
    act(lead)
    return was


def _giver(person: Any) -> Callable[[Lead], Any]:
    return lambda lead: verbs.assign(lead, person)


def _rejecter(reason: str) -> Callable[[Lead], Any]:
    return lambda lead: verbs.reject(lead, reason)


def _chosen(texts: list[str]) -> list[Lead]:
    keys = [int(text) for text in texts[:MOST] if text.isascii() and text.isdigit() and len(text) < 19]
    return list(db.session.execute(select(Lead).where(Lead.id.in_(keys)).order_by(Lead.id)).scalars())


def _address(endpoint: str, parts: list[Any]) -> str:
    return url_for(endpoint, of=",".join(map(str, parts))) if 0 < len(parts) <= MOST_UNDONE else ""


def _referrer() -> str:
    return request.referrer or url_for("Leads.list")
