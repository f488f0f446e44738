"""What a person's roles give together, remembered by each process until somebody's rights change."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import or_, select, union

from models.ground.access import AT_THE_DOOR
from models.ground.actor import Actor, Scope
from models.ground.base import db, utcnow
from models.staff import Person, RightsEpoch, RoleReach, Team
from models.worktime import Absence, WorkHours

ADMINISTRATOR = "administrator"
REMEMBERED = 2000
# A deputy who is away has a deputy, and so on: as far as app/services/worktime goes.
DEEPEST = 5


@dataclass(frozen=True)
class Rights:
    """What a person's roles give together: the widest scopes; a field is hidden only if every role hides it."""

    roles: frozenset[str]
    homes: tuple[str, ...]
    reading: dict[str, Scope]
    writing: dict[str, Scope]
    hidden: frozenset[str]
    permissions: frozenset[tuple[str, str]]
    people_ids: frozenset[int]
    standing_in: frozenset[int]
    team_ids: frozenset[int]
    # Who is away is told for one day of the firm's, and no longer.
    day: dt.date
    zone: str

    @property
    def everything(self) -> bool:
        """Whether this is an administrator."""
        return ADMINISTRATOR in self.roles


_remembered: OrderedDict[int, tuple[int, Rights]] = OrderedDict()


def rights_of(person_id: int) -> Rights:
    """The person's rights, remembered by this process until the epoch of all rights grows or the firm's day ends."""
    epoch = _epoch()
    known = _remembered.get(person_id)
    if known is None or known[0] != epoch or known[1].day != _today(known[1].zone):
        known = (epoch, _read_rights(person_id))
        _remembered[person_id] = known
        if len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return known[1]


def _epoch() -> int:
    if "rights_epoch" not in g:
        table: Any = RightsEpoch.__table__
        g.rights_epoch = db.session.execute(select(table.c.number).where(table.c.id == 1)).scalar()
    return g.rights_epoch or 0


def _today(zone: str) -> dt.date:
    return utcnow().astimezone(ZoneInfo(zone)).date()


def _read_rights(person_id: int) -> Rights:
    """Six small queries on the tables themselves: rights are read before anybody has any."""
    roles = _roles(person_id)
    named = [role for role in roles if role.code]
    ids = [role.id for role in roles]
    permission = (
        select(Permission.name, ViewMenu.name)
        .join(PermissionView, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
        .where(assoc_permissionview_role.c.role_id.in_(ids))
    )
    people, team = _people_in_reach(person_id)
    zone = _firms_zone()
    day = _today(zone)
    return Rights(
        roles=frozenset(role.code or role.name for role in roles),
        homes=tuple(dict.fromkeys(role.home for role in named)),
        reading=_widest([role.reading for role in named]),
        writing=_widest([role.writing for role in named]),
        hidden=frozenset.intersection(*(frozenset(role.hidden) for role in named)) if named else frozenset(),
        permissions=frozenset((name, view) for name, view in _at_the_door(permission)),
        people_ids=people,
        standing_in=_standing_in(person_id, day),
        team_ids=team,
        day=day,
        zone=zone,
    )


def _at_the_door(statement: Any) -> Any:
    """Rights are asked for before the session knows who acts, and to nobody all tables are empty."""
    return db.session.execute(statement.execution_options(**{AT_THE_DOOR: True}))


def _roles(person_id: int) -> list[Any]:
    reach: Any = RoleReach.__table__
    mine = union(
        select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == person_id),
        select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == person_id),
    )
    found = (
        select(Role.id, Role.name, *(reach.c[name] for name in ("code", "home", "reading", "writing", "hidden")))
        .outerjoin(reach, reach.c.role_id == Role.id)
        .where(Role.id.in_(mine))
        .order_by(Role.id)
    )
    return list(_at_the_door(found))


def _widest(scopes: list[dict[str, str]]) -> dict[str, Scope]:
    found: dict[str, Scope] = {}
    for one in scopes:
        for noun, name in one.items():
            found[noun] = max(found.get(noun, Scope.NONE), Scope[name.upper()])
    return found


def _people_in_reach(person_id: int) -> tuple[frozenset[int], frozenset[int]]:
    """Oneself with the people of the teams one heads, and those with the colleagues of one's own team."""
    person: Any = Person.__table__
    team: Any = Team.__table__
    headed = select(team.c.id).where(team.c.head_id == person_id)
    mine = select(person.c.team_id).where(person.c.id == person_id)
    near = or_(person.c.team_id.in_(headed), person.c.team_id.in_(mine))
    rows = list(_at_the_door(select(person.c.id, person.c.team_id.in_(headed)).where(near)))
    own = {person_id} | {row[0] for row in rows if row[1]}
    return frozenset(own), frozenset(own | {row[0] for row in rows})


def _firms_zone() -> str:
    """Absences are of days, and the firm's hours say where its day begins."""
    hours: Any = WorkHours.__table__
    row = _at_the_door(select(hours.c.zone).where(hours.c.person_id.is_(None))).first()
    return str(row[0]) if row else "UTC"


def _standing_in(person_id: int, day: dt.date) -> frozenset[int]:
    """Who is away that day and has this person for a deputy, or for the deputy of a deputy who is away too."""
    away: Any = Absence.__table__
    today = (away.c.begins <= day, or_(away.c.ends >= day, away.c.ends.is_(None)), away.c.cancelled.is_(False))
    pairs = list(_at_the_door(select(away.c.person_id, away.c.deputy_id).where(away.c.deputy_id.is_not(None), *today)))
    found = {person_id}
    for _step in range(DEEPEST):
        found |= {absent for absent, deputy in pairs if deputy in found}
    return frozenset(found - {person_id})


def actor_of_person(person: Person) -> Actor:
    """The person as an actor: what access, masks and permissions ask about."""
    rights = rights_of(person.id)
    return Actor(
        name=person.name,
        person_id=person.id,
        roles=rights.roles,
        reading=rights.reading,
        writing=rights.writing,
        people_ids=rights.people_ids,
        standing_in=rights.standing_in,
        own_ids=rights.people_ids | rights.standing_in,
        team_ids=rights.team_ids | rights.standing_in,
        hidden=frozenset() if rights.everything else rights.hidden,
        permissions=rights.permissions,
        everything=rights.everything,
        language=person.language,
        zone=person.zone,
    )
