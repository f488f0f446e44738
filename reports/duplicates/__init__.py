"""Duplicates as pages show them: pairs by how sure they are, two clients side by side, merges and their batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, selectinload

from app.wording import percent
from models.clients import Client
from models.deals import Deal
from models.duplicates import LikePair, Merge, NotDuplicate, PairState
from models.ground.access import WITH_DELETED
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.files import StoredFile
from models.leads import Lead
from models.messages import Message
from models.tasks import Task
from models.works import Work
from reports.clients import KINDS

SIZE, CAP = 50, 1000
TABS = {
    "exact": _l("Same contact and name"),
    "contact": _l("Same contact, other name"),
    "alike": _l("Alike"),
    "apart": _l("Not duplicates"),
}
REASONS = {
    "phone": _l("same phone"),
    "email": _l("same e-mail"),
    "handle": _l("same name in a messenger"),
    "inn": _l("same INN"),
    "branch": _l("same INN, another KPP"),
    "address": _l("names alike, same address"),
}
FIELDS = {
    "name": _l("Name"),
    "kind": _l("Who it is"),
    "full_name": _l("Name in full"),
    "inn": _l("INN"),
    "kpp": _l("KPP"),
    "address": _l("Address"),
    "comment": _l("Comment"),
    "owner_id": _l("Owner"),
    "promo": _l("Promo code"),
    "partner_percent": _l("Partner’s percentage"),
    "partner_terms": _l("Partner’s terms"),
    "extra": _l("Own fields"),
}
# What belongs to a client, by the name that a snapshot gives the column.
PARTS = {
    "contact_point.client_id": _l("contacts"),
    "deal.client_id": _l("deals"),
    "deal.payer_id": _l("deals as the payer"),
    "deal.partner_id": _l("deals as the partner"),
    "lead.client_id": _l("leads"),
    "lead.partner_id": _l("leads as the partner"),
    "task.client_id": _l("tasks"),
    "visit.client_id": _l("visits"),
    "message.client_id": _l("messages"),
    "conversation.client_id": _l("conversations"),
    "stored_file.client_id": _l("files"),
    "consent.client_id": _l("consents"),
    "document.payer_id": _l("documents as the payer"),
    "participant.client_id": _l("parts in deals"),
}


@dataclass(frozen=True)
class Row:
    """One field of two clients: what each has, in words, and from whom it is best taken."""

    name: str
    label: str
    one: str
    other: str
    chosen: str = "survivor"

    @property
    def differs(self) -> bool:
        """Whether there is something to choose."""
        return self.one != self.other


def _within(tab: str) -> Any:
    score = LikePair.score
    sure = {
        "exact": score >= LikePair.EXACT,
        "contact": score.between(85, LikePair.EXACT - 1),
        "alike": score < 85,
    }
    return (LikePair.state == PairState.OPEN) & sure[tab]


def _joined(pair: Any, statement: Any) -> tuple[Any, Any, Any]:
    """The two clients of each pair, as far as the actor sees both."""
    one, other = aliased(Client, name="one"), aliased(Client, name="other")
    return statement.select_from(pair).join(one, one.id == pair.a_id).join(other, other.id == pair.b_id), one, other


def pairs(tab: str, page: int = 0) -> list[tuple[Any, Client, Client]]:
    """The pairs of a tab, the surest first: one more than a page holds, if there are more."""
    pair: Any = NotDuplicate if tab == "apart" else LikePair
    one, other = aliased(Client, name="one"), aliased(Client, name="other")
    rows = select(pair, one, other).join(one, one.id == pair.a_id).join(other, other.id == pair.b_id)
    loads = [selectinload(side.contacts) for side in (one, other)] + [selectinload(side.owner) for side in (one, other)]
    rows = rows.options(*loads).order_by(*([pair.score.desc()] if tab != "apart" else []), pair.id.desc())
    if tab != "apart":
        rows = rows.where(_within(tab))
    return [tuple(row) for row in db.session.execute(rows.offset(page * SIZE).limit(SIZE + 1))]


def counts() -> dict[str, int]:
    """How many pairs each tab has. One statement for all that is open: who is in reach is collected once for them."""
    sums = [func.count().filter(_within(tab)).label(tab) for tab in TABS if tab != "apart"]
    is_open, _one, _other = _joined(LikePair, select(*sums))
    found = db.session.execute(is_open.where(LikePair.state == PairState.OPEN)).mappings().one()
    is_apart, _one, _other = _joined(NotDuplicate, select(func.count()))
    return {tab: int(count) for tab, count in found.items()} | {"apart": db.session.execute(is_apart).scalar() or 0}


def pairs_of(client: Client, most: int = 3) -> list[tuple[LikePair, Client]]:
    """Who may be the same as this client, for the card: the pair and the other one."""
    pair, other = LikePair, aliased(Client, name="other")
    mine = or_(pair.a_id == client.id, pair.b_id == client.id)
    rows = (
        select(pair, other)
        .join(other, or_(other.id == pair.a_id, other.id == pair.b_id) & (other.id != client.id))
        .where(pair.state == PairState.OPEN, mine)
        .order_by(pair.score.desc(), pair.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in db.session.execute(rows)]


def count_waiting() -> int:
    """How many pairs that are surely one wait for the actor, up to CAP: for the banner of the list."""
    rows, _one, _other = _joined(LikePair, select(LikePair.id))
    few = rows.where(_within("exact")).limit(CAP).subquery()
    return db.session.execute(select(func.count()).select_from(few)).scalar() or 0


def side_by_side(one: Client, other: Client, chosen: dict[str, str]) -> list[Row]:
    """The fields that either has, in words; those that differ are chosen from."""
    found = []
    for name, label in FIELDS.items():
        left, right = _words(one, name), _words(other, name)
        if left or right:
            found.append(Row(name, str(label), left, right, chosen.get(name, "survivor")))
    return found


def _words(client: Client, name: str) -> str:
    value = getattr(client, name)
    if name == "kind":
        return str(KINDS.get(value, value))
    if name == "owner_id":
        return client.owner.name if client.owner else (_("not assigned") if value is None else "—")
    if name == "partner_percent":
        return percent(value) if value is not None else ""
    if name == "extra":
        return ", ".join(f"{key}: {said}" for key, said in value.items())
    return str(value or "")


def belongings(client: Client) -> list[tuple[str, int]]:
    """What the actor sees of what belongs to a client: words and how many; asked with one statement."""
    kinds = {"deal": Deal, "lead": Lead, "task": Task, "message": Message, "file": StoredFile}
    asked = {
        name: select(func.count()).select_from(model).where(model.client_id == client.id).scalar_subquery().label(name)
        for name, model in kinds.items()
    }
    row = db.session.execute(select(*asked.values())).mappings().one()
    words = {"deal": _("deals"), "lead": _("leads"), "task": _("tasks"), "message": _("messages"), "file": _("files")}
    return [(words[name], count) for name, count in row.items() if count]


def merges(page: int = 0) -> list[Merge]:
    """Merges that the actor sees, the latest first; one more than a page holds, if there are more."""
    rows = select(Merge).options(
        selectinload(Merge.survivor), selectinload(Merge.by), selectinload(Merge.undone_by), selectinload(Merge.batch)
    )
    found = rows.order_by(Merge.id.desc()).offset(page * SIZE).limit(SIZE + 1)
    return list(db.session.execute(found).scalars())


def batches(most: int = 10) -> list[tuple[Work, int, int]]:
    """Batches of the actor's: the work, how many merges it made, and how many of them still hold."""
    made = func.count(Merge.id)
    holds = made.filter(Merge.undone_at.is_(None))
    rows = select(Work, made, holds).join(Merge, Merge.batch_id == Work.id).group_by(Work.id)
    return [(row[0], row[1], row[2]) for row in db.session.execute(rows.order_by(Work.id.desc()).limit(most))]


def loser_name(merge: Merge) -> str:
    """What the client was called that is no more."""
    return str(merge.snapshot.get("loser", {}).get("name", ""))


def names_of(ids: set[int]) -> dict[int, str]:
    """Clients in the trash or not, as far as the actor sees them."""
    rows = select(Client.id, Client.name).where(Client.id.in_(ids)).execution_options(**{WITH_DELETED: True})
    return {row.id: row.name for row in db.session.execute(rows)}


def sees_contacts() -> tuple[bool, bool]:
    """Whether phones and e-mails may be shown."""
    actor = current_actor()
    return actor.sees("client.phone"), actor.sees("client.email")
