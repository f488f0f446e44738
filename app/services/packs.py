"""Installs a pack: adds what is missing and never overwrites what was edited; safe to run at every start."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import select

from app.lowcode import packs
from app.services.worktime.reading import spans_of
from models.firms import Firm, VatRate
from models.ground.base import db
from models.lowcode.choices import PREFIX
from models.lowcode.funnels import Funnel, Gate, Playbook, Stage
from models.lowcode.rules import Rule
from models.lowcode.sorting import SortingRule
from models.products import Product
from models.settings import Setting
from models.staff import RoleReach
from models.worktime import Holiday, WorkHours

Row = TypeVar("Row", bound=Any)


def install(code: str = "windows") -> None:
    """Bring the pack's roles, lists, firm, funnels, rules and prices into the base. Raises packs.BadPack."""
    pack = packs.read(code)
    _roles(pack["roles"])
    _choices(pack["choices"])
    _vat_rates(pack["vat_rates"])
    if pack["firm"] and _first(Firm) is None:
        db.session.add(Firm(**pack["firm"]))
    for position, funnel in enumerate(pack["funnels"]):
        _funnel(funnel, position)
    _sorting(pack["sorting"])
    _rules(pack["rules"])
    _worktime(pack["worktime"])
    _products(pack["products"])
    db.session.flush()


def _first(cls: type[Row], **values: Any) -> Row | None:
    """A row with these values, thrown away ones too: what an administrator deleted does not come back."""
    found = select(cls).filter_by(**values).limit(1).execution_options(with_deleted=True)
    return db.session.execute(found).scalars().first()


def _missing(cls: type[Row], key: Mapping[str, Any], **parts: Any) -> Row:
    """The row with this key, made of the key and the parts if there is none."""
    row = _first(cls, **key)
    if row is None:
        row = cls(**key, **parts)
        db.session.add(row)
        db.session.flush()
    return row


def _roles(roles: Mapping[str, Any]) -> None:
    for code, role in roles.items():
        if _first(RoleReach, code=code) is None:
            _role(code, role)


def _role(code: str, role: Mapping[str, Any]) -> None:
    row = _missing(Role, {"name": code})
    row.permissions = [_permission(name, view) for view, names in role.get("permissions", {}).items() for name in names]
    parts = {part: role[part] for part in ("names", "home", "reading", "writing", "hidden") if part in role}
    db.session.add(RoleReach(role_id=row.id, code=code, **parts))
    db.session.flush()


def _permission(name: str, view: str) -> PermissionView:
    permission = _missing(Permission, {"name": name})
    menu = _missing(ViewMenu, {"name": view})
    return _missing(PermissionView, {"permission_id": permission.id, "view_menu_id": menu.id})


def _choices(lists: Mapping[str, Any]) -> None:
    for name, items in lists.items():
        _missing(Setting, {"key": PREFIX + name}, value=items)


def _vat_rates(rates: list[dict[str, Any]]) -> None:
    for rate in rates:
        key = {part: rate[part] for part in ("code", "valid_from")}
        _missing(VatRate, key, **{part: rate.get(part) for part in ("label", "percent", "valid_to")})


def _funnel(funnel: Mapping[str, Any], position: int) -> None:
    """A funnel that is there already is the company's own: not one of its stages is touched."""
    if _first(Funnel, code=funnel["code"]) is not None:
        return
    row = Funnel(code=funnel["code"], names=funnel["names"], position=position)
    row.stages = [_stage(stage, place) for place, stage in enumerate(funnel["stages"])]
    db.session.add(row)


def _stage(stage: Mapping[str, Any], position: int) -> Stage:
    parts = {part: stage[part] for part in ("code", "names", "kind", "hue", "norm_hours") if part in stage}
    row = Stage(position=position, **parts)
    for place, gate in enumerate(stage.get("gates", ())):
        params = {name: value for name, value in gate.items() if name != "kind"}
        row.gates.append(Gate(kind=gate["kind"], params=params, position=place))
    row.playbook = [Playbook(position=place, **step) for place, step in enumerate(stage.get("playbook", ()))]
    return row


def _sorting(rules: list[dict[str, Any]]) -> None:
    """Rules of sorting; a question that the company answers its own way is left alone."""
    for position, rule in enumerate(rules):
        funnel = _first(Funnel, code=rule["funnel"]) if rule.get("funnel") else None
        key = {"what": rule["what"], "source": rule.get("source", ""), "funnel_id": funnel.id if funnel else None}
        _missing(SortingRule, key, action=rule["action"], params=rule.get("params", {}), position=position)


def _rules(rules: list[dict[str, Any]]) -> None:
    for position, rule in enumerate(rules):
        parts = {part: rule[part] for part in ("names", "event", "conditions", "actions") if part in rule}
        _missing(Rule, {"code": rule["code"]}, position=position, **parts)


def _worktime(worktime: Mapping[str, Any]) -> None:
    """Hours and holidays are the company's own as soon as it has any."""
    if not worktime or _first(WorkHours) is not None:
        return
    week = {str(day): spans_of(worktime["week"].get(name, ""), name) for day, name in enumerate(packs.WEEK)}
    db.session.add(WorkHours(zone=worktime.get("zone", "Europe/Moscow"), week=week))
    for day in worktime.get("days", ()):
        for number in range((day.get("until", day["from"]) - day["from"]).days + 1):
            parts = {"kind": day["kind"], "words": day.get("words", "")}
            _missing(Holiday, {"day": day["from"] + dt.timedelta(days=number)}, **parts)


def _products(products: list[dict[str, Any]]) -> None:
    """The price list is the company's own as soon as it has a single line."""
    if _first(Product) is not None:
        return
    for product in products:
        parts = dict(product)
        parts["price_list"] = parts.pop("list", "")
        parts |= {name: Decimal(str(parts.get(name, 0))) for name in ("price", "cost")}
        db.session.add(Product(**parts))
