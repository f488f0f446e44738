"""The log-in and the way home: the doors that FAB's security manager takes (app/security.py)."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, jsonify, redirect, request, url_for
from flask_appbuilder.security.api import SecurityApi
from flask_babel import gettext as _
from flask_jwt_extended import create_access_token, create_refresh_token, get_jwt, jwt_required
from sqlalchemy import select

from app import limits, sessions
from app.rights import rights_of
from app.troubles import Trouble, answer, wants_json
from models.ground.actor import SYSTEM, acting_as, current_actor
from models.staff import Person
from views.base import CrmView, committing, expose, open_to_all, require_signed_in
from views.places import PLACES, entries
from views.safety import safe_next

DEMO_PASSWORD = "demo"  # noqa: S105 (PRODUCT.md promises it to the demo's accounts; all others are refused it)


def account_key(name: str) -> str:
    """The counter of one account, whatever its letters' case."""
    return f"log-in:account:{name.strip().lower()[:320]}"


def check_password(name: str, password: str) -> tuple[Person | None, int]:
    """The person, or nobody and how many attempts are left. Both doors count together.

    An attempt counts before the password is looked at, and is given back when it was right. Whoever tries other
    people's passwords from elsewhere does not lock a person out of a place where they have signed in before.
    """
    rule = limits.login_rule()
    keys = [f"log-in:address:{request.remote_addr}", account_key(name)]
    left = limits.limit(keys[0], rule)
    try:
        left = min(left, limits.limit(keys[1], rule))
    except limits.TooMany:
        if not sessions.is_known_place(name, request.remote_addr or ""):
            raise
        keys[1] = f"{keys[1]}:{request.remote_addr}"
        left = min(left, limits.limit(keys[1], rule))
    person = current_app.appbuilder.sm.auth_user_db(name, password)  # type: ignore[attr-defined]
    if person is not None and password == DEMO_PASSWORD and not (person.demo and current_app.config["CRM"].DEMO):
        person = None
    if person is not None:
        for key in keys:
            limits.give_back(key, rule)
    return person, left


class SignInView(CrmView):
    """Log-in and log-out of people."""

    route_base = ""
    default_view = "login"

    def ask_to_sign_in(self) -> Any:
        """What a stranger gets instead of a closed page."""
        if wants_json():
            return answer(Trouble(401))
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        address = url_for("SignInView.login", next=target if target != "/" else None)
        if request.headers.get("HX-Request"):
            return Response("", 401, {"HX-Redirect": address})
        return redirect(address)

    @expose("/login/", methods=["GET", "POST"])
    @open_to_all
    def login(self) -> Any:
        """Ask for name and password, and let in."""
        target = safe_next(request.args.get("next", "/"))
        if g.user.is_authenticated:
            return redirect(target)
        if request.method == "GET":
            return self.ask()
        name = request.form.get("username", "")
        person, left = check_password(name, request.form.get("password", ""))
        if person is None:
            return self.ask(name, _("The name or the password is wrong. Attempts left: %(left)s.", left=left), 401)
        enter(person)
        return redirect(target)

    def ask(self, name: str = "", words: str = "", status: int = 200) -> Any:
        """The log-in page; in a demo with its people."""
        values = {"title": _("Sign in"), "name": name[:320], "words": words, "demo": demo_people()}
        return self.page("security/login.html", **values), status

    @expose("/logout/", methods=["POST"])
    @open_to_all
    def logout(self) -> Any:
        """End this log-in; other devices stay signed in."""
        key = g.get("sign_in_key")
        if key:
            with committing():
                sessions.end(key)
        sessions.close_cookie()
        return redirect(url_for("SignInView.login"))


def enter(person: Person) -> None:
    """Sign a person in on this device."""
    with committing():
        key = sessions.begin(person)
    sessions.open_cookie(person, key)


