"""How a work runs: in slices, so that papers and other works have their turn; each slice goes on where the last ended.

What it does must be safe to run twice: a worker may die between an item and the note that it is done.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.queue import enqueue_after_commit, outside
from app.services import notices
from app.services.works.kinds import KINDS
from app.wording import kept, speaking, told
from models.ground.base import db, utcnow
from models.ground.refused import Refused, Stale
from models.staff import Person
from models.works import Work, WorkState

log = logging.getLogger(__name__)

Item = TypeVar("Item")
# A worker that died is missed after this time; a running one says that it lives with every step.
LEASE = dt.timedelta(seconds=120)
# Seconds: how often what was done is kept and can be seen, and how long one job works before others have a turn.
STEP, SLICE = 0.5, 8.0
# A list that a person can still read; what is beyond is counted.
MOST_ERRORS = 5000
END = object()
FAULT = kept("A fault of ours stopped this. The administrator finds it in the log.")


def claim(work_id: int) -> Work | None:
    """The work, if it is to be done and nobody does it; locked until the next step."""
    # Not the key: what a work makes in sessions of its own refers to its row meanwhile.
    wanted = select(Work).where(Work.id == work_id).with_for_update(skip_locked=True, key_share=True)
    work = db.session.execute(wanted).scalar_one_or_none()
    if work is None or not work.is_live:
        return None
    if work.stop_asked_at:
        _end(work, WorkState.STOPPED)
        return None
    if work.state == WorkState.RUNNING and work.lease_until and work.lease_until > utcnow():
        return None
    work.state, work.started_at = WorkState.RUNNING, work.started_at or utcnow()
    work.lease_until = utcnow() + LEASE
    db.session.flush()
    return work


def advance(
    work: Work, count: int = 0, found: Mapping[str, int] | None = None, errors: Sequence[Mapping[str, Any]] = ()
) -> None:
    """So many items more are behind it; what was found is added to the counts."""
    work.done += count
    if found:
        work.found = {**work.found, **{name: work.found.get(name, 0) + more for name, more in found.items()}}
    if errors:
        room = MOST_ERRORS - len(work.errors)
        work.errors = [*work.errors, *map(dict, errors[:room])]
        if len(errors) > room:
            work.found = {**work.found, "errors_beyond": work.found.get("errors_beyond", 0) + len(errors) - room}


def go_on(work: Work) -> bool:
    """Keep what was done and begin the next transaction; False when somebody asked to stop, and then it has stopped.

    All rows are read anew after it.
    """
    work.lease_until = utcnow() + LEASE
    with outside():
        pass
    db.session.refresh(work)
    if work.stop_asked_at:
        _end(work, WorkState.STOPPED)
        return False
    return True


def go_through(
    work: Work,
    items: Sequence[Item],
    act: Callable[[Item], str],
    label: Callable[[Item], str] = str,
    data: Callable[[Item], Any] = lambda item: item,
) -> bool:
    """Do each item that is not behind it yet; True when all are. The items are plain values in a lasting order.

    `act` gives the name of a count in `found` (or nothing). What it refuses is rolled back alone and becomes a line
    of errors, with the words in the language of whoever began the work. The rest is left to the next slice.
    """
    begun = time.monotonic()
    work.total = len(items)
    for slot in _slots(items[work.done :]):
        _do_slot(work, slot, act, (label, data))
        if not go_on(work):
            return False
        if time.monotonic() - begun > SLICE and work.done < len(items):
            hand_on(work)
            return False
    return True


def _slots(items: Sequence[Item]) -> Iterable[Iterable[Item]]:
    """Runs of items that take a step of time each."""
    rest = iter(items)
    for item in rest:
        yield _slot(item, rest)


def _slot(first: Item, rest: Iterator[Any]) -> Iterable[Item]:
    until = time.monotonic() + STEP
    yield first
    while time.monotonic() < until:
        item: Any = next(rest, END)
        if item is END:
            return
        yield item


def _do_slot(work: Work, slot: Iterable[Item], act: Callable[[Item], str], naming: Any) -> None:
    for item in slot:
        name, error = _tried(work, item, act)
        line = [_line(work, item, error, naming)] if error else []
        advance(work, 1, {name: 1} if name else None, line)


def _line(work: Work, item: Any, words: str, naming: Any) -> dict[str, Any]:
    label, data = naming
    link = KINDS[work.kind].link
    return {"item": label(item), "words": words, "data": data(item)} | ({"url": link.format(item=item)} if link else {})


def _tried(work: Work, item: Item, act: Callable[[Item], str]) -> tuple[str, str]:
    """The name of the count, or why it could not be done."""
    language, zone = _reader(work)
    try:
        with db.session.begin_nested(), speaking(language, zone):
            return act(item), ""
    except Refused as refusal:
        return "", refusal.words or kept("You may not change this record, or it is there no more.")
    except Stale as stale:
        return "", kept("%(person)s has just changed it.", person=stale.by)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        log.exception("an item of work %s failed", work.id)
        return "", FAULT
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # One bad item must not bury the others with the job; the log has the trace.
        log.exception("an item of work %s failed", work.id)
        return "", FAULT


def hand_on(work: Work) -> None:
    """This slice is over: another job goes on after the commit."""
    work.lease_until = utcnow()
    enqueue_after_commit(KINDS[work.kind].job, work.id)


def finish(work: Work, words: str = "", url: str = "") -> None:
    """All is done; `words` (kept) say what came of it."""
    work.words, work.url = words or work.words, url or work.url
    if not work.total:
        work.total = work.done
    _end(work, WorkState.DONE)


def fail(work: Work, words: str) -> None:
    """It cannot go on, for this reason (kept words)."""
    work.words = words
    _end(work, WorkState.FAILED)


TITLES = {
    WorkState.DONE: kept("Done: %(what)s"),
    WorkState.FAILED: kept("Could not be done: %(what)s"),
    WorkState.STOPPED: kept("Stopped: %(what)s"),
}


def _end(work: Work, state: WorkState) -> None:
    """The end is told in the bell to whoever began it."""
    work.state, work.finished_at, work.lease_until = state, utcnow(), None
    person = db.session.get(Person, work.person_id) if work.person_id else None
    db.session.flush()
    if person is None:
        return
    with speaking(person.language, person.zone):
        title = told(TITLES[state]) % {"what": told(work.title)}
        words = told(work.words)
    notices.notify(person, f"work:{work.id}", "work.ended", title, words=words, url=f"/works/{work.id}", ways=("bell",))


def _reader(work: Work) -> tuple[str, str]:
    person = db.session.get(Person, work.person_id) if work.person_id else None
    return (person.language, person.zone) if person else ("ru", "Europe/Moscow")
