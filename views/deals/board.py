"""The board of a funnel, its columns, and what a drag would be asked for."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, render_template, request
from flask_appbuilder import expose
from werkzeug.exceptions import BadRequest

from app.services import deals as verbs
from app.wording import today
from models.ground.actor import current_actor
from models.lowcode.funnels import Funnel, Stage
from reports.deals import board as report
from views.base import require
from views.deals.found import colleagues, common, deal_or_404

LAST_CARD = 100_000


class BoardPages:
    """/deals/board/ and the parts of it that are fetched alone."""

    @expose("/board/")
    @require("can_list")
    def board(self) -> Any:
        """The whole board; a script that has moved a card asks for its inner part alone."""
        funnels = report.funnels()
        funnel = _funnel(funnels)
        if funnel is None:
            return self.render_template("deals/no_funnel.html")  # type: ignore[attr-defined]
        asked = _asked(funnel)
        values = common() | {
            "board": report.board(funnel, asked),
            "asked": asked,
            "funnels": funnels,
            "people": colleagues(),
            "sort": asked.sort or report.default_sort(),
            "shown_stage": request.args.get("stage", ""),
            "month": asked.today.replace(day=1),
        }
        if request.headers.get("HX-Request"):
            return render_template("deals/_board.html", **values)
        return self.render_template("deals/board.html", **values)  # type: ignore[attr-defined]

    @expose("/board/column")
    @require("can_list")
    def column(self) -> Any:
        """The next cards of one column."""
        funnel = _funnel(report.funnels())
        stage = _stage(funnel, request.args.get("stage", ""))
        asked = _asked(funnel)
        skip = _number("skip", LAST_CARD)
        cards = report.cards(funnel, asked, [stage], skip)
        more = skip + len(cards) if len(cards) == report.CARDS else 0
        return render_template("deals/_cards.html", cards=cards, stage=stage, more=more, **common())

    @expose("/<int:number>/gates")
    @require("can_move")
    def gates(self, number: int) -> Any:
        """What each stage would ask for, so that a drag says it beforehand."""
        ways = verbs.ways(deal_or_404(number))
        return jsonify({code: [missing.plain() for missing in found] for code, found in ways.items()})


def _funnel(funnels: list[Funnel]) -> Any:
    """The funnel that the address names, or the first one; None when there is none at all."""
    code = request.args.get("funnel")
    if not code:
        return funnels[0] if funnels else None
    found = next((funnel for funnel in funnels if funnel.code == code), None)
    if found is None:
        abort(404)
    return found


def _stage(funnel: Funnel | None, code: str) -> Stage:
    found = next((stage for stage in funnel.stages if stage.code == code), None) if funnel else None
    if found is None:
        abort(404)
    return found


def _asked(funnel: Funnel) -> report.Asked:
    owner = request.args.get("owner", "")
    sort = request.args.get("sort", "")
    if sort and sort not in report.SORTS:
        raise BadRequest
    me = current_actor().person_id
    return report.Asked(
        funnel.id,
        me if owner == "me" else _number("owner", 2**31 - 1) if owner else None,
        slow=_flag("slow"),
        idle=_flag("idle"),
        sort=sort,
        today=today(),
    )


def _flag(name: str) -> bool:
    value = request.args.get(name, "")
    if value not in {"", "0", "1"}:
        raise BadRequest
    return value == "1"


def _number(name: str, top: int) -> int:
    text = request.args.get(name, "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > top:
        raise BadRequest
    return int(text)
