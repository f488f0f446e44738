"""The client of an address; one that was merged leads to the one client it is part of."""

from __future__ import annotations

from typing import NoReturn

from flask import abort, redirect, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.services import clients as verbs
from models.clients import Client
from models.ground.base import db
from models.ground.prepared import keep_plans
from views.leads.found import BIGGEST


def client_or_404(pk: int) -> Client:
    """The client with this key, if the actor reaches it."""
    if pk > BIGGEST:
        abort(404)
    keep_plans()
    loads = (joinedload(Client.owner), selectinload(Client.contacts))
    client = db.session.execute(select(Client).where(Client.id == pk).options(*loads)).scalar_one_or_none()
    return client if client is not None else gone(pk)


def gone(pk: int) -> NoReturn:
    """The address of a client that was merged leads to the one client; of others there is nothing."""
    now = verbs.became(pk)
    if now is None:
        abort(404)
    abort(redirect(url_for("Clients.card", pk=now)))


def lines_of(text: str) -> list[str]:
    """What was typed into a box, a line each."""
    return [line.strip() for line in text.splitlines() if line.strip()]
