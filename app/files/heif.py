"""HEIC and AVIF: where in the container the picture's size and its Exif lie, so that the second is written over.

Boxes of ISO/IEC 14496-12 and the items of 23008-12; the picture itself is not touched.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

# What a reader of Exif finds instead: four bytes of offset, an empty directory.
NOTHING = b"\x00\x00\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"
EXIF, MIME = b"Exif", b"mime"
FILLING = {EXIF: b"\x00", MIME: b" "}
MOST_BOXES, MOST_PIECES, MOST_PLACES = 10_000, 256, 100_000


class Unreadable(ValueError):
    """This is not a container that we can read."""


def cleaned(data: bytes) -> tuple[bytes, int, int]:
    """The same bytes with Exif and XMP written over, and the width and height of the largest picture inside."""
    meta = next(((start, end) for name, start, end in boxes(data, 0, len(data)) if name == b"meta"), None)
    if meta is None:
        raise Unreadable
    parts = {name: (start, end) for name, start, end in boxes(data, meta[0] + 4, meta[1])}
    if b"iloc" not in parts or b"iinf" not in parts:
        raise Unreadable
    told = _told_items(data, *parts[b"iinf"])
    inner = parts.get(b"idat", (0, 0))[0]
    # Nothing is told twice: a small table may name the whole file a million times.
    kept, left = bytearray(data), len(data)
    for item, start, length in _places(data, parts[b"iloc"], inner):
        if item in told:
            end, left = start + length, left - length
            if not length or end > len(kept) or left < 0:
                raise Unreadable
            # An empty Exif; of XMP, which is text, only blanks.
            kept[start:end] = (NOTHING[:length] if told[item] == EXIF else b"").ljust(length, FILLING[told[item]])
    return bytes(kept), *_size(data, parts.get(b"iprp", (0, 0)))


def boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, beginning and end of the content of each box."""
    for _step in range(MOST_BOXES):
        if at + 8 > end:
            return
        length, name = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if length == 1:
            length, start = struct.unpack_from(">Q", data, at + 8)[0], at + 16
        until = end if length == 0 else at + length
        if until < start or until > end:
            raise Unreadable
        yield name, start, until
        at = until


def _told_items(data: bytes, start: int, end: int) -> dict[int, bytes]:
    """The numbers of the items that are Exif or XMP, and which of the two."""
    count_size = 2 if data[start] == 0 else 4
    found = {}
    for name, begin, _end in boxes(data, start + 4 + count_size, end):
        version = data[begin]
        if name != b"infe" or version < 2:
            continue
        item = int.from_bytes(data[begin + 4 : begin + (6 if version == 2 else 8)], "big")
        kind = data[begin + (8 if version == 2 else 10) :][:4]
        if kind in FILLING:
            found[item] = kind
    return found


def _places(data: bytes, iloc: tuple[int, int], inner: int) -> Iterator[tuple[int, int, int]]:
    """Item, beginning and length of every piece of every item."""
    at, end = iloc
    version = data[at]
    offset_size, length_size = data[at + 4] >> 4, data[at + 4] & 15
    base_size, index_size = data[at + 5] >> 4, data[at + 5] & 15 if version else 0
    wide = 4 if version == 2 else 2
    count, at = _number(data, at + 6, wide), at + 6 + wide
    left = MOST_PLACES
    for _item in range(min(count, MOST_BOXES)):
        item, at = _number(data, at, wide), at + wide
        method = 0
        if version:
            method, at = data[at + 1] & 15, at + 2
        base, at = _number(data, at + 2, base_size), at + 2 + base_size
        pieces, at = _number(data, at, 2), at + 2
        left -= pieces
        if pieces > MOST_PIECES or left < 0:
            raise Unreadable
        for _piece in range(pieces):
            at += index_size
            offset, at = _number(data, at, offset_size), at + offset_size
            length, at = _number(data, at, length_size), at + length_size
            if at > end:
                raise Unreadable
            yield item, (inner if method == 1 else 0) + base + offset, length


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _size(data: bytes, iprp: tuple[int, int]) -> tuple[int, int]:
    """The largest picture, as it stands after it is turned."""
    widest, turned = (0, 0), False
    for name, start, end in boxes(data, *iprp):
        if name != b"ipco":
            continue
        for kind, begin, _end in boxes(data, start, end):
            if kind == b"ispe":
                widest = max(widest, struct.unpack_from(">II", data, begin + 4), key=lambda size: size[0] * size[1])
            elif kind == b"irot":
                turned = turned or bool(data[begin] & 1)
    if not all(widest):
        raise Unreadable
    return (widest[1], widest[0]) if turned else widest
