"""One-time links: an invitation, a forgotten password, the first administrator of an empty base."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _

from app import limits
from app.services import passwords, staff
from models.ground.actor import SYSTEM, acting_as
from models.ground.refused import Refused
from models.staff import LinkKind, Person
from views.base import CrmView, committing, expose, open_to_all
from views.security import account_key, enter
from views.shell import say

INTRODUCTION = ("username", "first_name", "last_name", "email")


class Links(CrmView):
    """Pages for people who have no password yet, or none any more."""

    route_base = ""

    @expose("/login/link/<token>", methods=["GET", "POST"])
    @open_to_all
    def use(self, token: str) -> Any:
        """Set a password and go in."""
        limits.limit(f"link:{request.remote_addr}", limits.per_minute(30))
        said = {name: request.form.get(name, "") for name in INTRODUCTION}
        try:
            kind, name = self._look(token)
            if request.method == "GET":
                return self._page(kind, name, said)
            return self._set(token, said)
        except Refused as refusal:
            if request.method == "GET" or refusal.field is None:
                return self.page("security/void.html", title=_("The link does not work"), words=refusal.words), 410
            return self._page(kind, name, said, refusal), 422

    @staticmethod
    def _look(token: str) -> tuple[str, str]:
        """What the link is for, and for whom. Raises Refused."""
        with acting_as(SYSTEM) as own:
            link = staff.find_link(token)
            person = own.get(Person, link.person_id) if link.person_id else None
            return link.kind, person.username if person else ""

    def _page(self, kind: str, name: str, said: dict[str, str], refusal: Refused | None = None) -> Any:
        is_first = kind == LinkKind.FIRST_ADMINISTRATOR
        title = _("First administrator") if is_first else _("Set a password")
        errors = {refusal.field: refusal.words} if refusal else {}
        values = {"title": title, "name": name, "is_first": is_first, "said": said, "errors": errors}
        return self.page("security/link.html", shortest=passwords.SHORTEST, **values)

    @staticmethod
    def _set(token: str, said: dict[str, str]) -> Any:
        password = request.form.get("password", "")
        if password != request.form.get("again", password):
            raise Refused(_("The two passwords differ."), "again")
        with acting_as(SYSTEM) as own, committing(own):
            person_id = staff.set_password(token, password, said).id
        with acting_as(SYSTEM) as own:
            person = own.get_one(Person, person_id)
            own.expunge(person)
        enter(person)
        say(_("The password is set. You are signed in."))
        return redirect("/")

    @expose("/login/forgot", methods=["GET", "POST"])
    @expose("/password/forgotten", methods=["GET", "POST"])
    @open_to_all
    def forgotten(self) -> Any:
        """Ask for a link; the answer is the same whoever asks."""
        typed = request.form.get("username", "").strip()
        if request.method == "POST" and typed:
            rule = limits.login_rule()
            limits.limit(f"forgot:address:{request.remote_addr}", rule)
            limits.limit(f"forgot:{account_key(typed)}", rule)
            with acting_as(SYSTEM) as own, committing(own):
                staff.forgot(typed)
            return redirect(url_for("Links.forgotten", sent="1"))
        return self.page("security/forgotten.html", title=_("New password"), is_sent="sent" in request.args)
