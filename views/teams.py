"""Teams: who heads them, who is in them."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.services import teams
from models.ground.base import db
from models.staff import Person, Team
from views.base import CrmView, attempting, committing, expose, require
from views.crud.filters import whole
from views.crud.saving import Attempt
from views.people import MOST, tabs
from views.shell import say


class Teams(CrmView):
    """Teams: a head reaches what the members own."""

    route_base = "/people/teams"
    class_permission_name = "People"

    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """All teams with their people."""
        rows = db.session.execute(select(Team).order_by(Team.name)).scalars().all()
        people = db.session.execute(working()).scalars().all()
        members = {team.id: [person for person in people if person.team_id == team.id] for team in rows}
        names = {person.id: person for person in people}
        return self.page(
            "people/teams.html", title=_("Teams"), nav="people", teams=rows, members=members, names=names,
            tabs=tabs("teams"),
        )  # fmt: skip

    @expose("/add", methods=["GET", "POST"])
    @require("can_add")
    def add(self) -> Any:
        """A new team."""
        return self.form(None)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @require("can_edit")
    def edit(self, pk: str) -> Any:
        """Name, head and people of a team."""
        return self.form(team_of(pk))

    def form(self, team: Team | None) -> Any:
        """The form of a team, and its save."""
        people = db.session.execute(working()).scalars().all()
        said, attempt = self.said(team, people), Attempt()
        if request.method == "POST":
            with attempting() as attempt:
                teams.save(team, said["name"], said["head"], said["members"])
            if attempt.refusal is None:
                say(_("Saved."))
                return redirect(url_for("Teams.list"))
            people = db.session.execute(working()).scalars().all()
        title = team.name if team else _("New team")
        values = {"title": title, "nav": "people", "team": team, "said": said, "people": people}
        return self.page("people/team.html", errors=attempt.errors, **values), attempt.status

    @staticmethod
    def said(team: Team | None, people: Any) -> dict[str, Any]:
        """What the form says, or what the team is."""
        if request.method == "GET":
            members = {person.id for person in people if team and person.team_id == team.id}
            return {"name": team.name if team else "", "head": team.head_id if team else None, "members": members}
        head = request.form.get("head", "")
        return {
            "name": request.form.get("name", ""),
            "head": whole(head, 2**31 - 1) if head else None,
            "members": {whole(one, 2**31 - 1) for one in request.form.getlist("members")},
        }

    @expose("/delete/<pk>", methods=["POST"])
    @require("can_delete")
    def delete(self, pk: str) -> Any:
        """Dissolve a team; its people stay."""
        with committing():
            teams.remove(team_of(pk))
        say(_("Deleted."))
        return redirect(url_for("Teams.list"))


def working() -> Any:
    """Those who may sign in, by name."""
    return select(Person).where(Person.active.is_(True)).order_by(Person.last_name, Person.first_name).limit(MOST)


def team_of(pk: str) -> Team:
    """The team of an address."""
    team = db.session.get(Team, whole(pk, 2**31 - 1))
    if team is None:
        abort(404)
    return team
