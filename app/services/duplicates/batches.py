"""Many at once, as works in the background: the scan of the base, merges of pairs, and a batch taken back."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.services import works
from app.services.duplicates import scanning
from app.services.duplicates.merging import merge
from app.services.duplicates.undoing import undo
from app.wording import kept
from models.clients import Client
from models.deals import Deal
from models.duplicates import LikePair, Merge, PairState
from models.ground.access import WITH_DELETED
from models.ground.actor import Actor
from models.ground.base import db, utcnow
from models.ground.refused import NotFound, Refused
from models.works import Work

SCAN, MERGE, UNMERGE = "clients.scan", "clients.merge", "clients.unmerge"
MOST_PAIRS = 5000


def begin_scan() -> Work:
    """Look through the whole base; one of the actor's that still runs goes on instead."""
    steps = len(scanning.steps())
    title = kept("Search for duplicates of clients")
    return works.live(SCAN) or works.begin(SCAN, title, total=steps, url="/clients/duplicates/")


def begin_merge(pair_ids: Sequence[int] | None = None) -> Work:
    """Merge these pairs, or all exact ones, of those whose clients the actor sees. Refuses when there are none."""
    one, other = aliased(Client), aliased(Client)
    rows = select(LikePair.a_id, LikePair.b_id)
    rows = rows.join(one, one.id == LikePair.a_id).join(other, other.id == LikePair.b_id)
    wanted = LikePair.score >= LikePair.EXACT if pair_ids is None else LikePair.id.in_(pair_ids)
    rows = rows.where(LikePair.state == PairState.OPEN, wanted).order_by(LikePair.id).limit(MOST_PAIRS)
    pairs = [[row.a_id, row.b_id] for row in db.session.execute(rows)]
    if not pairs:
        raise Refused(_("There is nothing to merge: these pairs were merged or set apart meanwhile."))
    title = kept("Merge of pairs of clients: %(count)s", count=len(pairs))
    return works.begin(MERGE, title, {"pairs": pairs}, total=len(pairs), url="/clients/merges/")


def begin_undo(batch: Work) -> Work:
    """Take back every merge of a batch that was not taken back yet, the last first."""
    rows = select(Merge.id).where(Merge.batch_id == batch.id, Merge.undone_at.is_(None)).order_by(Merge.id.desc())
    keys = list(db.session.execute(rows).scalars())
    if not keys:
        raise Refused(_("All merges of this batch were taken back already."))
    title = kept("Merges taken back: %(count)s", count=len(keys))
    return works.begin(UNMERGE, title, {"merges": keys, "batch": batch.id}, total=len(keys), url="/clients/merges/")


def scan(work: Work) -> None:
    """Go through the steps that are not behind it. Runs as the system."""
    moment = work.started_at or utcnow()
    for name, step in scanning.steps()[work.done :]:
        count = step(moment)
        works.advance(work, 1, {name: count} if name else None)
        if not works.go_on(work):
            return
    works.finish(work)


def items_of(work: Work) -> list[Any]:
    """What a work of merges has to do: pairs of keys, or keys of merges."""
    params = work.params
    found: list[Any] = params.get("again") or params.get("pairs") or params.get("merges") or []
    return found


def merge_pair(asker: Actor, pair: Sequence[int], batch_id: int) -> str:
    """One pair of a batch, in the session of `whole_base`; what was merged meanwhile is looked for where it is now."""
    one, other = (_now(key) for key in pair)
    if one == other:
        return "skipped"
    survivor, loser = _elder_first(one, other)
    merge(asker, survivor, loser, batch_id=batch_id)
    return "merged"


def undo_one(asker: Actor, merge_id: int, _batch_id: int) -> str:
    """One merge of a batch, in the session of `whole_base`. Raises Unresolved where a person has to decide."""
    row = db.session.get(Merge, merge_id)
    if row is None or row.undone_at is not None:
        return "skipped"
    undo(asker, merge_id)
    return "unmerged"


def names_of(item: Any) -> str:
    """A pair or a merge by the names of its clients: for a line of errors."""
    row = None if isinstance(item, list) else db.session.get(Merge, item)
    keys = item if isinstance(item, list) else [row.survivor_id, row.loser_id] if row else []
    rows = select(Client).where(Client.id.in_(keys)).order_by(Client.id).execution_options(**{WITH_DELETED: True})
    return " — ".join(client.name for client in db.session.execute(rows).scalars()) or str(item)


def _now(key: int) -> int:
    """The client, or the one that it became."""
    for _step in range(50):
        wanted = select(Client.id, Client.deleted_at, Client.merged_into_id).where(Client.id == key)
        row = db.session.execute(wanted.execution_options(**{WITH_DELETED: True})).first()
        if row is None or (row.deleted_at is not None and row.merged_into_id is None):
            break
        if row.merged_into_id is None:
            return int(row.id)
        key = row.merged_into_id
    raise NotFound(_("One of the two is there no more: it was deleted or merged meanwhile."))


def _elder_first(one: int, other: int) -> tuple[int, int]:
    """Whoever has more deals stays; of equals the one who was there first."""
    counted = select(Deal.client_id, func.count()).where(Deal.client_id.in_((one, other))).group_by(Deal.client_id)
    deals: dict[int | None, int] = {row[0]: row[1] for row in db.session.execute(counted)}
    first, second = sorted((one, other), key=lambda key: (-deals.get(key, 0), key))
    return first, second
