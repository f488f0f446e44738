"""Moving a deal: straight through, or by way of the dialog that asks for what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.lowcode.gates import Obstacle
from app.lowcode.suggestions import Suggestion, production
from app.services import deals as verbs
from app.services.deals import undoing
from app.services.deals.facts import gather
from app.services.deals.steps import gates_to, set_off
from app.wording import today
from models.deals import Deal
from models.ground.base import db
from models.ground.refused import NotFound, Refused, Stale
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import GateKind, Stage, StageKind
from models.staff import Person
from reports.deals import gate as report
from reports.deals.ahead import ahead
from views.base import committing, require
from views.deals.found import colleagues, common, deal_or_404, stage_or_404
from views.security import safe_next
from views.shell import say

# What may be said about a lost deal beside its reason.
LOST_MORE = ("competitor", "lost_words")


class MovingPages:
    """/deals/<number>/move and what belongs to it."""

    @expose("/<int:number>/move", methods=["POST"])
    @require("can_move")
    def move(self, number: int) -> Any:
        """Move to the stage of the form, with the fields that its dialog asked for."""
        deal = deal_or_404(number)
        stage = _asked_stage(deal)
        left, home = deal.stage.code, deal.funnel.code
        typed = {code: request.form[code] for code in FIELDS if code in request.form}
        try:
            with committing():
                if request.form.get("do") == "save":
                    verbs.change(deal, typed, version_of(request.form))
                else:
                    go = verbs.move if stage.funnel_id == deal.funnel_id else verbs.transfer
                    go(deal, stage, typed, version_of(request.form))
        except NotFound:
            raise
        except Refused as refusal:
            return _refused(deal_or_404(number), typed, refusal)
        except Stale as stale:
            return _stale(deal_or_404(number), stale)
        return _done(deal, stage, left, home)

    @expose("/<int:number>/back", methods=["POST"])
    @require("can_move")
    def back(self, number: int) -> Any:
        """Undo of a move: to the stage that the deal stood on."""
        deal = deal_or_404(number)
        stage = stage_or_404(deal, request.args.get("stage", ""), request.args.get("funnel", ""))
        with committing():
            undoing.back(deal, stage)
        say(_("The deal is on “%(stage)s” again.", stage=verbs.name_of(stage)))
        return redirect(safe_next(request.args.get("next", "/")))

    @expose("/<int:number>/assign", methods=["GET", "POST"])
    @require("can_assign")
    def assign(self, number: int) -> Any:
        """Give the deal to somebody else: the dialog, and its save."""
        deal = deal_or_404(number)
        if request.method == "GET":
            return render_template("deals/windows/_assign.html", deal=deal, people=colleagues(), **common())
        was = deal.owner_id
        with committing():
            verbs.assign(deal, person_of(request.form.get("owner", "")), version_of(request.form))
        undo = url_for("Deals.give_back", number=number, owner=was) if was else ""
        say(_("№ %(number)s is now with %(name)s.", number=number, name=_owner_name(deal)), undo=undo)
        return redirect(safe_next(request.form.get("next", "/")))

    @expose("/<int:number>/give-back", methods=["POST"])
    @require("can_assign")
    def give_back(self, number: int) -> Any:
        """Undo of assign."""
        with committing():
            undoing.give_back(deal_or_404(number), person_of(request.args.get("owner", "")))
        return redirect(url_for("Deals.card", number=number))


def _asked_stage(deal: Deal) -> Stage:
    return stage_or_404(deal, request.form.get("stage", ""), request.form.get("funnel", ""))


def person_of(text: str) -> Person:
    """The person that a form names. Raises Refused."""
    is_id = text.isascii() and text.isdigit() and len(text) < 10
    person = db.session.get(Person, int(text)) if is_id else None
    if person is None:
        raise Refused(_("There is no such person. Choose somebody else."), "owner")
    return person


def _owner_name(deal: Deal) -> str:
    return deal.owner.name if deal.owner else ""


def version_of(form: Mapping[str, str]) -> int | None:
    """The version that a form was drawn from; one that can be none would let a save pass unseen."""
    text = form.get("version", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadRequest
    return int(text) if text else None


def is_fragment() -> bool:
    """Whether a script of ours asked, which draws the answer into the page."""
    return bool(request.headers.get("HX-Request"))


def _done(deal: Deal, stage: Stage, left: str, home: str) -> Any:
    """The board is drawn anew by its script; the card is loaded anew."""
    if request.form.get("do") == "save":
        say(_("Saved."))
    else:
        back_to = safe_next(request.form.get("next", "/"))
        funnel = home if stage.funnel.code != home else None
        undo = url_for("Deals.back", number=deal.number, stage=left, funnel=funnel, next=back_to)
        say(_("№ %(number)s: “%(stage)s”.", number=deal.number, stage=verbs.name_of(stage)), undo=undo)
    if not is_fragment():
        return redirect(url_for("Deals.card", number=deal.number))
    headers = {} if request.form.get("from") == "board" else {"HX-Refresh": "true"}
    return Response("", 200, headers)


def _refused(deal: Deal, typed: Mapping[str, str], refusal: Refused) -> Any:
    stage = _asked_stage(deal)
    if not is_fragment() or (not refusal.details and refusal.field not in FIELDS):
        raise refusal
    missing = list(refusal.details)
    errors = {refusal.field: refusal.words} if not missing and refusal.field else {}
    gate = gate_of(deal, stage, missing, typed, errors)
    page = render_template("deals/windows/_gate.html", gate=gate, typed=typed, where=_where(deal.number), **common())
    # A gate that asks is how a move goes on, not a fault: browsers would write any other status to the console.
    return make_response(page, 200, {"X-Asks": "gate"})


def gate_of(
    deal: Deal, stage: Stage, missing: list[Obstacle], typed: Mapping[str, str], errors: Mapping[str, str]
) -> report.Gate:
    """What the dialog shows: fields missing or refused first, then what stands in the way otherwise."""
    facts = gather(deal)
    about_loss = LOST_MORE if stage.kind == StageKind.LOST else ()
    asked = dict.fromkeys([*errors, *(one.field for one in missing if one.field), *typed])
    questions = [_question(code, deal, typed, errors) for code in asked if code not in about_loss]
    others = [one for one in missing if not one.field]
    gaps = {(one.kind, one.field) for one in missing}
    gates = gates_to(deal, stage)
    kept = [gate for gate in gates if gate.kind != GateKind.FIELD or gate.params["field"] not in asked]
    return report.Gate(
        deal=deal,
        stage=stage,
        title=report.title_of(stage, len(questions), len(others)),
        questions=questions,
        others=others,
        proofs=report.proofs_of(deal, kept, {(str(kind), code) for kind, code in gaps}, facts),
        ahead=ahead(deal, stage, missing, facts, set_off(deal, stage, facts)),
        more=[_question(code, deal, typed, errors) for code in about_loss],
    )


def _question(code: str, deal: Deal, typed: Mapping[str, str], errors: Mapping[str, str]) -> report.Question:
    found = report.question(FIELDS[code], deal, typed, errors.get(code, ""))
    found.offers = offers(code, deal)
    return found


def offers(code: str, deal: Deal) -> list[Suggestion]:
    """Values that are likely meant."""
    if code == "payer" and deal.client_id and deal.client_name:
        words = _("%(name)s, the client of the deal", name=deal.client_name)
        return [Suggestion(str(deal.client_id), words, deal.client_name)]
    if code == "production_on":
        return list(production(today()))
    if code == "address" and deal.client and deal.client.address:
        return [Suggestion(deal.client.address, deal.client.address)]
    return []


def _where(number: int) -> dict[str, str]:
    """Where each kind of obstacle is cleared away."""
    card = url_for("Deals.card", number=number)
    return {
        GateKind.ESTIMATE_AGREED: f"{card}/estimate",
        GateKind.DOCUMENT_ISSUED: f"{card}?pane=money#documents",
        GateKind.PAID: f"{card}?pane=money#payments",
        GateKind.SHIPPED: f"{card}?pane=money#shipments",
    }


def _stale(deal: Deal, stale: Stale) -> Any:
    if not is_fragment():
        raise stale
    stage = _asked_stage(deal)
    page = render_template("deals/windows/_stale.html", deal=deal, stage=stage, stale=stale, **common())
    return make_response(page, 409)
