"""Captured deliveries of sites through HTTP and a real worker; what is forged changes nothing."""

from __future__ import annotations

import hashlib
import hmac
import json

from models.channels import Channel
from models.clients import Consent
from models.leads import Lead
from tests.doors.counting import all_of, counted
from tests.hooks import FORM, GENERIC, TILDA, VECTORS

CALLER = "+79161234567"


class TestSites:
    def test_tilda(self, app, client, door, worker):
        address = door("site", preset="tilda")
        assert client.post(address, data=VECTORS["tilda"]["probe"]["body"], content_type=FORM).status_code == 200
        assert client.post(address, data=TILDA, content_type=FORM).status_code == 200
        worker()
        (lead,) = all_of(app, Lead)
        assert (lead.name, lead.phone, lead.email) == ("Иван Сидоров", CALLER, "ivan@example.ru")
        assert lead.utm == {"source": "yandex", "medium": "cpc", "campaign": "kitchens"}

    def test_generic_json_with_its_consent(self, app, client, door, worker):
        body = {**GENERIC, "first_page": "https://a.example/", "page": "https://a.example/doors", "referrer": "https://ya.ru"}
        assert client.post(door("site"), json=body).status_code == 200
        worker()
        (lead,), (consent,) = all_of(app, Lead), all_of(app, Consent)
        assert (lead.source, lead.utm) == ("landing-doors", {"source": "vk"})
        assert (lead.first_page, lead.page, lead.referrer) == (body["first_page"], body["page"], body["referrer"])
        assert (consent.text_version, consent.address) == ("2026-09-01", "203.0.113.7")

    def test_a_signed_body_is_taken_and_a_forged_one_is_not(self, app, client, door, worker, login):
        address = door("site", {"signature": "общий ключ"})
        body = json.dumps(GENERIC).encode()
        sign = hmac.new("общий ключ".encode(), body, hashlib.sha256).hexdigest()
        before = counted(app)
        for forged in ({}, {"X-Signature": "00"}, {"X-Signature": "x" * 5000}, {"X-Signature": sign[:-1] + "z"}):
            answer = client.post(address, data=body, content_type="application/json", headers=forged)
            assert answer.status_code == 404
        changed = client.post(address, data=body + b" ", headers={"X-Signature": sign}, content_type="application/json")
        assert changed.status_code == 404
        worker()
        assert counted(app) == before
        (channel,) = all_of(app, Channel)
        assert "неверной подписью" in login("admin").get(f"/channels/{channel.id}").text
        good = client.post(address, data=body, content_type="application/json", headers={"X-Signature": f"sha256={sign}"})
        assert good.status_code == 200
        worker()
        assert len(all_of(app, Lead)) == 1
        assert all_of(app, Channel)[0].trouble == ""
