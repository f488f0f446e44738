"""Takes the open deals of the demo company to where they stand, by the verbs that their people would use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.demo.company.board import BILL, ESTIMATE, PRODUCTION, Open
from app.demo.company.clock import Clock
from app.demo.company.people import Staff, acting
from app.services import clients, deals, documents, estimates, payments, tasks
from models.clients import Client
from models.deals import Deal
from models.documents import DocumentKind
from models.ground.base import clock_at, db
from models.lowcode.funnels import Stage
from models.tasks import Task

# Hours that a deal of this company usually stays on each stage.
USUAL = (18, 40, 44, 50, 190, 30)
CODES = ("intake", "measure", "estimate", "bill", "production", "shipping")
QUOTED = ("ООО «Рубин-Строй»",)
DONE = {"measure": "Размеры сняты", "estimate": "Готово", "call": "Поговорили", "payment": "Пришла"}


class Walk:
    """One deal on its way; each step is taken at its own moment."""

    def __init__(self, spec: Open, staff: Staff, clock: Clock) -> None:
        self.spec, self.staff, self.clock = spec, staff, clock
        self.owner = staff[spec.owner]
        last = clock.ago(spec.hours)
        stays = [dt.timedelta(hours=hours) for hours in USUAL[: spec.stage]]
        self.moments = [last - sum(stays[place:], dt.timedelta()) for place in range(spec.stage + 1)]
        self.deal: Deal

    @property
    def begin(self) -> dt.datetime:
        """When the deal was started."""
        return self.moments[0]

    def go(self) -> Deal:
        """From the first call to where it stands today."""
        with clock_at(self.begin), acting(self.owner):
            self.deal = deals.start(self._client(), self._first_values())
        for place in range(1, self.spec.stage + 1):
            self._prepare(place)
            with clock_at(self.moments[place]), acting(self.owner):
                deals.move(self.deal, self._stage(CODES[place]), self._asked(place))
        if self.spec.stage == ESTIMATE:
            self._draft()
        self._next_task()
        return self.deal

    def _draft(self) -> None:
        """The estimate of a deal that stands on Смета; some clients have their quote already."""
        with clock_at(self.moments[-1] + dt.timedelta(minutes=90)), acting(self.owner):
            estimates.save_lines(estimates.draft(self.deal), lines_for(self.spec))
            if self.spec.client in QUOTED:
                documents.issue(self.deal, DocumentKind.QUOTE)

    def _client(self) -> Client:
        spec = self.spec
        kind = "company" if spec.is_company else "person"
        values = {"kind": kind, "address": spec.address}
        return clients.create(
            spec.client, phones=[f"+7 900 000-{spec.phone}"], owner=self.owner, values=values
        )

    def _first_values(self) -> dict[str, Any]:
        spec = self.spec
        return {"title": spec.title, "source": spec.source, "category": spec.category, "amount": spec.amount}

    def _asked(self, place: int) -> dict[str, Any]:
        """What the gates of a stage ask for."""
        made_by = self.clock.today + dt.timedelta(days=3)
        if self.spec.stage == PRODUCTION and self.spec.due and self.spec.due[0] > 0:
            made_by = self.clock.today + dt.timedelta(days=self.spec.due[0])
        return {
            1: {"address": self.spec.address},
            ESTIMATE: {"work_type": self.spec.work},
            BILL: {"payer": self.deal.client_id, "production_on": made_by},
        }.get(place, {})

    def _prepare(self, place: int) -> None:
        """The work of the stage that the deal is about to leave."""
        ready = self.moments[place] - dt.timedelta(minutes=40)
        with clock_at(ready):
            if place == BILL:
                self._estimate()
            elif place == PRODUCTION:
                self._bill()
            self._finish(self._open_tasks())

    def _estimate(self) -> None:
        with acting(self.owner):
            estimate = estimates.save_lines(estimates.draft(self.deal), lines_for(self.spec))
            estimates.send(estimate)
            estimates.agree(estimate)

    def _bill(self) -> None:
        """Half is invoiced and paid before anything is made."""
        with acting(self.staff["nina"]):
            invoice = documents.issue(self.deal, DocumentKind.INVOICE, 50)
            payments.record(self.deal, {"amount": invoice.amount, "invoice": invoice.id})

    def _open_tasks(self) -> Sequence[Task]:
        live = select(Task).where(Task.deal_id == self.deal.id, Task.done_at.is_(None)).order_by(Task.id)
        return db.session.execute(live).scalars().all()

    def _finish(self, found: Sequence[Task]) -> None:
        """Each by whom it was given to."""
        people = {one.id: one for one in self.staff.values()}
        for task in found:
            with acting(people.get(task.assignee_id or 0, self.owner)):
                tasks.finish(task, DONE.get(task.kind, ""))

    def _stage(self, code: str) -> Stage:
        return next(stage for stage in self.deal.funnel.stages if stage.code == code)

    def _next_task(self) -> None:
        """The playbook's tasks of the stage give way to what the board shows as the next one."""
        spec, found = self.spec, list(self._open_tasks())
        if spec.due is None:
            with clock_at(self.clock.ago(0.5)):
                self._finish(found)
            return
        same = next((task for task in found if task.kind == spec.kind), found[0])
        with clock_at(self.moments[-1] + dt.timedelta(minutes=10)):
            with acting(self.owner):
                tasks.change(
                    same, {"title": spec.task, "kind": spec.kind, "due_at": self.clock.at(*spec.due)}
                )
            rest = [task for task in found if task is not same]
            self._finish([task for task in rest if task.kind != "payment"])
            with acting(self.staff["nina"]):
                for task in rest:
                    if task.kind == "payment":
                        tasks.change(task, {"due_at": self.clock.at(spec.due[0] + 2, "12:00")})


def lines_for(spec: Open) -> list[dict[str, Any]]:
    """What is made and its fitting, which together cost exactly what the deal is worth; a third is margin."""
    made = spec.amount * 4 // 5 // 100 * 100
    fitted = spec.amount - made
    return [
        {"name": spec.title, "section": "goods", "quantity": 1, "price": made, "cost": round(made * Decimal("0.68"))},
        {"name": "Доставка и монтаж", "section": "work", "quantity": 1, "unit": "усл. ед.", "price": fitted,
         "cost": round(fitted * Decimal("0.62"))},
    ]  # fmt: skip


def second_bills(walks: Sequence[Walk], clock: Clock, nina: Any) -> None:
    """Invoices as they wait for payment: first halves where the deal stands on Счёт, rests where it is made."""
    for walk in walks:
        plan = BILLS.get(walk.spec.client)
        if plan is None:
            continue
        share, days, paid = plan
        with clock_at(clock.was(days, "12:10")), acting(nina):
            invoice = documents.issue(walk.deal, DocumentKind.INVOICE, share)
        if paid:
            with clock_at(clock.was(days + 1, "15:40")), acting(nina):
                payments.record(walk.deal, {"amount": paid, "invoice": invoice.id})


# Client, share of the estimate (None: what is left), days from today of the issue, what has come of it.
BILLS: dict[str, tuple[int | None, int, int]] = {
    "Игорь Панин": (50, -2, 0),
    "ЖСК «Берег»": (100, -5, 0),
    "Лариса Мельник": (100, -1, 0),
    "Артур Минасян": (50, -1, 0),
    "Пекарня «Колос»": (None, -5, 50_000),
    "Семья Ветровых": (None, -1, 0),
    "Детсад № 12": (None, -2, 0),
    "Зоя Никитина": (None, -1, 0),
    "ИП Журавлёв": (None, -1, 56_000),
    "Марат Галеев": (None, -1, 0),
}
