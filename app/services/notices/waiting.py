"""What waited for the end of the quiet hours comes together, and not at all when it has been seen meanwhile."""

from collections.abc import Sequence

from flask_babel import ngettext
from sqlalchemy import select

from app.services.notices.events import EMAIL
from app.services.notices.owners import receiver_of
from app.wording import kept, speaking
from models.ground.base import db, utcnow
from models.ground.history import plain
from models.notices import Delivery, DeliveryState, Notice

SEEN = kept("It was seen in the bell before it left.")
NEW = "/notices/?tab=new"
MOST_SHOWN = 20


def gather(delivery: Delivery) -> bool:
    """Make one message of all that waited for the same address; False when nothing need leave any more."""
    if not delivery.payload.get("waited"):
        return True
    rows = [delivery, *_companions(delivery)]
    unseen = [row for row in rows if row.notice is None or row.notice.read_at is None]
    first = unseen[0] if unseen else None
    for row in rows:
        if row not in unseen:
            spare(row, SEEN)
        elif row is not first:
            spare(row, kept("It was told together with delivery № %(number)s.", number=first.id if first else 0))
    if first is not None and len(unseen) > 1:
        _join(first, [row.notice for row in unseen if row.notice])
    if first is not None and first is not delivery:
        # The one at hand was seen; the others leave with the first of them, which is claimed in its turn.
        first.next_try_at = utcnow()
    return first is delivery


def spare(delivery: Delivery, why: str) -> None:
    """It need not leave."""
    delivery.state, delivery.answer, delivery.lease_until = DeliveryState.SPARED, why, None


def _companions(delivery: Delivery) -> Sequence[Delivery]:
    same = select(Delivery).where(Delivery.id != delivery.id, Delivery.state == DeliveryState.PENDING)
    same = same.where(Delivery.way == delivery.way, Delivery.address == delivery.address)
    same = same.where(Delivery.target_id.is_not_distinct_from(delivery.target_id))
    due = same.where(Delivery.next_try_at <= utcnow(), Delivery.payload["waited"].as_boolean())
    return db.session.execute(due.order_by(Delivery.id).with_for_update(skip_locked=True)).scalars().all()


def _join(delivery: Delivery, notices: Sequence[Notice]) -> None:
    person = receiver_of(delivery)
    if person is None:
        return
    with speaking(person.language, person.zone):
        title = ngettext(
            "%(num)s notice came during the quiet hours", "%(num)s notices came during the quiet hours", len(notices)
        )
    payload = {"waited": True, "joined": len(notices), "title": title, "url": NEW}
    if delivery.way == EMAIL:
        items = [[one.title, one.words, one.url] for one in notices[:MOST_SHOWN]]
        said = {"language": person.language, "zone": person.zone, "title": title, "items": items, "url": NEW}
        payload = {"waited": True, "joined": len(notices), "template": "waited", "values": said}
    delivery.payload = plain(payload)
