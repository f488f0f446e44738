"""How requests are told apart: the rules of a source and a funnel, and a box to try them out."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.lowcode.sorting import ACTIONS, closest
from app.services.leads import rules as verbs
from app.services.leads import sorting
from app.settings import setting
from models.clients import Client
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.limits import clean_text
from models.ground.refused import Refused
from models.lowcode import choices
from models.lowcode.funnels import Funnel
from models.lowcode.sorting import SortingAction, SortingWhat
from reports.leads import CLASSES
from views.base import CrmView, committing, require
from views.shell import say

QUESTIONS = {
    SortingWhat.MISTAKE: (
        _l("A mistake"),
        _l("There is no way to answer and nothing to go on by, or somebody tried the form out."),
    ),
    SortingWhat.SPAM: (
        _l("Spam"),
        _l("Links or markup in the name, many links in the words, a stop word, a field that only robots fill in."),
    ),
    SortingWhat.DUPLICATE: (
        _l("A duplicate"),
        _l("The client has an open deal, or the same contact is in a request that somebody is still to answer."),
    ),
    SortingWhat.NOT_CUSTOMER: (
        _l("Not a customer"),
        _l("Suppliers and people who seek a job. Only a hint to the manager: nothing is set aside by itself."),
    ),
    SortingWhat.PARTNER: (
        _l("From a partner"),
        _l("A promo code in the words or in utm_source, or the phone or e-mail of a partner."),
    ),
    SortingWhat.REPEAT: (_l("A returning client"), _l("Who counts as having bought before.")),
}
ACTION_WORDS = {
    SortingAction.ATTACH: _l("Attach to the open deal or lead"),
    SortingAction.ASK: _l("Leave it to the manager, with a mark"),
    SortingAction.NEW: _l("Always make a new lead"),
    SortingAction.MARK: _l("Only mark it"),
    SortingAction.SET_ASIDE: _l("Set it aside"),
}
WHO_WORDS = {"won": _l("whoever has a won deal"), "paid": _l("whoever has paid"), "any": _l("whoever had any deal")}
TRIED = ("name", "phone", "email", "words")


class Sorting(CrmView):
    """/sorting/"""

    route_base = "/sorting"
    class_permission_name = "Sorting"

    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """The rules of one place: all requests, a source, a funnel, or both."""
        return self._page(_place(request.args))

    @expose("/save", methods=["POST"])
    @require("can_edit")
    def save(self) -> Any:
        """All questions of one place."""
        place = _place(request.form)
        try:
            with committing():
                for what in SortingWhat:
                    _save(what, place)
        except Refused as refusal:
            return self._page(place, refusal), 422
        say(_("The rules are saved: they hold from the next request on."))
        return redirect(url_for("Sorting.list", **_address(place)))

    @expose("/try", methods=["POST"])
    @require("can_list")
    def try_out(self) -> Any:
        """What the saved rules make of a request, and why."""
        typed = {name: clean_text(request.form.get(name, ""), name) for name in TRIED}
        source, funnel_id = _place(request.form)
        asked = sorting.request_of(Inbound(**typed), source, funnel_id)
        verdict = sorting.classify(asked) if any(typed.values()) else None
        values = {
            "verdict": verdict, "answers": sorting.all_answers(asked) if verdict else [],
            "questions": QUESTIONS, "classes": CLASSES, "partner": _partner_name(verdict),
        }  # fmt: skip
        return render_template("sorting/_verdict.html", **values)

    def _page(self, place: tuple[str, int | None], refusal: Refused | None = None) -> Any:
        rules = verbs.all_rules()
        own = {rule.what: rule for rule in rules if (rule.source, rule.funnel_id) == place}
        general = {rule.what: rule for rule in rules if (rule.source, rule.funnel_id) == ("", None)}
        others = [rule for rule in rules if (rule.source, rule.funnel_id) != place]
        values = {
            "place": place, "is_general": place == ("", None), "own": own, "general": general, "refusal": refusal,
            "held": closest(others, *place), "questions": QUESTIONS, "actions": ACTIONS, "action_words": ACTION_WORDS,
            "who_words": WHO_WORDS, "sources": _sources(), "funnels": _funnels(), "places": _places(rules),
            "days": setting("duplicate_days"), "typed": request.form if refusal else None, "address": _address(place),
        }  # fmt: skip
        return self.page("sorting/page.html", **values)


def _save(what: str, place: tuple[str, int | None]) -> None:
    form = request.form
    if place != ("", None) and f"{what}.own" not in form:
        verbs.forget_rule(what, place)
        return
    values = {name: form[name] for name in form} | {
        "active": f"{what}.active" in form,
        "action": form.get(f"{what}.action", ""),
    }
    version = form.get(f"{what}.version", "")
    verbs.set_rule(what, place, values, int(version) if version.isascii() and version.isdigit() else None)


def _place(values: Any) -> tuple[str, int | None]:
    """The source and the funnel of an address or a form."""
    funnel = values.get("funnel", "")
    if funnel and not (funnel.isascii() and funnel.isdigit() and len(funnel) < 10):
        abort(404)
    place = (values.get("source", "")[:60], int(funnel) if funnel else None)
    try:
        verbs.check_place(*place)
    except Refused:
        abort(404)
    return place


def _address(place: tuple[str, int | None]) -> dict[str, Any]:
    return {key: value for key, value in zip(("source", "funnel"), place, strict=True) if value}


def _sources() -> list[tuple[str, str]]:
    language = current_actor().language
    found = {one.code: one.label(language) for one in choices.choices("source")}
    found.setdefault("manual", _("By hand"))
    return list(found.items())


def _funnels() -> list[tuple[int, str]]:
    rows = select(Funnel).where(Funnel.active.is_(True)).order_by(Funnel.position, Funnel.id)
    return [(one.id, one.label(current_actor().language)) for one in db.session.execute(rows).scalars()]


def _places(rules: Any) -> list[tuple[dict[str, Any], str]]:
    """Places with rules of their own: their address and their name."""
    sources, funnels = dict(_sources()), dict(_funnels())
    found = dict.fromkeys((rule.source, rule.funnel_id) for rule in rules if rule.source or rule.funnel_id)
    named = []
    for source, funnel in found:
        parts = [sources.get(source, source), funnels.get(funnel or 0, "")]
        named.append((_address((source, funnel)), " · ".join(part for part in parts if part)))
    return named


def _partner_name(verdict: sorting.Verdict | None) -> str:
    """The partner that the verdict names."""
    if verdict is None or verdict.partner_id is None:
        return ""
    client = db.session.get(Client, verdict.partner_id)
    return client.name if client else ""
