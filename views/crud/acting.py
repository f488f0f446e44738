"""What changes records without a form: deleting, and actions on one or many. All of them are POSTs."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.doors import committing
from app.services import trash
from models.ground.base import Erasable
from models.ground.refused import NotFound, Refused
from views.crud import asked
from views.safety import safe_next
from views.shell import say


class Acting:
    """Pages /delete/<pk>, /action/<name>/<pk> and /action_post of a CrmModelView."""

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: Any) -> Any:
        """Move the record to the trash; a table without a trash loses it."""
        row = self.row_or_404(pk)
        try:
            with committing():
                self.pre_delete(row)
                self.erase(row)
        except NotFound:
            raise
        except Refused as refusal:
            if not request.referrer:
                raise
            # The page stays: it has what is to be done first.
            say(refusal.words, kind="bad")
            return redirect(safe_next(request.referrer))
        is_kept = isinstance(row, Erasable)
        undo = url_for("Trash.restore", noun=row.__tablename__, pk=pk) if is_kept else ""
        say(self.delete_row_message if is_kept else _("Deleted."), undo=undo)
        return self.post_delete_redirect()

    def erase(self, row: Any) -> None:
        """Delete the row; override it to call the noun's verb."""
        if isinstance(row, Erasable):
            trash.erase(row)
        else:
            self.datamodel.delete(row)

    def get_action_permission_name(self, name: str) -> str:
        """An action asks for can_ and its name, or for what the view's method_permission_name says."""
        action = self.actions.get(name)
        if action is None:
            abort(404)
        return self._full(self.method_permission_name.get(action.func.__name__, name))

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: Any) -> Any:
        """An action on one record."""
        action = self._allowed(name)
        return action.func(self.row_or_404(pk))

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """An action on the chosen records: those among them that the actor may see."""
        action = self._allowed(request.form.get("action", ""))
        found = [self.datamodel.get(pk, self._base_filters) for pk in request.form.getlist("rowid")[: asked.SIZES[1]]]
        rows = [row for row in found if row is not None]
        return action.func(rows) if rows else redirect(self.get_redirect())

    def _allowed(self, name: str) -> Any:
        permission = self.get_action_permission_name(name)
        if not self.may(permission):
            abort(403)
        return self.actions[name]
