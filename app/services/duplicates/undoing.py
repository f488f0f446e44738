"""A merge is taken back: both clients are as they were, save what somebody has changed since and wants to keep."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.services.duplicates.behalf import check_rights
from app.services.duplicates.following import CONTACTS, Follower, followers, hold_some
from app.services.duplicates.merging import FIELDS, LOSER, SURVIVOR, typed, values_of
from app.services.duplicates.pairs import close_pair
from models.clients import Client, ContactPoint
from models.duplicates import Merge, NotDuplicate, PairState
from models.ground.access import WITH_DELETED
from models.ground.actor import Actor
from models.ground.base import CrmSession, db, utcnow
from models.ground.history import record
from models.ground.refused import NotFound, Refused

KEEP, BACK = "keep", "back"
MOST_ADDED = 100
LONGEST = 200


@dataclass(frozen=True)
class Conflict:
    """Something that is not as the merge left it. `kind`: field, row (given to somebody else), contact (removed),
    gone (deleted for good), added (new since). `now` and `back` are what stands there and what stood there.
    """

    key: str
    kind: str
    what: str
    now: Any = None
    back: Any = None
    row_id: int | None = None

    @property
    def blocks(self) -> bool:
        """Whether a person has to decide; what is new since just stays, and what is gone is gone."""
        return self.kind in ("field", "row", "contact")


class Unresolved(Refused):
    """The merge cannot be taken back by itself; `details` are the conflicts."""


def report(merge: Merge) -> list[Conflict]:
    """What was changed since the merge. In the session of `whole_base`."""
    session: Any = db.session()
    survivor, loser = _both(session, merge, is_locked=False)
    rows = [conflict for name in merge.snapshot["moved"] for conflict in _row_conflicts(session, merge, name)]
    return [*_field_conflicts(merge, survivor), *rows, *_added(session, merge, survivor, loser)]


def undo(asker: Actor, merge_id: int, decisions: Mapping[str, str] | None = None) -> Merge:
    """Take a merge back, in the session of `whole_base`. `decisions` say keep or back by the key of a conflict.

    Raises Unresolved while a conflict is not decided, Refused when it is too late or the asker may not.
    """
    session: Any = db.session()
    merge = session.execute(select(Merge).where(Merge.id == merge_id).with_for_update(of=Merge)).scalar_one_or_none()
    if merge is None:
        raise NotFound("")
    hold_some(session, {name: moved["ids"] for name, moved in merge.snapshot["moved"].items()})
    survivor, loser = _both(session, merge)
    _check(merge, survivor, loser)
    check_rights(session, asker, survivor, loser)
    decided, found = dict(decisions or {}), report(merge)
    open_ones = [one for one in found if one.blocks and decided.get(one.key) not in (KEEP, BACK)]
    if open_ones:
        raise Unresolved(_("Something was changed since the merge. Decide what to keep."), details=open_ones)
    back = {one.key for one in found if decided.get(one.key) == BACK}
    _fields_back(merge, survivor, {one.key for one in found} - back)
    # First the survivor: of two partners with one code only one may be there.
    session.flush()
    loser.deleted_at = loser.deleted_by_id = loser.merged_into_id = None
    if loser.promo and _has_promo(session, loser):
        loser.promo = ""
    session.flush()
    for name in merge.snapshot["moved"]:
        _rows_back(session, merge, name, back)
    _give(session, merge, [one for one in found if one.kind == "added" and one.key in back])
    _forget_marks(session, merge)
    return _ended(session, merge, asker, [asdict(one) | {"decided": decided.get(one.key, KEEP)} for one in found])


def _ended(session: CrmSession, merge: Merge, asker: Actor, told: list[dict[str, Any]]) -> Merge:
    merge.undone_at, merge.undone_by_id, merge.conflicts = utcnow(), asker.person_id, told
    close_pair(merge.survivor_id, merge.loser_id, PairState.OPEN)
    session.flush()
    for client, other in zip(_both(session, merge), reversed(_both(session, merge)), strict=True):
        record("client.unmerged", client, merge_id=merge.id, other_id=other.id, other=other.name)
        session.expire(client, ["contacts"])
    session.flush()
    return merge


def _both(session: CrmSession, merge: Merge, is_locked: bool = True) -> tuple[Client, Client]:
    keys = (merge.survivor_id, merge.loser_id)
    wanted = select(Client).where(Client.id.in_(keys)).order_by(Client.id)
    wanted = wanted.with_for_update(of=Client) if is_locked else wanted
    found = {row.id: row for row in session.execute(wanted.execution_options(**{WITH_DELETED: True})).scalars()}
    return found[keys[0]], found[keys[1]]


def _check(merge: Merge, survivor: Client, loser: Client) -> None:
    if merge.undone_at is not None:
        raise Refused(_("This merge was taken back already."))
    if not merge.can_be_undone(utcnow()):
        raise Refused(_("A merge can be taken back for 90 days; this one is older."))
    if survivor.merged_into_id is not None:
        raise Refused(_("%(name)s was merged further since. Take that merge back first.", name=survivor.name))
    if loser.merged_into_id != survivor.id:
        raise Refused(_("The client was taken out of the trash by other means. There is nothing to take back."))


def _field_conflicts(merge: Merge, survivor: Client) -> Iterator[Conflict]:
    now, before, after = values_of(survivor), merge.snapshot[SURVIVOR], merge.snapshot["after"]
    for name in FIELDS:
        if before[name] != after[name] and now[name] != after[name] and now[name] != before[name]:
            yield Conflict(f"field.{name}", "field", name, now[name], before[name])


def _fields_back(merge: Merge, survivor: Client, kept: set[str]) -> None:
    now, before, after = values_of(survivor), merge.snapshot[SURVIVOR], merge.snapshot["after"]
    for name in FIELDS:
        if before[name] != after[name] and now[name] != before[name] and f"field.{name}" not in kept:
            setattr(survivor, name, typed(name, before[name]))


def _row_conflicts(session: CrmSession, merge: Merge, name: str) -> Iterator[Conflict]:
    follower = followers().get(name)
    moved = merge.snapshot["moved"][name]
    if follower is None:
        return
    rows = _rows(session, follower, moved["ids"])
    for key in moved["ids"]:
        row = rows.get(key)
        if row is None:
            yield _missing(merge, name, key)
        elif getattr(row, follower.key) not in (merge.survivor_id, merge.loser_id):
            yield Conflict(f"{name}.{key}", "row", name, getattr(row, follower.key), merge.loser_id, key)


def _missing(merge: Merge, name: str, key: int) -> Conflict:
    """A contact that was removed can be put back as it was; of other rows nothing is left."""
    if name != CONTACTS:
        return Conflict(f"{name}.{key}", "gone", name, row_id=key)
    contact = next(one for one in merge.snapshot["moved"][CONTACTS]["contacts"] if one["id"] == key)
    return Conflict(f"{name}.{key}", "contact", contact["kind"], None, contact["value"], key)


def _rows(session: CrmSession, follower: Follower, ids: list[int]) -> dict[int, Any]:
    wanted = select(follower.model).where(follower.model.id.in_(ids)).order_by(follower.model.id)
    found = session.execute(wanted.execution_options(**{WITH_DELETED: True})).scalars().unique()
    return {row.id: row for row in found}


def _rows_back(session: CrmSession, merge: Merge, name: str, back: set[str]) -> None:
    follower = followers().get(name)
    if follower is None:
        return
    moved = merge.snapshot["moved"][name]
    rows = _rows(session, follower, moved["ids"])
    for key in moved["ids"]:
        row, is_wanted = rows.get(key), f"{name}.{key}" in back
        if row is not None and (getattr(row, follower.key) == merge.survivor_id or is_wanted):
            setattr(row, follower.key, merge.loser_id)
        elif row is None and is_wanted and name == CONTACTS:
            contact = next(one for one in moved["contacts"] if one["id"] == key)
            session.add(ContactPoint(client_id=merge.loser_id, kind=contact["kind"], value=contact["value"]))
    session.flush()


def _added(session: CrmSession, merge: Merge, survivor: Client, loser: Client) -> Iterator[Conflict]:
    """Rows that came to the survivor after the merge: they stay, unless they are the other client's."""
    for name, follower in followers().items():
        model = follower.model
        born = getattr(model, "created_at", None) or getattr(model, "made_at", None)
        if born is None:
            continue
        wanted = select(model).where(getattr(model, follower.key) == survivor.id, born > merge.at)
        rows = session.execute(wanted.order_by(model.id).limit(MOST_ADDED)).scalars().unique().all()
        # What hangs on a deal or a lead goes where that goes.
        free = [row for row in rows if not (getattr(row, "deal_id", None) or getattr(row, "lead_id", None))]
        for row in follower.free(session, free, loser.id):
            yield Conflict(f"{name}.{row.id}", "added", name, _told(row), None, row.id)


