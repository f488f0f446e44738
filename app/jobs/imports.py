"""An import of leads is checked, run or taken back, a slice at a time."""

from sqlalchemy import select

from app.doors import committing
from app.queue import PAPERS, job
from app.services import imports, works
from app.services.imports import checking, running
from app.wording import speaking
from models.ground.base import db
from models.imports import ImportState, LeadImport
from models.works import Work


@job(queue=PAPERS, timeout=1800)
def check(work_id: int) -> None:
    """Look at every row; begun anew after an interruption, since nothing is made."""
    work = works.claim(work_id)
    if work is None:
        return _left(work_id)
    work.done = 0
    one = _import(work)
    person = work.person

    def step(count: int) -> bool:
        works.advance(work, count)
        return works.go_on(work)

    with speaking(person.language if person else "ru", person.zone if person else "Europe/Moscow"):
        if checking.look_through(one, step):
            works.finish(work)
        else:
            imports.ended(one, ImportState.MAPPING)
    return None


@job(queue=PAPERS, timeout=600)
def run(work_id: int) -> None:
    """Make the leads."""
    work = works.claim(work_id)
    if work is None:
        return _left(work_id)
    person, key = work.person, int(work.params["import"])

    def act(number: int) -> str:
        with running.on_behalf(person) as own, committing(own):
            return running.make(key, number)

    numbers = work.params.get("again") or running.numbers(_import(work))
    if works.go_through(work, numbers, act, label=str):
        imports.ended(_import(work), ImportState.DONE)
        works.finish(work)
    elif not work.is_live:
        imports.ended(_import(work), ImportState.STOPPED)
    return None


@job(queue=PAPERS, timeout=600)
def undo(work_id: int) -> None:
    """Take the leads back."""
    work = works.claim(work_id)
    if work is None:
        return _left(work_id)
    person = work.person
    keys = work.place.get("keys")
    if keys is None:
        # Those that are gone already must not move the others' places.
        keys = running.made(_import(work))
        work.place = {"keys": keys}

    def act(lead_id: int) -> str:
        with running.on_behalf(person) as own, committing(own):
            return running.take_back(lead_id)

    if works.go_through(work, keys, act, label=lambda lead_id: f"№ {lead_id}"):
        imports.ended(_import(work), ImportState.UNDONE)
        works.finish(work)
    elif not work.is_live:
        imports.ended(_import(work), ImportState.STOPPED)
    return None


def _import(work: Work) -> LeadImport:
    return db.session.get_one(LeadImport, int(work.params["import"]))


def _left(work_id: int) -> None:
    """A work that was stopped before it began leaves the import as it was."""
    work = db.session.get(Work, work_id)
    if work is None or work.is_live:
        return
    one = db.session.execute(select(LeadImport).where(LeadImport.work_id == work_id)).scalar_one_or_none()
    if one is not None and one.state in STOPPED:
        imports.ended(one, STOPPED[one.state])


STOPPED = {
    ImportState.CHECKING: ImportState.MAPPING,
    ImportState.RUNNING: ImportState.STOPPED,
    ImportState.UNDOING: ImportState.STOPPED,
}
