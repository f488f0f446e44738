"""Nobody makes us knock at our own doors: inside `public_only()` connections go to public addresses alone.

Addresses are looked at when the socket connects, after names were resolved and redirects followed, so neither a name
that answers differently the second time nor a redirect helps.
"""

import ipaddress
import socket
import ssl
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

# What is open besides the Internet while it is guarded: addresses in numbers, each with a port or with none for all.
Place = tuple[str, int | None]
_guarded: ContextVar[frozenset[Place] | None] = ContextVar("guarded", default=None)

# An address of the old Internet inside one of the new: translated, tunnelled.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddress(OSError):
    """Somebody asked us to connect to this machine or this network."""


@contextmanager
def public_only(besides: Iterable[tuple[str, int | None]] = ()) -> Iterator[None]:
    """Inside, whatever connects to an address that is not public gets PrivateAddress.

    `besides` are hosts, each with a port or with None for all of its ports, that may be connected to all the same.
    """
    _watch()
    token = _guarded.set(frozenset(place for host, port in besides for place in _places(host, port)))
    try:
        yield
    finally:
        _guarded.reset(token)


@cache
def trusted() -> ssl.SSLContext:
    """Whom we believe on an encrypted line; read once, since it takes longer than a message."""
    return ssl.create_default_context()


@cache
def _watch() -> None:
    sys.addaudithook(_look)


def _look(event: str, args: tuple[Any, ...]) -> None:
    allowed = _guarded.get() if event == "socket.connect" else None
    address = args[1] if allowed is not None else None
    if allowed is None or not isinstance(address, tuple) or is_public(str(address[0])):
        return
    if (address[0], address[1]) not in allowed and (address[0], None) not in allowed:
        raise PrivateAddress(f"{address[0]} is not a public address")


def _places(host: str, port: int | None) -> set[Place]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return set()
    return {(str(entry[4][0]), port) for entry in found}


def is_public(address: str) -> bool:
    """Whether an address in numbers is one of the open Internet; names are not."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (found, *_inside(found)))


def _inside(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    if isinstance(found, ipaddress.IPv4Address):
        return []
    inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if found in TRANSLATED:
        inner.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    return [one for one in inner if one is not None]
