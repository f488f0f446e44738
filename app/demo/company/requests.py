"""The requests that the demo company got today and yesterday, as the list of leads shows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from app.channels.inbound import Inbound
from app.demo.company import doors
from app.demo.company.clock import Clock
from app.demo.company.doubles import PROMO
from app.demo.company.people import Staff, acting
from app.services import leads
from app.services.leads import arrivals
from app.wording import kept
from models.channels import Channel
from models.ground.base import clock_at, db
from models.leads import Lead, LeadClass, LeadState


@dataclass(frozen=True)
class Request:
    """`ago` is in minutes; `answered` minutes after it came, None while it waits; no owner: nobody took it."""

    name: str
    reach: str
    words: str
    source: str
    ago: float
    owner: str | None
    answered: int | None = None
    klass: LeadClass | None = None


REQUESTS: tuple[Request, ...] = (
    Request("asdf", "123", "", "site", 4300, None),
    Request("<a href=http://casino.example>win</a>", "x@spam.example",
            "Cheap SEO http://a.example http://b.example http://c.example", "site", 4120, None),
    Request("", "+7 900 000-90-99", "Предлагаем фурнитуру оптом, прайс во вложении", "call", 3900, "oleg", 12),
    Request("Анна", "anna@mail.example", "Ищу работу менеджером, резюме прикладываю", "email", 3500, "marina", 20),
    Request("Пётр", "+7 900 000-90-11", "От дизайнера, промокод LINIA. Кухня 3,2 м", "site", 3200, "anna", 9),
    Request("ИП Ковтун", "kovtun@example.ru", "Перегородки в офис", "email", 2900, "anna", 15, LeadClass.PARTNER),
    Request("Эльвира Сабитова", "+7 900 000-38-14", "Балконная дверь", "whatsapp", 2600, "oleg", 8),
    Request("Ренат", "+7 900 000-63-09", "Москитная сетка", "call", 1700, "marina", 1),
    Request("Гимназия № 4", "zakup@example.ru", "Окна в спортзал", "email", 1500, "anna", 40),
    Request("Светлана", "@sveta_home", "Шкаф в прихожую", "telegram", 1380, "anna", 6),
    Request("Константин Ю.", "+7 900 000-15-46", "Ремонт стеклопакета", "call", 1290, "oleg", 2),
    Request("Константин Юрьев", "+7 900 000-15-46", "Замена стеклопакета", "site", 1275, "oleg"),
    Request("Юлия", "+7 900 000-77-02", "Кухня прямая, 3 м", "whatsapp", 180, "marina", 26),
    Request("", "+7 900 000-90-51", "Пропущенный звонок, перезвонить", "call", 34, None),
    Request("Алексей", "+7 900 000-41-17", "Сколько стоит застеклить балкон 6 метров?", "site", 21.7, None),
    Request("Наталья Громова", "+7 900 000-22-80", "Здравствуйте, теперь хотим окна на дачу", "whatsapp",
            10.8, "marina"),
    Request("Игорь Лапшин", "+7 900 000-64-30", "Остеклить лоджию 3 метра, когда замер?", "call", 6.4, "anna"),
    Request("Вера Ильина", "@vera_ilina", "Добрый день! Делаете балконные двери под старый проём?", "telegram",
            4.2, "oleg"),
    Request("ООО «Северный двор»", "sever@example.ru", "Запрос КП на остекление фасада 240 м²", "email",
            1.9, None, None, LeadClass.PARTNER),
)  # fmt: skip
# Where the visitors of the site came from.
VISIT: dict[str, Any] = {
    "page": "https://parus.example/osteklenie-balkonov",
    "first_page": "https://parus.example/akcii",
    "referrer": "https://yandex.ru/",
    "utm": {"source": "yandex", "medium": "cpc", "campaign": "balkony_moskva", "term": "застеклить балкон цена"},
}
# Clients of Marina's who have bought before: their requests are known for repeated ones.
KNOWN = (("Наталья Громова", "+79000002280"), ("Ренат", "+79000006309"))


def come(staff: Staff, clock: Clock, site: Channel) -> None:
    """Every request through the verb that takes in anybody's."""
    for request in REQUESTS:
        _come(request, staff, clock, site)


def _come(request: Request, staff: Staff, clock: Clock, site: Channel) -> None:
    at = clock.now - dt.timedelta(minutes=request.ago)
    with clock_at(at):
        lead = _received(inbound_of(request), site)
        if lead.state in (LeadState.ATTACHED, LeadState.REJECTED):
            return
        lead.owner_id = staff[request.owner].id if request.owner else None
        db.session.flush()
    if request.answered is not None and request.owner:
        with clock_at(at + dt.timedelta(minutes=request.answered)), acting(staff[request.owner]):
            leads.answer(leads.take(lead))


def _received(inbound: Inbound, site: Channel) -> Lead:
    """Through the site with the body it sent, or by the way it says itself."""
    if inbound.source != "site":
        return arrivals.receive(inbound)
    raw = doors.delivered(inbound, site)
    lead = arrivals.receive(inbound, site, raw)
    raw.words = kept("Lead № %(number)s.", number=lead.id)
    site.last_at = raw.received_at
    return lead


def inbound_of(request: Request) -> Inbound:
    """A request with what one can reach its sender by."""
    reach = request.reach
    way = "handle" if reach.startswith("@") else "email" if "@" in reach else "phone"
    given = {"phone": "", "email": "", "handle": "", way: reach}
    came = VISIT if request.source == "site" else {}
    promo = PROMO if request.klass is LeadClass.PARTNER else ""
    return Inbound(name=request.name, words=request.words, source=request.source, partner=promo, **given, **came)
