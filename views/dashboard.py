"""The dashboard: a month of sales in figures, each of which opens the list that it counts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.settings import setting
from app.wording import NBSP, language, month
from models.firms import Firm
from models.ground.actor import Scope, current_actor
from models.ground.base import db, utcnow
from models.lowcode.choices import choices, label
from models.lowcode.funnels import Funnel, Stage
from models.shipments import Shipment
from models.staff import Person, Team
from reports import kpis, lists, tiles
from reports.lists import LISTS, NONE, Narrowed
from reports.questions import Lens, months_back
from reports.sheet import Opens, Sheet
from views.base import CrmView, require

MONTHS_OFFERED = 24
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
LAST_PAGE = 10_000


@dataclass
class Chosen:
    """What the address asks to look at: the lens, and what its parts are called."""

    lens: Lens
    funnels: list[Funnel]
    teams: list[Team]
    funnel: Funnel | None = None
    team: Team | None = None
    kept: dict[str, Any] = field(default_factory=dict)


class Dashboard(CrmView):
    """Seen by whoever may; what is counted is what its reader reaches."""

    route_base = "/dashboard"
    default_view = "show"
    class_permission_name = "Dashboard"

    @expose("/")
    @require("can_show")
    def show(self) -> str:
        chosen = chosen_by(request.args)
        sheet = Sheet(chosen.lens, _linker(chosen), _source_names(), language(), setting("response_minutes"))
        if sheet.is_empty:
            return self.page(
                "dashboard/empty.html", chosen=chosen, with_other=_with_other(chosen), **_menus(chosen)
            )
        return self.page(
            "dashboard/show.html",
            chosen=chosen,
            sheet=sheet,
            kpis=kpis.row(sheet),
            tiles=tiles.filled(sheet),
            with_other=_with_other(chosen),
            sees_money=current_actor().sees("deal.amount"),
            **_menus(chosen),
        )

    @expose("/list/<what>")
    @require("can_show")
    def counted(self, what: str) -> str:
        if what not in LISTS:
            abort(404)
        chosen, counted = chosen_by(request.args), LISTS[what]
        narrowed = _narrowed(request.args, counted.takes)
        found = lists.page(what, chosen.lens, narrowed, _page_number(request.args.get("page")))
        if found.number > found.pages:
            abort(404)
        return self.page(
            "dashboard/list.html",
            what=what,
            counted=counted,
            found=found,
            chosen=chosen,
            chips=_chips(what, chosen, narrowed),
            back=url_for("Dashboard.show", **chosen.kept),
            turned=lambda to: url_for(
                "Dashboard.counted", what=what, **{**request.args.to_dict(), "page": to}
            ),
            first=(found.number - 1) * lists.PAGE + 1 if found.rows else 0,
            sees_money=current_actor().sees("deal.amount"),
            source_name=lambda code: label("source", code, language()),
        )


# ── what the address says ────────────────────────────────────────────────────


def chosen_by(args: Mapping[str, str]) -> Chosen:
    """The lens of an address; what cannot be understood is 400, what is not there 404."""
    zone = ZoneInfo(
        db.session.execute(select(Firm.zone).order_by(Firm.id).limit(1)).scalar() or "Europe/Moscow"
    )
    today = utcnow().astimezone(zone).date()
    funnels = list(db.session.execute(select(Funnel).order_by(Funnel.position, Funnel.id)).scalars())
    teams = list(db.session.execute(select(Team).order_by(Team.name)).scalars()) if _chooses_teams() else []
    funnel, team = _one_of(funnels, args.get("funnel")), _one_of(teams, args.get("team"))
    kept = {name: value for name in ("month", "funnel", "team") if (value := args.get(name))}
    lens = Lens(
        month=_month(args.get("month")) or today.replace(day=1),
        today=today,
        zone=zone,
        # The only funnel there is needs no condition.
        funnel_id=funnel.id if funnel and len(funnels) > 1 else None,
        people=_members(team) if team else None,
    )
    return Chosen(lens, funnels, teams, funnel, team, kept)


def _chooses_teams() -> bool:
    """Teams are a choice for those who see the shipments of all."""
    return current_actor().reads(Shipment.noun) is Scope.ALL


def _month(text: str | None) -> dt.date | None:
    if not text:
        return None
    found = MONTH.fullmatch(text)
    if not found:
        abort(400)
    return dt.date(int(found[1]), int(found[2]), 1)


def _one_of(rows: list[Any], text: str | None) -> Any:
    if not text:
        return None
    return next((row for row in rows if str(row.id) == text), None) or abort(404 if text.isdigit() else 400)


def _members(team: Team) -> frozenset[int]:
    """The people of a team and its head, those who left included: what they sold stays the team's."""
    of_it = select(Person.id).where(or_(Person.team_id == team.id, Person.id == team.head_id))
    return frozenset(db.session.execute(of_it).scalars())


