"""Who may do what: FAB's security manager on our people, with one set of rights per person and epoch."""

from __future__ import annotations

import logging
from types import ModuleType
from typing import Any

from flask import abort, current_app, g, has_request_context, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_babel import gettext as _
from flask_jwt_extended import get_current_user, verify_jwt_in_request
from flask_login import current_user
from sqlalchemy import func, or_, select
from werkzeug.security import check_password_hash, generate_password_hash

from app import sessions
from app.errors import Trouble, answer
from app.headers import is_static
from app.rights import ADMINISTRATOR, actor_of_person, rights_of
from models.ground.access import AT_THE_DOOR
from models.ground.actor import current_actor, set_actor
from models.ground.base import db
from models.staff import Person

log = logging.getLogger(__name__)

__all__ = ["ADMINISTRATOR", "ROLES", "CrmSecurityManager", "actor_of_person", "hash_password", "open_to_all"]

PUBLIC = "public"
READER = "voronka.language"
FIVE = ("can_list", "can_show", "can_add", "can_edit", "can_delete")

# The closed list of permissions: every page of ours asks for one of these (tests/views/test_access.py).
ROLES: dict[str, tuple[str, ...]] = {
    "Day": ("can_show",),
    "Conversations": ("can_show", "can_add", "can_edit"),
    "Leads": (*FIVE, "can_take", "can_qualify", "can_assign"),
    "Imports": ("can_add",),
    "Deals": (*FIVE, "can_move", "can_assign"),
    "Clients": (*FIVE, "can_merge"),
    "Sorting": ("can_list", "can_edit"),
    "Tasks": FIVE,
    "Visits": ("can_list", "can_add", "can_edit"),
    "Calendar": ("can_list",),
    "Playbooks": ("can_list", "can_edit"),
    "Worktime": ("can_list", "can_edit"),
    "Absences": ("can_list", "can_add", "can_edit"),
    "Estimates": (*FIVE, "can_agree"),
    "Documents": (*FIVE, "can_issue"),
    "Payments": FIVE,
    "Shipments": FIVE,
    "Files": ("can_add", "can_delete"),
    "Dashboard": ("can_show",),
    "Products": FIVE,
    "Plans": FIVE,
    "People": FIVE,
    "Roles": FIVE,
    "Channels": FIVE,
    "Firms": FIVE,
    "Trash": ("can_list", "can_restore"),
    "DeadLetters": ("can_list", "can_replay"),
    "Me": ("can_edit",),
    "Notices": ("can_list",),
}


def hash_password(password: str) -> str:
    """How a password is kept: scrypt with Werkzeug's cost and a salt of its own."""
    return generate_password_hash(password)


# Checked when there is no such account or no password yet: the answer must take as long.
NO_PASSWORD = hash_password("a password that nobody has")


