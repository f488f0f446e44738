"""What a stranger may choose on the log-in page: the language. A person's own is in their settings."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, redirect, request, session
from flask_appbuilder import expose

from views.base import CrmView, open_to_all
from views.security import safe_next


class Language(CrmView):
    """The language before anybody has signed in."""

    route_base = "/language"
    default_view = "choose"

    @expose("/", methods=["POST"])
    @open_to_all
    def choose(self) -> Any:
        """Remember the language in this browser and go back."""
        code = request.form.get("language", "")
        if code not in current_app.config["LANGUAGES"]:
            abort(400)
        session["locale"] = code
        return redirect(safe_next(request.form.get("next", "/")))
