"""Gates over facts: a table of what each asks, the way past several stages, and laws that hold for any facts."""

from decimal import Decimal as D
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lowcode.facts import Facts
from app.lowcode.gates import HouseGate, gates_on_the_way, needed, obstacles
from models.lowcode.fields import FIELDS

NBSP = "\u00a0"


def gate(kind, **params):
    return HouseGate(kind, params)


PAID_HALF = gate("paid", percent=50)

# facts, gate, the words of the obstacle (none: the deal may pass)
TABLE = [
    ({}, gate("field", field="address"), "Fill in “Address of the site”."),
    ({"fields": {"address": ""}}, gate("field", field="address"), "Fill in “Address of the site”."),
    ({"fields": {"address": "ул. Полевая"}}, gate("field", field="address"), ""),
    ({"fields": {"budget": D(0)}}, gate("field", field="budget"), "Fill in “Budget”."),
    ({}, gate("estimate_agreed"), "The estimate is not agreed. Agree its last version"),
    ({"agreed": D(0)}, gate("estimate_agreed"), ""),
    ({}, gate("document_issued", document="invoice"), "No invoice is issued."),
    ({"issued": frozenset({"quote"})}, gate("document_issued", document="invoice"), "No invoice is issued."),
    ({"issued": frozenset({"invoice"})}, gate("document_issued", document="invoice"), ""),
    ({"paid": D(10**6)}, PAID_HALF, "Without an agreed estimate it is not known"),
    ({"agreed": D(184500), "paid": D("92249.99")}, PAID_HALF, "Paid 92,249.99 ₽ of 92,250 ₽ (50% of the estimate)."),
    ({"agreed": D(184500), "paid": D(92250)}, PAID_HALF, ""),
    ({"agreed": D("0.01"), "paid": D(0)}, PAID_HALF, "Paid 0 ₽ of 0.01 ₽"),
    ({"agreed": D(184500), "sees_money": False}, PAID_HALF, "Less than 50% is paid. Record the payment."),
    ({}, gate("shipped"), "No shipment is recorded."),
    ({"is_shipped": True}, gate("shipped"), ""),
    (
        {"roles": frozenset({"manager"}), "role_names": {"director": "Director"}},
        gate("role", roles=["director"]),
        "Only these roles may move the deal here: Director.",
    ),
    ({"roles": frozenset({"director"})}, gate("role", roles=["director", "master"]), ""),
]


@pytest.fixture(autouse=True)
def english(app):
    """Words are those of the message ids."""
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.mark.parametrize(("values", "asked", "words"), TABLE)
def test_what_each_gate_asks(values, asked, words):
    found = obstacles(Facts(**values), [asked])
    said = [obstacle.words.replace(NBSP, " ") for obstacle in found]
    assert bool(said) == bool(words)
    assert all(text.startswith(words) for text in said)


def test_an_obstacle_names_the_field_that_is_missing_and_nothing_else_does():
    missing = obstacles(Facts(), [gate("field", field="payer"), gate("shipped")])
    assert [(one.kind, one.field) for one in missing] == [("field", "payer"), ("shipped", None)]


def test_the_same_thing_is_asked_once():
    assert len(obstacles(Facts(), [gate("shipped"), gate("field", field="payer"), gate("shipped")])) == 2


def funnel():
    kinds = ["open", "open", "open", "won", "lost"]
    return [
        SimpleNamespace(id=n, kind=kind, position=n, gates=[gate("field", field=f"f{n}")])
        for n, kind in enumerate(kinds)
    ]


# from, to, whose gates are asked
WAYS = [
    (0, 1, "f1"),
    (0, 2, "f1 f2"),
    (0, 3, "f1 f2 f3"),
    (2, 3, "f3"),
    (2, 1, "f1"),
    (2, 0, "f0"),
    (3, 1, "f1"),
    (0, 4, "lost_reason f4"),
    (2, 4, "lost_reason f4"),
]


@pytest.mark.parametrize(("come_from", "to", "asked"), WAYS)
def test_forward_asks_every_stage_on_the_way_back_and_lost_only_their_own(come_from, to, asked):
    stages = funnel()
    found = gates_on_the_way(stages, stages[come_from], stages[to])
    assert [one.params["field"] for one in found] == asked.split()


def test_a_lost_stage_in_the_middle_of_a_funnel_is_not_on_the_way():
    stages = funnel()
    stages[1].kind = "lost"
    assert [one.params["field"] for one in gates_on_the_way(stages, stages[0], stages[2])] == ["f2"]


MONEY = st.decimals(min_value=0, max_value=10**11, places=2)
GATES = st.lists(
    st.one_of(
        st.sampled_from(list(FIELDS)).map(lambda code: gate("field", field=code)),
        st.integers(1, 100).map(lambda share: gate("paid", percent=share)),
        st.sampled_from(["estimate_agreed", "shipped"]).map(gate),
        st.sampled_from(["invoice", "quote", "акт"]).map(lambda kind: gate("document_issued", document=kind)),
        st.lists(st.sampled_from(["manager", "director"]), min_size=1).map(lambda roles: gate("role", roles=roles)),
    ),
    max_size=6,
)
FACTS = st.builds(
    Facts,
    fields=st.dictionaries(st.sampled_from(list(FIELDS)), st.one_of(st.none(), st.sampled_from(["", "да"]), MONEY)),
    agreed=st.one_of(st.none(), MONEY),
    issued=st.frozensets(st.sampled_from(["invoice", "quote"])),
    paid=MONEY,
    is_shipped=st.booleans(),
    roles=st.frozensets(st.sampled_from(["manager", "director"])),
    sees_money=st.booleans(),
)


@given(FACTS, GATES)
def test_fewer_gates_never_ask_more(facts, gates):
    every = set(obstacles(facts, gates))
    for some in (gates[1:], gates[:-1]):
        assert set(obstacles(facts, some)) <= every


@given(FACTS, GATES, MONEY)
def test_more_money_never_adds_an_obstacle(facts, gates, more):
    richer = Facts(**{**vars(facts), "paid": facts.paid + more})
    kinds = [one.kind for one in obstacles(facts, gates)]
    assert all(one.kind in kinds for one in obstacles(richer, gates))
    assert len(obstacles(richer, gates)) <= len(kinds)


@given(FACTS, GATES)
def test_a_deal_that_has_everything_passes_everywhere(facts, gates):
    full = Facts(
        fields=dict.fromkeys(FIELDS, "да"),
        agreed=D(100),
        issued=frozenset({"invoice", "quote", "акт"}),
        paid=D(100),
        is_shipped=True,
        roles=frozenset({"manager", "director"}),
    )
    assert obstacles(full, gates) == []
    assert obstacles(facts, []) == []


@given(MONEY, st.integers(1, 100))
def test_what_is_due_is_whole_kopecks_and_no_more_than_the_total(agreed, share):
    due = needed(agreed, D(share))
    assert due == due.quantize(D("0.01"))
    assert due <= agreed
    assert abs(due - agreed * share / 100) <= D("0.005")


@given(FACTS, GATES)
def test_hidden_money_is_in_no_words(facts, gates):
    blind = Facts(**{**vars(facts), "sees_money": False})
    assert not any("₽" in one.words for one in obstacles(blind, gates))
