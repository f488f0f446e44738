"""Pictures of every screen of the demo company: `python -m tests.browser.screenshots [name …] [--all]`.

Without --all: in Russian, light, on a desktop, and what README shows. They go to docs/pictures/.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from app.worker import work
from config import Config
from models.channels import Channel
from models.clients import Client
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead
from models.staff import Person
from tests import servers
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.demo_base import base_of_its_own, load

PICTURES = Path(__file__).resolve().parent.parent.parent / "docs" / "pictures"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
# A picture for a page is not a photograph: so many colours are enough, and it is a third of the size.
COLOURS = 128


@dataclass(frozen=True)
class Screen:
    """A page and whose it is; nobody's for the log-in."""

    name: str
    path: str
    who: str = "marina"


SCREENS = (
    Screen("login", "/login/", ""),
    Screen("leads", "/leads/list/"),
    Screen("lead", "/leads/{lead}"),
    Screen("board", "/deals/board/"),
    Screen("deals", "/deals/list/"),
    Screen("deal", "/deals/1042"),
    Screen("estimate", "/deals/1042/estimate"),
    Screen("tasks", "/tasks/list/"),
    Screen("clients", "/clients/list/"),
    Screen("client", "/clients/show/{client}"),
    Screen("client-form", "/clients/edit/{client}"),
    Screen("notices", "/notices/"),
    Screen("me", "/me/"),
    Screen("invoices", "/invoices/", "nina"),
    Screen("documents", "/documents/list/", "nina"),
    Screen("payments", "/payments/list/", "nina"),
    Screen("shipments", "/shipments/list/", "nina"),
    Screen("surveyor", "/visits/", "pavel"),
    Screen("calendar", "/calendar/?view=team"),
    Screen("tasks-by-day", "/tasks/board"),
    Screen("playbooks", "/playbooks/", "admin"),
    Screen("master", "/tasks/list/", "sergey"),
    Screen("dashboard", "/dashboard/", "director"),
    Screen("plans", "/plans/", "director"),
    Screen("people", "/people/", "admin"),
    Screen("roles", "/roles/", "admin"),
    Screen("channels", "/channels/", "admin"),
    Screen("channel", "/channels/{channel}", "admin"),
    Screen("firm", "/firms/", "admin"),
    Screen("products", "/products/list/", "admin"),
    Screen("trash", "/trash/", "admin"),
    Screen("dead-letters", "/dead-letters/", "admin"),
    Screen("api", "/api/v1/docs", "admin"),
    Screen("missing", "/deals/999999"),
)

USUAL = ("ru", "light", "desktop")
# What README and its translations show beside the usual ones.
SHOWN = {
    ("ru", "dark", "desktop"): ("board",),
    ("ru", "light", "phone"): ("leads", "deal"),
    ("en", "light", "desktop"): ("dashboard",),
}


@contextmanager
def served() -> Iterator[tuple[Flask, str]]:
    """The demo company with its papers made, and where it is served."""
    running = servers.Servers.started()
    try:
        with tempfile.TemporaryDirectory() as var:
            config = Config(
                VAR=Path(var),
                DATABASE_URL=servers.database_url("postgres"),
                REDIS_URL=servers.redis_url(0),
                SECRET_KEY=secrets.token_hex(32),
                BASE_URL="http://127.0.0.1",
                FILES_URL=(Path(var) / "files").as_uri(),
            )
            with base_of_its_own(config, "pictures") as app:
                load(app)
                with app.app_context():
                    work(burst=True)
                yield from serving(app)
    finally:
        running.stop()


def serving(app: Flask) -> Iterator[tuple[Flask, str]]:
    """The application in a thread of this process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


def keys(app: Flask) -> dict[str, int]:
    """Keys of rows that stand in addresses: the newest of each."""
    with app.app_context(), acting_as(SYSTEM) as session:
        models = {"lead": Lead, "client": Client, "channel": Channel}
        newest = {name: select(model.id).order_by(model.id.desc()).limit(1) for name, model in models.items()}
        return {name: session.execute(statement).scalar_one_or_none() or 0 for name, statement in newest.items()}


def speak(app: Flask, language: str) -> None:
    """Everybody reads this language from now on."""
    with app.app_context(), acting_as(SYSTEM) as session:
        for person in session.execute(select(Person)).scalars():
            person.language = language
        session.commit()


class Visitors:
    """The pages of the people, each signed in once by the demo's log-in."""

    def __init__(self, browser: Browser, address: str, language: str, theme: str, size: str) -> None:
        self.pages: dict[str, Page] = {}
        self.browser, self.address = browser, address
        self.dress = {
            "viewport": SIZES[size],
            "color_scheme": theme,
            "locale": {"ru": "ru-RU", "en": "en-GB"}[language],
            "is_mobile": size == "phone",
            "has_touch": size == "phone",
        }

    def page_of(self, who: str) -> Page:
        """The page of a person."""
        if who not in self.pages:
            page = self.pages[who] = self.browser.new_context(**self.dress, base_url=self.address).new_page()
            if who:
                page.goto("/login/")
                page.fill("input[name=username]", who)
                page.fill("input[name=password]", "demo")
                page.press("input[name=password]", "Enter")
                page.wait_for_url(lambda url: "/login" not in url)
        return self.pages[who]

    def leave(self) -> None:
        """Close them all."""
        for page in self.pages.values():
            page.context.close()


def picture(page: Page, address: str, file: Path) -> None:
    """One picture, when the page has come to rest."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(400)
    page.screenshot(path=file)
    with Image.open(file) as whole:
        small = whole.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


def wanted(is_all: bool, names: list[str]) -> Iterator[tuple[tuple[str, str, str], list[Screen]]]:
    """The screens to be taken in each dress."""
    for dress in product(("ru", "en"), ("light", "dark"), SIZES):
        chosen = [
            screen
            for screen in SCREENS
            if (not names or screen.name in names) and (is_all or dress == USUAL or screen.name in SHOWN.get(dress, ()))
        ]
        if chosen:
            yield dress, chosen


def name_of(screen: Screen, dress: tuple[str, str, str]) -> str:
    """board.png as usual, board-en-dark-phone.png otherwise."""
    return "-".join([screen.name, *(part for part, usual in zip(dress, USUAL, strict=True) if part != usual)])


def main() -> None:
    """Take what the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", choices=[[], *(screen.name for screen in SCREENS)], metavar="name")
    asked.add_argument("--all", action="store_true", help="both languages, both themes, desktop and phone")
    said = asked.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    PICTURES.mkdir(exist_ok=True)
    with served() as (app, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        known = keys(app)
        for dress, screens in wanted(said.all, said.names):
            speak(app, dress[0])
            visitors = Visitors(browser, address, *dress)
            for screen in screens:
                file = PICTURES / f"{name_of(screen, dress)}.png"
                picture(visitors.page_of(screen.who), screen.path.format(**known), file)
                print(file.relative_to(PICTURES.parent.parent))
            visitors.leave()
        browser.close()


if __name__ == "__main__":
    main()
