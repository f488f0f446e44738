"""Channels, failed jobs and the bell: what an administrator mends, and what everybody is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from app.services import notices
from models.channels import Channel
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead
from models.messages import RawBody, RawState
from models.notices import DeadLetter, Delivery, DeliveryState, Notice
from models.staff import Person
from tests import hooks


def rows(app: Any, statement: Any) -> list[Any]:
    with app.app_context(), acting_as(SYSTEM) as session:
        return list(session.execute(statement).scalars())


def add(app: Any, *made: Any) -> None:
    with app.app_context(), acting_as(SYSTEM) as session:
        session.add_all(made)
        session.commit()


@pytest.fixture
def site(app: Any) -> int:
    with app.app_context(), acting_as(SYSTEM) as session:
        return hooks.open_channel(session).id


class TestChannels:
    def test_one_is_made_and_its_address_takes_requests(self, app, login, client, worker):
        admin = login("admin")
        answer = admin.post("/channels/add", data={"kind": "site", "name": "Сайт"})
        page = admin.get(answer.headers["Location"]).text
        address = re.search(r"http://localhost(/hooks/site/[\w-]+)", page)[1]
        assert len(address) > 40
        assert client.post(address, data=hooks.TILDA, content_type=hooks.FORM).status_code == 200
        worker()
        assert rows(app, select(Lead.name)) == ["Иван Сидоров"]
        assert "Лид №" in admin.get(answer.headers["Location"]).text

    def test_the_map_of_fields_is_drawn_and_a_body_read_again_by_it(self, app, login, client, site, worker):
        body = "Kto=Пётр&Svyaz=89031112233&Zhelanie=Балкон"
        client.post(hooks.ADDRESS, data=body.encode(), content_type=hooks.FORM)
        worker()
        assert rows(app, select(Lead.klass)) == ["mistake"]
        form = {"name": "Сайт", "source": "site", "preset": "generic", "active": "y"}
        form |= {"map.name": "kto, имя", "map.phone": "Svyaz", "map.words": "Zhelanie"}
        assert login("admin").post(f"/channels/{site}", data=form).status_code == 302
        client.post(hooks.ADDRESS, data=body.replace("33", "44").encode(), content_type=hooks.FORM)
        worker()
        with app.app_context(), acting_as(SYSTEM) as session:
            lead = session.execute(select(Lead).order_by(Lead.id.desc())).scalars().first()
            assert (lead.name, lead.phone, lead.words) == ("Пётр", "+79031112244", "Балкон")

    def test_a_new_address_ends_the_old_one(self, app, login, client, site):
        login("admin").post(f"/channels/{site}/renew")
        assert client.post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM).status_code == 404
        (token,) = rows(app, select(Channel.token))
        assert client.post(f"/hooks/site/{token}", data="Name=a").status_code == 200

    def test_the_trial_goes_the_whole_way(self, app, login, site, worker):
        login("admin").post(f"/channels/{site}/try")
        worker()
        assert rows(app, select(Lead.name)) == ["Проверка связи"]
        assert rows(app, select(func.count(Notice.id))) == [1]

    def test_a_body_that_was_not_understood_can_be_read_by_a_person(self, app, login, client, site, worker):
        client.post(hooks.ADDRESS, data="{<script>alert(1)</script>", content_type="application/json")
        worker()
        (raw,) = rows(app, select(RawBody.id))
        admin = login("admin")
        page = admin.get(f"/channels/{site}/bodies/{raw}").text
        assert "{&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "JSON неполный" in page
        assert admin.post(f"/channels/{site}/bodies/{raw}/again").status_code == 302
        worker()
        assert rows(app, select(RawBody.state)) == [RawState.FAILED]

    def test_what_is_typed_wrong_is_told_at_the_form(self, login, site):
        answer = login("admin").post(f"/channels/{site}", data={"name": "", "map.phone": "Svyaz"})
        assert answer.status_code == 422
        assert "Дайте каналу название" in answer.text
        assert 'value="Svyaz"' in answer.text

    def test_the_response_target_is_set_there_and_holds_for_the_next_lead(self, app, login, client, site, worker):
        admin = login("admin")
        assert admin.post("/channels/targets", data={"response_minutes": "0", "duplicate_days": "14"}).status_code == 422
        admin.post("/channels/targets", data={"response_minutes": "5", "duplicate_days": "7"})
        client.post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
        worker()
        assert rows(app, select(Lead.respond_by - Lead.received_at))[0].total_seconds() == 300

    @pytest.mark.parametrize("who", ["anna", "director", "nina", "pavel"])
    def test_nobody_else_sees_a_token(self, login, site, who):
        browser = login(who)
        for address in ("/channels/", f"/channels/{site}", f"/channels/{site}/bodies/1"):
            assert browser.get(address).status_code == 403
        for address in ("add", f"{site}", f"{site}/renew", f"{site}/try", f"{site}/bodies/1/again", "targets"):
            assert browser.post(f"/channels/{address}").status_code == 403


class TestFailedJobs:
    def test_a_dead_job_is_shown_and_runs_again(self, app, login, client, site, worker):
        client.post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
        with app.app_context():
            from app.queue import queue_state

            queue_state().redis.flushdb()
        (raw,) = rows(app, select(RawBody.id))
        add(app, DeadLetter(job="app.jobs.inbound.read", args=[raw], reason="ValueError: беда", attempts=3))
        admin = login("admin")
        assert "ValueError: беда" in admin.get("/dead-letters/").text
        (letter,) = rows(app, select(DeadLetter.id))
        admin.post(f"/dead-letters/{letter}/replay")
        worker()
        assert rows(app, select(Lead.name)) == ["Иван Сидоров"]
        assert "беда" not in admin.get("/dead-letters/").text
        assert admin.post(f"/dead-letters/{letter}/replay").status_code == 409

    def test_a_foreign_job_is_not_run_and_can_be_put_away(self, app, login):
        add(app, DeadLetter(job="os.system", args=["true"], reason="Unknown"))
        admin = login("admin")
        (letter,) = rows(app, select(DeadLetter.id))
        assert admin.post(f"/dead-letters/{letter}/replay").status_code == 409
        admin.post(f"/dead-letters/{letter}/put-away")
        assert rows(app, select(DeadLetter)) == []

    def test_a_held_letter_says_why_and_is_sent_again(self, app, login, worker, smtp, configure):
        address = app.config["CRM"].SMTP_URL
        configure(SMTP_URL="")
        with app.app_context(), acting_as(SYSTEM) as session:
            notices.letter("anna@parus.test", "one", "notice", title="Проверка", text="", url="")
            session.commit()
        worker()
        admin = login("admin")
        page = admin.get("/dead-letters/?tab=letters").text
        assert "Почтовый сервер не задан" in page
        configure(SMTP_URL=address)
        (delivery,) = rows(app, select(Delivery.id))
        admin.post(f"/dead-letters/letters/{delivery}/send")
        worker()
        assert rows(app, select(Delivery.state)) == [DeliveryState.SENT]

    @pytest.mark.parametrize("who", ["anna", "director", "nina"])
    def test_others_may_not(self, login, who):
        browser = login(who)
        assert browser.get("/dead-letters/").status_code == 403
        assert browser.post("/dead-letters/1/replay").status_code == 403


class TestBell:
    @pytest.fixture
    def told(self, app: Any) -> int:
        with app.app_context(), acting_as(SYSTEM) as session:
            anna = session.execute(select(Person).where(Person.username == "anna")).scalar_one()
            notice = notices.notify(anna, "k", "lead.received", "Новый лид: Иван", words="Два окна", url="/leads/7")
            session.commit()
            return notice.id

    def test_it_counts_and_shows_and_leads_on(self, app, login, told):
        anna = login("anna")
        assert "Непрочитанных уведомлений" in anna.get("/notices/").text or "1" in anna.get("/notices/").text
        fragment = anna.get("/notices/", headers={"HX-Request": "true"}).text
        assert "Новый лид: Иван" in fragment
        assert "<html" not in fragment
        assert anna.get(f"/notices/{told}").headers["Location"] == "/leads/7"
        assert rows(app, select(Notice.read_at))[0] is not None

    def test_all_are_seen_at_once(self, app, login, told):
        login("anna").post("/notices/read")
        assert rows(app, select(Notice.read_at))[0] is not None

    def test_it_is_ones_own(self, app, login, told):
        oleg = login("oleg")
        assert "Новый лид" not in oleg.get("/notices/").text
        assert oleg.get(f"/notices/{told}").status_code == 404
        oleg.post("/notices/read")
        assert rows(app, select(Notice.read_at)) == [None]

    @pytest.mark.parametrize("address", ["?page=x", "?page=-1", f"{2**70}", "0"])
    def test_strange_addresses_are_refused(self, login, address):
        assert login("anna").get(f"/notices/{address}").status_code in {400, 404}
