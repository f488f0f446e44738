"""Whose turn it is: leads are shared in a fair round, by share and by load.

Everybody has a place on a line. Whoever stands lowest gets the lead and goes on by 1 / share, so that somebody with a
share of 2 gets two of three. Whoever stands below the place that was served last has missed a turn: a newcomer, or
somebody back from leave. They go on from where the lowest of the others stands, so that they take part at once and are
not flooded with what was missed.
"""

from collections.abc import Collection

from sqlalchemy import func, select

from app.services import worktime
from app.services.leads.sorting import Verdict
from app.settings import setting
from models.ground.base import db, utcnow
from models.leads import LIVE_STATES, Lead
from models.settings import Setting
from models.staff import Person

# An advisory lock: two leads of one moment are given out one after the other.
TURN = 42_010_002
LAST_PLACE = "lead.turn"


def owner_of(verdict: Verdict) -> Person | None:
    """Whose a new request is: the client's own manager's or his deputy's, if they take leads, else the next one's."""
    _lock()
    own = db.session.get(Person, verdict.client.owner_id) if verdict.client and verdict.client.owner_id else None
    stands_in = worktime.deputy_of(own, worktime.today_of(utcnow())) if own else None
    if stands_in is not None and stands_in.takes_leads:
        _go_on(stands_in, stands_in.lead_turn)
        return stands_in
    return _served(())


def next_owner(without: Collection[int]) -> Person | None:
    """Whoever is next in the round, leaving out some; None when nobody is left."""
    _lock()
    return _served(without)


def _lock() -> None:
    db.session.execute(select(func.pg_advisory_xact_lock(TURN, 0)))


def _served(without: Collection[int]) -> Person | None:
    people = [person for person in _taking() if person.id not in without]
    if not people:
        return None
    loads = _loads([person.id for person in people])
    places = _places(people)

    def turn(person: Person) -> tuple[float, int, float, int]:
        last = person.last_lead_at.timestamp() if person.last_lead_at else 0.0
        return (places[person.id], loads.get(person.id, 0), last, person.id)

    person = min(_not_full(people, loads), key=turn)
    _go_on(person, places[person.id])
    _serve_at(places[person.id])
    return person


def _places(people: list[Person]) -> dict[int, float]:
    """Where everybody stands now; those who missed a turn where the lowest of the others does."""
    last = _served_at()
    in_step = [person.lead_turn for person in people if person.lead_turn >= last]
    lowest = min(in_step, default=last)
    return {person.id: person.lead_turn if person.lead_turn >= last else lowest for person in people}


def _go_on(person: Person, place: float) -> None:
    person.lead_turn = place + 1 / max(person.lead_share, 1)
    person.last_lead_at = utcnow()


def _taking() -> list[Person]:
    """Those who take leads and are not away; of them those at work now, if there are any."""
    taking = select(Person).where(Person.takes_leads, Person.active, Person.lead_share > 0).order_by(Person.id)
    found = list(db.session.execute(taking).scalars())
    now = utcnow()
    away = worktime.away_on(worktime.today_of(now), [person.id for person in found])
    here = [person for person in found if person.id not in away]
    return [person for person in here if worktime.hours_of(person).is_open(now)] or here


def _loads(people: list[int]) -> dict[int, int]:
    """How many live leads each has."""
    mine = select(Lead.owner_id, func.count(Lead.id)).where(Lead.owner_id.in_(people), Lead.state.in_(LIVE_STATES))
    rows = db.session.execute(mine.group_by(Lead.owner_id)).all()
    return {person: count for person, count in rows if person is not None}


def _not_full(people: list[Person], loads: dict[int, int]) -> list[Person]:
    """Those below the limit of live leads; all, when everybody has reached it: a lead waits for nobody."""
    limit = setting("lead_limit")
    return [person for person in people if not limit or loads.get(person.id, 0) < limit] or people


def _served_at() -> float:
    row = db.session.get(Setting, LAST_PLACE)
    return float(row.value) if row else 0.0


def _serve_at(place: float) -> None:
    row = db.session.get(Setting, LAST_PLACE)
    if row is None:
        db.session.add(Setting(key=LAST_PLACE, value=place))
    else:
        row.value = place
    db.session.flush()
