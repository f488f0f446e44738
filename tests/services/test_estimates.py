"""Estimates: sums, versions, discounts, who sees what, and what is refused."""

import json
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.services import estimates
from app.services.estimates import lines as estimate_lines
from models.deals import Deal
from models.estimates import Estimate, EstimateLine, EstimateState
from models.ground.actor import SYSTEM, acting_as
from models.ground.history import Change, Event
from models.ground.money import ZERO, parts_of, spread, vat_inside
from models.ground.refused import NotFound, Refused, Stale
from models.products import Product
from tests.money import acting, agreed_1042, deal_of, lines_1042

VECTORS = Path(__file__).parent.parent / "vectors"


def vector(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def test_vat_as_in_the_vectors():
    data = vector("vat")
    for row in data["included"]:
        assert vat_inside(D(row["gross"]), D(row["rate"])) == D(row["vat"])
    lines = [
        EstimateLine(quantity=D(row["qty"]), price=D(row["price"]), discount=D(0), vat_percent=D(22))
        for row in data["line_vs_total"]["lines"]
    ]
    assert [line.vat for line in lines] == [D(row["vat"]) for row in data["line_vs_total"]["lines"]]
    assert sum(line.vat for line in lines) == D(data["line_vs_total"]["sum_of_lines"])


def test_without_vat_is_not_nought_percent():
    assert vat_inside(D("1220.00"), None) == 0
    assert vat_inside(D("1220.00"), D(0)) == 0


@pytest.mark.parametrize("case", vector("payment_schedules")["cases"], ids=lambda case: case["code"])
def test_parts_of_a_payment_add_up(case):
    assert parts_of(D(case["total"]), [D(p) for p in case["percents"]]) == [D(p) for p in case["expect"]]


money = st.decimals(min_value="0.01", max_value="1000000", places=2)


@given(amounts=st.lists(money, min_size=1, max_size=40), share=st.decimals(min_value=0, max_value=1, places=6))
def test_what_is_spread_over_lines_adds_up_and_no_line_goes_below_zero(amounts, share):
    whole = sum(amounts, ZERO)
    off = (whole * share).quantize(D("0.01"))
    parts = spread(off, amounts)
    assert sum(parts, ZERO) == off
    assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))


lines = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.just("Строка"),
            "quantity": st.decimals(min_value="0.001", max_value="999", places=3),
            "price": st.decimals(min_value=0, max_value="99999", places=2),
            "discount": st.decimals(min_value=0, max_value=100, places=2),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(lines)
@settings(max_examples=60)
def test_a_line_is_list_price_minus_discount_and_vat_is_inside(rows):
    for row in rows:
        line = EstimateLine(**row, discount_sum=None, vat_percent=D(22), cost=D(0))
        assert 0 <= line.sum <= line.full
        assert 0 <= line.vat <= line.sum
        again = EstimateLine(**row, discount_sum=line.full - line.sum, vat_percent=D(22), cost=D(0))
        assert again.sum == line.sum


@given(lines, st.decimals(min_value="0.01", max_value=1, places=4))
@settings(max_examples=60)
def test_to_the_sum_is_exact_to_the_kopeck(rows, share):
    full = sum((EstimateLine(**row).full for row in rows), ZERO)
    wanted = (full * share).quantize(D("0.01"))
    if not wanted:
        return
    done = [EstimateLine(**row) for row in estimate_lines.to_the_sum(rows, wanted)]
    assert sum((line.sum for line in done), ZERO) == wanted
    assert all(line.sum >= 0 for line in done)


def test_estimate_1042_adds_up(app, as_system):
    deal = agreed_1042(as_system)
    estimate = as_system.execute(select(Estimate).where(Estimate.revision == 3)).scalar_one()
    goods, work = (sum(x.sum for x in estimate.lines if x.section == part) for part in ("goods", "work"))
    assert (goods, work) == (D("123425.00"), D("61075.00"))
    assert estimate.total == D("184500.00") == deal.amount
    assert estimate.full == D("190425.00")
    assert estimate.discount == D("5925.00")
    assert estimate.vat == D("33270.49")
    assert estimate.cost == D("128300.00")
    assert (estimate.margin, estimate.margin_percent) == (D("56200.00"), D("30.5"))
    assert estimate.number == "1042-3"


def test_the_amount_of_the_deal_follows_the_agreed_version(as_system):
    deal = agreed_1042(as_system)
    agreed = estimates.agreed_version(deal)
    later = estimates.next_version(agreed)
    estimates.save_lines(later, [{"name": "Своя строка", "quantity": "1", "price": "500"}])
    assert deal.amount == D("184500.00")
    estimates.agree(later)
    assert deal.amount == D("500.00")
    assert agreed.state == EstimateState.SENT


def test_a_sent_version_is_frozen_and_the_next_one_copies_it(as_system):
    deal = deal_of(as_system)
    first = estimates.draft(deal)
    estimates.save_lines(first, lines_1042())
    estimates.send(first)
    with pytest.raises(Refused, match="no longer changes|больше не меняется"):
        estimates.save_lines(first, [])
    second = estimates.next_version(first)
    assert [line.root_id for line in second.lines] == [line.id for line in first.lines]
    assert second.total == first.total
    assert estimates.next_version(first) is second


