"""What may be raised, and what is said then: always words, never a trace."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequestKeyError, HTTPException, SecurityError

from app.troubles import Trouble, answer
from models.ground.refused import NotFound, Refused, Stale


def refused(error: Refused) -> Response:
    """A rule said no: its own words."""
    status = 422 if error.field and error.status == 409 else error.status
    return answer(Trouble(status, error.words, error.field, error.details))


def stale(error: Stale) -> Response:
    """Somebody saved meanwhile: both values."""
    words = _("%(who)s changed this while you were editing. Compare and save again.", who=error.by)
    if request.headers.get("HX-Request") and error.version is not None:
        words = _("%(who)s changed this meanwhile. Do it once more to save yours.", who=error.by)
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