class CrmSecurityManager(SecurityManager):
    """FAB asks this one about everything; rights come from memory, log-ins from their rows."""

    user_model = Person
    home_view: Any = None

    @classmethod
    def use_views(cls, doors: ModuleType) -> None:
        """Take the screens: FAB wants them as class attributes, and they may not be imported from here."""
        cls.authdbview = doors.SignInView
        cls.security_api = doors.SignInApi
        cls.home_view = doors.HomeView

    def __init__(self, appbuilder: Any) -> None:
        current_app.config["AUTH_ROLE_ADMIN"] = ADMINISTRATOR
        current_app.config["AUTH_ROLE_PUBLIC"] = PUBLIC
        current_app.config["FAB_ADD_MENU_API"] = False
        appbuilder.indexview = self.home_view
        super().__init__(appbuilder)

    def register_views(self) -> None:
        """The log-in and its API alone: FAB's own screens of people and roles are replaced by ours."""
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        self.appbuilder.add_api(self.security_api)
        # FAB changes the language by a GET; ours is views/language.py.
        current_app.view_functions["LocaleView.index"] = lambda **_address: abort(404)
        babel = current_app.extensions["babel"]
        babel.locale_selector = language_of_reader
        babel.timezone_selector = lambda: current_actor().zone

    def create_jwt_manager(self, app: Any) -> Any:
        """FAB's, whose refusals are said like all others."""
        manager = super().create_jwt_manager(app)
        refusals = (
            manager.invalid_token_loader, manager.unauthorized_loader, manager.expired_token_loader,
            manager.needs_fresh_token_loader, manager.user_lookup_error_loader,
        )  # fmt: skip
        for refusal in refusals:
            refusal(lambda *_why: answer(Trouble(401, _("This token is not valid or no longer so. Sign in again."))))
        return manager

    def load_user(self, pk: Any) -> Person | None:
        """The person of the cookie; a request that shows a token is its token's alone."""
        if request.headers.get("Authorization", "").lower().startswith("bearer "):
            return None
        return sessions.find(pk, session.get(sessions.KEY))

    def load_user_jwt(self, _header: Any, claims: dict[str, Any]) -> Person | None:
        """The person of the token, while the log-in it was made for is alive."""
        g.user = sessions.find(claims.get("sub"), claims.get(sessions.KEY))
        return g.user  # type: ignore[no-any-return]

    def before_request(self) -> Any:
        """Say who acts, before anything is read; whoever is not signed in gets no further than open doors."""
        g.user = current_user
        if is_static():
            return None
        person = self._person_here()
        if person is not None:
            set_actor(actor_of_person(person))
            request.environ[READER] = person.language
            return self._ask_for_csrf_token()
        if request.endpoint is None or is_open(request.endpoint):
            return None
        return self.auth_view.ask_to_sign_in()

    @staticmethod
    def _person_here() -> Person | None:
        if request.path.startswith("/api/") and verify_jwt_in_request(optional=True, refresh=_is_refresh()):
            return get_current_user()  # type: ignore[no-any-return]
        return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001

    @staticmethod
    def _ask_for_csrf_token() -> None:
        """FAB frees its API from CSRF tokens, which is right for bearer tokens only."""
        unsafe = request.method not in {"GET", "HEAD", "OPTIONS", "TRACE"}
        is_asked = current_app.config["WTF_CSRF_ENABLED"] and not is_open(request.endpoint)
        by_cookie = is_asked and current_user.is_authenticated
        if unsafe and request.path.startswith("/api/") and by_cookie:
            sessions.csrf.protect()

    def auth_user_db(self, username: str | None, password: str | None) -> Person | None:
        """The person with this name or e-mail and password; as slow when there is no such person."""
        person = self.find_user(username or "")
        known = person is not None and bool(person.active) and bool(person.password)
        is_right = check_password_hash(person.password if person and known else NO_PASSWORD, password or "")
        if not known or not is_right or not password:
            log.warning("log-in refused: account %r, address %s", (username or "")[:80], request.remote_addr)
            return None
        return person

    def find_user(self, username: str | None = None, email: str | None = None) -> Person | None:
        """The person with this user name or e-mail address, whatever the case of the letters."""
        name = (username or email or "").strip().lower()[:320].replace("\x00", "").encode(errors="ignore").decode()
        statement = select(Person).where(or_(func.lower(Person.username) == name, func.lower(Person.email) == name))
        statement = statement.order_by(func.lower(Person.username) == name).limit(2)
        found = db.session.execute(statement.execution_options(**{AT_THE_DOOR: True})).scalars().all()
        return found[-1] if found and name else None

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether whoever acts may do this."""
        return current_actor().may(permission_name, view_name)

    def _has_view_access(self, user: Any, permission_name: str, view_name: str) -> bool:
        rights = rights_of(user.id)
        return rights.everything or (permission_name, view_name) in rights.permissions

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing is: open doors are named by `open_to_all`."""
        return False

    def _get_user_permission_view_menus(self, user: Any, permission_name: str, view_menus_name: Any) -> set[str]:
        """FAB's menu is not drawn, ours asks `Actor.may` (views/shell.py)."""
        return set()


def _is_refresh() -> bool:
    return request.path.endswith("/security/refresh")


def language_of_reader() -> str | None:
    """The person's own language; a stranger's is the one chosen on the log-in page, or the browser's."""
    languages = list(current_app.config["LANGUAGES"])
    actor = current_actor()
    if actor.person_id is not None and actor.language in languages:
        return actor.language
    if not has_request_context():
        return None
    # What the system does for a page is told in the language of whoever reads the page.
    chosen = request.environ.get(READER) or session.get("locale")
    if chosen in languages:
        return str(chosen)
    return request.accept_languages.best_match(languages) or current_app.config["BABEL_DEFAULT_LOCALE"]


def open_to_all(view: Any) -> Any:
    """Mark a page that needs no log-in: all others are closed to strangers before they are reached."""
    view.is_open = True
    return view


def is_open(endpoint: str | None) -> bool:
    """Whether the page may be reached without a log-in."""
    function = current_app.view_functions.get(endpoint or "")
    return bool(getattr(function, "is_open", False))
