"""A real Chromium over the demo company, served as people get it; a console message fails the test."""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from app.worker import work
from tests.conftest import worker_number
from tests.demo_base import demo_company

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
# Seconds that every page is held back, before it begins and in its midst: what falls then would fall on a slow
# machine now and then.
HELD_BACK = float(os.environ.get("TESTS_HELD_BACK", "0"))
# Milliseconds that a test waits for what ought to come.
WAIT = 15_000
expect.set_options(timeout=WAIT)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium of CHROMIUM or of the PATH; without one the tests are left out, but never under CI."""
    if not CHROMIUM and not os.environ.get("CI"):
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def demo(settings: Any) -> Iterator[Flask]:
    """The demo company in a base of its own, with forms that ask for their token."""
    with demo_company(settings, f"company_{worker_number()}") as app:
        app.config["WTF_CSRF_ENABLED"] = True
        yield app


class Answer(ClosingIterator):
    """An answer that is closed once, whoever closes it."""

    def close(self) -> None:
        super().close()
        self._callbacks = []


def slowly(body: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, as a slow machine sends them."""
    for part in body:
        for piece in filter(None, (part[:2000], part[2000:])):
            time.sleep(HELD_BACK)
            yield piece


class Counting(WSGIRequestHandler):
    """Knows how many answers are not finished, and closes those of which the reader has gone: werkzeug does not."""

    unfinished = 0
    lock = threading.Lock()

    def run_wsgi(self) -> None:
        self.count(1)
        try:
            super().run_wsgi()
        finally:
            if answer := self.environ.get("tests.answer"):
                answer.close()
            self.count(-1)

    @classmethod
    def count(cls, more: int) -> None:
        with cls.lock:
            cls.unfinished += more

    @staticmethod
    def of(app: Flask) -> Callable[[Any, Any], Answer]:
        """The application, whose answers a handler finds in the environment."""

        def served(environ: Any, start: Any) -> Answer:
            body = app(environ, start)
            held = HELD_BACK and not environ["PATH_INFO"].startswith("/static/")
            environ["tests.answer"] = Answer(slowly(body), body.close) if held else Answer(body)
            return environ["tests.answer"]

        return served


@pytest.fixture(scope="module")
def address(demo: Flask) -> Iterator[str]:
    """Where the demo company is served; what a closed page still asked for is answered before its base goes away."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, Counting.of(demo), threaded=True, request_handler=Counting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()
    until = time.monotonic() + 5
    while Counting.unfinished and time.monotonic() < until:
        time.sleep(0.02)


@pytest.fixture
def work_off(demo: Flask) -> Callable[[], None]:
    """Do what waits in the queue."""

    def drain() -> None:
        with demo.app_context():
            work(burst=True)

    return drain


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What the browser wrote to its console or threw; the test fails unless it is nothing."""
    words: list[str] = []
    yield words
    assert words == []


@pytest.fixture(scope="module")
def signed_in(address: str) -> dict[tuple[str, str], Any]:
    """Cookies of those who have entered, by name and language: the second time they are let in by these."""
    return {}


@pytest.fixture
def enter(
    chromium: Browser, address: str, said: list[str], signed_in: dict[tuple[str, str], Any]
) -> Iterator[Callable[..., Page]]:
    """`enter("Марина")` presses the demo's button and gives her page; `phone=True` holds it in one hand."""
    contexts = []

    def by_button(name: str, *, phone: bool = False, language: str = "ru-RU") -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = chromium.new_context(
            viewport=size, locale=language, has_touch=phone, is_mobile=phone, base_url=address, color_scheme="light",
            storage_state=signed_in.get((name, language)),
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        # Where the hand was quicker than a window, Chromium says that it left the focus alone: nothing is wrong.
        page.on("console", lambda message: "Autofocus processing" in message.text or said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto("/")
        if "/login" in page.url:
            page.get_by_role("button", name=re.compile(name)).click()
            page.wait_for_url(lambda url: "/login" not in url)
            signed_in[name, language] = context.storage_state()
        return page

    yield by_button
    for context in contexts:
        context.close()
