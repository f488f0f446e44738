"""SMS and others: what may be written down, what is shown of it, and what arrives. The service is one on loopback."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.sealed import unseal
from app.services import notices
from models.ground.refused import NotFound, Refused
from models.notices import DeliveryState, NoticeAddress
from tests.push import push_service


@pytest.fixture
def gateway(configure):
    """Takes JSON by POST, as a gateway of SMS would; it stands in our own network, and is allowed by name."""
    with push_service() as running:
        running.status = 200
        configure(OUTBOUND_ALLOW=(running.origin.removeprefix("http://"),))
        yield running


def url_of(gateway) -> str:
    return gateway.origin.replace("http://", "json://user:secret@") + "/send"


def test_a_notice_reaches_the_address_with_its_title_and_link(gateway, anna, as_system, worker, all_rows):
    notices.add_address(url_of(gateway), "Мой шлюз", anna.id)
    notices.notify(anna, "k", "lead.received", "Новый лид: +7 916 123-45-67", url="/leads/7")
    as_system.commit()
    worker()
    ((_path, _headers, body, _at),) = gateway.received
    assert json.loads(body)["message"] == "Новый лид: ••• 67\nhttp://localhost/leads/7"
    (row,) = all_rows("apprise")
    assert (row.state, row.address) == (DeliveryState.SENT, "Мой шлюз (JSON …nd)")


def test_it_is_sealed_and_shown_masked(gateway, anna, as_system):
    row = notices.add_address(url_of(gateway), "", anna.id)
    assert "secret" not in row.address + row.label + row.mark
    assert unseal(row.address) == {"url": url_of(gateway)}
    assert row.label == "JSON …nd"


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "x", "file:///etc/passwd", "file://localhost/tmp/x", "exec://x", "syslog://", "dbus://", "windows://",
        "mailto://user:pass@example.com", "json://", "ntfys://", "smsc://", "json://localhost/x", "json://127.0.0.1/x",
        "json://10.0.0.5:8080/x", "jsons://[::1]/x", "json://192.168.1.1/x", "gotify://crm.local/token",
        "json://169.254.169.254/latest/meta-data", "http://example.com", "javascript:alert(1)", "json://x\x00y/",
        "ntfys://" + "x" * 2000, "json://[", "json://host:port/x", "<script>", "🙂",
    ],
)  # fmt: skip
def test_what_may_not_be_written_to_is_refused_with_a_sentence(anna, url):
    with pytest.raises(Refused) as refused:
        notices.add_address(url, "", anna.id)
    assert refused.value.field == "url"
    assert refused.value.words


def test_a_public_name_that_leads_into_our_network_gets_nothing(gateway, configure, anna, as_system, worker, all_rows):
    name = url_of(gateway).replace("127.0.0.1", "localhost.")
    configure(OUTBOUND_ALLOW=())
    notices.add_address(name, "", anna.id)
    notices.notify(anna, "k", "lead.received", "Новый лид", url="/leads/7")
    as_system.commit()
    worker()
    assert gateway.received == []
    assert all_rows("apprise")[0].state == DeliveryState.PENDING


def test_a_redirect_into_our_network_is_not_followed(gateway, configure, anna, as_system, worker, all_rows):
    with push_service() as inner:
        gateway.status, gateway.headers = 307, {"Location": inner.origin + "/secret"}
        notices.add_address(url_of(gateway), "", anna.id)
        notices.notify(anna, "k", "lead.received", "Новый лид", url="/leads/7")
        as_system.commit()
        worker()
        assert (len(gateway.received), inner.received) == (1, [])
    assert all_rows("apprise")[0].state != DeliveryState.SENT


@pytest.mark.parametrize(("status", "state"), [(401, "failed"), (404, "failed"), (500, "pending"), (503, "pending")])
def test_a_no_is_kept_with_the_answer_and_told_to_the_owner(gateway, anna, as_system, worker, all_rows, status, state):
    gateway.status = status
    address = notices.add_address(url_of(gateway), "", anna.id)
    notices.notify(anna, "k", "lead.received", "Новый лид", url="/leads/7")
    as_system.commit()
    worker()
    (row,) = all_rows("apprise")
    assert row.state == state
    assert str(status) in row.answer
    as_system.refresh(address)
    assert bool(address.trouble) == (state == "failed")


def test_demo_people_are_told_only_where_it_is_allowed(gateway, configure, anna, as_system, worker, all_rows):
    anna.demo = True
    notices.add_address("ntfys://example.com/topic", "", anna.id)
    notices.notify(anna, "k", "lead.received", "Новый лид", url="/leads/7")
    as_system.commit()
    worker()
    assert all_rows("apprise")[0].state == DeliveryState.HELD


def test_the_companys_address_hears_once_of_what_it_asked_for(gateway, as_system, worker, all_rows):
    notices.add_address(url_of(gateway), "Чат менеджеров", None, ["lead.received", "no.such"])
    for _rule in range(2):
        notices.tell_company("event:1", "lead.received", "Новый лид: Ирина", "/leads/1")
    notices.tell_company("event:2", "deal.assigned", "Сделка передана", "/deals/1")
    as_system.commit()
    worker()
    assert [json.loads(body)["message"] for _p, _h, body, _a in gateway.received] == [
        "Новый лид: Ирина\nhttp://localhost/leads/1"
    ]
    assert as_system.execute(select(NoticeAddress.events)).scalar_one() == ["lead.received"]


def test_there_is_an_end_to_addresses(anna):
    for number in range(10):
        notices.add_address(f"ntfys://example.com/topic{number}", "", anna.id)
    with pytest.raises(Refused):
        notices.add_address("ntfys://example.com/topic", "", anna.id)


def test_anothers_address_is_not_there(anna, as_system):
    row = notices.add_address("ntfys://example.com/topic", "", anna.id)
    for person in (None, anna.id + 1):
        with pytest.raises(NotFound):
            notices.address_of(row.id, person)