def _told(row: Any) -> str:
    """What a person knows a row by: its words, or when it is, or its number."""
    said = [getattr(row, name, None) for name in ("title", "value", "name", "subject", "words", "starts_at", "number")]
    found = next((one for one in said if one), row.id)
    return found.isoformat() if isinstance(found, dt.datetime) else str(found)[:LONGEST]


def _give(session: CrmSession, merge: Merge, added: list[Conflict]) -> None:
    for conflict in added:
        follower = followers()[conflict.what]
        row = session.get(follower.model, conflict.row_id)
        if row is not None:
            setattr(row, follower.key, merge.loser_id)
            _give_parts(session, merge, row)
    session.flush()


def _give_parts(session: CrmSession, merge: Merge, row: Any) -> None:
    """What hangs on a deal or a lead names the same client as it does."""
    link = {"deal": "deal_id", "lead": "lead_id"}.get(row.__tablename__)
    for follower in followers().values() if link else ():
        column = getattr(follower.model, str(link), None)
        if column is None or follower.model is type(row):
            continue
        mine = select(follower.model).where(
            column == row.id, getattr(follower.model, follower.key) == merge.survivor_id
        )
        for part in session.execute(mine).scalars().unique():
            setattr(part, follower.key, merge.loser_id)


def _forget_marks(session: CrmSession, merge: Merge) -> None:
    marks = delete(NotDuplicate).where(NotDuplicate.id.in_(merge.snapshot.get("apart", [])))
    session.execute(marks.execution_options(synchronize_session=False))


def _has_promo(session: CrmSession, loser: Client) -> bool:
    same = select(Client.id).where(Client.promo == loser.promo, Client.id != loser.id).limit(1)
    return session.execute(same).first() is not None


__all__ = ["BACK", "KEEP", "LOSER", "Conflict", "Unresolved", "report", "undo"]
