"""For the administrator: what was sent by which way and what was answered; the company's own addresses."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.channels.apprise import SCHEMAS
from app.limits import Rule, limit
from app.services import notices as verbs
from models.ground.actor import current_actor
from models.ground.base import db
from models.notices import Delivery, NoticeAddress
from reports.notices import deliveries as report
from views.base import CrmView, attempting, committing, expose, require
from views.crud.filters import whole
from views.crud.saving import Attempt
from views.shell import say

BIGGEST = 2**63 - 1
TRIALS = Rule(20, 600)


class Deliveries(CrmView):
    """/deliveries/…"""

    route_base = "/deliveries"
    default_view = "list"
    class_permission_name = "DeadLetters"

    @expose("/list/")
    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """What did not arrive, what is on the way, or everything; by one way or by all."""
        tab, way = request.args.get("tab", report.STUCK), request.args.get("way", "")
        if tab not in report.TABS:
            abort(404)
        page = whole(request.args.get("page", "0"), 10_000)
        found = report.deliveries(tab, way[:20], page * report.ON_A_PAGE)
        rows = found[: report.ON_A_PAGE]
        return self.page(
            "notices/deliveries.html", rows=rows, tab=tab, way=way, number=page, is_more=len(found) > len(rows),
            tabs=report.TABS, counts=report.counts(), states=report.STATES, people=report.people(rows),
            messages=report.messages(rows), ways=verbs.WAYS, size=report.ON_A_PAGE,
        )  # fmt: skip

    @expose("/<int:pk>/send", methods=["POST"])
    @require("can_replay")
    def send(self, pk: int) -> Any:
        """Send one anew."""
        if pk > BIGGEST:
            abort(404)
        with committing():
            row = db.session.execute(select(Delivery).where(Delivery.id == pk)).scalar_one_or_none()
            verbs.send_again(row if row is not None else abort(404))
        say(_("It is sent again."))
        return redirect(url_for("Deliveries.list", tab=report.WAITING))


class CompanyAddresses(CrmView):
    """/deliveries/addresses/…: a group chat, an SMS number of the duty, a messenger of the whole firm."""

    route_base = "/deliveries/addresses"
    default_view = "list"
    class_permission_name = "Channels"

    @expose("/list/")
    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """The addresses, what each is told of, and a form for another one."""
        return self.screen()

    def screen(self, attempt: Attempt | None = None, typed: dict[str, Any] | None = None) -> Any:
        """The page, with what is wrong with what was sent."""
        attempt = attempt or Attempt()
        company = select(NoticeAddress).where(NoticeAddress.person_id.is_(None)).order_by(NoticeAddress.id)
        html = self.page(
            "notices/addresses.html", rows=db.session.execute(company).scalars().all(), errors=attempt.errors,
            words=attempt.errors.get(None, ""), typed=typed or {"events": ["lead.received"]},
            events=list(verbs.COMPANY.items()),
            schemas=sorted(set(SCHEMAS.values()), key=str.lower),
        )  # fmt: skip
        return html, attempt.status

    @expose("/", methods=["POST"])
    @require("can_edit")
    def add(self) -> Any:
        """Another address."""
        typed: dict[str, Any] = {name: request.form.get(name, "") for name in ("url", "label")}
        typed["events"] = request.form.getlist("events")
        with attempting() as attempt:
            verbs.add_address(typed["url"], typed["label"], None, typed["events"])
        if attempt.refusal:
            return self.screen(attempt, typed)
        say(_("The address is added. Send a trial to it."))
        return redirect(url_for("CompanyAddresses.list"))

    @expose("/<int:pk>/events", methods=["POST"])
    @require("can_edit")
    def choose(self, pk: int) -> Any:
        """What it is told of."""
        with committing():
            verbs.choose_events(verbs.address_of(pk, None), request.form.getlist("events"))
        say(_("Saved."))
        return redirect(url_for("CompanyAddresses.list"))

    @expose("/<int:pk>/remove", methods=["POST"])
    @require("can_edit")
    def remove(self, pk: int) -> Any:
        """Nothing goes there any more."""
        with committing():
            verbs.remove_address(verbs.address_of(pk, None))
        say(_("Removed: nothing goes there any more."))
        return redirect(url_for("CompanyAddresses.list"))

    @expose("/<int:pk>/try", methods=["POST"])
    @require("can_edit")
    def trial(self, pk: int) -> Any:
        """A trial message."""
        limit(f"trial:{current_actor().person_id}", TRIALS)
        with committing():
            verbs.try_address(verbs.address_of(pk, None))
        say(_("A trial message is on its way. What was answered stands under “Deliveries”."))
        return redirect(url_for("CompanyAddresses.list"))
