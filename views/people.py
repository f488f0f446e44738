"""People who work here: the list, invitation, what is known of each, log-outs, leavers."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.services import roles, staff
from models.ground.actor import current_actor
from models.ground.base import db
from models.staff import LinkKind, Person, RoleReach, SignIn, Team
from views.base import CrmView, attempting, committing, expose, require
from views.crud.filters import whole
from views.crud.saving import Attempt
from views.shell import say

FIELDS = ("username", "first_name", "last_name", "email", "phone", "post", "lead_share")
MOST = 1000


class People(CrmView):
    """Everybody who works here; the table is small, so it is one page."""

    route_base = "/people"

    @expose("/list/")
    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """Those who work here, those who left, those who have not come yet."""
        show = request.args.get("show", "working")
        if show not in SHOWN:
            abort(404)
        people = select(Person).where(SHOWN[show]).order_by(Person.last_name, Person.first_name, Person.id)
        found = db.session.execute(people.options(selectinload(Person.roles)).limit(MOST)).scalars().all()
        return self.page(
            "people/list.html", title=_("People"), nav="people", people=found, tabs=tabs(show), show=show,
            role_names=role_names(), team_names=team_names(), seen=last_seen(),
        )  # fmt: skip

    @expose("/show/<pk>")
    @require("can_show")
    def show(self, pk: str) -> Any:
        """What is known of a person."""
        person = person_of(pk)
        if current_actor().may("can_edit", "People"):
            return redirect(url_for("People.edit", pk=pk))
        return self.page(
            "people/show.html", title=person.name, nav="people", person=person, role_names=role_names(),
            team_names=team_names(),
        )  # fmt: skip

    @expose("/add", methods=["GET", "POST"])
    @require("can_add")
    def add(self) -> Any:
        """Invite somebody; the link is shown to be copied, and sent by mail."""
        if request.method == "GET":
            said = {"takes_leads": False, "lead_share": 1, "roles": ["manager"]}
            return self.form(None, said, Attempt(), _("Invite a person"))
        said = typed()
        with attempting() as attempt:
            link = staff.invite(**said)
        if attempt.refusal is None:
            return self.link_page(said["first_name"], link)
        return self.form(None, said, attempt, _("Invite a person"))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @require("can_edit")
    def edit(self, pk: str) -> Any:
        """Change what is known of a person, their roles and team."""
        person = person_of(pk)
        if request.method == "GET":
            return self.form(person, known(person), Attempt(), person.name)
        said = typed()
        with attempting() as attempt:
            staff.change(person, said)
        if attempt.refusal is None:
            say(_("Saved."))
            return redirect(url_for("People.list"))
        person = person_of(pk)
        return self.form(person, said, attempt, person.name)

    def form(self, person: Person | None, said: dict[str, Any], attempt: Attempt, title: str) -> Any:
        """The form of a person, with what was typed and what is wrong with it."""
        html = self.page(
            "people/form.html", title=title, nav="people", person=person, said=said, errors=attempt.errors,
            words=attempt.errors.get(None, ""), roles=role_choices(), teams=[("", "—"), *team_names().items()],
        )  # fmt: skip
        return html, attempt.status

    def link_page(self, name: str, link: str) -> Any:
        """A one-time link, shown once."""
        return self.page("people/link.html", title=_("The link for %(name)s", name=name), nav="people", link=link)

    @expose("/link/<pk>", methods=["POST"])
    @require("can_edit")
    def link(self, pk: str) -> Any:
        """A new link at which the person sets a password; former ones are void."""
        person = person_of(pk)
        with committing():
            link = staff.send_link(person, LinkKind.PASSWORD if person.password else LinkKind.INVITATION)
            name = person.first_name
        return self.link_page(name, link)

    @expose("/end-sessions/<pk>", methods=["POST"])
    @require("can_edit")
    def end_sessions(self, pk: str) -> Any:
        """Log a person out everywhere."""
        with committing():
            person = person_of(pk)
            staff.end_sessions(person)
            words = _("%(name)s is logged out everywhere.", name=person.name)
        say(words)
        return redirect(url_for("People.edit", pk=pk))

    @expose("/off/<pk>", methods=["POST"])
    @require("can_delete")
    def off(self, pk: str) -> Any:
        """Somebody leaves."""
        with committing():
            person = person_of(pk)
            staff.switch_off(person)
            words = _("%(name)s cannot sign in any more. Their deals stay theirs until you hand them over.",
                      name=person.name)  # fmt: skip
        say(words, undo=url_for("People.on", pk=pk))
        return redirect(url_for("People.list"))

    @expose("/on/<pk>", methods=["POST"])
    @require("can_delete")
    def on(self, pk: str) -> Any:
        """Somebody comes back."""
        with committing():
            person = person_of(pk)
            staff.switch_on(person)
            words = _("%(name)s may sign in again.", name=person.name)
        say(words)
        return redirect(url_for("People.edit", pk=pk))


SHOWN: dict[str, Any] = {
    "working": Person.active.is_(True) & Person.password.is_not(None),
    "invited": Person.active.is_(True) & Person.password.is_(None),
    "left": Person.active.is_(False),
}


def tabs(show: str) -> list[dict[str, Any]]:
    """The parts of the screen with their counts."""
    counts = {
        name: db.session.execute(select(func.count(Person.id)).where(where)).scalar_one()
        for name, where in SHOWN.items()
    }
    labels = {"working": _("Working"), "invited": _("Invited"), "left": _("Switched off")}
    found = [
        {"label": labels[name], "url": url_for("People.list", show=name), "count": counts[name], "on": name == show}
        for name in SHOWN
    ]
    return [*found, {"label": _("Teams"), "url": url_for("Teams.list"), "count": None, "on": show == "teams"}]


def person_of(pk: str) -> Person:
    """The person of an address."""
    person = db.session.get(Person, whole(pk, 2**31 - 1))
    if person is None:
        abort(404)
    return person


def typed() -> dict[str, Any]:
    """What the form of a person says."""
    said: dict[str, Any] = {name: request.form.get(name, "") for name in FIELDS}
    team = request.form.get("team", "")
    said["team_id"] = whole(team, 2**31 - 1) if team else None
    if said["team_id"] is not None and db.session.get(Team, said["team_id"]) is None:
        abort(400)
    return said | {"takes_leads": "takes_leads" in request.form, "roles": request.form.getlist("roles")}


def known(person: Person) -> dict[str, Any]:
    """What is known of a person, as the form says it."""
    codes = {role.id for role in person.roles}
    mine = [code for role_id, code in role_codes().items() if role_id in codes]
    said = {name: "" if getattr(person, name) is None else getattr(person, name) for name in FIELDS}
    return said | {"team_id": person.team_id, "takes_leads": person.takes_leads, "roles": mine}


def role_codes() -> dict[int, str]:
    """Codes of roles by their id."""
    return {row.role_id: row.code for row in db.session.execute(select(RoleReach)).scalars()}


def role_names() -> dict[int, str]:
    """Names of roles by their id."""
    return {row.role_id: roles.label(row) for row in db.session.execute(select(RoleReach)).scalars()}


def role_choices() -> list[tuple[str, str]]:
    """Roles to choose from: (code, name)."""
    rows = db.session.execute(select(RoleReach).order_by(RoleReach.role_id)).scalars()
    return [(row.code, roles.label(row)) for row in rows]


def team_names() -> dict[int, str]:
    """Names of teams by their id."""
    return {row.id: row.name for row in db.session.execute(select(Team).order_by(Team.name)).scalars()}


def last_seen() -> dict[int, Any]:
    """When each person was last here; only the administrator may know."""
    rows = db.session.execute(select(SignIn.person_id, func.max(SignIn.seen_at)).group_by(SignIn.person_id))
    return dict(tuple(row) for row in rows)
