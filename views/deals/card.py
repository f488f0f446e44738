"""The card of a deal: the page, its feed, its fields edited in place, what a move would set off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from app.services import deals as verbs
from app.services.deals.facts import gather
from app.services.deals.steps import set_off
from app.wording import dots
from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.limits import clean_line
from models.ground.refused import NotFound, Refused, Stale
from models.lowcode.fields import FIELDS, Field
from reports import files
from reports.deals import card as report
from reports.deals import feed as feeds
from reports.deals.ahead import ahead
from reports.deals.gate import question
from reports.money import deal_money
from views.base import committing, require
from views.deals.found import common, deal_or_404, stage_or_404
from views.deals.moving import is_fragment, offers, version_of
from views.shell import say

PANES = ("feed", "info", "tasks", "money")


class CardPages:
    """/deals/<number> and the parts of it that are fetched alone."""

    @expose("/<int:number>")
    @require("can_show")
    def card(self, number: int) -> Any:
        """The whole card."""
        deal = deal_or_404(number)
        pane = request.args.get("pane", "feed")
        wanted = _wanted()
        # The card first: it loads the people whom the feed names.
        card = report.card(deal, verbs.ways(deal))
        found = feeds.feed(deal, wanted)
        card.changed = report.changed_by(found.changes)
        kept = files.of(deal)
        found.files = files.by_message(kept)
        values = {
            "deal": deal,
            "card": card,
            "feed": found,
            "files": kept,
            "files_on": files.on(deal),
            "writes": current_actor().writes("message") is not Scope.NONE,
            "reads": current_actor().reads("message") is not Scope.NONE,
            "pane": pane if pane in PANES else "feed",
            "money": deal_money(deal),
        }
        return self.render_template("deals/card.html", **common(), **values)  # type: ignore[attr-defined]

    @expose("/show/<pk>")
    @require("can_show")
    def show(self, pk: str) -> Any:
        """FAB's address of a row leads to the card."""
        return redirect(url_for("Deals.card", number=_by_key(pk).number))

    @expose("/<int:number>/feed")
    @require("can_show")
    def feed(self, number: int) -> Any:
        """A tab of the feed, what is older, or what says something."""
        deal = deal_or_404(number)
        found = drawn_feed(deal, _wanted())
        if found.wanted.before:
            return render_template("deals/feed/_entries.html", deal=deal, feed=found, **common())
        return render_template("deals/feed/_feed.html", deal=deal, feed=found, **common())

    @expose("/<int:number>/ahead/<code>")
    @require("can_move")
    def ahead(self, number: int, code: str) -> Any:
        """What a move to a stage would set off."""
        deal = deal_or_404(number)
        stage = stage_or_404(deal, code)
        facts = gather(deal)
        found = ahead(deal, stage, verbs.missing_for(deal, stage), facts, set_off(deal, stage, facts))
        return render_template("deals/windows/_ahead.html", deal=deal, ahead=found, **common())

    @expose("/<int:number>/fields/<code>", methods=["GET", "POST"])
    @require("can_edit")
    def field(self, number: int, code: str) -> Any:
        """A field edited in place: its row, its box, its save."""
        known = FIELDS.get(code)
        if known is None or not report.is_seen(known):
            abort(404)
        deal = deal_or_404(number)
        if request.method == "POST":
            return _save_field(deal, known)
        if request.args.get("show"):
            return _row(deal, known)
        verbs.check_free(deal, code)
        return _box(deal, known)

    @expose("/<int:number>/reopen", methods=["POST"])
    @require("can_move")
    def reopen(self, number: int) -> Any:
        """A won or lost deal goes on."""
        with committing():
            deal = verbs.reopen(deal_or_404(number))
        say(_("№ %(number)s is open again.", number=deal.number))
        return redirect(url_for("Deals.card", number=number))


def drawn_feed(deal: Deal, wanted: feeds.Wanted) -> feeds.Feed:
    """A part of the feed with the files of its messages."""
    found = feeds.feed(deal, wanted)
    found.files = files.of_messages(entry.message.id for entry in found.entries if entry.message)
    return found


def _by_key(pk: str) -> Deal:
    if not (pk.isascii() and pk.isdigit()) or len(pk) > 18:
        abort(404)
    deal = db.session.execute(select(Deal).where(Deal.id == int(pk))).scalar_one_or_none()
    if deal is None:
        abort(404)
    return deal


def _wanted() -> feeds.Wanted:
    """Which part of the feed the address asks for."""
    tab = request.args.get("feed", feeds.ALL)
    if tab not in feeds.TABS:
        raise BadRequest
    return feeds.Wanted(tab, _before(), clean_line(request.args.get("q", ""), "q", 100))


def _before() -> dt.datetime | None:
    text = request.args.get("before")
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest from None
    if moment.tzinfo is None or not 2000 <= moment.year <= 2100:
        raise BadRequest
    return moment


def _save_field(deal: Deal, known: Field) -> Any:
    typed = request.form.get(known.code, "")
    try:
        with committing():
            verbs.change(deal, {known.code: typed}, version_of(request.form))
    except NotFound:
        raise
    except Refused as refusal:
        return make_response(_box(deal_or_404(deal.number), known, typed, refusal.words), 422)
    except Stale as stale:
        return make_response(_box(deal_or_404(deal.number), known, typed, stale=stale), 409)
    if not is_fragment():
        return redirect(url_for("Deals.card", number=deal.number))
    return _row(deal_or_404(deal.number), known, saved=True)


def _row(deal: Deal, known: Field, *, saved: bool = False) -> str:
    page = report.outline(deal, verbs.ways(deal))
    page.changed = report.changed_by(report.changes_of(deal, known.column))
    one = report.shown_field(known.code, deal, page)
    return render_template("deals/_field_row.html", deal=deal, card=page, one=one, saved=saved, **common())


def _box(deal: Deal, known: Field, typed: str | None = None, error: str = "", stale: Stale | None = None) -> str:
    value = _typed_value(deal, known) if typed is None else typed
    asked = question(known, deal, {known.code: value}, error)
    if known.kind == "client":
        asked.text = report.shown_field(known.code, deal).words
    asked.offers = offers(known.code, deal)
    theirs = report.shown_field(known.code, deal).words if stale else ""
    return render_template("deals/_field_box.html", deal=deal, one=asked, stale=stale, theirs=theirs, **common())


def _typed_value(deal: Deal, known: Field) -> str:
    """The value as it is typed."""
    value = getattr(deal, known.column)
    if value is None:
        return ""
    if known.kind == "date":
        return dots(value)
    if known.kind == "money":
        text = f"{value:f}".replace(".", ",")
        return text.removesuffix(",00") if value else ""
    return str(value)
