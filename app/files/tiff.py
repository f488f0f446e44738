"""TIFF and what is built like it (DNG): what tells of a place is written over; no byte of the picture is moved.

TIFF 6.0; the tags of Exif (CIPA DC-008), GeoTIFF (OGC 19-008) and DNG. Only the tables of the values get shorter.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

ORDERS = {b"II": "<", b"MM": ">"}
# Bytes of one value of each type; all others have one.
SIZES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
FORMATS = {3: "H", 4: "I", 9: "I", 13: "I"}
GPS, EXIF, PARTS, TAKEN = 0x8825, 0x8769, 0x014A, 0x9003
# Where pictures begin, which may be whole JPEGs with an Exif of their own: strips, tiles, the small one.
PICTURES = (0x0111, 0x0144, 0x0201)
TELLING = frozenset((
    GPS,
    0x010E, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F,  # in words
    0x02BC, 0x83BB, 0x8649, 0xA480,  # XMP, IPTC, what Photoshop keeps, what GDAL keeps
    0x830E, 0x8480, 0x8482, 0x85D8, 0x87AF, 0x87B0, 0x87B1,  # as a map
    0x927C, 0x9286, 0xC634,  # what the maker keeps
))  # fmt: skip
MOST_ENTRIES, LONGEST_LIST = 100_000, 1_000_000

Keeps = Callable[[int], bool]


class Unreadable(ValueError):
    """These are no directories that we can read."""


def cleaned(data: bytes) -> tuple[bytearray, list[int]]:
    """The same bytes without their place, and where pictures begin in them."""
    file = _File(data)
    waiting: list[tuple[int, Keeps]] = [(struct.unpack_from(file.order + "I", data, 4)[0], _is_plain)]
    while waiting:
        at, keeps = waiting.pop()
        # Without the first nothing can be seen; where a further one is cut off, whoever reads it stops too.
        if at not in file.seen and (not file.seen or file.has(at)):
            file.seen.add(at)
            waiting += file.directory(at, keeps)
    return file.data, sorted(file.pictures)


def _is_plain(tag: int) -> bool:
    return tag not in TELLING


# The directories that an entry leads to, and what is kept in them.
INNER: dict[int, Keeps] = {PARTS: _is_plain, EXIF: lambda tag: tag == TAKEN, GPS: lambda _tag: False}


class _File:
    """The bytes while they are cleaned, and how much more may be done to them: a small file may ask for very much."""

    def __init__(self, data: bytes) -> None:
        if data[:2] not in ORDERS:
            raise Unreadable
        self.data, self.order = bytearray(data), ORDERS[data[:2]]
        self.seen: set[int] = set()
        self.pictures: set[int] = set()
        self.entries, self.bytes = MOST_ENTRIES, 2 * len(data)

    def has(self, at: int) -> bool:
        """Whether there is room for a directory."""
        return 8 <= at <= len(self.data) - 2 and at + 2 + 12 * self._count(at) <= len(self.data)

    def _count(self, at: int) -> int:
        return int(struct.unpack_from(self.order + "H", self.data, at)[0])

    def directory(self, at: int, keeps: Keeps) -> list[tuple[int, Keeps]]:
        """Clean one; the further ones that it leads to. Raises Unreadable."""
        if not self.has(at):
            raise Unreadable
        begin, count = at + 2, self._count(at)
        end = begin + 12 * count
        # An empty directory is looked at too, and leads to the next one.
        self.entries -= count + 1
        if self.entries < 0:
            raise Unreadable
        kept, further = bytearray(), []
        for place in range(begin, end, 12):
            tag = struct.unpack_from(self.order + "H", self.data, place)[0]
            inner = [(where, INNER[tag]) for where in self._numbers(place)] if tag in INNER else []
            further += inner
            if tag in PICTURES:
                self.pictures.update(self._numbers(place))
            if keeps(tag) and (inner or tag not in INNER):
                kept += self.data[place : place + 12]
            elif tag not in INNER:
                self._write_over(place)
        following = self.data[end : end + 4]
        table = struct.pack(self.order + "H", len(kept) // 12) + kept + following
        self.data[at : end + len(following)] = table.ljust(end + len(following) - at, b"\x00")
        if keeps is _is_plain and any(following):
            further.append((struct.unpack(self.order + "I", following)[0], _is_plain))
        return further

    def _value(self, place: int) -> tuple[int, int, int]:
        """Type, beginning and length of an entry's value."""
        kind, many = struct.unpack_from(self.order + "HI", self.data, place + 2)
        length = SIZES.get(kind, 1) * many
        start = place + 8 if length <= 4 else struct.unpack_from(self.order + "I", self.data, place + 8)[0]
        return kind, start, max(0, min(length, len(self.data) - start))

    def _numbers(self, place: int) -> Iterator[int]:
        kind, start, length = self._value(place)
        if kind in FORMATS and length:
            self._spend(length)
            if length > LONGEST_LIST:
                raise Unreadable
            yield from struct.unpack_from(f"{self.order}{length // SIZES[kind]}{FORMATS[kind]}", self.data, start)

    def _write_over(self, place: int) -> None:
        _kind, start, length = self._value(place)
        self._spend(length)
        self.data[start : start + length] = bytes(length)

    def _spend(self, length: int) -> None:
        self.bytes -= length
        if self.bytes < 0:
            raise Unreadable
