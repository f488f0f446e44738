"""How the feed tells an event: its icon, its head, its words; a registry by the event's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.wording import day, language, moment, money
from models.ground.actor import current_actor
from models.lowcode import choices
from reports.deals.said import Names

Told = tuple[str, str, str]


def _moved(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    """From stage to stage; between funnels the event itself says the names of both."""
    if data.get("names"):
        was, now = (": ".join(_named(one) for one in pair) for pair in data["names"])
        return "arrows-exchange", f"{was} → {now}", ""
    left, now = data.get("came_from", ""), data.get("stage", "")
    return "arrow-right", f"{stages.get(left, left)} → {stages.get(now, now)}", ""


def _named(names: dict[str, str]) -> str:
    return str(names.get(language()) or next(iter(names.values()), ""))


def _lost(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    reason = choices.label("lost_reason", str(data.get("reason", "")), language())
    said = [reason, str(data.get("competitor") or ""), str(data.get("words") or "")]
    return "circle-x", _("Deal is lost"), ". ".join(part for part in said if part)


def _held(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    until = day(dt.date.fromisoformat(str(data["until"])))
    return "player-pause", _("On hold until %(day)s", day=until), str(data.get("reason", ""))


def _woken(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    return "player-play", _("The day has come, the deal goes on"), str(data.get("reason", ""))


def _part(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    """Somebody came or went, and as what."""

    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        return icon, head(), ", ".join(part for part in (str(data.get("who", "")), str(data.get("words", ""))) if part)

    return tell


def _assigned(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    was = names.of("person", data.get("was")) if data.get("was") else _("nobody")
    return "user-share", _("Owner"), f"{was} → {names.of('person', data.get('now'))}"


def _task(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        words = [str(data.get("title", "")), str(data.get("result", ""))]
        return icon, head(), ". ".join(part for part in words if part)

    return tell


def _file(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        return icon, head(), str(data.get("file", ""))

    return tell


def _transferred(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    whom = f"{names.of('person', data.get('was'))} → {names.of('person', data.get('now'))}"
    said = [str(data.get("title", "")), whom, str(data.get("reason", ""))]
    return "user-share", _("Task handed over"), ". ".join(part for part in said if part)


def _visit(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    """When and where, or how it ended."""

    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        starts = data.get("starts_at")
        at = moment(dt.datetime.fromisoformat(str(starts))) if starts else ""
        said = [at, str(data.get("address", "")), str(data.get("reason", "")), str(data.get("result", ""))]
        return icon, head(), ". ".join(part for part in said if part)

    return tell


def _money(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    """An event with a sum; `revision` or `number` tells which estimate or paper it is about."""

    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        which = data.get("number") or data.get("revision")
        title = f"{head()} {which}" if which else head()
        total = data.get("amount") or data.get("total")
        shown = total if total and current_actor().sees("deal.amount") else None
        return icon, title, money(Decimal(str(shown))) if shown else ""

    return tell


def _plain(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        return icon, head(), ""

    return tell


def _document(icon: str, heads: dict[str, Callable[[str], str]]) -> Callable[..., Told]:
    """What happened to a paper, said by its kind and number; with its sum when the event knows it."""

    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        head = heads.get(str(data.get("kind")), heads["invoice"])(str(data.get("number", "")))
        total = data.get("amount")
        shown = total if total and current_actor().sees("deal.amount") else None
        return icon, head, money(Decimal(str(shown))) if shown else ""

    return tell


TELLERS: dict[str, Callable[..., Told]] = {
    "lead.qualified": _plain("inbox", lambda: _("Lead became a deal")),
    "deal.started": _plain("circle-plus", lambda: _("Deal was started")),
    "deal.moved": _moved,
    "deal.won": _plain("circle-check", lambda: _("Deal is won")),
    "deal.lost": _lost,
    "deal.assigned": _assigned,
    "deal.held": _held,
    "deal.resumed": _plain("player-play", lambda: _("Taken up again")),
    "deal.woken": _woken,
    "deal.participant_added": _part("user-plus", lambda: _("Takes part")),
    "deal.participant_removed": _part("user-minus", lambda: _("Takes no part any more")),
    "file.added": _file("paperclip", lambda: _("File added")),
    "file.removed": _file("trash", lambda: _("File removed")),
    "file.restored": _file("arrow-back-up", lambda: _("File brought back")),
    "deal.note_changed": _plain("pencil", lambda: _("A note was rewritten")),
    "deal.note_erased": _plain("trash", lambda: _("A note was thrown away")),
    "deal.note_restored": _plain("arrow-back-up", lambda: _("A note was brought back")),
    "task.added": _task("circle", lambda: _("Task")),
    "task.finished": _task("circle-check", lambda: _("Done")),
    "task.transferred": _transferred,
    "visit.planned": _visit("calendar-plus", lambda: _("Visit planned")),
    "visit.moved": _visit("calendar-event", lambda: _("Visit moved")),
    "visit.cancelled": _visit("ban", lambda: _("Visit cancelled")),
    "visit.done": _visit("map-pin", lambda: _("Visit made")),
    "estimate.saved": _money("calculator", lambda: _("Estimate, version")),
    "estimate.sent": _money("send", lambda: _("Quote was sent, version")),
    "estimate.agreed": _money("rosette-discount", lambda: _("Estimate is agreed, version")),
    "document.issued": _document(
        "file-invoice",
        {
            "invoice": lambda n: _("Invoice № %(number)s is issued", number=n),
            "quote": lambda n: _("Quote № %(number)s is made", number=n),
        },
    ),
    "document.ready": _document(
        "file-type-pdf",
        {
            "invoice": lambda n: _("Invoice № %(number)s: the file is ready", number=n),
            "quote": lambda n: _("Quote № %(number)s: the file is ready", number=n),
        },
    ),
    "document.failed": _document(
        "alert-circle",
        {
            "invoice": lambda n: _("Invoice № %(number)s: the file could not be made", number=n),
            "quote": lambda n: _("Quote № %(number)s: the file could not be made", number=n),
        },
    ),
    "document.cancelled": _document("ban", {"invoice": lambda n: _("Invoice № %(number)s is cancelled", number=n)}),
    "payment.recorded": _money("cash", lambda: _("Payment")),
    "payment.withdrawn": _money("arrow-back-up", lambda: _("Payment is withdrawn")),
    "shipment.recorded": _money("truck", lambda: _("Shipment")),
    "shipment.withdrawn": _money("arrow-back-up", lambda: _("Shipment is withdrawn")),
}
# The plan of a stage adds several tasks at once, and a paper is ready a second after its issue: the panels show
# them, and the full history.
QUIET = {"task.added", "document.ready", "deal.note_changed", "deal.note_erased", "deal.note_restored"}
