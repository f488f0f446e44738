"""Verbs of a role: give to a person, draw, change what it reaches and may, remove."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_user_role,
)
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.security import ADMINISTRATOR, ROLES
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.history import record
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.staff import Person, RoleReach

# Nouns that roles reach, in the order of the matrix; other tables follow one of them.
NOUNS = ("lead", "client", "deal", "task", "estimate", "document", "payment", "shipment", "message")
HIDEABLE = (
    "lead.phone", "client.phone", "client.email", "deal.amount", "estimate.cost", "estimate.margin",
    "shipment.cost", "shipment.margin", "product.cost",
)  # fmt: skip
HOMES = ("day", "leads", "deals", "tasks", "clients", "documents", "dashboard", "people")


def set_roles(person: Person, codes: Iterable[str]) -> None:
    """Give a person these roles and no others."""
    wanted = list(dict.fromkeys(codes))
    found = {reach.code: reach for reach in db.session.execute(select(RoleReach)).scalars()}
    unknown = [code for code in wanted if code not in found]
    if unknown or not wanted:
        raise Refused(_("Choose one role or more."), "roles")
    if ADMINISTRATOR not in wanted:
        check_not_last(person)
    before = sorted(code for code, reach in found.items() if reach.role_id in {role.id for role in person.roles})
    if ADMINISTRATOR in set(before) ^ set(wanted):
        _check_administrator()
    if before != sorted(wanted):
        person.roles = [db.session.get_one(Role, found[code].role_id) for code in wanted]
        db.session.flush()
        record("person.roles", person, before=before, after=sorted(wanted))


def check_may_touch(person: Person) -> None:
    """Refuse to whoever is no administrator what would let them act as one."""
    is_administrator = any(role.name == ADMINISTRATOR for role in person.roles)
    if is_administrator and person.id != current_actor().person_id:
        _check_administrator()


def _check_administrator() -> None:
    if not current_actor().everything:
        raise Refused(_("Only an administrator may do this."))


def check_not_last(person: Person) -> None:
    """Refuse to take away the last administrator."""
    administrators = select(func.count(Person.id)).join(assoc_user_role, assoc_user_role.c.user_id == Person.id)
    role = select(RoleReach.role_id).where(RoleReach.code == ADMINISTRATOR).scalar_subquery()
    administrators = administrators.where(assoc_user_role.c.role_id == role, Person.active.is_(True))
    is_one = any(role.name == ADMINISTRATOR for role in person.roles)
    others = db.session.execute(administrators.where(Person.id != person.id)).scalar_one()
    if is_one and not others:
        raise Refused(_("This is the last administrator. Give the role to somebody else first."), "roles")


def draw(names: Mapping[str, str], like: RoleReach | None = None) -> RoleReach:
    """A new role, empty or like another one."""
    named = _names(names)
    count = db.session.execute(select(func.max(Role.id))).scalar() or 0
    role = Role(name=f"role_{count + 1}")
    db.session.add(role)
    db.session.flush()
    reach = RoleReach(role_id=role.id, code=role.name, names=named, reading={}, writing={}, hidden=[])
    if like is not None and like.code != ADMINISTRATOR:
        role.permissions = list(db.session.get_one(Role, like.role_id).permissions)
        reach.reading, reach.writing, reach.hidden = dict(like.reading), dict(like.writing), list(like.hidden)
        reach.home = like.home
    else:
        role.permissions = [permission("can_edit", "Me"), permission("can_list", "Notices")]
    db.session.add(reach)
    db.session.flush()
    record("role.drawn", reach)
    return reach


def save_reach(reach: RoleReach, said: Mapping[str, Any]) -> None:
    """Change a role: names, home, reading and writing scopes by noun, hidden fields, permissions (pairs)."""
    if reach.code == ADMINISTRATOR:
        raise Refused(_("The administrator may everything; this role cannot be changed."))
    if reach.code in current_actor().roles:
        _check_administrator()
    reach.names = _names(said["names"])
    reach.home = said["home"] if said["home"] in HOMES else reach.home
    reach.reading = _scopes(said["reading"])
    reach.writing = _narrowed(_scopes(said["writing"]), reach.reading)
    reach.hidden = [name for name in HIDEABLE if name in said["hidden"]]
    _set_permissions(reach, {(name, view) for name, view in said["permissions"]})
    db.session.flush()


def _names(names: Mapping[str, str]) -> dict[str, str]:
    cleaned = {code: clean_line(name, "names", 60) for code, name in names.items()}
    if not cleaned.get("ru") and not cleaned.get("en"):
        raise Refused(_("Name the role."), "names")
    return {code: name for code, name in cleaned.items() if name}


def _scopes(scopes: Mapping[str, str]) -> dict[str, str]:
    known = {scope.name.lower() for scope in Scope}
    if any(name not in NOUNS or scope not in known for name, scope in scopes.items()):
        raise Refused(_("There is no such scope. Reload the page and try again."))
    return {name: scope for name, scope in scopes.items() if scope != "none"}


def _narrowed(writing: dict[str, str], reading: dict[str, str]) -> dict[str, str]:
    """Nobody writes what he cannot read."""
    narrow = {noun: min(Scope[scope.upper()], Scope[reading.get(noun, "none").upper()])
              for noun, scope in writing.items()}  # fmt: skip
    return {noun: scope.name.lower() for noun, scope in narrow.items() if scope}


def _set_permissions(reach: RoleReach, wanted: set[tuple[str, str]]) -> None:
    if any(name not in ROLES.get(view, ()) for name, view in wanted):
        raise Refused(_("There is no such permission. Reload the page and try again."))
    role = db.session.get_one(Role, reach.role_id)
    before = {(one.permission.name, one.view_menu.name) for one in role.permissions}
    ours = {pair for pair in before if pair[0] in ROLES.get(pair[1], ())}
    if any(view in {"People", "Roles"} for _name, view in ours ^ wanted):
        _check_administrator()
    if ours != wanted:
        role.permissions = [permission(name, view) for name, view in sorted((before - ours) | wanted)]
        added, taken = (sorted(f"{v}.{n}" for n, v in pairs) for pairs in (wanted - ours, ours - wanted))
        record("role.permissions", reach, added=added, taken=taken)


def remove(reach: RoleReach) -> None:
    """Remove a role that nobody has."""
    held = select(func.count()).where(assoc_user_role.c.role_id == reach.role_id)
    if reach.code == ADMINISTRATOR or db.session.execute(held).scalar_one():
        raise Refused(_("People have this role. Give them another one first."))
    record("role.removed", reach, names=reach.names)
    role = db.session.get_one(Role, reach.role_id)
    role.permissions = []
    db.session.delete(reach)
    db.session.flush()
    db.session.delete(role)
    db.session.flush()


def permission(name: str, view: str) -> PermissionView:
    """The permission by its names, made when it is not there."""
    found = (
        select(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(Permission.name == name, ViewMenu.name == view)
    )
    row = db.session.execute(found).scalar_one_or_none()
    if row is None:
        row = PermissionView(permission=_named(Permission, name), view_menu=_named(ViewMenu, view))
        db.session.add(row)
        db.session.flush()
    return row


def _named(cls: Any, name: str) -> Any:
    row = db.session.execute(select(cls).where(cls.name == name)).scalar_one_or_none()
    if row is None:
        row = cls(name=name)
        db.session.add(row)
        db.session.flush()
    return row


def label(reach: RoleReach) -> str:
    """The role's name in the reader's language."""
    return str(reach.names.get(current_actor().language) or next(iter(reach.names.values()), reach.code))
