"""Notify a person, write a letter: rows are made here, and leave after the commit."""

import datetime as dt
from collections.abc import Collection
from typing import Any, TypedDict, Unpack

from sqlalchemy import or_, select

from app.queue import enqueue_after_commit
from app.services.notices.by_mail import receiver
from app.services.notices.choices import digest_after, quiet_until, wants
from app.services.notices.events import BELL, EMAIL, kind_of
from app.services.notices.sending import Target
from app.services.notices.ways import WAYS
from models.ground.base import db, utcnow
from models.ground.history import plain
from models.notices import Delivery, DeliveryState, Notice, NoticeAddress
from models.staff import Person

DELIVER = "app.jobs.outbound.deliver"
# A letter that waits for the daily one goes by itself when that has not come so long after its time.
PATIENCE = dt.timedelta(minutes=15)


class More(TypedDict, total=False):
    """What a notice may have besides its title.

    `template` and `values` are of its letter; `take` is a lead that may be taken by one touch; `urgent` may pass
    through quiet hours.
    """

    words: str
    url: str
    ways: Collection[str]
    template: str
    values: dict[str, Any]
    take: int | None
    urgent: bool


def notify(person: Person, key: str, event: str, title: str, **more: Unpack[More]) -> Notice | None:
    """Tell a person by every way that they want for this event; once per key.

    Title and words are in the person's language. Returns the notice, or None where there was nothing to tell.
    """
    allowed = more.get("ways") or WAYS
    asked = [way for way in WAYS if way in allowed and wants(person, event, way)]
    if not asked or not person.active or _is_known(key):
        return None
    notice = _noted(person, key, event, title, more)
    notice.read_at = None if BELL in asked else utcnow()
    db.session.flush()
    urgent = more.get("urgent", kind_of(event).urgent)
    for way in asked:
        for target in WAYS[way].targets(person):
            delivery = Delivery(key=f"{key}:{way}{target.mark}", way=way, address=target.words[:250])
            delivery.notice_id, delivery.target_id = notice.id, target.row_id
            delivery.payload = plain(_payload(way, person, notice, more))
            _hand_over(delivery, person, urgent=urgent)
    return notice


def was_told(person: Person, cause: str) -> bool:
    """Whether the person was told of something by a key that begins so."""
    mine = select(Notice.id).where(Notice.person_id == person.id, Notice.key.startswith(cause, autoescape=True))
    return db.session.execute(mine.limit(1)).first() is not None


def _is_known(key: str) -> bool:
    rows = select(Notice.id).where(Notice.key == key)
    told = select(Delivery.id).where(or_(Delivery.key == f"{key}:{BELL}", Delivery.key == f"{key}:{EMAIL}"))
    return any(db.session.execute(found).first() is not None for found in (rows, told))


def _noted(person: Person, key: str, event: str, title: str, more: More) -> Notice:
    notice = Notice(
        person_id=person.id,
        key=key,
        event=event,
        title=" ".join(title.split())[:250],
        words=more.get("words", "")[:2000],
        url=more.get("url", "")[:250],
        at=utcnow(),
    )
    db.session.add(notice)
    return notice


def _payload(way: str, person: Person, notice: Notice, more: More) -> dict[str, Any]:
    if way == BELL:
        return {}
    if way == EMAIL:
        said = {"title": notice.title, "text": notice.words, "url": notice.url}
        values = _spoken(person) | said | more.get("values", {})
        return {"template": more.get("template", "notice"), "values": values}
    found = {"title": notice.title, "url": notice.url, "urgent": more.get("urgent", kind_of(notice.event).urgent)}
    return found | ({"take": more["take"]} if more.get("take") else {})


def _hand_over(delivery: Delivery, person: Person, *, urgent: bool) -> None:
    """The bell has it at once; everything else leaves after the commit, or when it is not quiet any more."""
    now = utcnow()
    if delivery.way == BELL:
        delivery.state, delivery.sent_at, delivery.attempts = DeliveryState.SENT, now, 1
        db.session.add(delivery)
        return
    until = quiet_until(person, now, urgent=urgent)
    if until is not None:
        together = digest_after(person, until) if delivery.way == EMAIL else None
        delivery.next_try_at = together + PATIENCE if together else until
        delivery.payload = delivery.payload | {"waited": True}
    db.session.add(delivery)
    db.session.flush()
    if until is None:
        enqueue_after_commit(DELIVER, delivery.id)


def tell_company(key: str, event: str, title: str, url: str) -> None:
    """Tell the addresses of the company that asked for this event; once per key. Runs as the system."""
    mine = select(NoticeAddress).where(NoticeAddress.person_id.is_(None), NoticeAddress.events.contains([event]))
    for address in db.session.execute(mine.order_by(NoticeAddress.id)).scalars():
        one = f"{key}:company:{address.id}"
        if db.session.execute(select(Delivery.id).where(Delivery.key == one)).first() is None:
            payload = {"title": " ".join(title.split())[:250], "url": url[:250]}
            sent_off(Delivery(key=one, way=address.way, address=address.label, target_id=address.id, payload=payload))


def letter(address: str, key: str, template: str, **values: Any) -> Delivery:
    """Write a letter; it leaves after the commit. `values` are for templates/mail/<template>.

    `language` and `zone` among them say how it speaks; else it speaks as its receiver does, if we know him.
    """
    person = receiver(address)
    said = _spoken(person) if person else {}
    delivery = Delivery(key=f"{key}:{EMAIL}", way=EMAIL, address=address)
    delivery.payload = plain({"template": template, "values": said | values})
    return sent_off(delivery)


def trial(way: str, target: Target, title: str) -> Delivery:
    """A message by one way to one address of its owner's, at once, whatever the hour."""
    key = f"trial:{way}:{target.row_id}:{utcnow().isoformat()}"
    payload = {"title": title, "url": "/me/notices", "urgent": True}
    return sent_off(Delivery(key=key, way=way, address=target.words, target_id=target.row_id, payload=payload))


def sent_off(delivery: Delivery) -> Delivery:
    """Made in one piece: whoever causes a delivery may add it and no more."""
    db.session.add(delivery)
    db.session.flush()
    enqueue_after_commit(DELIVER, delivery.id)
    return delivery


def _spoken(person: Person) -> dict[str, Any]:
    return {"language": person.language, "zone": person.zone}
