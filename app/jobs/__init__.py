"""What runs later. Whoever writes to Redis can run nothing that is not listed here."""

from collections.abc import Callable
from typing import Any

from app.jobs import bodies, channels, documents, events, files, imports, inbound, outbound, passwords, works

JOBS: dict[str, Callable[..., Any]] = {
    "app.jobs.bodies.read_all_again": bodies.read_all_again,
    "app.jobs.channels.set_up": channels.set_up,
    "app.jobs.channels.check": channels.check,
    "app.jobs.documents.make": documents.make,
    "app.jobs.events.handle": events.handle,
    "app.jobs.events.again": events.again,
    "app.jobs.files.draw": files.draw,
    "app.jobs.imports.check": imports.check,
    "app.jobs.imports.run": imports.run,
    "app.jobs.imports.undo": imports.undo,
    "app.jobs.inbound.read": inbound.read,
    "app.jobs.inbound.fetch": inbound.fetch,
    "app.jobs.outbound.deliver": outbound.deliver,
    "app.jobs.outbound.settle": outbound.settle,
    "app.jobs.outbound.reply": outbound.reply,
    "app.jobs.outbound.answer_press": outbound.answer_press,
    "app.jobs.passwords.answer": passwords.answer,
    "app.jobs.works.change_leads": works.change_leads,
    "app.jobs.works.scan": works.scan,
    "app.jobs.works.merge": works.merge,
    "app.jobs.works.unmerge": works.unmerge,
}
