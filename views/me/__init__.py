"""One's own settings: language, zone, theme, single keys, password, log-outs."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from flask import Response, current_app, g, make_response, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app import limits, sessions
from app.rights import rights_of
from app.services import passwords, profile, roles, staff
from app.services.conversations.letters import signature
from app.wording import now
from models.ground.base import db
from models.ground.refused import Refused
from models.staff import Person, RoleReach
from views.base import CrmView, attempting, committing, expose, require
from views.crud.saving import Attempt
from views.shell import THEMES, say

YEAR = 365 * 24 * 3600


class Me(CrmView):
    """The settings of whoever is signed in."""

    route_base = "/me"
    default_view = "show"

    @expose("/")
    @require("can_edit")
    def show(self) -> Any:
        """Everything on one page, each part with a form of its own."""
        return self.settings()

    def settings(self, attempt: Attempt | None = None, said: dict[str, Any] | None = None) -> Any:
        """The page, with what is wrong with the part that was sent."""
        person = me()
        attempt = attempt or Attempt()
        html = self.page(
            "me/show.html", title=_("My settings"), person=person, said=said or known(person), errors=attempt.errors,
            words=attempt.errors.get(None, ""), zones=zones(person.zone), themes=THEMES,
            languages=[(code, one["name"]) for code, one in current_app.config["LANGUAGES"].items()],
            shortest=passwords.SHORTEST, my_roles=role_words(person), signed=signature(person),
        )  # fmt: skip
        return html, attempt.status

    @expose("/", methods=["POST"])
    @require("can_edit")
    def save(self) -> Any:
        """Language, zone, theme, phone, signature, single keys."""
        said: dict[str, Any] = {
            name: request.form.get(name, "") for name in ("language", "zone", "theme", "phone", "signature")
        }
        said |= {"single_keys": "single_keys" in request.form}
        with attempting() as attempt:
            profile.change(me(), said)
        if attempt.refusal:
            return self.settings(attempt, said)
        say(_("Saved."))
        response = make_response(redirect(url_for("Me.show")))
        return themed(response, said["theme"])

    @expose("/password", methods=["POST"])
    @require("can_edit")
    def password(self) -> Any:
        """A new password; all other devices are logged out, this one stays."""
        person = me()
        limits.limit(f"password:{person.id}", limits.login_rule())
        if request.form.get("password") != request.form.get("again"):
            return self.settings(Attempt(Refused(_("The two passwords differ."), "again")))
        with attempting() as attempt:
            staff.change_own(person, request.form.get("current", ""), request.form.get("password", ""))
            key = sessions.begin(person)
        if attempt.refusal:
            return self.settings(attempt)
        sessions.open_cookie(person, key)
        say(_("The password is changed. Other devices are logged out."))
        return redirect(url_for("Me.show"))

    @expose("/end-sessions", methods=["POST"])
    @require("can_edit")
    def end_sessions(self) -> Any:
        """Log out everywhere, here too."""
        with committing():
            staff.end_sessions(me())
        sessions.close_cookie()
        return redirect(url_for("SignInView.login"))


def me() -> Person:
    """Whoever is signed in, as a row of this session."""
    return db.session.get_one(Person, g.user.id)


def known(person: Person) -> dict[str, Any]:
    """What the first form says of a person."""
    said = {name: getattr(person, name) for name in ("language", "zone", "theme", "single_keys", "signature")}
    return said | {"phone": person.phone or ""}


def role_words(person: Person) -> str:
    """The names of the person's roles."""
    codes = rights_of(person.id).roles
    reaches = db.session.execute(select(RoleReach).where(RoleReach.code.in_(codes))).scalars()
    return ", ".join(roles.label(reach) for reach in reaches)


def zones(chosen: str) -> list[tuple[str, str]]:
    """Time zones by their distance from Greenwich, in words: "Екатеринбург, UTC+5"."""
    names = sorted({*profile.ZONES, chosen}, key=lambda name: (now().astimezone(ZoneInfo(name)).utcoffset(), name))
    return [(name, f"{place_of(name)}, {distance(name)}") for name in names]


def place_of(name: str) -> str:
    """The city of a zone in the reader's language."""
    return str(get_timezone_location(ZoneInfo(name), locale=get_locale(), return_city=True))


def distance(name: str) -> str:
    """UTC+5, UTC+5:30."""
    minutes = int(now().astimezone(ZoneInfo(name)).utcoffset().total_seconds() // 60)  # type: ignore[union-attr]
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def themed(response: Response, theme: str) -> Response:
    """The theme is drawn by the browser from its cookie (app/static/js/theme.js)."""
    response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return response
