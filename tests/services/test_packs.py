"""Installing a pack: what is missing is added, what was edited or thrown away stays so."""

from sqlalchemy import func, select

from app.services import packs, trash
from models.firms import Firm, VatRate
from models.lowcode.funnels import Funnel, Gate, Playbook, Stage
from models.lowcode.rules import Rule
from models.products import Product
from models.settings import Setting
from models.staff import RoleReach

TABLES = (Funnel, Stage, Gate, Playbook, Rule, RoleReach, Product, Firm, VatRate, Setting)


def counted(session):
    return {
        table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES
    }


def test_a_second_installation_changes_nothing(as_system):
    before = counted(as_system)
    packs.install()
    assert counted(as_system) == before
    assert before["stage"] == 8
    assert before["product"] > 40


def test_what_was_edited_and_thrown_away_stays_so(as_system):
    stage = as_system.execute(select(Stage).where(Stage.code == "measure")).scalar_one()
    stage.names = {"ru": "Выезд", "en": "Visit"}
    as_system.delete(stage.gates[0])
    product = as_system.execute(select(Product).where(Product.sku == "ОК-70-2")).scalar_one()
    product.price = 1
    trash.erase(as_system.execute(select(Product).where(Product.sku == "СМ-Б")).scalar_one())
    reach = as_system.execute(select(RoleReach).where(RoleReach.code == "master")).scalar_one()
    reach.hidden = []
    rule = as_system.execute(select(Rule).where(Rule.code == "lead_received")).scalar_one()
    rule.active = False
    as_system.commit()
    packs.install()
    as_system.commit()
    assert stage.names["ru"] == "Выезд"
    assert as_system.execute(select(func.count(Gate.id)).where(Gate.stage_id == stage.id)).scalar_one() == 0
    assert product.price == 1
    assert as_system.execute(select(Product).where(Product.sku == "СМ-Б")).scalar_one_or_none() is None
    assert reach.hidden == []
    assert rule.active is False


def test_the_rate_of_vat_is_the_one_of_the_day(as_system):
    import datetime as dt

    rates = as_system.execute(select(VatRate).where(VatRate.code == "general")).scalars().all()

    def on(day):
        return [rate.percent for rate in rates if rate.holds_on(day)]

    assert on(dt.date(2025, 12, 31)) == [20]
    assert on(dt.date(2026, 1, 1)) == [22]
