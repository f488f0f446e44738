"""The form on the company's site in a real browser: by its own address, and in a frame of another site."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Frame, Page, expect
from sqlalchemy import select

from models.channels import Channel
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead

pytestmark = [pytest.mark.browser]
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
def token(demo: Flask) -> str:
    with demo.app_context(), acting_as(SYSTEM) as session:
        found: str = session.execute(select(Channel.token).where(Channel.kind == "form")).scalar_one()
        return found


@pytest.fixture
def elsewhere(address: str, token: str) -> Iterator[str]:
    """Another site, on a port of its own, into whose page the line was put."""
    line = f'<script async src="{address}/f/{token}/embed.js"></script>'
    page = f"<!doctype html><html lang=ru><title>Парус</title><h1>Окна</h1><div id=here>{line}</div></html>".encode()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path != "/favicon.ico" else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if self.path != "/favicon.ico":
                self.wfile.write(page)

        def log_message(self, *_words: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(chromium: Browser, said: list[str]) -> Iterator[Callable[..., Page]]:
    contexts = []

    def by(size: str, *, script: bool = True, language: str = "ru-RU") -> Page:
        context = chromium.new_context(viewport=SIZES[size], locale=language, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield by
    for context in contexts:
        context.close()


def fill(place: Page | Frame, name: str, phone: str) -> None:
    """As a person does: a moment longer than a robot needs."""
    place.get_by_label("Окна").check(force=True)
    place.get_by_label("Как к вам обращаться").fill(name)
    place.locator("#phone").fill(phone)
    place.get_by_text("Даю согласие").click()
    place.page.wait_for_timeout(3200) if isinstance(place, Frame) else place.wait_for_timeout(3200)
    place.get_by_role("button", name="Отправить заявку").click()


def lead_of(demo: Flask, phone: str) -> Lead:
    with demo.app_context(), acting_as(SYSTEM) as session:
        lead = session.execute(select(Lead).where(Lead.phone == phone)).scalar_one()
        session.expunge(lead)
        return lead


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_in_a_frame_of_another_site_it_sizes_itself_and_tells_where_the_visitor_came_from(
    visit, elsewhere, demo, work_off, size
):
    page = visit(size)
    page.goto(f"{elsewhere}/akcii?utm_source=yandex&utm_campaign=osen")
    expect(page.locator("iframe")).to_be_visible()
    page.goto(f"{elsewhere}/okna")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Узнайте цену")).to_be_visible()
    page.wait_for_timeout(300)
    box, inner = page.locator("iframe").bounding_box(), frame.locator(".q").bounding_box()
    assert box is not None
    assert inner is not None
    assert abs(box["height"] - inner["height"]) < 2
    assert inner["width"] <= box["width"]
    phone = {"desk": "+79001112201", "phone": "+79001112202"}[size]
    inside = next(one for one in page.frames if "/f/" in one.url)
    fill(inside, "Вера", phone.replace("+7", "8"))
    expect(frame.get_by_role("heading")).to_contain_text("у нас")
    work_off()
    expect(frame.get_by_role("heading")).to_contain_text("Вера, заявка №", timeout=10_000)
    lead = lead_of(demo, phone)
    assert (lead.page, lead.first_page) == (
        f"{elsewhere}/okna", f"{elsewhere}/akcii?utm_source=yandex&utm_campaign=osen"
    )  # fmt: skip
    assert lead.utm == {"source": "yandex", "campaign": "osen"}
    assert lead.words.startswith("Окна")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_by_its_own_address_and_without_a_script(visit, address, token, demo, work_off, size):
    page = visit(size, script=False)
    page.goto(f"{address}/f/{token}?utm_source=qr")
    phone = {"desk": "+79001112203", "phone": "+79001112204"}[size]
    fill(page, "Глеб", phone)
    expect(page.get_by_role("heading", name="Заявка у нас")).to_be_visible()
    work_off()
    assert lead_of(demo, phone).utm == {"source": "qr"}


def test_a_phone_is_written_in_one_way_and_a_double_press_sends_once(visit, address, token, demo, work_off):
    page = visit("desk")
    page.goto(f"{address}/f/{token}")
    page.locator("#phone").fill("89001112205")
    page.locator("#name").focus()
    expect(page.locator("#phone")).to_have_value("+7 900 111-22-05")
    page.get_by_text("Даю согласие").click()
    page.wait_for_timeout(3200)
    page.get_by_role("button", name="Отправить заявку").dblclick()
    expect(page.get_by_role("heading")).to_contain_text("у нас")
    work_off()
    assert lead_of(demo, "+79001112205").name == ""


def test_a_site_that_may_not_show_it_shows_an_empty_frame(visit, elsewhere, demo, said):
    with demo.app_context(), acting_as(SYSTEM) as session:
        channel = session.execute(select(Channel).where(Channel.kind == "form")).scalar_one()
        kept = dict(channel.settings)
        channel.settings = {**kept, "frames": "listed", "domains": ["parus.example"]}
        session.commit()
    page = visit("desk")
    page.goto(f"{elsewhere}/okna")
    page.wait_for_timeout(500)
    assert page.frame_locator("iframe").locator("form").count() == 0
    assert any("frame-ancestors" in words or "Framing" in words for words in said)
    said.clear()
    with demo.app_context(), acting_as(SYSTEM) as session:
        session.execute(select(Channel).where(Channel.kind == "form")).scalar_one().settings = kept
        session.commit()
