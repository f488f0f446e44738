"""The whole base is looked through for clients who may be one: by contacts and INN exactly, by names and address alike.

PostgreSQL finds the candidates (from the index of contacts, and in blocks of one address), so that names are compared
within blocks alone: twice as many clients take twice the time.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Select,
    String,
    and_,
    case,
    column,
    delete,
    func,
    literal,
    or_,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.services.duplicates.likeness import ALIKE, likeness, strict_likeness
from models.clients import Client, ContactKind, ContactPoint
from models.duplicates import LikePair, NotDuplicate, PairState
from models.ground.base import db

# A contact that more clients share is a reception's or a mistake: each is compared with the next one alone.
FEW, BIGGEST_BLOCK, CHUNK = 5, 300, 1000
# Of one contact and names alike, of one contact and other names, of one INN with two KPP.
SAME, CONTACT, BRANCH, MOST_ALIKE = 100, 90, 60, 84
REASONS = {ContactKind.PHONE: "phone", ContactKind.EMAIL: "email", ContactKind.HANDLE: "handle"}
# What stands in addresses in many ways or not at all.
FILLERS = (
    r"^\s*\d{6}\M|\m(россия|рф|г|город|ул|улица|д|дом|кв|квартира|оф|офис|пом|помещение|корп|корпус|стр|строение"
    r"|пр|проспект|пр-т|пер|переулок|обл|область|р-н|район|мкр|микрорайон|этаж|эт|подъезд|под)\M"
)
Pair = tuple[int, int, int, str]


def steps() -> list[tuple[str, Callable[[dt.datetime], int]]]:
    """The steps in order: a name of a count and the step, which takes the moment of the scan and gives how many."""
    return [
        ("exact", by_contacts),
        ("exact", by_inn),
        ("alike", by_address),
        ("", forget_old),
    ]


def by_contacts(moment: dt.datetime) -> int:
    """Clients who have one phone, e-mail or handle."""
    return _keep(_contact_pairs(), moment)


def by_inn(moment: dt.datetime) -> int:
    """Clients of one INN; with two different KPP they may be branches."""
    return _keep(_inn_pairs(), moment)


def by_address(moment: dt.datetime) -> int:
    """Clients of one address whose names are alike."""
    return _keep(_address_pairs(), moment)


def forget_old(moment: dt.datetime) -> int:
    """Pairs that are no longer alike."""
    old = delete(LikePair).where(LikePair.state == PairState.OPEN, LikePair.seen_at < moment)
    db.session.execute(old.execution_options(synchronize_session=False))
    return 0


# ── candidates ───────────────────────────────────────────────────────────────


def _contact_pairs() -> Iterator[Pair]:
    point = ContactPoint
    place: Any = {"partition_by": (point.kind, point.value)}
    held = (
        select(
            point.kind,
            point.value,
            point.client_id,
            func.count().over(**place).label("n"),
            func.row_number().over(**place, order_by=point.client_id).label("place"),
        )
        .join(Client, Client.id == point.client_id)
        .where(Client.deleted_at.is_(None))
        .cte("held")
    )
    for row in _streamed(_paired(held, (held.c.kind, held.c.value), [held.c.kind.label("why")])):
        alike = likeness(row.one, row.other) >= ALIKE
        yield row.a, row.b, SAME if alike else CONTACT, REASONS[row.why]


def _inn_pairs() -> Iterator[Pair]:
    place: Any = {"partition_by": Client.inn}
    held = (
        select(
            Client.inn,
            Client.kpp,
            Client.id.label("client_id"),
            func.count().over(**place).label("n"),
            func.row_number().over(**place, order_by=Client.id).label("place"),
        )
        .where(Client.inn != "", Client.deleted_at.is_(None))
        .cte("held")
    )
    for row in _streamed(_paired(held, (held.c.inn,), [held.c.kpp.label("kpp")], ["kpp"])):
        is_branch = bool(row.kpp and row.other_kpp and row.kpp != row.other_kpp)
        yield row.a, row.b, BRANCH if is_branch else SAME, "branch" if is_branch else "inn"


def _paired(held: Any, same: tuple[Any, ...], shown: list[Any], other_shown: Iterable[str] = ()) -> Select[Any]:
    """Pairs within groups of the same value: all of a small group, neighbours of a large one."""
    second = held.alias("second")
    one, other = aliased(Client), aliased(Client)
    near = or_(held.c.n <= FEW, second.c.place == held.c.place + 1)
    equal = [second.c[part.name] == part for part in same]
    more = [second.c[name].label(f"other_{name}") for name in other_shown]
    return (
        select(held.c.client_id.label("a"), second.c.client_id.label("b"), *shown, *more)
        .add_columns(one.folded.label("one"), other.folded.label("other"))
        .select_from(held)
        .join(second, and_(*equal, second.c.n > 1, held.c.client_id < second.c.client_id))
        .join(one, one.id == held.c.client_id)
        .join(other, other.id == second.c.client_id)
        .where(held.c.n > 1, near)
    )


def _address_pairs() -> Iterator[Pair]:
    bare = func.regexp_replace(func.translate(func.lower(Client.address), "ё", "е"), FILLERS, " ", "g")
    key = func.btrim(func.regexp_replace(bare, r"[^0-9a-zа-я]+", " ", "g"))
    blocks = (
        select(func.array_agg(Client.id).label("ids"), func.array_agg(Client.folded).label("names"))
        .where(Client.address != "", Client.deleted_at.is_(None))
        .group_by(key)
        .having(func.count().between(2, BIGGEST_BLOCK), func.length(func.min(key)) > 8)
    )
    for block in _streamed(blocks):
        for (one, left), (other, right) in combinations(sorted(zip(block.ids, block.names, strict=True)), 2):
            score = strict_likeness(left, right)
            if score >= ALIKE:
                yield one, other, min(score, MOST_ALIKE), "address"


def _streamed(statement: Any) -> Iterator[Any]:
    """Rows as they come: a large base does not fit into a worker."""
    yield from db.session.execute(statement.execution_options(yield_per=CHUNK))


# ── what is kept ─────────────────────────────────────────────────────────────


def _keep(pairs: Iterator[Pair], moment: dt.datetime) -> int:
    """Note pairs that nobody called different; one that an earlier step has found gets one reason more."""
    count = 0
    while chunk := list(islice(pairs, CHUNK)):
        best = _merged(chunk)
        made = insert(LikePair).from_select(
            ["a_id", "b_id", "score", "reason", "state", "found_at", "seen_at"], _not_apart(best, moment)
        )
        new, is_of_now = made.excluded, LikePair.seen_at == moment
        reasons = func.concat(LikePair.reason, ",", new.reason)
        done = made.on_conflict_do_update(
            index_elements=["a_id", "b_id"],
            set_={
                "score": case((is_of_now, func.greatest(LikePair.score, new.score)), else_=new.score),
                "reason": case((is_of_now, reasons), else_=new.reason),
                "state": PairState.OPEN,
                "seen_at": moment,
            },
        )
        rows = db.session.execute(done.returning(LikePair.id).execution_options(synchronize_session=False))
        count += len(rows.all())
    return count


def _merged(chunk: list[Pair]) -> list[Pair]:
    """One line a pair: the best score, all reasons."""
    found: dict[tuple[int, int], tuple[int, list[str]]] = {}
    for one, other, score, reason in chunk:
        best, reasons = found.get((one, other), (0, []))
        found[one, other] = max(best, score), [*reasons, *([reason] if reason not in reasons else [])]
    return [(one, other, score, ",".join(reasons)) for (one, other), (score, reasons) in found.items()]


def _not_apart(chunk: list[Pair], moment: dt.datetime) -> Select[Any]:
    columns = (column("a", BigInteger), column("b", BigInteger), column("score", Integer), column("reason", String))
    pair = values(*columns, name="pair").data(chunk)
    mark = select(NotDuplicate.id).where(NotDuplicate.a_id == pair.c.a, NotDuplicate.b_id == pair.c.b)
    when = literal(moment, DateTime(timezone=True))
    return select(pair, literal(str(PairState.OPEN)), when, when).where(~mark.exists())
