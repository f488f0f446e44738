"""What the bells of the demo company already say, and how its people want to be told."""

from __future__ import annotations

from sqlalchemy import select

from app.demo.company.clock import Clock
from app.demo.company.people import Staff
from app.services import notices
from app.wording import kept
from models.deals import Deal
from models.ground.base import clock_at, db
from models.leads import LIVE_STATES, Lead
from models.notices import Delivery, DeliveryState

NIGHT = {"from": "21:00", "until": "08:30", "days": [5, 6], "urgent": "y"}


def ring(staff: Staff, clock: Clock, deal: Deal) -> None:
    """Notices of the last days, a head who likes her evenings quiet, and one browser that said good-bye."""
    url = f"/deals/{deal.number}"
    told = (
        ("marina", "lead.received", "Новый лид: Наталья Громова", "/leads/list/", 0.2),
        ("marina", "payment.recorded", "Пришла оплата: ИП Журавлёв, 56 000 ₽", "/payments/list/", 20),
        ("marina", "document.ready", f"КП № {deal.number}-2 готово", url, 22),
        ("marina", "message.received", "Ирина Соколова написала в Telegram", url, 23),
        ("nina", "payment.recorded", "Пекарня «Колос» оплатила 50 000 из 93 500 ₽", "/payments/list/", 90),
        ("pavel", "visit.planned", "Вам назначен выезд", "/visits/", 26),
        (
            "director",
            "shipment.recorded",
            "Отгрузка: план месяца выполнен на 95 % на сегодня",
            "/dashboard/",
            3,
        ),
    )
    for username, event, title, address, hours in (*told, *_of_leads(staff)):
        with clock_at(clock.ago(hours)):
            key = f"demo:{username}:{title[:60]}:{hours}"
            notices.notify(staff[username], key, event, title, url=address, ways=("bell",))
    notices.choose(staff["marina"], {"events": {}, "quiet": NIGHT, "digest": "08:30"})
    notices.choose(staff["director"], {"events": {}, "digest": "09:00"})
    _gone(clock)


def _of_leads(staff: Staff) -> list[tuple[str, str, str, str, float]]:
    """Two live requests each of Anna and Oleg; one of each has waited too long."""
    found = []
    for username in ("anna", "oleg"):
        mine = select(Lead).where(Lead.owner_id == staff[username].id, Lead.state.in_(LIVE_STATES))
        rows = mine.where(Lead.answered_at.is_(None)).order_by(Lead.id).limit(2)
        for number, lead in enumerate(db.session.execute(rows).scalars()):
            place = f"/leads/{lead.id}"
            found.append((username, "lead.received", f"Новый лид: {lead!r}", place, 1.0 + number))
            if number == 0:
                found.append((username, "lead.overdue", f"Лид ждёт ответа: {lead!r}", place, 0.5))
    return found


def _gone(clock: Clock) -> None:
    """For the administrator: what a push service answers when a browser has taken its permission back."""
    answer = kept("This browser takes no notices any more: %(answer)s", answer="410 Gone")
    at = clock.ago(30)
    said = {"title": "Пришла оплата: ИП Журавлёв, 56 000 ₽", "url": "/payments/list/"}
    row = Delivery(key="demo:push:gone", way="push", address="Chrome, Windows", payload=said)
    row.made_at = row.next_try_at = at
    row.state, row.answer, row.attempts = DeliveryState.FAILED, answer, 1
    db.session.add(row)
