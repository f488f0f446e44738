"""A deal's estimate: the page with its grid, and what its buttons do."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services import documents, estimates, firms
from app.services.estimates import lines as estimate_lines
from app.wording import money
from models.deals import Deal
from models.documents import DocumentKind
from models.estimates import Estimate, EstimateState
from models.ground.actor import current_actor
from models.ground.refused import Refused
from reports import estimates as report
from views.base import CrmView, committing, require
from views.crud.filters import whole
from views.deals.found import common, deal_or_404
from views.shell import say

STATES = [
    (EstimateState.DRAFT.value, _l("draft")),
    (EstimateState.SENT.value, _l("sent")),
    (EstimateState.AGREED.value, _l("agreed")),
]
HUES = {"draft": "amber", "sent": "blue", "agreed": "green"}


class EstimatePage(CrmView):
    """/deals/<number>/estimate"""

    route_base = "/deals/<int:number>/estimate"
    default_view = "show"
    class_permission_name = "Estimates"

    @expose("", methods=["GET"])
    @require("can_show")
    def show(self, number: int) -> Any:
        """A version of the estimate: the newest one unless the address names another."""
        deal = deal_or_404(number)
        versions = report.versions(deal)
        estimate = _chosen(versions)
        is_open = estimate is None or estimate.state == EstimateState.DRAFT
        firm = firms.own()
        return self.page(
            "estimates/page.html",
            nav="deals",
            deal=deal,
            estimate=estimate,
            versions=versions,
            editable=is_open and current_actor().may("can_edit", "Estimates"),
            is_last=estimate is None or estimate is versions[0],
            lines=estimate.lines if estimate else [],
            rates={code: rate.percent for code, rate in firms.rates_on(firms.today_of(firm)).items()},
            firm=firm,
            states=dict(STATES),
            hues=HUES,
            costs=report.sees_cost(),
            room=report.room(estimate.total, estimate.cost, firm.min_margin_percent) if estimate else 0,
            request_key=secrets.token_hex(12),
            grid=report.grid_line,
            **common(),
        )

    @expose("/lines", methods=["POST"])
    @require("can_edit")
    def save(self, number: int) -> Any:
        """Save the grid; the answer holds the lines as they are kept and the sums of the server."""
        said = _said()
        with committing():
            deal = deal_or_404(number)
            version, last = _version(said), estimates.last_version(deal)
            estimate = _named(deal, said) or estimates.draft(deal)
            # A page opened before there was any version has seen nothing, and nothing was there.
            seen = None if version == 0 and last is None else version
            terms = said.get("terms") if isinstance(said.get("terms"), dict) else {}
            estimates.save_lines(estimate, _lines(said), seen, terms)
        return jsonify(_answer(estimate))

    @expose("/price", methods=["POST"])
    @require("can_edit")
    def price(self, number: int) -> Any:
        """The lines with a general discount, or brought to a sum; nothing is saved."""
        said = _said()
        deal = deal_or_404(number)
        named = _named(deal, said)
        kept = {line.id: line for line in named.lines} if named else {}
        lines = estimate_lines.clean_lines(_lines(said), kept)
        if said.get("total") is not None:
            lines = estimate_lines.to_the_sum(lines, said["total"])
        else:
            lines = estimate_lines.discounted(lines, said.get("percent"))
        priced = [report.grid_line(estimate_lines.priced(line)) | {"id": line["id"]} for line in lines]
        return jsonify(lines=priced)

    @expose("/version", methods=["POST"])
    @require("can_edit")
    def next_version(self, number: int) -> Any:
        """A draft that begins as the shown version."""
        with committing():
            deal = deal_or_404(number)
            estimate = estimates.next_version(_shown(deal))
            revision = estimate.revision
        return redirect(url_for("EstimatePage.show", number=number, v=revision))

    @expose("/quote", methods=["POST"])
    @require("can_edit")
    def quote(self, number: int) -> Any:
        """Freeze the newest version and make its quote."""
        with committing():
            deal = deal_or_404(number)
            key = request.form.get("request_key", "")[:60]
            document = documents.issue(deal, DocumentKind.QUOTE, request_key=key)
            words = _("Quote %(number)s is issued, the file is being made.", number=document.number)
        say(words)
        return redirect(url_for("EstimatePage.show", number=number))

    @expose("/agree", methods=["POST"])
    @require("can_agree")
    def agree(self, number: int) -> Any:
        """The client said yes to the shown version."""
        with committing():
            estimate = estimates.agree(_shown(deal_or_404(number)))
            words = _("Version %(n)s is agreed: %(total)s.", n=estimate.revision, total=money(estimate.total))
            undo = url_for("EstimatePage.take_back", number=number, v=estimate.revision)
        say(words, undo=undo)
        return redirect(url_for("EstimatePage.show", number=number))

    @expose("/take-back", methods=["POST"])
    @require("can_agree")
    def take_back(self, number: int) -> Any:
        """Undo of agree."""
        with committing():
            estimate = estimates.take_back(_shown(deal_or_404(number)))
            words = _("Version %(n)s is not agreed.", n=estimate.revision)
            again = estimates.agreed_version(estimate.deal)
            if again is not None:
                now = _("Version %(n)s is agreed: %(total)s.", n=again.revision, total=money(again.total))
                words = f"{words} {now}"
        say(words)
        return redirect(url_for("EstimatePage.show", number=number))

    @expose("/compare")
    @require("can_show")
    def compare(self, number: int) -> Any:
        """What changed since another version."""
        versions = report.versions(deal_or_404(number))
        by_revision = {one.revision: one for one in versions}
        before = by_revision.get(whole(request.args.get("with", "")))
        after = _chosen(versions)
        if before is None or after is None:
            abort(404)
        changes = report.compare(before, after)
        return render_template("estimates/_compare.html", before=before, after=after, changes=changes)


def _chosen(versions: Any) -> Estimate | None:
    asked = request.args.get("v")
    if asked is not None:
        found = next((one for one in versions if one.revision == whole(asked)), None)
        return found if found is not None else abort(404)
    return next(iter(versions), None)


def _shown(deal: Deal) -> Estimate:
    """The version that the form is about."""
    found = _chosen(report.versions(deal))
    if found is None:
        raise Refused(_("The estimate is empty. Add lines from the price list first."))
    return found


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True)
    if not isinstance(said, dict):
        raise Refused(_("The lines could not be read. Reload the page and try again."))
    return said


def _lines(said: Mapping[str, Any]) -> Any:
    lines = said.get("lines")
    if not isinstance(lines, list):
        raise Refused(_("The lines could not be read. Reload the page and try again."))
    return lines


def _version(said: Mapping[str, Any]) -> int | None:
    """None accepts whatever is there now: the person has compared both."""
    version = said.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else None


def _named(deal: Deal, said: Mapping[str, Any]) -> Estimate | None:
    """The version that the page was opened with, if it is one of this deal."""
    if said.get("id") is None:
        return None
    found = next((one for one in report.versions(deal) if one.id == said["id"]), None)
    return found if found is not None else abort(404)


def _answer(estimate: Estimate) -> dict[str, Any]:
    lines = [report.grid_line(line) for line in estimate.lines]
    return {"id": estimate.id, "version": estimate.version, "lines": lines, "totals": report.totals(estimate)}
