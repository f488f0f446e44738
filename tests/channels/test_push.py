"""Web Push: what travels, to whom, and what each answer means. The service is a real one on loopback."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.channels import push
from app.channels.guard import PrivateAddress, is_public, public_only
from app.channels.inbound import ChannelError
from tests.push import Browser, Service, push_service

SIGNER = push.Signer("5a" * 32, "mailto:crm@parus.test")
KNOWN = ("fcm.googleapis.com", "*.push.services.mozilla.com", "*.notify.windows.com")


@pytest.fixture
def service() -> Iterator[Service]:
    with push_service() as running:
        yield running


def sent(service: Service, browser: Browser, services: tuple[str, ...] | None = None, **more: Any) -> str:
    said = {"title": "Новый лид: Ирина", "url": "/leads/7"}
    message = push.Push(browser.endpoint, browser.p256dh, browser.subscription["keys"]["auth"], "key", said, **more)
    return push.send(message, SIGNER, services or (service.origin,), time.time)


def test_only_the_browser_itself_reads_it(service: Service) -> None:
    browser, other = service.browser(), service.browser()
    assert sent(service, browser).startswith("201")
    (_path, headers, body, _at) = service.received[0]
    assert service.to(browser) == [{"title": "Новый лид: Ирина", "url": "/leads/7"}]
    assert "Ирина".encode() not in body
    assert (headers["Content-Encoding"], headers["Urgency"]) == ("aes128gcm", "normal")
    with pytest.raises(Exception, match="[Dd]ecrypt|Invalid"):
        other.read(body)


def test_it_is_signed_as_an_independent_library_expects(service: Service) -> None:
    sent(service, service.browser())
    kind, _space, said = service.received[0][1]["Authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in said.split(","))
    assert (kind, parts["k"]) == ("vapid", SIGNER.public)
    point = push._bytes(parts["k"])
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=service.origin)
    assert claims["sub"] == "mailto:crm@parus.test"
    assert 0 < claims["exp"] - time.time() <= 24 * 3600
    forged = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(parts["t"], forged, algorithms=["ES256"], audience=service.origin)


def test_a_repeat_replaces_what_has_not_been_shown_yet(service: Service) -> None:
    browser = service.browser()
    sent(service, browser)
    sent(service, browser, urgent=True)
    topics = {headers["Topic"] for _path, headers, _body, _at in service.received}
    assert len(topics) == 1
    assert len(topics.pop()) <= 32
    assert service.received[1][1]["Urgency"] == "high"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (403, True), (413, True), (429, False), (500, False), (503, False), (302, True), (307, True)],
)
def test_what_an_answer_means(service: Service, status: int, permanent: bool) -> None:
    service.status, service.headers = status, {"Location": f"{service.origin}/elsewhere"}
    with pytest.raises(ChannelError) as refused:
        sent(service, service.browser())
    assert refused.value.permanent is permanent
    assert str(status) in refused.value.words
    assert len(service.received) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_no_more_is_told_apart(service: Service, status: int) -> None:
    service.status = status
    with pytest.raises(push.Gone):
        sent(service, service.browser())


def test_a_service_that_is_away_is_tried_again() -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{door.getsockname()[1]}"
    with pytest.raises(ChannelError) as refused:
        sent(Service(origin), Browser(f"{origin}/x"))
    assert not refused.value.permanent


@pytest.mark.parametrize(
    "endpoint",
    [
        "", "x", "https://", "http://fcm.googleapis.com/x", "https://evil.test/fcm.googleapis.com",
        "https://fcm.googleapis.com.evil.test/x", "https://evil.test@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x", "https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x",
        "https://push.services.mozilla.com.evil.test/", "https://evilpush.services.mozilla.com.x/",
        "file:///etc/passwd", "gopher://fcm.googleapis.com/x", "https://fcm.googleapis.com:port/x",
        "https://fcm.googleapis.com/x#y", "https://фcm.googleapis.com/x", "https://[fcm.googleapis.com/x", "\x00",
    ],
)  # fmt: skip
def test_other_addresses_are_refused_before_anything_is_sent(endpoint: str) -> None:
    with pytest.raises(ChannelError) as refused:
        push.service_of(endpoint, KNOWN)
    assert refused.value.permanent


def test_known_services_are_known_whole() -> None:
    for good in (
        "https://fcm.googleapis.com/fcm/send/abc", "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://wns2-par02p.notify.windows.com/w/?token=x", "https://FCM.googleapis.com/x",
    ):  # fmt: skip
        push.service_of(good, KNOWN)


def test_a_known_name_that_leads_into_our_own_network_is_not_followed(monkeypatch: Any) -> None:
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: here)
    with pytest.raises(ChannelError) as refused:
        sent(Service(), Browser("https://fcm.googleapis.com/x"), KNOWN)
    assert refused.value.permanent
    assert "private address" in refused.value.words


@pytest.mark.parametrize(("p256dh", "auth"), [("", ""), ("AAAA", "AAAA"), ("не ключ", "x"), ("A" * 88, "A" * 22)])
def test_keys_that_are_none_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ChannelError):
        push.check_keys(p256dh, auth)


class TestOurOwnNetwork:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
            "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "x",
        ],
    )  # fmt: skip
    def test_is_not_public(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4010::5"])
    def test_is_not_the_internet(self, address: str) -> None:
        assert is_public(address)

    def test_is_closed_inside_and_open_again_outside(self) -> None:
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            door.listen()
            with socket.socket() as one, public_only(), pytest.raises(PrivateAddress):
                one.connect(door.getsockname())
            with socket.socket() as two:
                two.connect(door.getsockname())
