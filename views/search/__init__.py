"""One search over everything (Ctrl K), and what was opened lately."""

from __future__ import annotations

from typing import Any

from flask import request

from app import limits
from app.services import profile
from models.ground.actor import current_actor
from reports import search
from views.base import CrmView, committing, expose, require_signed_in
from views.crud.filters import whole

PER_MINUTE = 240


class Search(CrmView):
    """For everybody who is signed in: the search itself shows no more than one may see."""

    route_base = "/search"
    default_view = "find"

    @expose("/")
    @require_signed_in
    def find(self) -> Any:
        """What begins with the typed words, five of each noun; before anything is typed, what was opened lately."""
        limits.limit(f"search:{current_actor().person_id}", limits.per_minute(PER_MINUTE))
        typed = request.args.get("q", "")
        groups = search.find(typed) if typed.strip() else [search.recent()]
        return self.page("search/_found.html", groups=groups, typed=typed)

    @expose("/opened/<noun>/<key>", methods=["POST"])
    @require_signed_in
    def opened(self, noun: str, key: str) -> Any:
        """A card was opened, the browser tells; what is out of reach or was deleted meanwhile is not remembered."""
        row = search.opened(noun, whole(key))
        if row is not None:
            with committing():
                profile.remember(noun, row)
        return "", 204
