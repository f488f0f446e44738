"""The frame of every page: menu, theme, toasts, language; and what the policy of pages asks of templates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import flask_appbuilder
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.wording import speaking
from views.places import MENUS, PLACES, SHOWN
from views.shell import say

Login = Callable[..., FlaskClient]

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "app" / "templates"
# Letters, and papers that xhtml2pdf draws, are not pages: no policy holds for them.
NOT_PAGES = {"mail", "papers"}
PAGES = [file for file in TEMPLATES.rglob("*.html") if file.relative_to(TEMPLATES).parts[0] not in NOT_PAGES]


def menu(page: str) -> list[str]:
    """Addresses of the menu's entries."""
    inside = page.split('<nav class="v-navs"')[1].split("</nav>", maxsplit=1)[0]
    return re.findall(r'<a href="([^"]+)"', inside.split("<details")[0])


class TestMenu:
    @pytest.mark.parametrize("username", ["marina", "pavel", "sergey", "nina", "director", "admin"])
    def test_at_most_eight_entries_are_shown_and_each_opens(self, login: Login, username: str) -> None:
        client = login(username)
        entries = menu(client.get("/no-such-page").text)
        assert 0 < len(entries) <= SHOWN
        assert len(set(entries)) == len(entries)
        for address in entries:
            assert client.get(address, follow_redirects=True).status_code == 200, address

    def test_setup_is_hidden_from_a_manager(self, login: Login) -> None:
        page = login("anna").get("/no-such-page").text
        assert "/people/" not in page
        assert "/channels/" not in page

    def test_a_stranger_has_no_menu(self, client: FlaskClient) -> None:
        assert "v-nav " not in client.get("/login/").text

    def test_every_place_of_a_role_is_known(self) -> None:
        assert {key for order in MENUS.values() for key in order.split()} <= set(PLACES)
        assert all(len(order.split()) <= SHOWN for order in MENUS.values())


class TestTheme:
    @pytest.mark.parametrize(
        ("cookie", "chosen", "shown"),
        [
            ("dark", "dark", "dark"),
            ("auto.dark", "auto", "dark"),
            ("auto", "auto", "light"),
            ("pink", "auto", "light"),
            ('"><script>', "auto", "light"),
        ],
    )
    def test_the_server_draws_the_chosen_theme_at_once(
        self, client: FlaskClient, cookie: str, chosen: str, shown: str
    ) -> None:
        client.set_cookie("theme", cookie)
        page = client.get("/login/").text
        assert f'data-bs-theme="{shown}" data-theme="{chosen}"' in page


class TestLanguage:
    def test_a_stranger_chooses_it_on_the_log_in_page(self, client: FlaskClient) -> None:
        answer = client.post("/language/", data={"language": "en", "next": "/login/"})
        assert answer.location == "/login/"
        assert '<html lang="en"' in client.get("/login/").text
        client.post("/language/", data={"language": "ru"})
        assert '<html lang="ru"' in client.get("/login/").text

    def test_other_languages_and_other_sites_are_refused(self, client: FlaskClient) -> None:
        assert client.post("/language/", data={"language": "xx"}).status_code == 400
        answer = client.post("/language/", data={"language": "en", "next": "https://evil.example/"})
        assert answer.location == "/"


class TestToasts:
    def test_what_was_said_stands_on_the_next_page_with_its_undo(self, app: Flask, client: FlaskClient) -> None:
        with client.session_transaction() as cookie:
            cookie["_flashes"] = [("ok", {"words": "Moved <b>", "undo": "/undo/1"}), ("danger", "Plain words")]
        page = client.get("/login/").text
        assert "Moved &lt;b&gt;" in page
        assert 'action="/undo/1"' in page
        assert 'data-kind="bad"' in page
        assert "Moved" not in client.get("/login/").text

    def test_a_fragment_carries_them_in_a_header(self, app: Flask) -> None:
        with app.test_request_context(headers={"HX-Request": "true"}):
            say("Готово", undo="/undo/2")
            answer = app.process_response(app.make_response("<p>"))
        said = json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"]
        assert said == [{"kind": "ok", "words": "Готово", "undo": "/undo/2"}]
        assert answer.headers["HX-Trigger"].isascii()

    def test_a_fragment_that_leads_elsewhere_leaves_them_for_the_next_page(self, app: Flask) -> None:
        with app.test_request_context(headers={"HX-Request": "true"}):
            say("Готово")
            answer = app.process_response(app.make_response(("", 200, {"HX-Redirect": "/"})))
        assert "HX-Trigger" not in answer.headers


class TestWordsOfScripts:
    def test_they_are_data_in_the_language_of_the_reader(self, client: FlaskClient) -> None:
        page = client.get("/login/", headers={"Accept-Language": "ru"}).text
        words = json.loads(re.search(r'id="script-words">(.*?)</script>', page).group(1))  # type: ignore[union-attr]
        assert words["undo"] == "Вернуть"
        assert words["changes"]["few"] == "{n} изменения"

    def test_no_script_has_a_text_of_its_own(self) -> None:
        for file in (ROOT / "app/static/js").glob("*.js"):
            code = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text("utf-8"), flags=re.DOTALL)
            letters = re.sub("[ёЁ]/g|ё", "", code)
            assert not re.search("[а-яА-Я]{2}", letters), file.name


class TestTemplates:
    @pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(TEMPLATES)))
    def test_no_script_and_no_style_stands_in_the_markup(self, file: Path) -> None:
        text = re.sub(r"\{#.*?#\}", "", file.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"\sstyle\s*=", text)
        assert not re.search(r"<style", text)
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
        assert not re.search(r"hx-on|javascript:", text)
        for tag in re.findall(r"<script[^>]*>", text):
            assert "src=" in tag or 'type="application/json"' in tag, tag

    def test_every_icon_is_in_the_sprite(self) -> None:
        known = set((ROOT / "app/static/icons.txt").read_text("utf-8").split())
        used: dict[str, str] = {}
        for file in PAGES:
            for name in re.findall(r"\bicon\('([a-z0-9-]+)'", file.read_text("utf-8")):
                used[name] = file.name
        assert {name: place for name, place in used.items() if name not in known} == {}
        assert {place.icon for place in PLACES.values()} <= known

    def test_every_template_of_flask_appbuilder_is_replaced(self) -> None:
        theirs = Path(flask_appbuilder.__file__).parent / "templates"
        missing = [
            str(file.relative_to(theirs))
            for file in theirs.rglob("*.html")
            if not (TEMPLATES / file.relative_to(theirs)).exists()
        ]
        assert missing == []


class TestErrorsOfForms:
    def test_stock_words_are_said_as_the_house_says_them(self, app: Flask) -> None:
        say_error = app.jinja_env.globals["error_words"]
        with app.app_context(), speaking("ru", "Europe/Moscow"):
            assert say_error("This field is required.") == "Заполните это поле"
            assert say_error("Обязательное поле.") == "Заполните это поле"
            assert say_error("Своё") == "Своё"
        with app.app_context(), speaking("en", "Europe/Moscow"):
            assert say_error("Not a valid decimal value.") == "Only a number, for example 2500."

    def test_the_page_of_an_error_says_what_to_do(self, login: Login) -> None:
        answer = login("anna").get("/no-such-page")
        assert answer.status_code == 404
        assert "data-error-words" in unescape(answer.text)
