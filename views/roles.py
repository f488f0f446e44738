"""Roles and rights: who reads and changes what, in plain words; one role is edited at a time."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import select

from app.security import ADMINISTRATOR, ROLES
from app.services import roles
from models.ground.actor import Scope
from models.ground.base import db
from models.staff import Person, RoleReach
from views.base import CrmView, attempting, committing, expose, require
from views.crud.filters import whole
from views.crud.saving import Attempt
from views.places import PLACES
from views.shell import say

NOUNS: dict[str, Any] = {
    "lead": _l("Leads"),
    "client": _l("Clients"),
    "deal": _l("Deals"),
    "task": _l("Tasks"),
    "estimate": _l("Estimates"),
    "document": _l("Documents"),
    "payment": _l("Payments"),
    "shipment": _l("Shipments"),
    "message": _l("Messages"),
}
SCOPES: dict[str, Any] = {
    "none": _p("scope", "nothing"),
    "given": _p("scope", "given to them"),
    "own": _p("scope", "their own"),
    "team": _p("scope", "their team's"),
    "all": _p("scope", "everything"),
}
HIDEABLE: dict[str, Any] = {
    "lead.phone": _l("Phone of a lead"),
    "client.phone": _l("Phone of a client"),
    "client.email": _l("E-mail of a client"),
    "deal.amount": _l("Sum of a deal"),
    "estimate.cost": _l("Cost in an estimate"),
    "estimate.margin": _l("Margin of an estimate"),
    "shipment.cost": _l("Cost of a shipment"),
    "shipment.margin": _l("Margin of a shipment"),
    "product.cost": _l("Cost in the price list"),
}
VERBS: dict[str, Any] = {
    "can_list": _p("permission", "see the list"),
    "can_show": _p("permission", "open"),
    "can_add": _p("permission", "add"),
    "can_edit": _p("permission", "change"),
    "can_delete": _p("permission", "delete"),
    "can_take": _p("permission", "take"),
    "can_qualify": _p("permission", "turn into a deal"),
    "can_assign": _p("permission", "hand over"),
    "can_move": _p("permission", "move to another stage"),
    "can_agree": _p("permission", "agree"),
    "can_issue": _p("permission", "issue"),
    "can_restore": _p("permission", "restore"),
    "can_replay": _p("permission", "run again"),
}
OTHER_PAGES: dict[str, Any] = {
    "Conversations": _l("Messages to clients"),
    "Me": _l("Own settings"),
    "Notices": _l("Notices"),
    "Imports": _l("Leads out of a file"),
    "Files": _l("Files"),
}


class Roles(CrmView):
    """The matrix of rights, and the form of one role."""

    route_base = "/roles"

    @expose("/list/")
    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """What each role reads, changes, opens and does not see."""
        columns = [column(reach) for reach in reaches()]
        return self.page(
            "roles/list.html", title=_("Roles and rights"), nav="roles", columns=columns, nouns=NOUNS, scopes=SCOPES,
            hideable=HIDEABLE, pages=pages(), verbs=VERBS,
        )  # fmt: skip

    @expose("/show/<pk>")
    @require("can_show")
    def show(self, pk: str) -> Any:
        """A role is seen in the matrix."""
        return redirect(url_for("Roles.list") + f"#role-{reach_of(pk).role_id}")

    @expose("/add", methods=["GET", "POST"])
    @require("can_add")
    def add(self) -> Any:
        """A new role, like another one or empty; then its form."""
        said = {name: request.form.get(name, "") for name in ("ru", "en", "like")}
        attempt = Attempt()
        if request.method == "POST":
            with attempting() as attempt:
                like = reach_of(said["like"]) if said["like"] else None
                made = roles.draw({"ru": said["ru"], "en": said["en"]}, like).role_id
            if attempt.refusal is None:
                return redirect(url_for("Roles.edit", pk=made))
        choices = [("", _("nothing yet")), *((r.role_id, roles.label(r)) for r in reaches() if r.code != ADMINISTRATOR)]
        values = {"title": _("New role"), "nav": "roles", "said": said, "errors": attempt.errors, "choices": choices}
        return self.page("roles/add.html", **values), attempt.status

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @require("can_edit")
    def edit(self, pk: str) -> Any:
        """The form of a role."""
        reach = reach_of(pk)
        said = typed() if request.method == "POST" else column(reach)
        attempt = Attempt()
        if request.method == "POST":
            with attempting() as attempt:
                roles.save_reach(reach, said)
            if attempt.refusal is None:
                say(_("Saved. It holds from the next page of whoever has the role."))
                return redirect(url_for("Roles.list"))
            reach = reach_of(pk)
        html = self.page(
            "roles/form.html", title=roles.label(reach), nav="roles", reach=reach, said=said, nouns=NOUNS,
            scopes=SCOPES, hideable=HIDEABLE, pages=pages(), verbs=VERBS, homes=homes(), refusal=attempt.refusal,
            is_fixed=reach.code == ADMINISTRATOR, people=people_with(reach),
        )  # fmt: skip
        return html, attempt.status

    @expose("/delete/<pk>", methods=["POST"])
    @require("can_delete")
    def delete(self, pk: str) -> Any:
        """Remove a role that nobody has."""
        with committing():
            roles.remove(reach_of(pk))
        say(_("Deleted."))
        return redirect(url_for("Roles.list"))


def reaches() -> list[RoleReach]:
    """All roles, as they were made."""
    return list(db.session.execute(select(RoleReach).order_by(RoleReach.role_id)).scalars())


def reach_of(pk: str) -> RoleReach:
    """The role of an address."""
    reach = db.session.get(RoleReach, whole(pk, 2**31 - 1))
    if reach is None:
        abort(404)
    return reach


def column(reach: RoleReach) -> dict[str, Any]:
    """One role as a column of the matrix."""
    role = db.session.get_one(Role, reach.role_id)
    return {
        "id": reach.role_id,
        "code": reach.code,
        "label": roles.label(reach),
        "names": reach.names,
        "home": reach.home,
        "everything": reach.code == ADMINISTRATOR,
        "reading": reach.reading,
        "writing": reach.writing,
        "hidden": set(reach.hidden),
        "permissions": {(one.permission.name, one.view_menu.name) for one in role.permissions},
        "count": len(people_with(reach)),
    }


def people_with(reach: RoleReach) -> list[Person]:
    """Those who have the role and work here."""
    has_role = Person.roles.any(Role.id == reach.role_id)  # type: ignore[attr-defined]
    found = select(Person).where(Person.active.is_(True), has_role).order_by(Person.last_name, Person.first_name)
    return list(db.session.execute(found).scalars())


def pages() -> list[tuple[str, str, tuple[str, ...]]]:
    """Pages in plain words with what may be done there, in the order of the menu."""
    labels = {place.view: str(place.label) for place in PLACES.values()}
    labels |= {view: str(words) for view, words in OTHER_PAGES.items()}
    return [(view, labels.get(view, view), names) for view, names in ROLES.items()]


def homes() -> list[tuple[str, str]]:
    """First screens to choose from."""
    return [(key, str(PLACES[key].label)) for key in roles.HOMES]


def typed() -> dict[str, Any]:
    """What the form of a role says."""
    form = request.form
    known = {scope.name.lower() for scope in Scope}
    scopes = {way: {noun: form.get(f"{way}.{noun}", "none") for noun in NOUNS} for way in ("reading", "writing")}
    if any(scope not in known for way in scopes.values() for scope in way.values()):
        abort(400)
    pairs = (name.rpartition(".")[::2] for name in form.getlist("permissions"))
    return {
        "names": {"ru": form.get("ru", ""), "en": form.get("en", "")},
        "home": form.get("home", ""),
        "hidden": set(form.getlist("hidden")),
        "permissions": {(name, view) for view, name in pairs},
        **scopes,
    }
