"""Many deals at once: moved, given, thrown away; through the same verbs, each refusal in its own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n
from sqlalchemy import select

from app.services import deals as verbs
from app.services import trash
from app.services.deals import holding, undoing
from models.deals import Deal
from models.ground.base import db
from models.ground.refused import Refused, Stale
from models.lowcode.funnels import Stage
from reports.deals import board as report
from views.base import committing, require
from views.deals.found import colleagues, common
from views.deals.moving import person_of
from views.security import safe_next
from views.shell import say

MOST = 200
# A toast's address stands in the cookie, which browsers cut off at 4 kB.
MOST_UNDONE = 60


@dataclass
class Done:
    """How it went: which deals were changed (and what they were before), and why others were not."""

    changed: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[Deal, str]] = field(default_factory=list)


class ManyPages:
    """Actions of the list's bulk bar, the pages that ask what is meant, and their undo."""

    @action("move", _l("Move"), "", "arrow-right", single=False)
    def ask_where(self, rows: list[Deal]) -> Any:
        """To which stage?"""
        return self._ask(rows, "move", stages=_stages_of(rows))

    @action("assign", _l("Give"), "", "user-share", single=False)
    def ask_whom(self, rows: list[Deal]) -> Any:
        """To whom?"""
        return self._ask(rows, "assign", people=colleagues())

    @action("delete", _l("To the trash"), "", "trash", single=False)
    def throw_away(self, rows: list[Deal]) -> Any:
        """To the trash, with a way back."""
        done = _each(rows, lambda deal: (trash.erase(deal), str(deal.id))[1])
        undo = [number for number, _was in done.changed]
        words = _n("%(num)s deal is in the trash.", "%(num)s deals are in the trash.", len(undo))
        return self._tell(done, words, _address("Deals.many_restore", undo))

    def _ask(self, rows: list[Deal], what: str, **values: Any) -> Any:
        back = safe_next(request.referrer or url_for("Deals.list"))
        return self.render_template(  # type: ignore[attr-defined]
            "deals/many.html", rows=rows, what=what, back=back, **values, **common()
        )

    @expose("/many/move", methods=["POST"])
    @require("can_move")
    def many_move(self) -> Any:
        """Move the chosen deals through the same gates as one."""
        code = request.form.get("stage", "")
        done = _each(_chosen(request.form.getlist("number")), lambda deal: _moved(deal, code))
        words = _n("%(num)s deal is moved.", "%(num)s deals are moved.", len(done.changed))
        return self._tell(done, words, _address("Deals.many_back", [f"{n}.{was}" for n, was in done.changed]))

    @expose("/many/assign", methods=["POST"])
    @require("can_assign")
    def many_assign(self) -> Any:
        """Give the chosen deals to one person."""
        person = person_of(request.form.get("owner", ""))
        done = _each(_chosen(request.form.getlist("number")), lambda deal: _given(deal, person))
        words = _n(
            "%(num)s deal is given to %(name)s.",
            "%(num)s deals are given to %(name)s.",
            len(done.changed),
            name=person.name,
        )
        undo = [f"{n}.{was}" for n, was in done.changed if was]
        return self._tell(done, words, _address("Deals.many_give_back", undo))

    @expose("/many/hold", methods=["POST"])
    @require("can_edit")
    def many_hold(self) -> Any:
        """Put the chosen deals off until a day, for one reason."""
        until, reason = request.form.get("until", ""), request.form.get("reason", "")
        done = _each(_chosen(request.form.getlist("number")), lambda deal: _held(deal, until, reason))
        words = _n("%(num)s deal is on hold.", "%(num)s deals are on hold.", len(done.changed))
        return self._tell(done, words, _address("Deals.many_resume", [number for number, _was in done.changed]))

    @expose("/many/resume", methods=["POST"])
    @require("can_edit")
    def many_resume(self) -> Any:
        """Undo of a mass hold."""
        rows = _chosen(request.args.get("of", "").split(","))
        return self._tell(_each(rows, lambda deal: (holding.resume(deal), "")[1]), _("Undone."))

    @expose("/many/back", methods=["POST"])
    @require("can_move")
    def many_back(self) -> Any:
        """Undo of a mass move."""
        were = _were()
        done = _each(_chosen(list(were)), lambda deal: _moved(deal, were[str(deal.number)], undoing.back))
        return self._tell(done, _("Undone."))

    @expose("/many/give-back", methods=["POST"])
    @require("can_assign")
    def many_give_back(self) -> Any:
        """Undo of a mass hand-over."""
        were = _were()
        back = undoing.give_back
        done = _each(_chosen(list(were)), lambda deal: _given(deal, person_of(were[str(deal.number)]), back))
        return self._tell(done, _("Undone."))

    @expose("/many/restore", methods=["POST"])
    @require("can_delete")
    def many_restore(self) -> Any:
        """Undo of a mass deletion."""
        numbers = _numbers(request.args.get("of", "").split(","))
        thrown = trash.in_trash(Deal).where(Deal.number.in_(numbers))
        rows = list(db.session.execute(thrown).scalars())
        return self._tell(_each(rows, lambda deal: (trash.restore(deal), "")[1]), _("Undone."))

    def _tell(self, done: Done, words: str, undo: str = "") -> Any:
        """A toast when all went well; a page with every refusal otherwise."""
        back = safe_next(request.values.get("next") or url_for("Deals.list"))
        if done.changed:
            say(words, undo=undo)
        if not done.refused:
            return redirect(back)
        return self.render_template(  # type: ignore[attr-defined]
            "deals/refused.html", done=done, back=back, **common()
        )


