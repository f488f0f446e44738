"""Who has a phone, an e-mail, a handle, an INN or a promo code already: plain values, whoever may see the client."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import and_, func, or_, select

from models.clients import Client, ClientKind, ContactKind, ContactPoint
from models.deals import Deal
from models.duplicates import NotDuplicate
from models.ground.access import WITH_DELETED
from models.ground.actor import SYSTEM, acting_as, current_actor
from models.ground.base import CrmSession, db
from models.lowcode.funnels import Stage, StageKind
from models.payments import Payment
from models.staff import Person

FEW, MOST_MERGES = 20, 50


@dataclass(frozen=True)
class Holder:
    """Somebody who has a phone, an e-mail or a handle, whoever may see him: plain values."""

    client_id: int
    name: str
    owner_id: int | None
    owner_name: str
    open_deal_id: int | None
    open_deal_number: int | None
    has_won: bool
    is_visible: bool = True
    is_partner: bool = False
    has_deals: bool = False


@contextmanager
def everywhere() -> Iterator[CrmSession]:
    """A session that sees all rows: the one at hand, or one of its own; take plain values only."""
    if current_actor().everything:
        yield cast(CrmSession, db.session())
        return
    db.session.flush()
    with acting_as(SYSTEM) as session:
        yield session


def recognise(phone: str = "", email: str = "", handle: str = "", apart_from: int | None = None) -> list[Holder]:
    """All clients with this contact (already normalised), the one with the latest open deal first.

    `apart_from`: whose contact it is; those whom somebody called different from that client are left out.
    """
    wanted = {ContactKind.PHONE: phone, ContactKind.EMAIL: email, ContactKind.HANDLE: handle}
    point = ContactPoint
    same = [and_(point.kind == kind, point.value == value) for kind, value in wanted.items() if value]
    if not same:
        return []
    return _found(Client.id.in_(select(ContactPoint.client_id).where(or_(*same))), apart_from)


def of_inns(inns: Sequence[str], apart_from: int | None = None) -> list[Holder]:
    """All clients with one of these INNs."""
    return _found(Client.inn.in_(inns), apart_from) if inns else []


def partner_of(codes: Sequence[str]) -> Holder | None:
    """The partner with one of these promo codes (in capitals)."""
    found = _found(and_(Client.kind == ClientKind.PARTNER, Client.promo.in_(codes))) if codes else []
    return found[0] if found else None


def became(client_id: int) -> int | None:
    """The client that a merged one is part of now, if the actor sees it."""
    with everywhere() as session:
        key, now = client_id, None
        for _step in range(MOST_MERGES):
            merged = select(Client.merged_into_id).where(Client.id == key).execution_options(**{WITH_DELETED: True})
            further = session.execute(merged).scalar()
            if further is None:
                break
            key = now = further
    seen = now and db.session.execute(select(Client.id).where(Client.id == now)).first()
    return now if seen else None


def has_paid(client_id: int) -> bool:
    """Whether money came for a deal of this client."""
    paid = select(Payment.id).join(Deal, Deal.id == Payment.deal_id).where(Deal.client_id == client_id).limit(1)
    with everywhere() as session:
        return session.execute(paid).first() is not None


def _found(condition: Any, apart_from: int | None = None) -> list[Holder]:
    wanted = _holders().where(condition)
    if apart_from is not None:
        wanted = wanted.where(Client.id != apart_from, Client.id.not_in(_strangers(apart_from)))
    with everywhere() as session:
        found = [_holder(session, row) for row in session.execute(wanted)]
    return [_seen(holder) for holder in found]


def _strangers(client_id: int) -> Any:
    """Those of whom somebody said that they are not this client."""
    one, other = NotDuplicate.a_id, NotDuplicate.b_id
    return select(other).where(one == client_id).union(select(one).where(other == client_id))


def _holders() -> Any:
    open_deal = func.max(Deal.id).filter(Deal.closed_at.is_(None)).label("deal_id")
    won = func.count().filter(Stage.kind == StageKind.WON).label("won")
    return (
        select(Client.id, Client.name, Client.owner_id, Client.kind, open_deal, won, func.count(Deal.id).label("deals"))
        .outerjoin(Deal, Deal.client_id == Client.id)
        .outerjoin(Stage, Stage.id == Deal.stage_id)
        .group_by(Client.id)
        .order_by(open_deal.desc().nulls_last(), (won > 0).desc(), Client.id.desc())
        .limit(FEW)
    )


def _holder(session: CrmSession, row: Any) -> Holder:
    owner = session.get(Person, row.owner_id) if row.owner_id else None
    deal = session.get(Deal, row.deal_id) if row.deal_id else None
    return Holder(
        row.id,
        row.name,
        row.owner_id,
        owner.name if owner else "",
        row.deal_id,
        deal.number if deal else None,
        row.won > 0,
        is_partner=row.kind == ClientKind.PARTNER,
        has_deals=row.deals > 0,
    )


def _seen(holder: Holder) -> Holder:
    """Whether whoever acts may open the client; of a hidden one only the owner is told."""
    if current_actor().everything:
        return holder
    if db.session.execute(select(Client.id).where(Client.id == holder.client_id)).first():
        return holder
    hidden = Holder(holder.client_id, "", holder.owner_id, holder.owner_name, None, None, holder.has_won)
    return replace(hidden, is_visible=False, is_partner=holder.is_partner)
