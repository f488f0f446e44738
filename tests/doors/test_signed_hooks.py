"""Signed deliveries: what is forged, replayed, shuffled or doubled changes nothing, whatever stands around it unsigned."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import select

from app.channels import mango
from app.sealed import seal
from models.channels import Channel
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.leads import Lead
from models.messages import RawBody
from tests.doors.counting import all_of, counted
from tests.hooks import FORM, GENERIC, VECTORS

KEY = "общий ключ"
SAID = {name: value for name, value in GENERIC.items() if name != "idempotency_key"}
BODY = json.dumps(SAID).encode()
AS_JSON = "application/json"
CALL = VECTORS["mango_events_call"]["form"]
SALT = VECTORS["mango_events_call"]["salt"]


@pytest.fixture
def site(door: Any) -> str:
    return door("site", {"signature": KEY})


@pytest.fixture
def send(app: Any, site: str, worker: Any) -> Any:
    """`send(body, **headers)` signs a body and posts it; it is read before the next one comes."""

    def sent(body: bytes = BODY, kind: str = AS_JSON, **headers: str) -> None:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = app.test_client().post(site, data=body, content_type=kind, headers={"X-Signature": signed(body), **headers})
        assert answer.status_code == 200
        worker()

    return sent


def signed(body: bytes) -> str:
    return hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


def grow_old(app: Any, **ago: float) -> None:
    """Let time pass since everything came."""
    with app.app_context(), acting_as(SYSTEM) as session:
        for raw in session.execute(select(RawBody)).scalars():
            raw.received_at = utcnow() - dt.timedelta(**ago)
        session.commit()


class TestReplays:
    def test_under_another_unsigned_number_it_is_the_same_delivery(self, app, send):
        send()
        before = counted(app)
        assert (before["Lead"], before["Consent"]) == (1, 1)
        for number in ("1", "2", "", "💥".encode().decode("latin-1"), "x" * 300):
            send(Idempotency_Key=number)
        assert counted(app) == before

    def test_nor_does_taking_the_number_away_make_it_new(self, app, send):
        send(Idempotency_Key="first")
        before = counted(app)
        send()
        send(Idempotency_Key="second")
        assert counted(app) == before

    @pytest.mark.parametrize("ago", [{"minutes": 11}, {"days": 1}, {"days": 3650}])
    def test_nor_does_time(self, app, send, ago):
        send()
        before = counted(app)
        grow_old(app, **ago)
        for _turn in range(3):
            send()
            send(Idempotency_Key="later")
        assert counted(app) == before

    @pytest.mark.parametrize("kind", ["", "text/plain", FORM, "multipart/form-data; boundary=x", "application/json; charset=cp1251"])
    @pytest.mark.parametrize("said", [SAID, {**SAID, "idempotency_key": "ключ-é"}])
    def test_nor_does_another_content_type(self, app, send, said, kind):
        body = json.dumps(said, ensure_ascii=False).encode()
        send(body)
        before = counted(app)
        grow_old(app, minutes=11)
        send(body, kind)
        assert counted(app) == before

    def test_nor_do_another_path_and_a_query(self, app, client, site, send):
        send()
        before = counted(app)
        for more in ("/again", "/1/2", "?n=1", "?idempotency_key=2&tranid=3"):
            answer = client.post(site + more, data=BODY, content_type=AS_JSON, headers={"X-Signature": signed(BODY).upper()})
            assert answer.status_code == 200
        assert counted(app) == before

    def test_twenty_at_once_under_twenty_numbers_are_one_lead(self, app, site, worker):
        def one(number: int) -> int:
            kind = AS_JSON if number % 2 else "multipart/form-data; boundary=x"
            headers = {"X-Signature": signed(BODY), "Idempotency-Key": f"k-{number}"}
            return app.test_client().post(site, data=BODY, content_type=kind, headers=headers).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(one, range(20))) == {200}
        worker()
        assert len(all_of(app, RawBody)) == 1

    def test_a_body_that_nobody_understood_is_taken_once_too(self, app, send):
        for _turn in range(2):
            send(b"{", Idempotency_Key=str(_turn))
        assert [raw.state for raw in all_of(app, RawBody)] == ["failed"]

    def test_what_was_taken_before_the_key_was_set_does_not_come_back(self, app, client, door, worker):
        address = door("site")
        client.post(address, data=BODY, content_type=AS_JSON, headers={"Idempotency-Key": "old"})
        worker()
        grow_old(app, days=30)
        with app.app_context(), acting_as(SYSTEM) as session:
            session.execute(select(Channel)).scalar_one().secrets = seal({"signature": KEY})
            session.commit()
        before = counted(app)
        answer = client.post(address, data=BODY, content_type=AS_JSON, headers={"X-Signature": signed(BODY)})
        assert answer.status_code == 200
        assert counted(app) == before


class TestWhatIsReallyNew:
    def test_other_words_are_another_delivery(self, app, send):
        send()
        send(json.dumps({**SAID, "message": "И ещё балкон"}).encode())
        assert len(all_of(app, Lead)) == 2

    def test_a_signed_number_makes_the_same_words_new(self, app, send):
        for number in ("a", "b", "a", "b"):
            send(json.dumps({**SAID, "idempotency_key": number}).encode())
        assert len(all_of(app, RawBody)) == len(all_of(app, Lead)) == 2

    def test_and_other_words_under_a_number_that_came_are_the_same_delivery(self, app, send):
        for words in ("раз", "два"):
            send(json.dumps({**SAID, "message": words, "idempotency_key": "a"}).encode())
        assert [lead.words for lead in all_of(app, Lead)] == ["раз"]

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
    def test_shuffled_and_doubled_they_are_as_many_as_they_are(self, app, send, order):
        bodies = [json.dumps({"name": f"Клиент {n}", "phone": f"8903111{n:04}"}).encode() for n in range(3)]
        for number in (*order, *order, *reversed(order)):
            send(bodies[number], Idempotency_Key=f"{number}-{len(all_of(app, RawBody))}")
        assert sorted(lead.name for lead in all_of(app, Lead)) == ["Клиент 0", "Клиент 1", "Клиент 2"]

    def test_where_nothing_is_signed_the_header_and_the_ten_minutes_hold_as_before(self, app, client, door, worker):
        address = door("site")
        for number in (None, None, "1", "1", "2"):
            headers = {"Idempotency-Key": number} if number else {}
            assert client.post(address, data=BODY, content_type=AS_JSON, headers=headers).status_code == 200
        assert len(all_of(app, RawBody)) == 3
        grow_old(app, minutes=11)
        client.post(address, data=BODY, content_type=AS_JSON)
        assert len(all_of(app, RawBody)) == 4


class TestForged:
    def test_a_sign_of_another_body_or_key_changes_nothing(self, app, client, site, send, worker):
        send()
        before = counted(app)
        other = hmac.new(b"guessed", BODY, hashlib.sha256).hexdigest()
        for body in (BODY + b" ", b" " + BODY, BODY.replace(b"903", b"904"), b"", b"\x00"):
            for sign in (signed(BODY), other, "", "sha256=", "0" * 64, "💥".encode().decode("latin-1")):
                answer = client.post(site, data=body, content_type=AS_JSON, headers={"X-Signature": sign, "Idempotency-Key": sign})
                assert answer.status_code == 404
        worker()
        assert counted(app) == before


class TestMango:
    """Its sign covers the news alone: the form around it may be written in many ways."""

    @pytest.mark.parametrize("news", [{"entry_id": ""}, {"x": 1}, json.loads(CALL["json"])])
    def test_the_same_news_in_another_form_are_the_same_delivery(self, app, client, door, worker, news):
        address = door("mango", {"api_key": CALL["vpbx_api_key"], "salt": SALT})
        told, key = json.dumps(news), CALL["vpbx_api_key"]
        said = {"vpbx_api_key": key, "sign": mango.signature(key, told, SALT), "json": told}
        assert client.post(address, data=said).status_code == 200
        worker()
        before = counted(app)
        grow_old(app, days=1)
        written = [urlencode(said), urlencode({**said, "more": "1"}), urlencode(dict(reversed(said.items()))),
                   "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())]  # fmt: skip
        for number, body in enumerate(written):
            headers = {"Idempotency-Key": str(number)}
            assert client.post(address, data=body, content_type=FORM, headers=headers).status_code == 200
        assert client.post(address, data=said, content_type="multipart/form-data").status_code == 200
        worker()
        assert counted(app) == before