def _each(rows: list[Deal], act: Callable[[Deal], str]) -> Done:
    """Do it to each deal; what is refused is rolled back alone and told in its own words."""
    done = Done()
    with committing():
        for deal in rows:
            try:
                with db.session.begin_nested():
                    was = act(deal)
                done.changed.append((deal.number, was))
            except Refused as refusal:
                done.refused.append((deal, refusal.words or _("You may not change this deal.")))
            except Stale as stale:
                done.refused.append((deal, _("%(person)s has just changed it.", person=stale.by)))
    return done


def _moved(deal: Deal, code: str, go: Callable[[Deal, Stage], Deal] = verbs.move) -> str:
    stage = next((stage for stage in deal.funnel.stages if stage.code == code), None)
    if stage is None:
        raise Refused(_("The funnel of this deal has no such stage."))
    left = deal.stage.code
    go(deal, stage)
    return left


def _held(deal: Deal, until: str, reason: str) -> str:
    holding.hold(deal, until, reason)
    return ""


def _given(deal: Deal, person: Any, give: Callable[[Deal, Any], Deal] = verbs.assign) -> str:
    was = str(deal.owner_id or "")
    give(deal, person)
    return was


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts[:MOST] if text.isascii() and text.isdigit() and len(text) < 10]


def _chosen(texts: list[str]) -> list[Deal]:
    rows = select(Deal).where(Deal.number.in_(_numbers(texts))).order_by(Deal.number)
    return list(db.session.execute(rows).scalars())


def _were() -> dict[str, str]:
    """What the deals of an undo's address were before."""
    pairs = (one.partition(".") for one in request.args.get("of", "").split(",")[:MOST])
    # As the numbers are written when the deals are found: without zeros in front.
    return {text.lstrip("0"): was for text, _dot, was in pairs if was}


def _address(endpoint: str, parts: list[Any]) -> str:
    """Of the undo, which comes back to the page at hand."""
    if not 0 < len(parts) <= MOST_UNDONE:
        return ""
    return url_for(endpoint, of=",".join(map(str, parts)), next=request.form.get("next") or None)


def _stages_of(rows: list[Deal]) -> list[Stage]:
    """The stages of the funnels that the chosen deals go through."""
    funnels = {row.funnel_id for row in rows}
    return [stage for funnel in report.funnels() if funnel.id in funnels for stage in funnel.stages]
