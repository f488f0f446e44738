"""What went wrong, in words: a page, a JSON answer or a toast, and never a trace."""

from __future__ import annotations

import dataclasses
import json
import secrets
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequestKeyError, HTTPException, SecurityError

from models.ground.refused import NotFound, Refused, Stale

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
    response.headers["HX-Reswap"] = "none"
    response.headers["HX-Trigger"] = json.dumps({"v:toast": {"toasts": [said]}})
    return response


def as_page(trouble: Trouble) -> str:
    """The page of the error; a bare one when even that cannot be drawn (the database is away)."""
    try:
        return render_template("errors/error.html", trouble=trouble, title=trouble.title)
    except (SQLAlchemyError, TemplateError, HTTPException, RuntimeError):
        current_app.logger.exception("the page of an error could not be drawn")
        return render_template("errors/bare.html", trouble=trouble)


# ── what is raised, and what it means ────────────────────────────────────────


def refused(error: Refused) -> Response:
    """A rule said no: its own words."""
    status = 422 if error.field and error.status == 409 else error.status
    return answer(Trouble(status, error.words, error.field, error.details))


def stale(error: Stale) -> Response:
    """Somebody saved meanwhile: both values."""
    words = _("%(who)s changed this while you were editing. Compare and save again.", who=error.by)
    return answer(Trouble(409, words, stale=error))


def overtaken(_error: StaleDataError) -> Response:
    """The row's version went on between reading and saving."""
    return answer(Trouble(409, _("Somebody else changed this at the same moment. Reload the page and try again.")))


def twin(error: IntegrityError) -> Response:
    """The database refused a twin, or a row that others still need."""
    current_app.logger.warning("refused by the database: %s", _first_line(error))
    return answer(Trouble(409, _("There is such a record already, or other records need this one.")))


def unfit(error: Exception) -> Response:
    """A value of the wrong kind reached so far: the words are general, the log is exact."""
    current_app.logger.warning("a value was not understood: %s", type(error).__name__, exc_info=error)
    return answer(Trouble(400))


def too_deep(_error: RecursionError) -> Response:
    """JSON nested beyond reason."""
    return answer(Trouble(400, _("This is nested too deeply to be read.")))


def database_away(error: Exception) -> Response:
    """No connection, or none in time."""
    current_app.logger.error("the database does not answer: %s", _first_line(error))
    return answer(Trouble(503, headers={"Retry-After": "5"}))


def _first_line(error: Exception) -> str:
    """The driver's own words without the statement and its values: they may be somebody's data."""
    return str(getattr(error, "orig", error)).partition("\n")[0][:300]


def no_token(_error: CSRFError) -> Response:
    """The form's token is missing or of another log-in."""
    return answer(Trouble(400, _("This page was opened before you signed in or out. Reload it and try again.")))


def http(error: HTTPException) -> Any:
    """What Werkzeug and abort() raise."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    trouble = Trouble(status, _own_words(error))
    retry = getattr(error, "retry_after", None)
    if retry:
        trouble.headers["Retry-After"] = str(int(retry))
    if getattr(error, "valid_methods", None):
        trouble.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return answer(trouble)


def _own_words(error: HTTPException) -> str:
    """The words of whoever called abort(); Werkzeug's English ones are replaced by ours."""
    is_stock = error.description is None or error.description == type(error).description
    return "" if is_stock or isinstance(error, BadRequestKeyError | SecurityError) else str(error.description)


def unexpected(error: Exception) -> Response:
    """A fault of ours: the trace goes to the log, a mark of it to the person."""
    mark = secrets.token_hex(4)
    current_app.logger.error("fault %s at %s %s", mark, request.method, request.path, exc_info=error)
    return answer(Trouble(500, mark=mark))


HANDLERS: dict[Any, Any] = {
    Refused: refused,
    NotFound: refused,
    Stale: stale,
    StaleDataError: overtaken,
    IntegrityError: twin,
    DataError: unfit,
    StatementError: unfit,
    UnicodeError: unfit,
    ValueError: unfit,
    RecursionError: too_deep,
    OperationalError: database_away,
    PoolTimeoutError: database_away,
    CSRFError: no_token,
    HTTPException: http,
    Exception: unexpected,
}


def init_app(app: Flask) -> None:
    """Register a handler for everything that may be raised."""
    for error, handler in HANDLERS.items():
        app.register_error_handler(error, handler)
