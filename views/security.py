"""The log-in and its one-time links, the API's log-in, and the way home."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, g, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.api import SecurityApi
from flask_babel import gettext as _
from flask_jwt_extended import create_access_token, create_refresh_token, get_jwt, jwt_required

from app import limits, sessions
from app.errors import Trouble, answer, wants_json
from models.ground.base import db
from models.staff import Person
from views.base import CrmView, committing, open_to_all, require


def account_key(name: str) -> str:
    """The counter of one account, whatever its letters' case."""
    return f"log-in:account:{name.strip().lower()[:320]}"


def address_key() -> str:
    """The counter of one address."""
    return f"log-in:address:{request.remote_addr}"


def check_password(name: str, password: str) -> tuple[Person | None, int]:
    """The person, or nobody and how many attempts are left. Both doors count together; good ones do not count."""
    rule = limits.login_rule()
    keys = (address_key(), account_key(name))
    left = min(limits.limit(key, rule) for key in keys)
    person = g_manager().auth_user_db(name, password)
    if person is not None:
        for key in keys:
            limits.give_back(key, rule)
    return person, left


def g_manager() -> Any:
    """The security manager at hand."""
    from flask import current_app

    return current_app.appbuilder.sm  # type: ignore[attr-defined]


def safe_next(target: str) -> str:
    """The address to go on to, if it is one of ours; else the way home."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        target = parts._replace(scheme="", netloc="").geturl() if parts.netloc == request.host else "/"
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if is_ours and all(c.isprintable() for c in target) else "/"


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
            return self.page("security/login.html", title=_("Sign in"), name="", words="")
        name = request.form.get("username", "")
        person, left = check_password(name, request.form.get("password", ""))
        if person is None:
            words = _("The name or the password is wrong. Attempts left: %(left)s.", left=left)
            return self.page("security/login.html", title=_("Sign in"), name=name, words=words), 401
        with committing():
            key = sessions.begin(person)
        sessions.open_cookie(person, key)
        return redirect(target)

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
                  properties:
                    username: {type: string}
                    password: {type: string}
                    refresh: {type: boolean}
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
        if not isinstance(said, dict) or not all(isinstance(said.get(n), str) for n in ("username", "password")):
            return answer(Trouble(400, _("Send JSON with username and password.")))
        person, _left = check_password(said["username"], said["password"])
        if person is None:
            return answer(Trouble(401, _("The name or the password is wrong.")))
        with committing():
            key = sessions.begin(person, is_token=True)
        claims = {sessions.KEY: key}
        tokens = {"access_token": create_access_token(str(person.id), fresh=True, additional_claims=claims)}
        if said.get("refresh"):
            tokens["refresh_token"] = create_refresh_token(str(person.id), additional_claims=claims)
        return jsonify(tokens)

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
        claims = {sessions.KEY: get_jwt()[sessions.KEY]}
        return jsonify(access_token=create_access_token(get_jwt()["sub"], fresh=False, additional_claims=claims))


class HomeView(CrmView):
    """The way home: each role has its first screen."""

    route_base = ""
    default_view = "index"

    @expose("/")
    def index(self) -> Any:
        """Go to the first screen of whoever is signed in."""
        return redirect("/people/")


def _unused() -> None:
    _ = (db, require)
