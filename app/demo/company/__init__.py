"""The demo company of the mocks: its people, open deals, requests, bills and the year that lies behind it."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select, text, update

from app.demo.bulk import course_of_first_funnel
from app.demo.company import aside, bell, doors, doubles, letters, office, past, requests, tables, talks, visits
from app.demo.company.board import BOARD
from app.demo.company.clock import Clock
from app.demo.company.people import Staff, acting, hire
from app.demo.company.sokolova import NUMBER, Sokolova
from app.demo.company.walk import Walk, second_bills
from app.queue import unask
from app.services import tasks
from app.settings import put
from models.deals import Deal
from models.ground.base import clock_at, db, utcnow
from models.ground.history import Event
from models.ground.numbers import Counter
from models.ground.refused import Refused
from models.leads import Lead
from models.staff import Person

# Their invoices are numbered on from the ones that were written before.
LAST_INVOICE = 1026


def load() -> None:
    """Bring the company into an installed base in which nobody works yet; the caller commits. Raises Refused.

    Everything is counted from the moment of loading.
    """
    if any(db.session.execute(select(noun.id).limit(1)).first() for noun in (Person, Deal, Lead)):
        raise Refused(
            _("People or deals are here already. The demo company is loaded into an empty base only.")
        )
    clock = Clock(utcnow())
    staff = hire()
    put("demo", True)
    office.open_doors(staff, clock)
    site = doors.open_doors()
    walks = [Walk(spec, staff, clock) for spec in BOARD]
    sokolova = Sokolova(staff, clock)
    journeys = sorted([*walks, sokolova], key=lambda one: one.begin)
    first = NUMBER - journeys.index(sokolova)
    past.tell(staff, clock, course_of_first_funnel(), first - 1)
    _number_from(first, clock)
    for journey in journeys:
        journey.go()
    second_bills(walks, clock, staff["nina"])
    visits.go(walks, staff, clock)
    studio = doubles.partner(staff, clock)
    requests.come(staff, clock, site)
    with clock_at(clock.ago(27)):
        doors.broken(site)
    tables.bring(staff, clock)
    talks.go(sokolova.deal, staff, clock)
    letters.go(clock)
    aside.go(sokolova.deal, staff, clock)
    doubles.go(studio, staff, clock)
    past.plan(staff, clock)
    _late_tasks(staff, clock)
    visits.settle(clock)
    bell.ring(staff, clock, sokolova.deal)
    _all_of_it_was_followed()
    # A year has come at once: the planner must not take these tables for empty ones.
    db.session.execute(text("ANALYZE"))


def _number_from(first: int, clock: Clock) -> None:
    """Deals and invoices go on from where the company's numbers were."""
    db.session.add(Counter(kind="deal", firm_id=0, year=0, last=first - 1))
    firm_id = 1
    for year in {clock.today.year, clock.today.year - 1}:
        db.session.add(Counter(kind="invoice", firm_id=firm_id, year=year, last=LAST_INVOICE))
    db.session.flush()


def _late_tasks(staff: Staff, clock: Clock) -> None:
    """What Oleg and others have let lie."""
    for username, days, title in LATE:
        with clock_at(clock.was(days - 2, "10:00")), acting(staff[username]):
            tasks.add({"title": title, "kind": "call", "due_at": clock.at(days, "12:00")})
    for username, hours, title in SOON:
        with clock_at(clock.ago(3)), acting(staff[username]):
            tasks.add({"title": title, "kind": "call", "due_at": clock.ago(-hours)})


# What is to be done in the next hours, whenever the company is loaded.
SOON = (
    ("anna", 1, "Уточнить этаж и лифт у Глеба Ермолина"),
    ("anna", 2.5, "Договориться о замере с салоном «Лайм»"),
    ("oleg", 1.5, "Сообщить Семёну Кравцу срок стеклопакета"),
    ("oleg", 3, "Перезвонить Вадиму Орехову после работы"),
)
LATE = (
    ("oleg", -1, "Перезвонить по рекламе на Авито"),
    ("oleg", -2, "Отчёт по отказам за неделю"),
    ("oleg", -2, "Поздравить ЖК «Радуга» с открытием"),
    ("oleg", -3, "Собрать отзывы за прошлый месяц"),
    ("oleg", -4, "Обновить фото работ"),
    ("marina", -1, "Проверить скидки отдела"),
    ("anna", -1, "Вернуть образцы профиля"),
)


def _all_of_it_was_followed() -> None:
    """Rules have done their work on this past: nobody is to be notified of it now."""
    db.session.flush()
    db.session.execute(update(Event).where(Event.handled_at.is_(None)).values(handled_at=Event.at))
    unask("app.jobs.events.handle")
