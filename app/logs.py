"""What the processes write to standard error: lines for people, or a JSON object a line for machines."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from typing import Any

from flask import has_request_context, request

from models.ground.actor import current_actor

# Their own lines repeat ours, or tell a developer what an operator has no use for.
QUIET = ("alembic", "flask_appbuilder", "fontTools", "rq", "svglib", "xhtml2pdf", "werkzeug")


def begin(log_format: str) -> None:
    """Send every logger of this process to one handler in the chosen form, "text" or "json"."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ForMachines() if log_format == "json" else ForPeople())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def of_request() -> dict[str, Any]:
    """Where it happened and to whom; never what was typed, nor a query, which may carry a token."""
    if not has_request_context():
        return {}
    return {"method": request.method, "endpoint": request.endpoint, "person": current_actor().person_id}


class ForPeople(logging.Formatter):
    """Level, source, place, words, and the trace below them."""

    def format(self, record: logging.LogRecord) -> str:
        # A line break inside the words must not begin a line of the log: somebody else may have typed it.
        words = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        place = of_request()
        where = f" [{place['method']} {place['endpoint']}]" if place else ""
        line = f"{record.levelname} {record.name}{where}: {words}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class ForMachines(logging.Formatter):
    """The same as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        told = {"at": at, "level": record.levelname.lower(), "source": record.name, "event": record.getMessage()}
        told |= of_request()
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
