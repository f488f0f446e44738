"""Web Push: a few words to one browser, sealed for it alone (RFC 8291) and signed with our own key (RFC 8292)."""

import base64
import hashlib
import http.client
import importlib
import json
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.channels.guard import PrivateAddress, public_only, trusted
from app.channels.inbound import ChannelError
from app.wording import kept

SECONDS = 10
# Seconds: a browser that is off gets what is not older than half a day; the signature lives as long.
HALF_A_DAY = 12 * 3600
# The number of points of the curve P-256 (FIPS 186-4): a key is a number from 1 to one less.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
NO_SUCH_DEVICE = (404, 410)
LATER = (408, 425, 429)
DOORS = {"https": 443, "http": 80}


class Gone(ChannelError):
    """The browser has taken its permission back, or is no more."""


@dataclass(frozen=True)
class Push:
    """What is sent to which browser. `key` is the same at every attempt: the later one replaces the earlier."""

    endpoint: str
    p256dh: str
    auth: str
    key: str
    said: dict[str, Any]
    urgent: bool = False


@dataclass(frozen=True)
class Signer:
    """Our name at the push services: a secret of 32 bytes in hexadecimal, and whom they may write to about us."""

    secret: str
    contact: str

    @property
    def public(self) -> str:
        """The public key, as a browser wants it when it subscribes."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        point = self._key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return _text(point)

    def signature(self, audience: str, now: int) -> str:
        """A signed statement of who sends (a JWT with ES256), good for one push service and half a day."""
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
        from cryptography.hazmat.primitives.hashes import SHA256

        claims = {"aud": audience, "exp": now + HALF_A_DAY, "sub": self.contact}
        body = ".".join(_text(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
        r, s = decode_dss_signature(self._key().sign(body.encode(), ECDSA(SHA256())))
        return f"{body}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def _key(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.derive_private_key(int(self.secret, 16) % (ORDER - 1) + 1, ec.SECP256R1())


def warm() -> None:
    """Load what every message needs, so that the processes that are forked for one each need not."""
    importlib.import_module("http_ece")
    trusted()


def service_of(endpoint: str, services: Collection[str]) -> SplitResult:
    """The address taken apart, if it is one of a push service that we know. Raises ChannelError.

    `services` are names of hosts (`*.` in front stands for anything before), or whole origins such as
    https://push.example.local:8443 for a service of one's own, which may stand in a private network.
    """
    refused = ChannelError(kept("This is not an address of a push service that we know."), permanent=True)
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        raise refused from None
    host = (parts.hostname or "").lower()
    if not host or parts.username or parts.password or not endpoint.isascii() or parts.fragment:
        raise refused
    if parts.scheme in DOORS and origin_of(parts) in services:
        return parts
    is_known = any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in services)
    if parts.scheme != "https" or port not in (None, 443) or not is_known:
        raise refused
    return parts


def origin_of(parts: SplitResult) -> str:
    """Scheme, host and port."""
    return f"{parts.scheme}://{parts.netloc.lower()}"


def check_keys(p256dh: str, auth: str) -> None:
    """The two keys that a browser gives: a point of the curve, and 16 bytes. Raises ChannelError."""
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        point, secret = _bytes(p256dh), _bytes(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise ChannelError(kept("The keys of this browser cannot be used."), permanent=True) from None
    if len(point) != 65 or len(secret) != 16:
        raise ChannelError(kept("The keys of this browser cannot be used."), permanent=True)


def send(push: Push, signer: Signer, services: Collection[str], clock: Callable[[], float]) -> str:
    """Hand the words to the push service. Raises ChannelError, Gone."""
    parts = service_of(push.endpoint, services)
    headers = {
        "Authorization": f"vapid t={signer.signature(origin_of(parts), int(clock()))}, k={signer.public}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(HALF_A_DAY),
        "Urgency": "high" if push.urgent else "normal",
        "Topic": _text(hashlib.sha256(push.key.encode()).digest())[:32],
    }
    # A service of one's own, named whole by whoever runs the CRM, may stand in the same network.
    ours = [(parts.hostname or "", parts.port or DOORS[parts.scheme])] if origin_of(parts) in services else []
    try:
        with public_only(ours):
            status, said = _posted(parts, sealed(push), headers)
    except PrivateAddress as error:
        raise ChannelError(kept("This push service has a private address."), permanent=True) from error
    except (OSError, http.client.HTTPException) as error:
        words = kept("The push service cannot be reached: %(why)s", why=type(error).__name__)
        raise ChannelError(words) from error
    return _judged(status, said)


def sealed(push: Push) -> bytes:
    """The words as only that browser can read them."""
    import http_ece
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        return bytes(
            http_ece.encrypt(
                json.dumps(push.said, ensure_ascii=False).encode(),
                private_key=ec.generate_private_key(ec.SECP256R1()),
                dh=_bytes(push.p256dh),
                auth_secret=_bytes(push.auth),
                version="aes128gcm",
            )
        )
    except (ValueError, http_ece.ECEException) as error:
        raise ChannelError(kept("The keys of this browser cannot be used."), permanent=True) from error


def _posted(parts: SplitResult, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """One request, no proxy, no redirect."""
    host = parts.hostname or ""
    if parts.scheme == "https":
        port = parts.port or 443
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=SECONDS, context=trusted()
        )
    else:
        line = http.client.HTTPConnection(host, parts.port or 80, timeout=SECONDS)
    with closing(line):
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read(300).decode("utf-8", "replace")


def _judged(status: int, said: str) -> str:
    words = " ".join(f"{status} {said}".split())
    if 200 <= status < 300:
        return words
    if status in NO_SUCH_DEVICE:
        raise Gone(kept("This browser takes no notices any more: %(answer)s", answer=words), permanent=True)
    # A redirect is an answer like any other that is not a yes: it is not followed.
    raise ChannelError(words, permanent=300 <= status < 500 and status not in LATER)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Raises ValueError for what is not written as browsers do."""
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
