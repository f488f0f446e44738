"""Works in the background, a slice at a time."""

from collections.abc import Callable
from typing import Any

from app.doors import committing
from app.queue import PAPERS, job
from app.rights import actor_of_person
from app.services import works
from app.services.duplicates import batches, whole_base
from app.services.leads import batches as leads
from models.ground.actor import SYSTEM, Actor, acting_as


@job(queue=PAPERS, timeout=1800)
def scan(work_id: int) -> None:
    """Look through the base for clients who may be one."""
    work = works.claim(work_id)
    if work is not None:
        batches.scan(work)


@job(queue=PAPERS, timeout=600)
def merge(work_id: int) -> None:
    """Merge pairs of clients."""
    _each(work_id, batches.merge_pair)


@job(queue=PAPERS, timeout=600)
def unmerge(work_id: int) -> None:
    """Take merges back."""
    _each(work_id, batches.undo_one)


def _each(work_id: int, verb: Callable[[Actor, Any, int], str]) -> None:
    """Every item in a session of its own that acts for whoever began the work."""
    work = works.claim(work_id)
    if work is None:
        return
    asker = actor_of_person(work.person) if work.person else SYSTEM

    def act(item: Any) -> str:
        with whole_base(asker) as own, committing(own):
            return verb(asker, item, work_id)

    if works.go_through(work, batches.items_of(work), act, label=batches.names_of):
        works.finish(work)


@job(queue=PAPERS, timeout=600)
def change_leads(work_id: int) -> None:
    """Very many leads, each in a session of its own that acts for whoever began the work."""
    work = works.claim(work_id)
    if work is None:
        return
    asker = actor_of_person(work.person) if work.person else SYSTEM
    params = dict(work.params)

    def act(key: int) -> str:
        with acting_as(asker) as own, committing(own):
            return leads.do_one(params, key)

    keys = params.get("again") or params["keys"]
    if works.go_through(work, keys, act, label=lambda key: f"№ {key}"):
        works.finish(work)


@job()
def look_daily() -> None:
    """The base is looked through every day by itself, so that new pairs are there before anybody asks."""
    batches.begin_scan()