def _narrowed(args: Mapping[str, str], takes: tuple[str, ...]) -> Narrowed:
    return Narrowed(**{name: _part(name, args[name]) for name in takes if args.get(name)})


def _part(name: str, text: str) -> Any:
    if name == "source" or text == NONE:
        return text.replace("\x00", "")[:60]
    if not text.isdigit() or len(text) > 9:
        abort(400)
    return int(text)


def _page_number(text: str | None) -> int:
    if not text:
        return 1
    if not text.isdigit() or not 1 <= int(text[:9]) <= LAST_PAGE:
        abort(400)
    return int(text)


# ── addresses and words ──────────────────────────────────────────────────────


def _linker(chosen: Chosen) -> Any:
    def link(where: Opens) -> str:
        return url_for("Dashboard.counted", what=where.what, **{**chosen.kept, **dict(where.narrowed)})

    return link


def _with_other(chosen: Chosen) -> Any:
    """The address of the same look with one part changed; None takes the part away."""

    def address(**parts: Any) -> str:
        kept = {name: value for name, value in {**chosen.kept, **parts}.items() if value is not None}
        return url_for("Dashboard.show", **kept)

    return address


def _menus(chosen: Chosen) -> dict[str, Any]:
    """What the chips offer, and the words of the comparison."""
    latest = max(chosen.lens.today.replace(day=1), chosen.lens.month)
    before = chosen.lens.before
    last = before.until - dt.timedelta(days=1)
    words = _("compared with %(month)s", month=month(before.first))
    if chosen.lens.is_current:
        day = format_date(last, "d MMMM", locale=language()).replace(" ", NBSP)
        words = _("compared with 1–%(day)s", day=day)
    return {"months": [months_back(latest, back) for back in range(MONTHS_OFFERED)], "compared": words}


def _chips(what: str, chosen: Chosen, narrowed: Narrowed) -> list[tuple[str, str]]:
    """What holds on a list: words, and the address without it."""

    def without(name: str) -> str:
        rest = {key: value for key, value in request.args.to_dict().items() if key not in (name, "page")}
        return url_for("Dashboard.counted", what=what, **rest)

    held = []
    if chosen.funnel:
        held.append((chosen.funnel.label(language()), without("funnel")))
    if chosen.team:
        held.append((chosen.team.name, without("team")))
    if narrowed.stage is not None:
        stage = db.session.get(Stage, narrowed.stage) or abort(404)
        held.append((stage.label(language()), without("stage")))
    if narrowed.source is not None:
        name = label("source", narrowed.source, language())
        held.append((_("not named") if narrowed.source == NONE else name, without("source")))
    if narrowed.person is not None:
        held.append((_name_of(narrowed.person), without("person")))
    return held


def _name_of(person: int | str) -> str:
    if person == NONE:
        return _("not assigned")
    return (db.session.get(Person, person) or abort(404)).name


def _source_names() -> dict[str, str]:
    return {choice.code: choice.label(language()) for choice in choices("source")}
