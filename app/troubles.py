"""One thing that went wrong, said to whoever asked: a page for a person, JSON for a program, a toast for a fragment."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from jinja2 import TemplateError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from models.ground.refused import Stale

TITLES = {
    400: _l("This cannot be understood"),
    401: _l("Sign in first"),
    403: _l("You have no right to do this"),
    404: _l("There is no such page"),
    405: _l("This cannot be done so"),
    409: _l("This cannot be done now"),
    413: _l("This is too large"),
    415: _l("This cannot be read"),
    422: _l("Something has to be corrected"),
    429: _l("Too often"),
    500: _l("Something went wrong on our side"),
    503: _l("The database does not answer"),
}

WORDS = {
    400: _l("A value in the address or in the form is not of the right kind. Go back and try again."),
    401: _l("Sign in and try again."),
    403: _l("Ask your administrator for the right to this page."),
    404: _l("It was moved, deleted, or belongs to somebody else. Look for it in the search."),
    405: _l("Use the buttons of the page: the address alone is not enough."),
    409: _l("Somebody else was faster. Reload the page and try again."),
    413: _l("Send a smaller file or a shorter text."),
    415: _l("Send JSON or a form."),
    422: _l("Correct what is marked and send it again."),
    429: _l("Wait a few minutes and try again."),
    500: _l("It is written down, and nothing that you saved before is lost. Try again in a minute."),
    503: _l("Nothing that you saved is lost. Try again in a minute."),
}


@dataclasses.dataclass
class Trouble:
    """One thing that went wrong, ready to be said. `mark` finds it in the log."""

    status: int
    words: str = ""
    field: str | None = None
    details: list[Any] = dataclasses.field(default_factory=list)
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    stale: Stale | None = None
    mark: str = ""

    @property
    def title(self) -> str:
        """What happened, in a few words."""
        return str(TITLES.get(self.status, TITLES[500 if self.status >= 500 else 400]))

    @property
    def sentence(self) -> str:
        """What happened and what to do."""
        return self.words or str(WORDS.get(self.status, WORDS[500 if self.status >= 500 else 400]))


def answer(trouble: Trouble) -> Response:
    """Say it to whoever asked: a program, a fragment of a page, or a person."""
    if wants_json():
        response = make_response(as_json(trouble), trouble.status)
    elif request.headers.get("HX-Request"):
        response = as_toast(trouble)
    else:
        response = make_response(as_page(trouble), trouble.status)
    response.headers.update(trouble.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_json() -> bool:
    """Whether a program asked: the API, a hook, or a script of ours that wants JSON."""
    if request.path.startswith(("/api/", "/hooks/")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and not request.accept_mimetypes.accept_html


def as_json(trouble: Trouble) -> dict[str, Any]:
    """`words`, `field` that they are about, `details` of a gate, both values of a stale save."""
    said: dict[str, Any] = {"words": trouble.sentence}
    if trouble.field:
        said["field"] = trouble.field
    if trouble.details:
        said["details"] = [_detail(detail) for detail in trouble.details]
    if trouble.stale:
        said["changed_by"] = trouble.stale.by
        said["differences"] = [
            {"field": one.field, "mine": _plain(one.mine), "theirs": _plain(one.theirs)}
            for one in trouble.stale.differences
        ]
    return {"error": said}


def _detail(detail: Any) -> Any:
    """An obstacle says itself what it is; anything else is words."""
    return detail.plain() if hasattr(detail, "plain") else {"words": str(detail)}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | type(None)) else str(value)


def as_toast(trouble: Trouble) -> Response:
    """A fragment is left as it is; the words travel in a header and stay until they are closed."""
    response = make_response("", trouble.status)
    said = {"kind": "bad", "words": trouble.sentence, "undo": ""}
    events: dict[str, Any] = {"v:toast": {"toasts": [said]}}
    if trouble.stale and trouble.stale.version is not None:
        # Its form takes the newest version: the next press saves over it, knowingly.
        events["v:version"] = {"version": trouble.stale.version}
    response.headers["HX-Reswap"] = "none"
    response.headers["HX-Trigger"] = json.dumps(events)
    return response


def as_page(trouble: Trouble) -> str:
    """The page of the error; a bare one when even that cannot be drawn (the database is away)."""
    try:
        return render_template("errors/error.html", trouble=trouble, title=trouble.title)
    except (SQLAlchemyError, TemplateError, HTTPException, RuntimeError):
        current_app.logger.exception("the page of an error could not be drawn")
        # Without Flask's context processors: one of them asks the database who is signed in.
        return current_app.jinja_env.get_template("errors/bare.html").render(trouble=trouble, request=request)
