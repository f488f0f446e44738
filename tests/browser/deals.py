"""What tests of deals do behind the browser's back: change the base, find a deal, measure what a thumb meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from app.doors import committing
from app.services import deals
from models.clients import Client
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.staff import Person

# Controls of the screen at hand that a thumb would miss: their target is less than 44 px one way and less than 30 another.
SMALL = """(where) => [...document.querySelectorAll(where)]
  .filter((e) => e.checkVisibility() && e.getClientRects().length && !e.closest(".v-toasts"))
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => Math.max(r.height, parseFloat(getComputedStyle(e, "::before").height) || 0) < 38)
  .map(([e, r]) => `${e.tagName}.${e.className} ${Math.round(r.width)}×${Math.round(r.height)}`)"""


@contextmanager
def behind(demo: Flask) -> Iterator[Any]:
    """A session of the system, saved at its end."""
    with demo.app_context(), acting_as(SYSTEM) as session, committing(session):
        yield session


def deal_of(session: Any, client: str) -> Deal:
    """The open deal of a client."""
    wanted = (
        select(Deal).join(Client, Client.id == Deal.client_id).where(Client.name == client, Deal.closed_at.is_(None))
    )
    return session.execute(wanted.order_by(Deal.id.desc())).scalars().first()


def number_of(demo: Flask, client: str) -> int:
    """Its number."""
    with behind(demo) as session:
        return deal_of(session, client).number


def made(demo: Flask, owner: str = "marina", **values: Any) -> int:
    """A new deal of somebody's on the first stage; its number."""
    with behind(demo) as session:
        person = session.execute(select(Person).where(Person.username == owner)).scalar_one()
        return deals.start(None, values, owner=person).number


Enter = Callable[..., Page]


def opened(enter: Enter, path: str, *, who: str = "Марина", phone: bool = False) -> Page:
    """A page of somebody's."""
    page = enter(who, phone=phone)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return page


def window(page: Page) -> Any:
    """The dialog that is open."""
    return page.locator(".v-dlg:visible").last
