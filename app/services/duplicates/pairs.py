"""Pairs of clients: those that look alike, and those of whom somebody said that they are different."""

from typing import Any

from sqlalchemy import delete, select

from app.services.duplicates.behalf import check_rights
from models.clients import Client
from models.duplicates import LikePair, NotDuplicate, PairState
from models.ground.actor import Actor, current_actor
from models.ground.base import db
from models.ground.refused import NotFound


def are_apart(one: int, other: int) -> bool:
    """Whether somebody said that the two are different."""
    low, high = sorted((one, other))
    mark = select(NotDuplicate.id).where(NotDuplicate.a_id == low, NotDuplicate.b_id == high)
    return db.session.execute(mark).first() is not None


def pair_between(one: int, other: int) -> LikePair | None:
    """The pair of the two that a scan has found."""
    low, high = sorted((one, other))
    found = select(LikePair).where(LikePair.a_id == low, LikePair.b_id == high)
    return db.session.execute(found).scalar_one_or_none()


def apart(asker: Actor, one: int, other: int) -> None:
    """Remember that the two are different: neither hint nor scan names them together any more. Raises Refused."""
    low, high = sorted((one, other))
    _check(asker, low, high)
    if are_apart(low, high):
        return
    db.session.add(NotDuplicate(a_id=low, b_id=high, by_id=current_actor().person_id))
    close_pair(low, high, PairState.APART)
    db.session.flush()


def maybe_same(asker: Actor, one: int, other: int) -> None:
    """Undo of `apart`: the two may be one again."""
    low, high = sorted((one, other))
    _check(asker, low, high)
    mark = delete(NotDuplicate).where(NotDuplicate.a_id == low, NotDuplicate.b_id == high)
    db.session.execute(mark.execution_options(synchronize_session=False))
    close_pair(low, high, PairState.OPEN)
    db.session.flush()


def close_pair(one: int, other: int, state: PairState) -> None:
    """What became of the pair, if a scan has found it."""
    pair = pair_between(one, other)
    if pair is not None:
        pair.state = state


def _check(asker: Actor, low: int, high: int) -> None:
    session: Any = db.session()
    found = list(session.execute(select(Client).where(Client.id.in_((low, high)))).scalars())
    if len(found) < 2:
        raise NotFound("")
    check_rights(session, asker, *found)
