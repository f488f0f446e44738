"""Settings of channels with their secrets; what came is read, and read again after a mapping is mended: one lead stays one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from app.sealed import unseal
from models.channels import Channel
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead, LeadState
from models.messages import Message, RawBody, RawState
from models.notices import Notice
from models.works import Work
from tests.doors.counting import all_of
from tests.hooks import FORM

BODY = "Kto=Пётр&Svyaz=89031112233&Zhelanie=Балкон&utm_source=vk"
MAP = {"name": "Сайт", "source": "site", "preset": "generic", "active": "y",
       "map.name": "Kto", "map.phone": "Svyaz", "map.words": "Zhelanie"}  # fmt: skip


def channel_of(app: Any) -> Any:
    with app.app_context(), acting_as(SYSTEM) as session:
        channel = session.execute(select(Channel).order_by(Channel.id.desc())).scalars().first()
        return channel.id, dict(channel.settings), unseal(channel.secrets), channel.trouble


def statements(app: Any, browser: Any, address: str) -> int:
    from sqlalchemy import event

    from models.ground.base import db

    seen: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *said: seen.append(said[2]))
    assert browser.get(address).status_code == 200
    return len(seen)


@pytest.mark.parametrize("kind", ["form", "site", "email", "telegram", "mango", "uis"])
def test_a_channel_of_every_kind_is_made_and_its_page_opens(login, kind):
    admin = login("admin")
    page = admin.get(admin.post("/channels/add", data={"kind": kind, "name": ""}).headers["Location"])
    assert page.status_code == 200
    assert ("{{contact_phone_number}}" in page.text) is (kind == "uis")


class TestSettings:
    def test_a_mailbox_is_not_set_up_until_it_opens_and_is_tried_at_every_save(self, app, login, worker):
        admin = login("admin")
        where = admin.post("/channels/add", data={"kind": "email", "name": ""}).headers["Location"]
        assert "не настроен" in admin.get("/channels/").text
        form = {"name": "Почта", "active": "y", "set.host": "127.0.0.1", "set.port": "1", "set.security": "none"}
        answer = admin.post(where, data=form | {"set.address": "не адрес"})
        assert answer.status_code == 422
        assert "Это не похоже на почту" in answer.text
        assert admin.post(where, data=form | {"set.address": "info@parus.test"}).status_code == 302
        assert "Спрашиваем у провайдера" in admin.get(where).text
        worker()
        assert "Ящик недоступен: в соединении отказано" in admin.get(where).text

    def test_a_secret_is_sealed_and_never_sent_back(self, app, login):
        admin = login("admin")
        where = admin.post("/channels/add", data={"kind": "mango", "name": ""}).headers["Location"]
        form = {"name": "АТС", "active": "y", "set.api_key": "vpbx-тайна", "set.salt": "соль-тайна"}
        assert admin.post(where, data=form | {"has.answered_leads": "1"}).status_code == 302
        key, settings, secrets, _trouble = channel_of(app)
        assert secrets == {"api_key": "vpbx-тайна", "salt": "соль-тайна"}
        assert settings["answered_leads"] is False
        page = admin.get(where).text
        assert "тайна" not in page
        assert page.count("задан; введите новый") == 2
        with app.app_context(), acting_as(SYSTEM) as session:
            assert "тайна" not in session.get_one(Channel, key).secrets
        admin.post(where, data={"name": "АТС", "active": "y", "set.api_key": "", "set.salt": "другая", "forget.api_key": "y"})
        assert channel_of(app)[2] == {"salt": "другая"}

    def test_what_is_typed_wrong_is_told_and_the_rest_stays_typed(self, app, login):
        admin = login("admin")
        where = admin.post("/channels/add", data={"kind": "form", "name": "Форма"}).headers["Location"]
        good = {"name": "Форма", "active": "y", "has.fields": "1", "field": ["phone", "name"], "ask.phone": "y",
                "must.phone": "y", "title.ru": "Узнайте цену"}  # fmt: skip
        for bad, words in (
            ({"ask.phone": "", "must.phone": "", "ask.name": "y"}, "ответить будет некуда"),
            ({"must.phone": ""}, "обязательными"),
            ({"set.frames": "listed", "set.domains": ""}, "Назовите хотя бы один сайт"),
            ({"set.frames": "listed", "set.domains": "не сайт!"}, "не похоже на сайт"),
            ({"set.policy": "http://["}, "Напишите адрес политики целиком"),
            ({"set.domains": "a.example; script-src *", "set.frames": "listed"}, "не похоже на сайт"),
            ({"set.min_seconds": "-1"}, "целое число"),
            ({"set.language": "de"}, "Выберите из списка"),
            ({"set.policy": "javascript:alert(1)"}, "адрес политики"),
            ({"stage": "999"}, "Выберите из списка"),
            ({"owner": "x"}, "Выберите из списка"),
        ):
            answer = admin.post(where, data=good | bad)
            assert answer.status_code == 422, bad
            assert words in answer.text.replace("\xa0", " "), bad
            assert "Узнайте цену" in answer.text
        assert admin.post(where, data=good).status_code == 302
        assert channel_of(app)[1]["fields"] == [{"code": "phone", "must": True}]

    def test_the_version_of_the_consent_grows_with_its_words_alone(self, app, login):
        admin = login("admin")
        where = admin.post("/channels/add", data={"kind": "form", "name": "Форма"}).headers["Location"]
        form = {"name": "Форма", "active": "y", "has.fields": "1", "field": "phone", "ask.phone": "y", "must.phone": "y"}
        versions = []
        for words in ("Согласен", "Согласен", "Согласен на всё", "Согласен на всё и сразу"):
            admin.post(where, data=form | {"consent.ru": words, "title.ru": words[::-1]})
            versions.append(channel_of(app)[1]["consent_version"])
        first, second, third, fourth = versions
        assert first == second
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", first)
        assert (third, fourth) == (f"{first}-2", f"{first}-3")

    def test_it_is_switched_off_and_on(self, app, login):
        admin = login("admin")
        where = admin.post("/channels/add", data={"kind": "form", "name": "Форма"}).headers["Location"]
        admin.post(f"{where}/switch")
        assert not all_of(app, Channel)[0].active
        assert "выключен" in admin.get(where).text
        admin.post(f"{where}/switch")
        assert all_of(app, Channel)[0].active


def test_the_zone_of_notices_is_one_that_there_is(login):
    admin = login("admin")
    where = admin.post("/channels/add", data={"kind": "uis", "name": ""}).headers["Location"]
    answer = admin.post(where, data={"name": "АТС", "active": "y", "set.zone": "Луна/Кратер"})
    assert answer.status_code == 422
    assert "Такого часового пояса нет" in answer.text
    assert admin.post(where, data={"name": "АТС", "active": "y", "set.zone": "Asia/Omsk"}).status_code == 302
    assert 'value="Asia/Omsk" selected' in admin.get(where).text


def test_the_name_of_a_channel_is_not_the_field_of_a_name(login):
    admin = login("admin")
    where = admin.post("/channels/add", data={"kind": "site", "name": ""}).headers["Location"]
    assert admin.post(where, data=MAP | {"name": ""}).text.count('class="err"') == 1


class TestAgain:
    @pytest.fixture
    def address(self, door):
        return door("site", preset="generic")

    def test_a_lead_set_aside_for_a_wrong_map_is_completed_and_waits(self, app, client, login, address, worker):
        client.post(address, data=BODY.encode(), content_type=FORM)
        worker()
        (lead,) = all_of(app, Lead)
        assert (lead.klass, lead.phone, lead.words) == ("mistake", "", "")
        (channel,), (raw,) = all_of(app, Channel), all_of(app, RawBody)
        admin = login("admin")
        admin.post(f"/channels/{channel.id}", data=MAP)
        page = admin.get(f"/channels/{channel.id}/bodies/{raw.id}").text
        assert "Как понимаем сейчас" in page
        assert "Балкон" in page
        for _turn in range(3):
            assert admin.post(f"/channels/{channel.id}/bodies/{raw.id}/again").status_code == 302
            assert 'hx-trigger="every 2s"' in admin.get(f"/channels/{channel.id}").text
            worker()
            assert 'hx-trigger="every 2s"' not in admin.get(f"/channels/{channel.id}").text
        (lead,) = all_of(app, Lead)
        assert (lead.name, lead.phone, lead.words, lead.klass) == ("Пётр", "+79031112233", "Балкон", "new")
        assert (lead.state, lead.utm, lead.extra) == (LeadState.WAITING, {"source": "vk"}, {})
        assert lead.owner_id is not None
        assert lead.respond_by is not None
        assert [message.words for message in all_of(app, Message)] == ["Балкон"]
        assert len(all_of(app, Notice)) == 1
        told = re.sub(r"<[^>]+>", "", admin.get(f"/leads/{lead.id}").text)
        assert "+7\xa0903\xa0111-22-33, автоматически" in told
        assert "system" not in told

    def test_what_a_person_has_corrected_stays(self, app, client, login, address, worker):
        client.post(address, data="Name=Пётр&Phone=89031112233&Zhelanie=Балкон".encode(), content_type=FORM)
        worker()
        (lead,) = all_of(app, Lead)
        form = {"name": "Пётр Первый", "phone": lead.phone, "email": "", "words": "", "version": lead.version}
        assert login("marina").post(f"/leads/edit/{lead.id}", data=form).status_code == 302
        (channel,), (raw,) = all_of(app, Channel), all_of(app, RawBody)
        admin = login("admin")
        admin.post(f"/channels/{channel.id}", data=MAP)
        admin.post(f"/channels/{channel.id}/bodies/{raw.id}/again")
        worker()
        (lead,) = all_of(app, Lead)
        assert (lead.name, lead.words) == ("Пётр Первый", "Балкон")

    def test_all_that_failed_are_read_again_in_the_background(self, app, client, login, address, worker, monkeypatch):
        from app.channels import site

        bodies = [json.dumps({"name": f"Клиент {n}", "phone": f"8903111{n:04}"}) for n in range(5)]
        with monkeypatch.context() as broken:
            broken.setattr(site, "_mapped", lambda *_given: (_ for _ in ()).throw(site.ChannelError("сломано")))
            for body in (*bodies, "{"):
                client.post(address, data=body, content_type="application/json")
            worker()
        assert {raw.state for raw in all_of(app, RawBody)} == {RawState.FAILED}
        (channel,) = all_of(app, Channel)
        admin = login("admin")
        assert "Не понято 6" in admin.get(f"/channels/{channel.id}/bodies/?state=failed").text
        work = admin.post(f"/channels/{channel.id}/bodies/again").headers["Location"]
        worker()
        assert len(all_of(app, Lead)) == 5
        (done,) = all_of(app, Work)
        assert (done.state, done.found, len(done.errors)) == ("done", {"read": 5}, 1)
        assert "JSON неполный" in admin.get(work).text
        admin.post(f"/channels/{channel.id}/bodies/again")
        worker()
        assert len(all_of(app, Lead)) == 5

    def test_bytes_are_shown_safely(self, app, client, login, address, worker):
        bodies = [b"\x00\xff\xfe<script>alert(1)</script>", "\u202egnp.exe &lt;".encode(), b"a=%3Cscript%3E&b=%00%1b[31m",
                  b'{"a": {"b": [1, "<b>"]}}', b"[" * 5000]  # fmt: skip
        for body in bodies:
            client.post(address, data=body, content_type=FORM if b"=" in body else "application/json")
        worker()
        admin = login("admin")
        for raw in all_of(app, RawBody):
            page = admin.get(f"/channels/{raw.channel_id}/bodies/{raw.id}")
            assert page.status_code == 200
            body = page.text.partition("Как пришло")[2].partition("</main>")[0]
            assert "<script" not in body.partition('<script type="application/json"')[0]
            assert "\u202e" not in body
            assert "\x00" not in body

    def test_lists_and_cards_ask_rarely(self, app, client, login, address, worker):
        for number in range(30):
            client.post(address, data=f"Name=Клиент {number}&Phone=8903111{number:04}".encode(), content_type=FORM)
        worker()
        (channel,) = all_of(app, Channel)
        admin = login("admin")
        for where, most in (("", 20), ("/bodies/", 12)):
            admin.get(f"/channels/{channel.id}{where}")
            assert statements(app, admin, f"/channels/{channel.id}{where}") <= most
        assert statements(app, admin, "/channels/") <= 12

    @pytest.mark.parametrize("query", ["?state=x", "?page=0", "?page=x", f"?page={10**30}"])
    def test_strange_addresses_are_refused(self, app, login, address, query):
        (channel,) = all_of(app, Channel)
        assert login("admin").get(f"/channels/{channel.id}/bodies/{query}").status_code == 400

    @pytest.mark.parametrize("who", ["anna", "director"])
    def test_nobody_else_reads_them(self, app, login, address, who):
        (channel,) = all_of(app, Channel)
        browser = login(who)
        assert browser.get(f"/channels/{channel.id}/bodies/").status_code == 403
        for door in ("bodies/again", "switch", "check"):
            assert browser.post(f"/channels/{channel.id}/{door}").status_code == 403
        with app.app_context(), acting_as(SYSTEM) as session:
            assert session.execute(select(func.count()).select_from(Work)).scalar() == 0
