"""The board of a funnel, its columns, and what a drag would be asked for."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, abort, jsonify, make_response, render_template, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.services import deals as verbs
from app.wording import today
from models.ground.actor import current_actor
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.lowcode import choices
from models.lowcode.funnels import Funnel, Stage
from reports.deals import board as report
from reports.deals.asked import FLAGS, PERIODS, SORTS, WORDS, Asked
from views.base import committing, require
from views.deals.found import colleagues, common, deal_or_404
from views.deals.holding import moments

LAST_CARD = 100_000
MARK = re.compile(r"[0-9]{1,18}-[0-9]{1,9}", re.ASCII)


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
            "lists": {name: choices.choices(name) for name in WORDS},
            "periods": _periods(),
            "days": moments(),
            "shown_stage": request.args.get("stage", ""),
            "month": asked.today.replace(day=1),
        }
        if request.headers.get("HX-Request"):
            return _whole(render_template("deals/_board.html", **values))
        return self.render_template("deals/board.html", **values)  # type: ignore[attr-defined]

    @expose("/board/fresh")
    @require("can_list")
    def board_fresh(self) -> Any:
        """204 while nothing has happened to the deals in reach; else the word that the board is another."""
        known = request.args.get("mark", "")
        since, dash, count = known.partition("-")
        if not (
            dash and since.isascii() and since.isdigit() and count.isascii() and count.isdigit() and len(known) < 30
        ):
            raise BadRequest
        return Response("", 204) if report.is_fresh(known) else Response("", 200, {"HX-Trigger": "v:moved"})

    @expose("/quick", methods=["POST"])
    @require("can_add")
    def quick(self) -> Any:
        """A deal out of one line in a column; the script then moves it to its stage, gates and all."""
        funnel = _funnel(report.funnels())
        client = request.form.get("client", "")
        with committing():
            deal = verbs.start(None, {"client": client, "title": request.form.get("title", "")}, funnel=funnel)
            if not (deal.title or deal.client_id):
                raise Refused(_("Write what is wanted, or choose the client."), "title")
        return jsonify(number=deal.number, version=deal.version, stage=deal.stage.code)

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


def _asked(funnel: Funnel) -> Asked:
    owner = request.args.get("owner", "")
    sort, period = request.args.get("sort", ""), request.args.get("period", "")
    if (sort and sort not in SORTS) or (period and period not in PERIODS):
        raise BadRequest
    me = current_actor().person_id
    return Asked(
        funnel.id,
        me if owner == "me" else _number("owner", 2**31 - 1) if owner else None,
        flags=frozenset(flag for flag in FLAGS if _flag(flag)),
        words=tuple((name, _word(name)) for name in WORDS if _word(name)),
        period=period,
        sort=sort,
        today=today(),
    )


def _word(name: str) -> str:
    return clean_line(request.args.get(name, ""), name, 250)


def _periods() -> dict[str, str]:
    return {
        "week": _("in the last week"), "month": _("in the last month"), "quarter": _("in the last quarter"),
        "year": _("in the last year"),
    }  # fmt: skip


def _whole(text: str) -> Response:
    """Not to be kept: Back shows the board as it is, not as it was."""
    return make_response(text, 200, {"Cache-Control": "no-store"})


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
