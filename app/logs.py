"""What the processes write to standard error: lines for people, or a JSON object a line for machines."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from flask import has_request_context, request

from models.ground.actor import current_actor

# Their own lines repeat ours, or tell a developer what an operator has no use for.
QUIET = ("alembic", "flask_appbuilder", "fontTools", "rq", "svglib", "xhtml2pdf", "werkzeug")


def begin(log_format: str) -> None:
    """Send every logger of this process to one handler in the chosen form, "text" or "json"."""
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(as_json if log_format == "json" else for_people))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def formatter(last: Any) -> logging.Formatter:
    """The steps from a record to its line."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            of_request,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )


def of_request(_logger: Any, _method: str, record: dict[str, Any]) -> dict[str, Any]:
    """Where it happened and to whom; never what was typed, nor a query, which may carry a token."""
    if has_request_context():
        record |= {"method": request.method, "endpoint": request.endpoint}
        record["person"] = current_actor().person_id
    return record


def for_people(_logger: Any, _method: str, record: dict[str, Any]) -> str:
    """Level, source, words; a line break inside the words does not begin a line of the log."""
    words = str(record.get("event", "")).replace("\r", "\\r").replace("\n", "\\n")
    trace = record.get("exception")
    where = f" [{record['method']} {record['endpoint']}]" if "endpoint" in record else ""
    line = f"{record['level'].upper()} {record['logger']}{where}: {words}"
    return f"{line}\n{trace}" if trace else line
