"""Nobody makes us knock at our own doors: inside `public_only()` connections go to public addresses alone.

Addresses are looked at when the socket connects, after names were resolved and redirects followed, so neither a name
that answers differently the second time nor a redirect helps.
"""

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

_guarded: ContextVar[bool] = ContextVar("guarded", default=False)

# An address of the old Internet inside one of the new: translated, tunnelled.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddress(OSError):
    """Somebody asked us to connect to this machine or this network."""


@contextmanager
def public_only() -> Iterator[None]:
    """Inside, whatever connects to an address that is not public gets PrivateAddress."""
    _watch()
    token = _guarded.set(True)
    try:
        yield
    finally:
        _guarded.reset(token)


@cache
def _watch() -> None:
    sys.addaudithook(_look)


def _look(event: str, args: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not _guarded.get():
        return
    address = args[1]
    if isinstance(address, tuple) and not is_public(str(address[0])):
        raise PrivateAddress(f"{address[0]} is not a public address")


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
