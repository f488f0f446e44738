"""Two clients become one: the fields that were chosen, and everything that belongs to either."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.services.duplicates.behalf import check_rights
from app.services.duplicates.following import CONTACTS, Follower, followers, hold_all
from app.services.duplicates.pairs import are_apart, close_pair
from models.clients import Client, ClientKind
from models.duplicates import Merge, NotDuplicate, PairState
from models.ground.access import WITH_DELETED
from models.ground.actor import Actor
from models.ground.base import CrmSession, db, utcnow
from models.ground.history import plain, record
from models.ground.limits import TEXT_LIMIT
from models.ground.refused import NotFound, Refused

FIELDS = (
    "name", "kind", "full_name", "address", "inn", "kpp", "comment", "owner_id", "promo", "partner_terms",
    "partner_percent", "extra",
)  # fmt: skip
SURVIVOR, LOSER, BOTH = "survivor", "loser", "both"
# Texts of which both may be kept, one under the other.
JOINED = ("comment", "partner_terms")
TERMS = ("promo", "partner_terms", "partner_percent")


def values_of(client: Client) -> dict[str, Any]:
    """The fields of a client as a snapshot keeps them."""
    return {name: plain(getattr(client, name)) for name in FIELDS}


def typed(name: str, value: Any) -> Any:
    """A field's value out of a snapshot."""
    return Decimal(str(value)) if name == "partner_percent" and value is not None else value


def suggested(survivor: Client, loser: Client) -> dict[str, str]:
    """From whom each field is best taken: the survivor's, where he has it; of texts both."""
    found = {}
    for name in FIELDS:
        mine, theirs = getattr(survivor, name), getattr(loser, name)
        if name in JOINED and mine and theirs and mine != theirs:
            found[name] = BOTH
        else:
            found[name] = LOSER if theirs and not mine else SURVIVOR
    if survivor.kind != loser.kind:
        # Whoever has terms, or an INN, is told more exactly.
        rank = [str(kind) for kind in (ClientKind.PERSON, ClientKind.COMPANY, ClientKind.PARTNER)]
        found["kind"] = LOSER if rank.index(loser.kind) > rank.index(survivor.kind) else SURVIVOR
    return found


def merge(
    asker: Actor, survivor_id: int, loser_id: int, choice: Mapping[str, str] | None = None, batch_id: int | None = None
) -> Merge:
    """One client of two, in the session of `whole_base`. Without a choice the fields are taken as suggested.

    The loser lies in the trash and points to the survivor; it can be taken back for 90 days. Raises Refused.
    """
    session: Any = db.session()
    hold_all(session, loser_id)
    survivor, loser = _both(session, survivor_id, loser_id)
    check_rights(session, asker, survivor, loser)
    if are_apart(survivor.id, loser.id):
        raise Refused(_("Somebody has said that these two are different. Take that back first."))
    taken = suggested(survivor, loser) | {k: v for k, v in (choice or {}).items() if k in FIELDS}
    before = {SURVIVOR: values_of(survivor), LOSER: values_of(loser)}
    row = Merge(batch_id=batch_id, survivor_id=survivor.id, loser_id=loser.id, choice=taken, by_id=asker.person_id)
    loser.deleted_at, loser.deleted_by_id, loser.merged_into_id = utcnow(), asker.person_id, survivor.id
    # First the loser: of two partners with one code only one may be there.
    session.flush()
    _take(survivor, loser, taken)
    moved = [_move(session, one, loser.id, survivor.id) for one in followers().values()]
    row.snapshot = {
        **before,
        "after": values_of(survivor),
        "moved": {one["name"]: one for one in moved if one["ids"]},
        "apart": _inherit_apart(session, survivor.id, loser.id),
    }
    session.add(row)
    close_pair(survivor.id, loser.id, PairState.MERGED)
    session.flush()
    for client, other in ((survivor, loser), (loser, survivor)):
        record("client.merged", client, merge_id=row.id, other_id=other.id, other=other.name)
        session.expire(client, ["contacts"])
    session.flush()
    return row


def _both(session: CrmSession, survivor_id: int, loser_id: int) -> tuple[Client, Client]:
    """Both, locked in the order of their keys: two merges of one pair wait for one another."""
    wanted = select(Client).where(Client.id.in_((survivor_id, loser_id))).order_by(Client.id).with_for_update(of=Client)
    found = {client.id: client for client in session.execute(wanted).scalars()}
    if survivor_id == loser_id:
        raise Refused(_("This is one and the same client. Choose another to merge with."))
    if len(found) < 2:
        raise NotFound(_("One of the two is there no more: it was deleted or merged meanwhile."))
    return found[survivor_id], found[loser_id]


def _take(survivor: Client, loser: Client, choice: Mapping[str, str]) -> None:
    for name in FIELDS:
        mine, theirs, whose = getattr(survivor, name), getattr(loser, name), choice[name]
        value: Any = theirs if whose == LOSER else mine
        if name == "extra":
            value = {**theirs, **mine} if whose == SURVIVOR else {**mine, **theirs}
        elif whose == BOTH and name in JOINED:
            value = "\n\n".join(dict.fromkeys(text for text in (mine, theirs) if text))[:TEXT_LIMIT]
        if value != mine:
            setattr(survivor, name, value)
    if survivor.kind != ClientKind.PARTNER:
        survivor.promo, survivor.partner_terms, survivor.partner_percent = "", "", None


def _move(session: CrmSession, follower: Follower, loser_id: int, survivor_id: int) -> dict[str, Any]:
    """The loser's rows of one table become the survivor's; what he has already stays where it is."""
    rows = follower.rows(session, loser_id)
    rows = follower.free(session, rows, survivor_id) if rows else []
    for row in rows:
        setattr(row, follower.key, survivor_id)
    session.flush()
    moved: dict[str, Any] = {"name": follower.name, "ids": [row.id for row in rows]}
    if follower.name == CONTACTS:
        moved["contacts"] = [{"id": row.id, "kind": str(row.kind), "value": row.value} for row in rows]
    return moved


def _inherit_apart(session: CrmSession, survivor_id: int, loser_id: int) -> list[int]:
    """Whoever was told to be different from the loser is different from the survivor; the keys of the new marks."""
    pairs = select(NotDuplicate).where(or_(NotDuplicate.a_id == loser_id, NotDuplicate.b_id == loser_id))
    made = []
    for mark in session.execute(pairs.execution_options(**{WITH_DELETED: True})).scalars().all():
        other = mark.b_id if mark.a_id == loser_id else mark.a_id
        if other == survivor_id or are_apart(other, survivor_id):
            continue
        low, high = sorted((other, survivor_id))
        new = NotDuplicate(a_id=low, b_id=high, by_id=mark.by_id)
        session.add(new)
        session.flush()
        made.append(new.id)
    return made
