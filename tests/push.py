"""A push service on loopback, and browsers that can read what it was handed."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def text(data: bytes) -> str:
    """As browsers write bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Browser:
    """What a browser makes when it subscribes: a key pair of its own and a secret."""

    endpoint: str
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def p256dh(self) -> str:
        return text(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def subscription(self) -> dict[str, Any]:
        """What its page sends to us."""
        return {"endpoint": self.endpoint, "keys": {"p256dh": self.p256dh, "auth": text(self.secret)}}

    def read(self, body: bytes) -> dict[str, Any]:
        """Open a body with its own key, as the browser does before it wakes the service worker."""
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        found: dict[str, Any] = json.loads(plain)
        return found


@dataclass
class Service:
    """What came to which address with which headers and when; `answers` says what it answers."""

    origin: str = ""
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, dict[str, str], bytes, float]] = field(default_factory=list)

    def browser(self) -> Browser:
        """A browser that this service wakes."""
        return Browser(f"{self.origin}/push/{secrets.token_hex(8)}")

    def to(self, browser: Browser) -> list[dict[str, Any]]:
        """What this browser would read."""
        path = browser.endpoint.removeprefix(self.origin)
        return [browser.read(body) for address, _headers, body, _at in self.received if address == path]


@contextmanager
def push_service() -> Iterator[Service]:
    """Started and stopped."""
    service = Service()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.received.append((self.path, dict(self.headers), body, time.time()))
            self.send_response(service.status)
            for name, value in service.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    service.origin = f"http://127.0.0.1:{server.server_address[1]}"
    yield service
    server.shutdown()
    thread.join()
    server.server_close()
