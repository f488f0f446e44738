"""Films and voices in MP4, QuickTime and 3GP: the boxes that name a place are written over where they stand.

ISO/IEC 14496-12: what players need is told in `moov` by its distance from the beginning, so nothing is moved; a box
becomes `free`, empty room. The time of a film stays in its header.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress

from app.files import heif

# Which boxes hold others that are looked into, and which tell of places: «©xyz», `loci`, Apple's keys lie in these.
HOLDERS: tuple[tuple[bytes, ...], ...] = ((b"moov", b"moof"), (b"trak", b"traf"), ())
# Beside the film a box `meta` may be a picture: only within it is it of no use to a player.
TELLING: tuple[tuple[bytes, ...], ...] = ((b"udta",), (b"udta", b"meta"), (b"udta", b"meta"))
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def cleaned(data: bytes) -> bytes:
    """The same bytes without their place. What is cut off on the way is cleaned as far as it goes."""
    kept = bytearray(data)
    for name, start, end in _telling(data, 0, len(data), 0):
        named = start - 4 if data[start - 4 : start] == name else start - 12
        kept[named : named + 4] = b"free"
        kept[start:end] = bytes(end - start)
    return bytes(kept)


def _telling(data: bytes, at: int, end: int, deep: int) -> Iterator[tuple[bytes, int, int]]:
    with suppress(heif.Unreadable, struct.error):
        for name, start, until in heif.boxes(data, at, end):
            if name in TELLING[deep] or (name == b"uuid" and data[start : start + 16] == XMP):
                yield name, start, until
            elif name in HOLDERS[deep]:
                yield from _telling(data, start, until, deep + 1)
