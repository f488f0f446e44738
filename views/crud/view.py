"""A page of ours: FAB's view without the history of addresses in the cookie, with our permissions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import abort, current_app
from flask_appbuilder import BaseView

from app.sessions import csrf
from models.ground.actor import current_actor


def require(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The page asks for this permission of its view's `class_permission_name`, for example `can_move`.

    Stands under @expose. FAB registers the permission with the view.
    """

    def dress(page: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(page)
        def guarded(view: Any, *args: Any, **kwargs: Any) -> Any:
            if not current_actor().may(permission, view.class_permission_name):
                abort(403)
            return page(view, *args, **kwargs)

        guarded._permission_name = permission.removeprefix("can_")  # type: ignore[attr-defined]  # noqa: SLF001
        return guarded

    return dress


def require_signed_in(page: Callable[..., Any]) -> Callable[..., Any]:
    """The page is for everybody who is signed in; strangers are stopped before it (app/security.py)."""
    page.is_for_everybody = True  # type: ignore[attr-defined]
    return page


class ShortMemory:
    """FAB keeps the last five addresses in the cookie, which then outgrows what browsers accept."""

    def update_redirect(self) -> None:
        """Nothing is kept: pages know where they lead back to."""

    def get_redirect(self) -> str:
        """Where to go after a form that named no place: the view's own list."""
        return self.get_default_url()  # type: ignore[attr-defined,no-any-return]


class CrmView(ShortMemory, BaseView):
    """Pages that are not a table. `is_csrf_exempt` is for doors of programs that sign their bodies."""

    is_csrf_exempt = False

    def create_blueprint(self, appbuilder: Any, endpoint: str | None = None, static_folder: str | None = None) -> Any:
        """FAB's blueprint, freed from the form token when programs and not browsers come here."""
        blueprint = super().create_blueprint(appbuilder, endpoint, static_folder)
        if self.is_csrf_exempt:
            csrf.exempt(blueprint)
        return blueprint

    def page(self, template: str, **values: Any) -> str:
        """Render a template of app/templates."""
        return self.render_template(template, **values)  # type: ignore[no-any-return]


def redirect_home() -> str:
    """The address of the first screen."""
    return current_app.appbuilder.get_url_for_index  # type: ignore[attr-defined,no-any-return]