def demo_people() -> list[Person]:
    """The people of the demo company, for its log-in page; nobody elsewhere."""
    if not current_app.config["CRM"].DEMO:
        return []
    with acting_as(SYSTEM) as own:
        found = own.execute(select(Person).where(Person.demo, Person.active.is_(True)).order_by(Person.id)).scalars()
        people = list(found)
        own.expunge_all()
    return people


class SignInApi(SecurityApi):
    """Log-in of programs: a token that dies with the log-in it was made for."""

    @expose("/login", methods=["POST"])
    @open_to_all
    def login(self) -> Any:
        """Name and password in, tokens out.
        ---
        post:
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password]
                  properties:
                    username: {type: string}
                    password: {type: string}
                    refresh: {type: boolean, description: whether a refresh token is wanted too}
          responses:
            200:
              description: Signed in
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
                      refresh_token: {type: string}
            401:
              $ref: '#/components/responses/401'
        """
        said = request.get_json(silent=True)
        names = ("username", "password")
        if not isinstance(said, dict) or not all(isinstance(said.get(name), str) for name in names):
            return answer(Trouble(400, _("Send JSON with username and password.")))
        person, _left = check_password(said["username"], said["password"])
        if person is None:
            return answer(Trouble(401, _("The name or the password is wrong.")))
        with committing():
            key = sessions.begin(person, is_token=True)
        return jsonify(tokens(str(person.id), key, bool(said.get("refresh"))))

    @expose("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh(self) -> Any:
        """A new access token for a live log-in.
        ---
        post:
          responses:
            200:
              description: A new token
            401:
              $ref: '#/components/responses/401'
          security:
            - jwt_refresh: []
        """
        return jsonify(tokens(get_jwt()["sub"], get_jwt()[sessions.KEY], is_lasting=False))

    @expose("/logout", methods=["POST"])
    @require_signed_in
    def logout(self) -> Any:
        """End the log-in of this token.
        ---
        post:
          responses:
            200:
              description: The token is worth nothing any more
          security:
            - jwt: []
        """
        with committing():
            sessions.end(g.sign_in_key)
        return jsonify(message=_("Signed out."))


def tokens(identity: str, key: str, is_lasting: bool) -> dict[str, str]:
    """What a program shows with its requests."""
    claims = {sessions.KEY: key}
    made = {"access_token": create_access_token(identity, fresh=is_lasting, additional_claims=claims)}
    if is_lasting:
        made["refresh_token"] = create_refresh_token(identity, additional_claims=claims)
    return made


class HomeView(CrmView):
    """The way home: each role has its first screen; who has several lands on the one used last."""

    route_base = ""
    default_view = "index"

    def create_blueprint(self, *args: Any, **kwargs: Any) -> Any:
        """FAB's blueprint, which also watches which home is used."""
        blueprint = super().create_blueprint(*args, **kwargs)
        blueprint.after_app_request(remember_home)
        return blueprint

    @expose("/")
    @require_signed_in
    def index(self) -> Any:
        """Go to the first screen of whoever is signed in."""
        person = g.user
        homes = [name for name in rights_of(person.id).homes if name in PLACES]
        names = [person.last_home, *homes] if person.last_home in homes else homes
        open_places = {entry["key"]: entry["url"] for entry in entries(current_actor())}
        place = next((open_places[name] for name in names if name in open_places), None)
        return redirect(place or next(iter(open_places.values()), url_for("Me.show")))


def remember_home(response: Response) -> Response:
    """Whoever has several first screens comes back to the one used last."""
    if response.status_code != 200 or "sign_in_key" not in g or not g.user.is_authenticated:
        return response
    person = g.user
    homes = rights_of(person.id).homes
    here = next((name for name in homes if name in PLACES and PLACES[name].endpoint == request.endpoint), None)
    if len(homes) > 1 and here and person.last_home != here:
        with acting_as(SYSTEM) as own, committing(own):
            own.get_one(Person, person.id).last_home = here
    return response
