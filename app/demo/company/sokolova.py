"""Deal № 1042: the estimate whose figures stand on every screen and paper of the project."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from app.demo.company.clock import Clock
from app.demo.company.people import Staff, acting
from app.services import clients, deals, documents, estimates, tasks
from models.deals import Deal
from models.documents import DocumentKind
from models.ground.base import clock_at, db
from models.messages import Message, MessageKind
from models.products import Product
from models.tasks import Task

NUMBER = 1042
# Article, size, quantity, discount in percent, section. 123 425 + 61 075 = 184 500; costs 128 300.
Row = tuple[str, str, str, int, str]
GOODS: tuple[Row, ...] = (
    ("ОК-70-2", "1450 × 1420", "2", 5, "goods"),
    ("ЛД-70-Г", "3200 × 1550 + 850", "1", 5, "goods"),
    ("СМ-Б", "690 × 1350", "3", 0, "goods"),
    ("ПД-250", "1500", "2", 0, "goods"),
)
WORKS: tuple[Row, ...] = (
    ("Р-01", "", "10.4", 0, "work"),
    ("Р-02", "", "12.5", 0, "work"),
    ("Р-03", "", "2", 0, "work"),
    ("ОТ-15", "1500", "5", 0, "work"),
    ("Р-05", "", "1", 0, "work"),
)
# Version 2 was dearer: plastered slopes and cover strips, no discount; version 1 had nets against cats.
PLASTER: Row = ("Р-04", "", "12.5", 0, "work")
STRIPS: Row = ("НЩ-60-Б", "", "15", 0, "goods")
CAT_NETS: Row = ("СМ-АК", "690 × 1350", "4", 0, "goods")

SAID = (
    (-1, "18:44", MessageKind.INCOMING, "call", "Антон Соколов",
     "Звонок 4:18. Просит уложиться в 185 тысяч. Согласен на откосы попроще."),
    (0, "9:01", MessageKind.OUTGOING, "telegram", "Марина Ковалёва",
     "Ирина, доброе утро! Пересчитала с вашими пожеланиями: получилось 184 500 ₽, цену держим неделю."),
    (0, "9:04", MessageKind.INCOMING, "telegram", "Ирина Соколова", "А подоконники входят?"),
)  # fmt: skip


class Sokolova:
    """Her deal, from the first call six days ago to the third version of the estimate this morning."""

    def __init__(self, staff: Staff, clock: Clock) -> None:
        self.staff, self.clock, self.owner = staff, clock, staff["marina"]
        self.begin = clock.was(-6, "12:40")
        self.deal: Deal

    def go(self) -> Deal:
        clock, owner = self.clock, self.owner
        with clock_at(self.begin), acting(owner):
            self.deal = self._start()
        with clock_at(self.begin + dt.timedelta(hours=3)), acting(owner):
            self._finish("call")
            deals.move(self.deal, self._stage("measure"), {"address": "ул. Полевая, 14, кв. 52"})
        with clock_at(clock.was(-3, "16:20")), acting(self.staff["pavel"]):
            self._finish("measure", "Окно 1 и 2: 1450 × 1420. Лоджия: 3200 × 1550 и 850 × 1550.")
        with clock_at(clock.was(-3, "16:21")), acting(owner):
            self._finish("other", "Всё сходится")
            deals.move(self.deal, self._stage("estimate"), {"work_type": "balcony"})
        self._versions()
        self._say()
        self._tasks_of_today()
        return self.deal

    def _start(self) -> Deal:
        values = {
            "full_name": "Соколова Ирина Викторовна",
            "address": "г. Москва, ул. Полевая, д. 14, кв. 52",
            "comment": "Решает муж, Антон Соколов, +7 900 000-12-35.",
        }
        contacts: dict[str, Any] = {
            "phones": ["+7 900 000-12-34"],
            "emails": ["i.sokolova@example.ru"],
        }
        client = clients.create("Ирина Соколова", owner=self.owner, values=values, **contacts)
        wanted = {
            "title": "Лоджия и два окна",
            "source": "referral",
            "category": "repeat",
            "budget": 200_000,
            "expected_on": self.clock.today + dt.timedelta(days=30),
        }
        return deals.start(client, wanted)

    def _versions(self) -> None:
        works = (WORKS[0], PLASTER, *WORKS[2:])
        plain = tuple((sku, size, quantity, 0, section) for sku, size, quantity, _off, section in GOODS)
        first = (*plain[:2], CAT_NETS, plain[3], STRIPS, *works)
        second = (*plain, STRIPS, *works)
        with clock_at(self.clock.was(-2, "11:15")), acting(self.owner):
            self._save(first)
            estimates.send(estimates.draft(self.deal))
        with clock_at(self.clock.was(-1, "11:02")), acting(self.owner):
            self._save(second)
            documents.issue(self.deal, DocumentKind.QUOTE)
        with clock_at(self.clock.was(0, "8:55")), acting(self.owner):
            self._save((*GOODS, *WORKS))

    def _save(self, rows: tuple[Row, ...]) -> None:
        names = [row[0] for row in rows]
        found = db.session.execute(select(Product).where(Product.sku.in_(names))).scalars()
        by_sku = {product.sku: product for product in found}
        lines = [
            {
                "product_id": by_sku[sku].id,
                "size": size,
                "quantity": quantity,
                "discount": off,
                "section": section,
            }
            for sku, size, quantity, off, section in rows
        ]
        estimates.save_lines(estimates.draft(self.deal), lines)

    def _say(self) -> None:
        for days, time, kind, channel, author, words in SAID:
            at = self.clock.was(days, time)
            by = self.owner.id if kind == MessageKind.OUTGOING else None
            with clock_at(at):
                said = Message(
                    kind=kind, channel=channel, deal_id=self.deal.id, author_name=author, words=words
                )
                said.created_by_id = by
                db.session.add(said)
                db.session.flush()

    def _tasks_of_today(self) -> None:
        """Two of the playbook's four are done; the quote is due this morning."""
        with clock_at(self.clock.was(0, "8:56")), acting(self.owner):
            self._finish("estimate", "184 500 ₽, версия 3")
            self._finish("call", "Договорились на 185 тысяч")
            for task in self._live():
                if task.kind == "document":
                    title = "Сформировать КП по версии 3"
                    tasks.change(task, {"title": title, "due_at": self.clock.at(0, "11:30")})
                else:
                    tasks.change(task, {"due_at": self.clock.at(1, "18:00")})

    def _live(self, kind: str | None = None) -> list[Task]:
        live = select(Task).where(Task.deal_id == self.deal.id, Task.done_at.is_(None)).order_by(Task.due_at)
        found = db.session.execute(live).scalars().all()
        return [task for task in found if kind is None or task.kind == kind]

    def _finish(self, kind: str, result: str = "") -> None:
        """The open tasks of a kind; on Смета the first call is over, the second is still to come."""
        found = self._live(kind)
        for task in found[:1] if self.deal.stage.code == "estimate" else found:
            tasks.finish(task, result)

    def _stage(self, code: str) -> Any:
        return next(stage for stage in self.deal.funnel.stages if stage.code == code)
