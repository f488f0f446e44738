"""Verbs of the rules of sorting: a company says how a question is answered for all requests, a source or a funnel."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.lowcode.sorting import ACTIONS, WHO, WON
from app.services.versions import check_version, locked
from models.ground.base import db
from models.ground.limits import clean_line, clean_text
from models.ground.refused import Refused
from models.lowcode import choices
from models.lowcode.funnels import Funnel
from models.lowcode.sorting import SortingRule, SortingWhat

MOST_PHRASES, LONGEST_PHRASE, MOST_DAYS, MOST_LINKS = 200, 100, 365, 50


def all_rules() -> list[SortingRule]:
    """Every rule, the general ones first."""
    rows = select(SortingRule).order_by(SortingRule.position, SortingRule.id)
    return list(db.session.execute(rows).scalars())


def rule_at(what: str, source: str, funnel_id: int | None) -> SortingRule | None:
    """The rule for exactly this place."""
    place = (SortingRule.source == source, SortingRule.funnel_id.is_not_distinct_from(funnel_id))
    return db.session.execute(select(SortingRule).where(SortingRule.what == what, *place)).scalar_one_or_none()


def check_place(source: str, funnel_id: int | None) -> None:
    """Refuses a source or funnel that there is not."""
    known = {choice.code for choice in choices.choices("source")} | {"manual", "webhook", "import", ""}
    if source not in known and not any(rule.source == source for rule in all_rules()):
        raise Refused(_("There is no such source. Choose another."), "source")
    if funnel_id is not None and db.session.get(Funnel, funnel_id) is None:
        raise Refused(_("There is no such funnel. Choose another."), "funnel")


def set_rule(
    what: str, place: tuple[str, int | None], values: Mapping[str, Any], version: int | None = None
) -> SortingRule:
    """How a question is answered for a place (source, funnel). `values`: active, action, and its thresholds.

    Refuses thresholds that make no sense; raises Stale when somebody saved meanwhile.
    """
    source, funnel_id = place
    check_place(source, funnel_id)
    action = str(values.get("action") or ACTIONS[what][0])
    if action not in ACTIONS[what]:
        raise Refused(_("Choose what is done."), f"{what}.action")
    params = PARAMS[what](values)
    rule = rule_at(what, source, funnel_id)
    if rule is None:
        rule = SortingRule(what=what, source=source, funnel_id=funnel_id, position=list(SortingWhat).index(what))  # type: ignore[arg-type]
        db.session.add(rule)
    else:
        rule = locked(rule)
        check_version(rule, version, {"action": action, "params": params})
    rule.action, rule.active, rule.params = action, bool(values.get("active", True)), params
    db.session.flush()
    return rule


def forget_rule(what: str, place: tuple[str, int | None]) -> None:
    """The place has no rule of its own any more. Refuses to forget the general one: it can be switched off."""
    if place == ("", None):
        raise Refused(_("The general rule stays. Switch it off if it should not hold."), what)
    rule = rule_at(what, *place)
    if rule is not None:
        db.session.delete(rule)
        db.session.flush()


def _number(values: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    typed = str(values.get(name) or "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 6 and low <= int(typed) <= high):
        raise Refused(_("Write a number from %(low)s to %(high)s.", low=low, high=high), name)
    return int(typed)


def _phrases(values: Mapping[str, Any], name: str) -> list[str]:
    """Phrases, a line each."""
    typed = values.get(name) or ""
    lines = typed if isinstance(typed, list) else clean_text(typed, name, MOST_PHRASES * LONGEST_PHRASE).splitlines()
    found = list(dict.fromkeys(line for typed_line in lines if (line := clean_line(typed_line, name, LONGEST_PHRASE))))
    if len(found) > MOST_PHRASES:
        raise Refused(_("At most %(most)s phrases, a line each.", most=MOST_PHRASES), name)
    if any(not any(letter.isalnum() for letter in phrase) for phrase in found):
        raise Refused(_("A phrase has at least one letter or digit."), name)
    return found


def _duplicate(values: Mapping[str, Any]) -> dict[str, Any]:
    days = _number(values, "days", 1, MOST_DAYS)
    return {"days": days} if days is not None else {}


def _spam(values: Mapping[str, Any]) -> dict[str, Any]:
    links = _number(values, "links", 0, MOST_LINKS)
    return {"links": 3 if links is None else links, "words": _phrases(values, "spam_words")}


def _who(values: Mapping[str, Any]) -> dict[str, Any]:
    who = str(values.get("who") or WON)
    if who not in WHO:
        raise Refused(_("Choose who counts as returning."), "who")
    return {"who": who}


PARAMS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    SortingWhat.MISTAKE: lambda values: {"words": _phrases(values, "mistake_words")},
    SortingWhat.SPAM: _spam,
    SortingWhat.DUPLICATE: _duplicate,
    SortingWhat.NOT_CUSTOMER: lambda values: {
        "suppliers": _phrases(values, "suppliers"),
        "applicants": _phrases(values, "applicants"),
    },
    SortingWhat.PARTNER: lambda _values: {},
    SortingWhat.REPEAT: _who,
}
