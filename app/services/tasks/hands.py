"""Into whose hands a task goes that nobody gave by hand: never to somebody who has left."""

from sqlalchemy import select

from models.ground.base import db
from models.staff import Person, Team


def hands_of(person_id: int | None) -> int | None:
    """The person, or whoever heads the team of somebody who has left; nobody where there is no such head."""
    person = db.session.get(Person, person_id) if person_id else None
    if person is None or person.active:
        return person.id if person else None
    heads = select(Person.id).join(Team, Team.head_id == Person.id)
    return db.session.execute(heads.where(Team.id == person.team_id, Person.active)).scalar_one_or_none()
