"""Bad input at every door: a sentence or a row kept for reading, never a fault of ours, and nothing lost."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import documents, leads, payments, shipments, visits
from models.clients import Client
from models.deals import Deal
from models.documents import Document
from models.estimates import Estimate
from models.ground.base import utcnow
from models.leads import Lead
from models.messages import RawBody, RawState
from models.payments import Payment
from models.shipments import Shipment
from models.staff import Person
from tests.bad import BODIES, TEXTS, VALUES
from tests.cast import CAST
from tests.conftest import sign_in
from tests.hooks import ADDRESS, TOKEN, open_channel
from tests.money import agreed_1042
from tests.views.doors import CHANGING, check, doors, form, names_in_forms, rows, taking_turns

ROLES = [part.username for part in CAST]
KEPT = (Lead, Client, Deal, Estimate, Document, Payment, Shipment)
# The pages take turns at these; the property test below draws from all of them.
FEW = (
    "NUL", "half of a pair", "emoji", "sql", "long", "below zero", "2**63", "other digits", "year 9999", "NaN",
    "a date that is none", "a huge number",
)  # fmt: skip
ASKED = (
    "q", "search", "order", "after", "funnel", "owner", "period", "from", "to", "month", "stage", "kind", "next", "id",
    "deal", "lead",
)  # fmt: skip
# Says which row a window is about; other boxes are of no interest to it when this is wrong.
WHERE = {"deal": "1042", "lead": "1"}
KNOWN = defaultdict(lambda: "1") | {
    "number": "1042", "pk": "1", "key": "1", "file_id": "1", "code": "address", "noun": "deal", "name": "x",
    "kind": "site", "token": TOKEN, "what": "leads", "locale": "ru", "revision": "3",
}  # fmt: skip


WORDS = st.one_of(
    st.sampled_from(sorted(TEXTS.values())),
    st.text(max_size=60),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["1", "2", "1042", "measure", "bill", "50", "100,50", "01.12.2026", "true", "price"]),
)


@pytest.fixture
def shop(system, configure):
    """One of everything: deal 1042 with an agreed estimate, invoice, payment and shipment; a lead; a channel."""
    configure(HOOK_PER_MINUTE=100_000, LOGIN_PER_5_MINUTES=100_000)
    with system() as session:
        open_channel(session)
        owner = session.execute(select(Person).where(Person.username == "marina")).scalar_one()
        leads.enter(Inbound(name="Пётр", phone="+79161112233", words="Окно"), owner)
        deal = agreed_1042(session)
        documents.issue(deal, "invoice")
        payments.record(deal, {"amount": "1000"})
        shipments.ship(deal, None)
        pavel = session.execute(select(Person).where(Person.username == "pavel")).scalar_one()
        at = (utcnow() + dt.timedelta(days=1)).replace(hour=9)
        visits.plan(deal, {"assignee": pavel, "starts_at": at, "address": "ул. Мира, 1"})


@pytest.fixture
def count(system):
    """How many rows there are of what may not be lost."""

    def counted():
        with system() as session:
            return list(rows(session, KEPT))

    return counted


@pytest.fixture
def knock(app, system):
    """`knock("marina", door, fillings, data=…)`: one request of a person, who is signed in again when that is lost."""
    browsers = {}

    def enter(who):
        browsers[who] = app.test_client()
        if who:
            sign_in(app, browsers[who], who)

    def knocked(who, door, fillings, **more):
        if who not in browsers:
            enter(who)
        answer = browsers[who].open(door.address(fillings), method=door.method, **more)
        check(answer, door)
        if answer.status_code in {302, 401} and "login" in answer.headers.get("Location", "login"):
            enter(who)
        return answer

    return knocked


@pytest.fixture(scope="module")
def gathered():
    """Names of boxes, gathered once."""
    return []


@pytest.fixture
def boxes(app, shop, login, gathered):
    """The names of all boxes on all pages: the administrator may open every one."""
    return gathered or gathered.extend(sorted(names_in_forms(login("admin"), app, KNOWN))) or gathered


def grown(before, after):
    """Nothing is lost."""
    return all(now >= then for now, then in zip(after, before, strict=True))


class TestEveryForm:
    @pytest.mark.parametrize("name", TEXTS)
    def test_the_same_text_in_every_box(self, app, shop, boxes, knock, count, name):
        said, before = form(dict.fromkeys(boxes, TEXTS[name]) | WHERE), count()
        for door in taking_turns(doors(app, "POST"), TEXTS, name):
            if not door.rule.startswith("/api/"):
                knock("admin", door, KNOWN, **said)
        assert grown(before, count())

    @pytest.mark.parametrize("name", BODIES)
    def test_what_is_no_form_at_all(self, app, shop, knock, count, name):
        body, before = BODIES[name], count()
        for door in taking_turns(doors(app, *CHANGING), BODIES, name):
            kinds = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
            for kind in kinds[: 3 if not body else 2 if len(body) < 100 else 1]:
                knock("marina", door, KNOWN, data=body, content_type=kind)
        assert grown(before, count())


class TestGrid:
    """The lines of an estimate come as JSON."""

    @pytest.mark.parametrize("name", VALUES)
    def test_no_value_of_any_cell_breaks_anything(self, app, shop, login, name):
        value, marina = VALUES[name], login("marina")
        marina.post("/deals/1042/estimate/version")
        cells = "id product_id sku name size unit section quantity price cost discount discount_sum vat".split()
        line = {"name": "Окно", "quantity": "1", "price": "100"}
        bodies = [{"lines": [line | {cell: value}]} for cell in cells]
        bodies += [{"lines": value}, {"lines": [value]}, {"lines": [[line]]}]
        bodies += [{"lines": [line], name: value} for name in ("id", "version", "terms", "percent", "total")]
        bodies += [{"lines": [line], "terms": {name: value}} for name in ("prepayment", "valid_until", "notes")]
        for door in doors(app, "POST"):
            if door.rule.endswith(("estimate/lines", "estimate/price")):
                for body in taking_turns(bodies, VALUES, name):
                    check(marina.post(door.address(KNOWN), json=body), door)

    def test_nor_do_very_many_lines(self, app, shop, login):
        marina = login("marina")
        marina.post("/deals/1042/estimate/version")
        for door in doors(app, "POST"):
            if door.rule.endswith(("estimate/lines", "estimate/price")):
                lines = [{"name": "Окно", "quantity": "1", "price": "100"}] * 2000
                check(marina.post(door.address(KNOWN), json={"lines": lines}), door)


class TestEveryAddress:
    @pytest.mark.parametrize("name", FEW)
    def test_strange_values_in_addresses(self, app, shop, knock, name):
        strange = defaultdict(lambda: quote(TEXTS[name][:200], safe="", errors="surrogatepass"))
        for door in taking_turns(doors(app, "GET"), FEW, name):
            if door.holes:
                knock("admin", door, strange)

    @pytest.mark.parametrize("name", FEW)
    def test_strange_values_in_queries(self, app, shop, knock, name):
        text = TEXTS[name].encode(errors="replace").decode()[:300]
        asked = dict.fromkeys((*ASKED, "page", "psize"), text)
        for door in taking_turns(doors(app, "GET"), FEW, name):
            view = door.rule.strip("/").partition("/")[0].capitalize()
            fab = {f"page_{view}": text, f"psize_{view}": text, f"_oc_{view}": text, f"_od_{view}": text}
            fab |= {f"_flt_{n}_{column}": text for n in range(3) for column in ("name", "title", "owner", "amount")}
            knock("admin", door, KNOWN, query_string=asked | fab)


class TestHook:
    @pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain", ""])
    def test_whatever_comes_is_kept_and_answered(self, client, shop, system, worker, kind):
        for name, body in BODIES.items():
            said = {"Idempotency-Key": name}
            answer = client.post(ADDRESS, data=body, content_type=kind, headers=said)
            assert answer.status_code == (413 if len(body) > 1_048_576 else 200), name
        worker()
        with system() as session:
            kept = {raw.external_id: raw for raw in session.execute(select(RawBody)).scalars()}
            for name, body in BODIES.items():
                raw = kept[name if len(body) <= 1_048_576 else None]
                assert raw.state in {RawState.READ, RawState.FAILED, RawState.REFUSED}, name
                assert raw.state == RawState.READ or raw.words, name
                assert len(body) > 1_048_576 or bytes(raw.body) == body, name

    def test_whatever_is_said_becomes_a_lead_or_is_kept_for_reading(self, client, shop, system, worker):
        for name, text in TEXTS.items():
            said = {"Name": text, "Phone": text, "Email": text, "Comment": text, text[:50] or "x": text}
            answer = client.post(ADDRESS, json=said, headers={"Idempotency-Key": name})
            assert answer.status_code == 200, name
        worker()
        with system() as session:
            read = set(session.execute(select(Lead.raw_id)).scalars())
            rows_ = session.execute(select(RawBody)).scalars().all()
            assert {raw.external_id for raw in rows_} == set(TEXTS)
            for raw in rows_:
                assert raw.id in read or (raw.state == RawState.FAILED and raw.words), raw.external_id


class TestAnything:
    """Any door, any role, any words: drawn at random, the same ones every time unless told otherwise."""

    @pytest.mark.parametrize("who", [*ROLES, None])
    def test_no_door_falls(self, app, shop, boxes, knock, count, who):
        names = boxes if who else ["username", "password", "email", "next"]
        everywhere = doors(app, "GET", *CHANGING)
        before = count()

        @settings(
            max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )  # fmt: skip
        @given(st.data())
        def knocking(data):
            door = data.draw(st.sampled_from(everywhere))
            holes = KNOWN | {name: data.draw(st.sampled_from([KNOWN[name], "2", "999"])) for name in door.holes}
            said = data.draw(st.dictionaries(st.sampled_from(names), WORDS, max_size=8))
            asked = {name: text.encode(errors="replace").decode() for name, text in list(said.items())[:2]}
            as_json = {"data": json.dumps(said), "content_type": "application/json"}
            body = as_json if door.rule.startswith("/api/") else form(said)
            knock(who, door, holes, query_string=asked, **(body if door.method != "GET" else {}))

        knocking()
        assert grown(before, count())
