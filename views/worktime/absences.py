"""Who is away and who stands in: everybody says so of themselves, a head of their people."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.services import worktime
from app.services.worktime import setting as verbs
from app.wording import now, today
from models.ground.actor import current_actor
from models.ground.base import db
from models.staff import Person
from models.worktime import Absence, AbsenceKind
from views.base import CrmView, attempting, committing, expose, require
from views.crud.filters import whole
from views.crud.saving import Attempt
from views.shell import say

MOST = 500
FIELDS = ("person", "begins", "ends", "kind", "deputy", "words")


class Absences(CrmView):
    """Everybody sees them all: whoever is asked for somebody says when they are back."""

    route_base = "/absences"
    default_view = "list"

    @expose("/")
    @expose("/list/")
    @require("can_list")
    def list(self) -> Any:
        """Those now and to come; `show=past` gives those that are over."""
        show = request.args.get("show", "coming")
        if show not in ("coming", "past"):
            abort(404)
        here = worktime.today_of(now())
        over = Absence.ends < here
        found = select(Absence).where(~Absence.cancelled, over if show == "past" else ~over | Absence.ends.is_(None))
        found = found.order_by(Absence.begins.desc() if show == "past" else Absence.begins, Absence.id).limit(MOST)
        loads = (selectinload(Absence.person), selectinload(Absence.deputy))
        rows = db.session.execute(found.options(*loads)).scalars().all()
        tabs = [
            {"label": words, "url": url_for("Absences.list", show=name), "on": name == show}
            for name, words in (("coming", _("Now and to come")), ("past", _("Over")))
        ]
        return self.page(
            "worktime/absences.html", title=_("Absences"), nav="absences", rows=rows, tabs=tabs, today=today(),
            kinds=kinds(), may_change=verbs.may_send_away,
        )  # fmt: skip

    @expose("/add", methods=["GET", "POST"])
    @require("can_add")
    def add(self) -> Any:
        """Somebody will be away."""
        if request.method == "GET":
            said = {"person": current_actor().person_id, "kind": AbsenceKind.VACATION, "begins": f"{today():%d.%m.%Y}"}
            return self.form(None, said, Attempt())
        with attempting() as attempt:
            verbs.go_away(typed())
        return self._done(None, attempt)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @require("can_edit")
    def edit(self, pk: str) -> Any:
        """Other days, another deputy."""
        row = absence_of(pk)
        if request.method == "GET":
            return self.form(row, known(row), Attempt())
        version = request.form.get("version", "")
        with attempting() as attempt:
            verbs.change_absence(row, typed(), int(version) if version.isdecimal() else None)
        return self._done(row, attempt)

    @expose("/cancel/<pk>", methods=["POST"])
    @require("can_edit")
    def cancel(self, pk: str) -> Any:
        """They are not away after all."""
        with committing():
            verbs.come_back(absence_of(pk))
        say(_("The absence is cancelled."), undo=url_for("Absences.again", pk=pk))
        return redirect(url_for("Absences.list"))

    @expose("/again/<pk>", methods=["POST"])
    @require("can_edit")
    def again(self, pk: str) -> Any:
        """Undo of cancel."""
        with committing():
            verbs.leave_again(absence_of(pk))
        return redirect(url_for("Absences.list"))

    def _done(self, row: Absence | None, attempt: Attempt) -> Any:
        if attempt.refusal:
            return self.form(absence_of(str(row.id)) if row else None, typed(), attempt)
        say(_("Saved."))
        return redirect(url_for("Absences.list"))

    def form(self, row: Absence | None, said: dict[str, Any], attempt: Attempt) -> Any:
        """The form of an absence, with what was typed and what is wrong with it."""
        people = db.session.execute(
            select(Person).where(Person.active).order_by(Person.last_name, Person.first_name).limit(MOST)
        ).scalars()
        names = [(person.id, person.name) for person in people]
        html = self.page(
            "worktime/absence.html", title=_("Absence"), nav="absences", row=row, said=said, errors=attempt.errors,
            words=attempt.errors.get(None, ""), deputies=[("", "—"), *names], kinds=list(kinds().items()),
            people=[(key, name) for key, name in names if verbs.may_send_away(key)],
        )  # fmt: skip
        return html, attempt.status


def absence_of(pk: str) -> Absence:
    """An absence that the actor may change; any other is not there."""
    row = db.session.get(Absence, whole(pk))
    if row is None or not verbs.may_send_away(row.person_id):
        abort(404)
    return row


def typed() -> dict[str, Any]:
    """What the form says."""
    return {name: request.form.get(name, "") for name in FIELDS}


def known(row: Absence) -> dict[str, Any]:
    """What is known of an absence, as the form says it."""
    days = {name: f"{day:%d.%m.%Y}" if day else "" for name, day in (("begins", row.begins), ("ends", row.ends))}
    return days | {"person": row.person_id, "deputy": row.deputy_id or "", "kind": row.kind, "words": row.words}


def kinds() -> dict[str, str]:
    """Why somebody is away, in words."""
    return {
        AbsenceKind.VACATION: _("Vacation"), AbsenceKind.ILLNESS: _("Illness"), AbsenceKind.TRIP: _("Business trip"),
        AbsenceKind.OTHER: _("Other"),
    }  # fmt: skip
