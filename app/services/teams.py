"""Verbs of a team: save, remove."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import func, select

from models.ground.base import db
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.staff import Person, Team


def save(team: Team | None, name: str, head_id: int | None, members: Iterable[int]) -> Team:
    """A new team or a changed one: its name, its head, its people. The head need not be among them."""
    named = clean_line(name, "name", 100)
    if not named:
        raise Refused(_("Name the team."), "name")
    twin = select(Team.id).where(func.lower(Team.name) == named.lower())
    if set(db.session.execute(twin).scalars()) - {team.id if team else None}:
        raise Refused(_("There is a team of this name already."), "name")
    if team is None:
        team = Team(name=named)
        db.session.add(team)
    team.name = named
    team.head_id = _person_id(head_id)
    db.session.flush()
    wanted = set(members)
    for person in db.session.execute(select(Person).where(Person.active.is_(True))).scalars():
        if person.id in wanted:
            person.team_id = team.id
        elif person.team_id == team.id:
            person.team_id = None
    db.session.flush()
    return team


def _person_id(person_id: int | None) -> int | None:
    if person_id is None:
        return None
    if db.session.get(Person, person_id) is None:
        raise Refused(_("There is no such person."), "head")
    return person_id


def remove(team: Team) -> None:
    """Dissolve a team; its people stay, without a team."""
    for person in db.session.execute(select(Person).where(Person.team_id == team.id)).scalars():
        person.team_id = None
    db.session.flush()
    db.session.delete(team)
    db.session.flush()
