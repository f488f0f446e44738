"""Putting a deal off and taking it up again; sending it to another funnel."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.services.deals import holding
from app.wording import day, today
from models.deals import Deal
from models.ground.refused import NotFound, Refused
from reports.deals import board
from views.base import committing, require
from views.deals.found import common, deal_or_404
from views.deals.moving import is_fragment, version_of
from views.security import safe_next
from views.shell import say


class HoldingPages:
    """/deals/<number>/hold, /resume and /transfer."""

    @expose("/<int:number>/hold", methods=["GET", "POST"])
    @require("can_edit")
    def hold(self, number: int) -> Any:
        """Until when, and why: the dialog, and its save."""
        deal = deal_or_404(number)
        if request.method == "GET":
            return _ask(deal, {})
        try:
            with committing():
                holding.hold(
                    deal, request.form.get("until", ""), request.form.get("reason", ""), version_of(request.form)
                )
        except NotFound:
            raise
        except Refused as refusal:
            return make_response(_ask(deal_or_404(number), request.form, refusal), 422)
        undo = url_for("Deals.resume", number=number, next=_next(number))
        words = _("№ %(number)s is on hold until %(day)s.", number=number, day=day(deal.held_until))
        say(words, undo=undo)
        return _away(number)

    @expose("/<int:number>/resume", methods=["POST"])
    @require("can_edit")
    def resume(self, number: int) -> Any:
        """Take the deal up again; Undo puts it off as it was."""
        deal = deal_or_404(number)
        until, reason = deal.held_until, deal.held_reason
        with committing():
            holding.resume(deal)
        undo = url_for("Deals.hold_again", number=number, until=until, reason=reason, next=_next(number))
        say(_("№ %(number)s is taken up again.", number=number), undo=undo)
        return _away(number)

    @expose("/<int:number>/hold-again", methods=["POST"])
    @require("can_edit")
    def hold_again(self, number: int) -> Any:
        """Undo of resume."""
        with committing():
            holding.hold(deal_or_404(number), request.args.get("until", ""), request.args.get("reason", ""))
        return redirect(_next(number))

    @expose("/<int:number>/transfer")
    @require("can_move")
    def transfer(self, number: int) -> Any:
        """To which funnel, and to which of its stages; the move itself is /move, gates and all."""
        deal = deal_or_404(number)
        others = [funnel for funnel in board.funnels() if funnel.id != deal.funnel_id]
        return render_template("deals/windows/_transfer.html", deal=deal, funnels=others, **common())


def moments() -> list[tuple[dt.date, str]]:
    """Days that are often meant."""
    now = today()
    return [
        (now + dt.timedelta(days=7), _("in a week")),
        (now + dt.timedelta(days=14), _("in two weeks")),
        (_months_on(now, 1), _("in a month")),
        (_months_on(now, 3), _("in three months")),
    ]


def _months_on(start: dt.date, count: int) -> dt.date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(start.month - 1 + count, 12)
    first = dt.date(start.year + year, month + 1, 1)
    last = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    return min(first + dt.timedelta(days=start.day - 1), last)


def _ask(deal: Deal, typed: Any, refusal: Refused | None = None) -> str:
    values = {"typed": typed, "refusal": refusal, "days": moments(), "back": _next(deal.number)}
    return render_template("deals/windows/_hold.html", deal=deal, **values, **common())


def _next(number: int) -> str:
    """The page it was asked from."""
    wanted = request.values.get("next", "")
    return safe_next(wanted) if wanted else url_for("Deals.card", number=number)


def _away(number: int) -> Any:
    back = _next(number)
    return make_response("", 200, {"HX-Redirect": back}) if is_fragment() else redirect(back)
