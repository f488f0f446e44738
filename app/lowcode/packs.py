"""Reads a pack (app/packs/<code>.yaml): what a trade needs, as checked data; services/packs installs it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from app.lowcode.scripts import unknown_places
from app.lowcode.sorting import ACTIONS
from models.ground.actor import Scope
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import GateKind, OnLeave, StageKind
from models.products import ProductKind
from models.tasks import TaskKind
from models.worktime import DayKind

FOLDER = Path(__file__).resolve().parent.parent / "packs"
LANGUAGES = ("ru", "en")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HUES = ("slate", "blue", "cyan", "teal", "green", "amber", "orange", "red", "pink", "violet")
LISTS = ("vat_rates", "sorting", "funnels", "rules", "products")
MAPPINGS = ("names", "firm", "choices", "roles", "worktime")
PARTS = ("code", *LISTS, *MAPPINGS)
GATE_PARAMS = {
    GateKind.FIELD: "field",
    GateKind.DOCUMENT_ISSUED: "document",
    GateKind.PAID: "percent",
    GateKind.ROLE: "roles",
}


class BadPack(ValueError):
    """A pack that cannot be installed; the message names the place and what is wrong with it."""


def read(code: str = "windows", folder: Path = FOLDER) -> dict[str, Any]:
    """A pack by its code, checked. Raises BadPack."""
    file = folder / f"{code}.yaml"
    if not file.is_file():
        raise BadPack(f"there is no pack {code!r} in {folder.name}/")
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadPack(f"{file.name} is not YAML: {error}") from error
    return check(data)


def check(pack: Any) -> dict[str, Any]:
    """The pack with all of its parts, or BadPack that names the first thing wrong with it."""
    if not isinstance(pack, dict):
        raise BadPack("a pack is a mapping with code, names and parts")
    for part in pack:
        _demand(part in PARTS, str(part), f"is no part of a pack; the parts are {', '.join(PARTS)}")
    whole: dict[str, Any] = {part: [] for part in LISTS} | {part: {} for part in MAPPINGS} | pack
    for part in MAPPINGS:
        _demand(isinstance(whole[part], dict), part, "is a mapping")
    _demand(bool(whole.get("code")), "code", "is missing")
    _named(whole, str(whole["code"]))
    _worktime(whole["worktime"])
    roles = whole["roles"]
    for name, items in whole["choices"].items():
        _each(items, f"choices.{name}", _choice)
    _each(whole["funnels"], "funnels", lambda funnel, at: _funnel(funnel, at, roles))
    _each(whole["rules"], "rules", _rule)
    _each(whole["products"], "products", _product, key="sku")
    for code, role in roles.items():
        _role(role, f"roles.{code}")
    _sorting(whole["sorting"], [funnel["code"] for funnel in whole["funnels"]])
    return whole


def _demand(holds: bool, at: str, words: str) -> None:
    if not holds:
        raise BadPack(f"{at}: {words}")


def _each(items: Any, at: str, check_one: Callable[[Any, str], None], key: str = "code") -> None:
    """Every item of a list has a code that no other has, and is right in itself."""
    _demand(isinstance(items, list), at, "is a list")
    seen: set[str] = set()
    for number, item in enumerate(items, 1):
        _demand(isinstance(item, dict), f"{at}[{number}]", "is a mapping")
        code = str(item.get(key, ""))
        _demand(bool(code), f"{at}[{number}]", f"has no {key}")
        _demand(code not in seen, f"{at}.{code}", f"this {key} is given twice")
        seen.add(code)
        check_one(item, f"{at}.{code}")


def _named(item: Mapping[str, Any], at: str) -> None:
    names = item.get("names")
    _demand(isinstance(names, dict), at, "has no names")
    for language in LANGUAGES:
        _demand(bool(item["names"].get(language)), at, f"has no name in {language!r}")


def _worktime(worktime: Mapping[str, Any]) -> None:
    """Hours by weekday as people write them, and days that differ from theirs."""
    _demand(set(worktime) <= {"zone", "week", "days"}, "worktime", "has zone, week and days")
    week = worktime.get("week", {})
    _demand(isinstance(week, dict) and set(week) <= set(WEEK), "worktime.week", f"has {', '.join(WEEK)}")
    for number, day in enumerate(worktime.get("days", ()), 1):
        at = f"worktime.days[{number}]"
        _demand(isinstance(day, dict), at, "is a mapping")
        _one_of(day.get("kind"), list(DayKind), at, "kind")
        first, last = day.get("from"), day.get("until", day.get("from"))
        _demand(isinstance(first, dt.date) and isinstance(last, dt.date) and first <= last, at, "has from and until")


def _choice(choice: Mapping[str, Any], at: str) -> None:
    _named(choice, at)
    _one_of(choice.get("hue", "slate"), HUES, at, "hue")


def _one_of(value: Any, allowed: Sequence[str], at: str, what: str) -> None:
    _demand(str(value) in allowed, at, f"{what} {value!r} is not one of {', '.join(allowed)}")


def _funnel(funnel: Mapping[str, Any], at: str, roles: Mapping[str, Any]) -> None:
    _named(funnel, at)
    _each(funnel.get("stages"), f"{at}.stages", lambda stage, where: _stage(stage, where, roles))
    kinds = [stage.get("kind", StageKind.OPEN) for stage in funnel["stages"]]
    _demand(bool(kinds) and kinds[0] == StageKind.OPEN, at, "begins with a stage that is open")
    for kind in (StageKind.WON, StageKind.LOST):
        _demand(kinds.count(kind) == 1, at, f"has exactly one stage of the kind {kind.value!r}")


def _stage(stage: Mapping[str, Any], at: str, roles: Mapping[str, Any]) -> None:
    _named(stage, at)
    _one_of(stage.get("hue", "slate"), HUES, at, "hue")
    _one_of(stage.get("kind", "open"), list(StageKind), at, "kind")
    norm = stage.get("norm_hours")
    _demand(norm is None or (isinstance(norm, int) and norm > 0), at, "norm_hours is not a whole number above 0")
    for number, gate in enumerate(stage.get("gates", ()), 1):
        _gate(gate, f"{at}.gates[{number}]", roles)
    for number, step in enumerate(stage.get("playbook", ()), 1):
        where = f"{at}.playbook[{number}]"
        _named(step, where)
        _one_of(step.get("kind", "other"), list(TaskKind), where, "kind")
        role = step.get("role")
        _demand(role is None or role in roles, where, f"there is no role {role!r}")
        _one_of(step.get("on_leave", OnLeave.KEEP), list(OnLeave), where, "on_leave")
        for point in step.get("checklist", ()):
            _demand(isinstance(point, dict) and bool(point), where, "a point of the checklist has no names")
        for said in step.get("script", {}).values():
            wrong = unknown_places(said)
            _demand(not wrong, where, f"the script names {wrong[:1]}, which is no known fact")


def _gate(gate: Mapping[str, Any], at: str, roles: Mapping[str, Any]) -> None:
    _one_of(gate.get("kind"), list(GateKind), at, "kind")
    wanted = GATE_PARAMS.get(GateKind(gate["kind"]))
    _demand(set(gate) == {"kind", *([wanted] if wanted else [])}, at, f"asks for {wanted or 'nothing more'}")
    if wanted == "field":
        _one_of(gate["field"], list(FIELDS), at, "field")
    if wanted == "percent":
        share = gate["percent"]
        _demand(isinstance(share, int | float) and 0 < share <= 100, at, "percent is above 0 and at most 100")
    if wanted == "roles":
        known = bool(gate["roles"]) and set(gate["roles"]) <= set(roles)
        _demand(known, at, "names roles that the pack lacks")


def _rule(rule: Mapping[str, Any], at: str) -> None:
    _named(rule, at)
    _demand(bool(rule.get("event")), at, "has no event")
    for action in rule.get("actions", ()):
        _demand(isinstance(action, dict) and bool(action.get("do")), at, "has an action without `do`")


def _sorting(rules: Any, funnels: Sequence[str]) -> None:
    _demand(isinstance(rules, list), "sorting", "is a list")
    seen: set[tuple[str, str, str]] = set()
    for number, rule in enumerate(rules, 1):
        at = f"sorting[{number}]"
        _demand(isinstance(rule, dict), at, "is a mapping")
        _one_of(rule.get("what"), list(ACTIONS), at, "what")
        _one_of(rule.get("action"), ACTIONS[rule["what"]], at, "action")
        _demand(rule.get("funnel") is None or rule["funnel"] in funnels, at, "names a funnel that the pack lacks")
        place = (rule["what"], rule.get("source", ""), rule.get("funnel") or "")
        _demand(place not in seen, at, "answers a question that another rule answers for the same place")
        _demand(isinstance(rule.get("params", {}), dict), at, "params is a mapping")
        seen.add(place)


def _product(product: Mapping[str, Any], at: str) -> None:
    _demand(bool(product.get("name")), at, "has no name")
    _one_of(product.get("kind", "goods"), list(ProductKind), at, "kind")
    for sum_of in ("price", "cost"):
        value = product.get(sum_of, 0)
        _demand(isinstance(value, int | float) and 0 <= value < 10**12, at, f"{sum_of} is a sum in roubles")


def _role(role: Mapping[str, Any], at: str) -> None:
    _named(role, at)
    scopes = [scope.name.lower() for scope in Scope]
    for side in ("reading", "writing"):
        for noun, scope in role.get(side, {}).items():
            _one_of(scope, scopes, f"{at}.{side}.{noun}", "scope")
