"""Plans: what is to be shipped each month, by the firm and by people; a grid saved at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from sqlalchemy import or_, select

from app.services import plans
from app.services.plans import Typed
from app.wording import today
from models.ground.base import db
from models.ground.refused import Refused, Stale
from models.plans import Plan
from models.staff import Person, RoleReach
from views.base import CrmView, committing, require
from views.shell import say


class Plans(CrmView):
    """Whoever may see plans sees all of them; who may edit writes into the grid."""

    route_base = "/plans"
    default_view = "list"
    class_permission_name = "Plans"

    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        return self._grid(_year(request.args.get("year")))

    @expose("/", methods=["POST"])
    @require("can_edit")
    def save(self) -> Any:
        year = _year(request.form.get("year"))
        try:
            with committing():
                count = plans.save(_typed(request.form, year))
        except Refused as refused:
            return self._grid(year, typed=request.form, refused=refused), 422
        except Stale as stale:
            return self._grid(year, typed=request.form, stale=stale), 409
        say(_n("%(num)s plan saved", "%(num)s plans saved", count) if count else _("Nothing was changed"))
        return redirect(url_for("Plans.list", year=year))

    def _grid(self, year: int, **trouble: Any) -> str:
        months = [dt.date(year, month, 1) for month in range(1, 13)]
        kept = {(row.month, row.person_id): row.amount for row in _rows(year) if row.amount}
        people = _people({person for _month, person in kept if person})
        return self.page(
            "plans/grid.html",
            year=year,
            months=months,
            people=people,
            kept=kept,
            by_people={
                month: sum((kept.get((month, one.id), Decimal(0)) for one in people), Decimal(0))
                for month in months
            },
            this_month=today().replace(day=1),
            **{"typed": {}, "refused": None, "stale": None, **trouble},
        )


def _year(text: str | None) -> int:
    if not text:
        return today().year
    if not text.isdigit() or not 2000 <= int(text[:5]) <= 2100:
        abort(400)
    return int(text)


def _rows(year: int) -> Any:
    inside = (Plan.month >= dt.date(year, 1, 1), Plan.month <= dt.date(year, 12, 31))
    return db.session.execute(select(Plan).where(*inside)).scalars()


def _people(planned: set[int]) -> list[Person]:
    """Those who sell, and those who have a plan this year though they no longer do."""
    sells = select(Person.id).join(Person.roles).join(RoleReach, RoleReach.role_id == Role.id)
    sellers = sells.where(RoleReach.code == "manager", Person.active.is_(True))
    found = select(Person).where(or_(Person.id.in_(sellers), Person.id.in_(planned)))
    return list(db.session.execute(found.order_by(Person.last_name, Person.first_name)).scalars())


def _typed(form: Mapping[str, str], year: int) -> list[Typed]:
    """The boxes of the grid: `2026-10.7` and, beside each, what stood in it as `was.2026-10.7`."""
    found = []
    for name, text in form.items():
        month, dot, person = name.partition(".")
        if dot and month[:4] == str(year) and month[5:].isdigit() and person.isdigit() and len(person) < 10:
            was = form.get(f"was.{name}", "")
            first = _month(month)
            found.append(Typed(first, int(person) or None, text, Decimal(was) if _is_sum(was) else None))
    return found


def _month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(400)


def _is_sum(text: str) -> bool:
    return len(text) < 20 and text.replace(".", "", 1).isdecimal() and text.isascii()