def test_a_stale_save_is_refused_with_both_values(app, as_system):
    deal = deal_of(as_system, "anna")
    estimate = estimates.draft(deal)
    estimates.save_lines(estimate, [{"name": "Окно", "quantity": 2, "price": 100}])
    seen, line = estimate.version, estimate.lines[0].id
    as_system.commit()
    with acting(app, "anna") as session:
        mine = session.get(Estimate, estimate.id)
        estimates.save_lines(mine, [{"id": line, "name": "Окно", "quantity": 3, "price": 100}], seen)
        session.commit()
    with acting(app, "marina") as session:
        theirs = session.get(Estimate, estimate.id)
        with pytest.raises(Stale) as stale:
            estimates.save_lines(theirs, [{"id": line, "name": "Окно", "quantity": 4, "price": 100}], seen)
    assert stale.value.by == "Анна Белова"
    (difference,) = stale.value.differences
    assert difference.field.startswith("Окно: ")
    assert (difference.mine, difference.theirs) == ("4", "3")


def test_only_the_owner_and_her_head_write_an_estimate(app, as_system):
    deal = deal_of(as_system, "anna")
    estimate = estimates.draft(deal)
    as_system.commit()
    for rival in ("oleg", "stranger", "pavel", "sergey"):
        with acting(app, rival) as session:
            assert session.execute(select(Estimate)).scalars().all() == []
            assert session.get(Deal, deal.id) is None
    for reader in ("director", "nina"):
        with acting(app, reader) as session, pytest.raises(NotFound):
            estimates.save_lines(session.get(Estimate, estimate.id), lines_1042())
    with acting(app, "marina") as session:
        estimates.save_lines(session.get(Estimate, estimate.id), lines_1042())
        session.commit()


BAD = [
    ({"quantity": "0"}, "1.quantity"),
    ({"quantity": "-1"}, "1.quantity"),
    ({"quantity": "abc"}, "1.quantity"),
    ({"quantity": "1e30"}, "1.quantity"),
    ({"quantity": "NaN"}, "1.quantity"),
    ({"price": "-5"}, "1.price"),
    ({"price": "1e30"}, "1.price"),
    ({"price": "999999999999"}, None),
    ({"discount": "101"}, "1.discount"),
    ({"discount": "-1"}, "1.discount"),
    ({"discount_sum": "1000"}, "1.discount"),
    ({"name": "a\x00b"}, None),
    ({"name": "я" * 251}, None),
]


@pytest.mark.parametrize(("change", "field"), BAD, ids=lambda x: str(x)[:30])
def test_bad_values_are_refused_with_a_sentence(as_system, change, field):
    estimate = estimates.draft(deal_of(as_system))
    good = {"name": "Окно", "quantity": "2", "price": "100"}
    with pytest.raises(Refused) as refused:
        estimates.save_lines(estimate, [good | change])
    assert refused.value.words
    if field:
        assert refused.value.field == field


def test_empty_rows_are_dropped_and_too_many_are_refused(as_system):
    estimate = estimates.draft(deal_of(as_system))
    estimates.save_lines(estimate, [{"name": " "}, {"name": "Окно", "price": "1"}, {}])
    assert [line.name for line in estimate.lines] == ["Окно"]
    with pytest.raises(Refused):
        estimates.save_lines(estimate, [{"name": "x"}] * 301)
    with pytest.raises(Refused):
        estimates.agree(estimates.save_lines(estimate, []))


def test_a_pasted_line_finds_its_product_by_article_or_name(as_system):
    estimate = estimates.draft(deal_of(as_system))
    estimates.save_lines(estimate, [{"name": "Нащельник 60 мм, белый", "quantity": "3"}, {"sku": "Р-09"}])
    trim, adjusting = estimate.lines
    assert (trim.sku, trim.price, trim.cost, trim.unit, trim.section) == (
        "НЩ-60-Б", D("150.00"), D("84.00"), "п. м", "goods",
    )  # fmt: skip
    assert (adjusting.name, adjusting.section) == ("Регулировка створки", "work")


def test_who_does_not_see_costs_does_not_change_them(app, as_system):
    deal = deal_of(as_system)
    estimate = estimates.draft(deal)
    estimates.save_lines(estimate, lines_1042())
    line = estimate.lines[0]
    as_system.commit()
    blind = replace(SYSTEM, hidden=frozenset({"estimate.cost"}))
    with acting_as(blind) as session:
        same = session.get(Estimate, estimate.id)
        estimates.save_lines(same, [{"id": line.id, "sku": "ОК-70-2", "quantity": 2, "cost": "1"}])
        assert same.lines[0].cost == D("16900.00")
        session.commit()


def test_saving_is_in_the_history_once(as_system):
    deal = deal_of(as_system)
    estimate = estimates.draft(deal)
    estimates.save_lines(estimate, lines_1042())
    as_system.commit()
    rows = select(Change.old, Change.new).where(Change.table == "estimate", Change.field == "total")
    assert as_system.execute(rows).all() == [("0.00", "184500.00")]
    names = as_system.execute(select(Event.name).where(Event.deal_id == deal.id)).scalars().all()
    assert names.count("estimate.saved") == 1


def test_general_discounts_replace_those_of_lines():
    rows = [{"quantity": D(2), "price": D("100.00"), "discount": D(5)}, {"quantity": D(1), "price": D("33.33")}]
    done = [EstimateLine(**row) for row in estimate_lines.discounted(rows, "10")]
    assert [line.sum for line in done] == [D("180.00"), D("30.00")]
    exact = [EstimateLine(**row) for row in estimate_lines.to_the_sum(rows, "200")]
    assert [line.sum for line in exact] == [D("171.43"), D("28.57")]
    for bad in ("0", "-1", "233.34", "abc"):
        with pytest.raises(Refused):
            estimate_lines.to_the_sum(rows, bad)


def test_taking_an_agreement_back(as_system):
    deal = agreed_1042(as_system)
    estimate = estimates.agreed_version(deal)
    estimates.take_back(estimate)
    assert estimate.state == EstimateState.SENT
    assert estimates.agreed_version(deal) is None
    assert as_system.execute(select(Product.id)).first()
