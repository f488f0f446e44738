"""Packs: the shipped one is whole, and a wrong one is refused with the place and the reason."""

import copy
from decimal import Decimal as D

import pytest

from app.lowcode import packs


@pytest.fixture
def pack():
    return copy.deepcopy(packs.read("windows"))


# What the issue asks for at the entry of each stage.
GATES = {
    "intake": [],
    "measure": [{"kind": "field", "field": "address"}],
    "estimate": [{"kind": "field", "field": "work_type"}],
    "bill": [
        {"kind": "field", "field": "payer"},
        {"kind": "estimate_agreed"},
        {"kind": "field", "field": "production_on"},
    ],
    "production": [{"kind": "document_issued", "document": "invoice"}, {"kind": "paid", "percent": 50}],
    "shipping": [{"kind": "field", "field": "production_on"}],
    "won": [{"kind": "shipped"}, {"kind": "paid", "percent": 100}],
    "lost": [],
}


def test_the_shipped_funnel_asks_what_was_promised(pack):
    (funnel,) = pack["funnels"]
    assert {stage["code"]: stage.get("gates", []) for stage in funnel["stages"]} == GATES
    norms = [stage.get("norm_hours") for stage in funnel["stages"] if stage.get("kind", "open") == "open"]
    assert norms == [24, 48, 48, 72, None, 48]


def test_everything_that_people_read_has_both_languages(pack):
    def names(node):
        if isinstance(node, dict):
            if "names" in node:
                yield node["names"]
            for value in node.values():
                yield from names(value)
        elif isinstance(node, list):
            for value in node:
                yield from names(value)

    found = list(names(pack))
    assert len(found) > 50
    assert all(one["ru"] and one["en"] for one in found)


# Deal № 1042: quantity, price, discount of the estimate's lines by article.
LINES_1042 = [
    ("ОК-70-2", "2", 5), ("ЛД-70-Г", "1", 5), ("СМ-Б", "3", 0), ("ПД-250", "2", 0), ("Р-01", "10.4", 0),
    ("Р-02", "12.5", 0), ("Р-03", "2", 0), ("ОТ-15", "5", 0), ("Р-05", "1", 0),
]  # fmt: skip


def test_the_price_list_makes_deal_1042_add_up(pack):
    prices = {one["sku"]: one for one in pack["products"]}
    total = sum(D(n) * D(str(prices[sku]["price"])) * (100 - off) / 100 for sku, n, off in LINES_1042)
    cost = sum(D(n) * D(str(prices[sku]["cost"])) for sku, n, _off in LINES_1042)
    assert (total, cost, total - cost) == (184_500, 128_300, 56_200)


def spoil(where, value):
    """Change one place of the pack: "funnels.0.stages.1.hue"."""

    def change(pack):
        *way, last = where.split(".")
        node = pack
        for part in way:
            node = node[int(part) if part.isdigit() else part]
        if value is KeyError:
            del node[last]
        else:
            node[int(last) if last.isdigit() else last] = value

    return change


STAGES = "funnels.0.stages"
WRONG = [
    ("code", KeyError, "code: is missing"),
    ("names", {"ru": "Окна"}, "has no name in 'en'"),
    ("surprise", [], "surprise: is no part of a pack"),
    ("choices", [], "choices: is a mapping"),
    ("funnels", {}, "funnels: is a list"),
    (f"{STAGES}.1.hue", "#ff0000", "stages.measure: hue '#ff0000' is not one of"),
    (f"{STAGES}.1.code", "intake", "stages.intake: this code is given twice"),
    (f"{STAGES}.1.norm_hours", -5, "norm_hours is not a whole number above 0"),
    (f"{STAGES}.6.kind", "open", "has exactly one stage of the kind 'won'"),
    (f"{STAGES}.0.kind", "won", "begins with a stage that is open"),
    (f"{STAGES}.1.gates.0", {"kind": "field", "field": "moon"}, "field 'moon' is not one of"),
    (f"{STAGES}.1.gates.0", {"kind": "paid", "percent": 120}, "percent is above 0 and at most 100"),
    (f"{STAGES}.1.gates.0", {"kind": "magic"}, "kind 'magic' is not one of"),
    (f"{STAGES}.1.gates.0", {"kind": "paid"}, "asks for percent"),
    (f"{STAGES}.1.gates.0", {"kind": "role", "roles": ["king"]}, "names roles that the pack lacks"),
    (f"{STAGES}.1.playbook.0.role", "king", "there is no role 'king'"),
    (f"{STAGES}.1.playbook.0.kind", "dance", "kind 'dance' is not one of"),
    ("rules.0.event", "", "has no event"),
    ("sorting.0.what", "weather", "what 'weather' is not one of"),
    ("sorting.0.action", "attach", "action 'attach' is not one of"),
    ("sorting.1.what", "spam", "another rule answers for the same place"),
    ("sorting.0.funnel", "moon", "names a funnel that the pack lacks"),
    ("roles.manager.reading.deal", "mine", "scope 'mine' is not one of"),
    ("products.0.price", -1, "price is a sum in roubles"),
    ("products.1.sku", "ОК-70-2", "this sku is given twice"),
]


@pytest.mark.parametrize(("where", "value", "words"), WRONG)
def test_a_wrong_pack_is_refused_with_the_place_and_the_reason(pack, where, value, words):
    spoil(where, value)(pack)
    with pytest.raises(packs.BadPack) as refusal:
        packs.check(pack)
    assert words in str(refusal.value)


def test_what_is_not_a_pack_at_all_is_refused(tmp_path):
    with pytest.raises(packs.BadPack, match="there is no pack"):
        packs.read("moon")
    (tmp_path / "bad.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(packs.BadPack, match="not YAML"):
        packs.read("bad", tmp_path)
    with pytest.raises(packs.BadPack, match="a pack is a mapping"):
        packs.check(["windows"])
