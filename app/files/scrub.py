"""Pictures as they come in: their size is told and what says where they were taken is cut out, without redrawing.

Of a JPEG's Exif only the turn and the time stay; PNG, WebP and GIF lose their texts; HEIC, TIFF and films are written
over in place.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from flask_babel import gettext as _

from app.files import films, gif, heif, tiff
from models.ground.refused import Refused

# A phone's largest picture has 200 million points; what claims more is meant to fill the memory.
MOST_POINTS = 210_000_000
LONGEST_SIDE = 30_000
# Of as many pieces a picture may be made; whoever cuts it finer wants us to count for ever.
MOST_PIECES = 100_000
# A marker inside the scans of a JPEG; zeros, fill bytes and restarts are the picture's own.
MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

KEPT_PNG = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"sBIT", b"bKGD",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
ORIENTATION, TAKEN, EXIF_PART = 0x0112, 0x9003, 0x8769
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}


@dataclass(frozen=True)
class Picture:
    """A picture or film that may be kept, and how large it is as it stands on the screen: 0 for what we never draw."""

    data: bytes
    width: int
    height: int


class Damaged(ValueError):
    """The bytes do not hold what they begin with."""


def cleaned(data: bytes, kind: str) -> Picture | None:
    """The picture or film without its place; None for what is neither that we know. Raises Refused.

    What is damaged beyond reading is refused: nobody could see it, and its place could not be found.
    """
    clean = CLEANERS.get(kind)
    if clean is None:
        return None
    try:
        picture = clean(data)
    except (Damaged, heif.Unreadable, struct.error, IndexError, ValueError):
        raise Refused(_("The picture is damaged. Take it again or send it another way."), "file") from None
    if picture.width * picture.height > MOST_POINTS or max(picture.width, picture.height) > LONGEST_SIDE:
        raise Refused(_("The picture is too large to be opened. Make it smaller and send it again."), "file")
    return picture


# ── JPEG ─────────────────────────────────────────────────────────────────────


def _jpeg(data: bytes) -> Picture:
    kept, size, exif, at = bytearray(b"\xff\xd8"), (0, 0), b"", 2
    for marker, start, end in _segments(data):
        body = data[start:end]
        if marker == 0xE1 and body[4:10] == b"Exif\x00\x00":
            exif = exif or body[10:]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            size = struct.unpack(">HH", body[5:9])[::-1]
        if not _tells_more(marker, body):
            kept += body
        at = end
    turn, taken = _facts(exif)
    kept[2:2] = _small_exif(turn, taken)
    kept += _scans(data, at)
    if not all(size):
        raise Damaged
    return Picture(bytes(kept), *(size[::-1] if turn >= 5 else size))


def _segments(data: bytes, at: int = 2) -> Iterator[tuple[int, int, int]]:
    """Marker, beginning and end of everything before the first scan, its header with it."""
    for _step in range(MOST_PIECES):
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise Damaged
        marker = data[at + 1]
        if marker == 0xD9:
            raise Damaged
        end = at + 2 if marker == 0x01 or 0xD0 <= marker <= 0xD7 else at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if end > len(data):
            raise Damaged
        yield marker, at, end
        at = end
        if marker == 0xDA:
            return
    raise Damaged


def _tells_more(marker: int, body: bytes) -> bool:
    """Comments and the parts of applications, but for what colours need: JFIF, profile, Adobe's mark."""
    is_needed = marker in (0xE0, 0xEE) or (marker == 0xE2 and body[4:15] == b"ICC_PROFILE")
    return marker == 0xFE or (0xE0 <= marker <= 0xEF and not is_needed)


def _scans(data: bytes, at: int) -> bytes:
    """The picture itself up to its end; behind that phones hang a film or a second picture with its own place."""
    kept, begin = bytearray(), at
    for _step in range(MOST_PIECES):
        found = MARKER.search(data, at)
        if found is None:
            # Cut off on the way: what there is stays, and ends as it should.
            return bytes(kept) + data[begin:] + b"\xff\xd9"
        at, marker = found.start(), found[0][1]
        if marker == 0xD9:
            return bytes(kept) + data[begin : at + 2]
        end = at + 2 + (struct.unpack_from(">H", data, at + 2)[0] if at + 4 <= len(data) else 2)
        if 0xE0 <= marker <= 0xEF or marker == 0xFE:
            kept += data[begin:at]
            begin = end
        at = end
    raise Damaged


def _facts(exif: bytes) -> tuple[int, bytes]:
    """The turn (1 to 8) and the time it was taken; nothing of the rest is believed."""
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        first = struct.unpack_from(order + "I", exif, 4)[0]
        entries = _entries(exif, order, first)
        turn = entries.get(ORIENTATION, (3, 1, b"\x01\x00" if order == "<" else b"\x00\x01"))[2]
        part = entries.get(EXIF_PART)
        inner = _entries(exif, order, struct.unpack(order + "I", part[2][:4])[0]) if part else {}
        taken = inner.get(TAKEN, (2, 0, b""))[2]
        found = struct.unpack(order + "H", turn[:2])[0]
    except (KeyError, struct.error, IndexError):
        return 1, b""
    is_time = len(taken) == 20 and all(byte in b"0123456789: \x00" for byte in taken)
    return found if 1 <= found <= 8 else 1, taken if is_time else b""


def _entries(exif: bytes, order: str, at: int) -> dict[int, tuple[int, int, bytes]]:
    """One directory of Exif: tag → type, count, bytes of the value."""
    found = {}
    count = min(struct.unpack_from(order + "H", exif, at)[0], 500)
    for number in range(count):
        tag, kind, many = struct.unpack_from(order + "HHI", exif, at + 2 + 12 * number)
        place = at + 10 + 12 * number
        length = SIZES.get(kind, 1) * many
        if length > 4:
            place = struct.unpack_from(order + "I", exif, place)[0]
        if length <= 64:
            found[tag] = (kind, many, exif[place : place + max(length, 4)])
    return found


def _small_exif(turn: int, taken: bytes) -> bytes:
    """An Exif of our own with the turn and the time; nothing when there is nothing to say."""
    if turn == 1 and not taken:
        return b""
    tiff = b"MM\x00*\x00\x00\x00\x08"
    many = 2 if taken else 1
    tiff += struct.pack(">HHHIHH", many, ORIENTATION, 3, 1, turn, 0)
    if taken:
        part = 8 + 2 + 12 * many + 4
        tiff += struct.pack(">HHII", EXIF_PART, 4, 1, part)
        tiff += b"\x00" * 4 + struct.pack(">HHHIII", 1, TAKEN, 2, 20, part + 18, 0) + taken
    else:
        tiff += b"\x00" * 4
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\x00\x00" + tiff


# ── PNG, WebP, GIF, BMP, HEIC, TIFF, films ───────────────────────────────────


def _png(data: bytes) -> Picture:
    kept, at, ended, steps = bytearray(data[:8]), 8, False, 0
    while at + 12 <= len(data) and not ended and steps < MOST_PIECES:
        steps += 1
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        if name in KEPT_PNG:
            kept += data[at:end]
        at, ended = end, name == b"IEND"
    if kept[12:16] != b"IHDR":
        raise Damaged
    width, height = struct.unpack_from(">II", kept, 16)
    return Picture(bytes(kept), width, height)


def _webp(data: bytes) -> Picture:
    kept, at, size, steps = bytearray(), 12, (0, 0), 0
    while at + 8 <= len(data) and steps < MOST_PIECES:
        steps += 1
        name, length = struct.unpack_from("<4sI", data, at)
        body = bytearray(data[at : at + 8 + length + (length & 1)])
        if name == b"VP8X":
            # The flags of Exif and XMP go with them.
            body[8] &= ~0x0C
            size = (1 + int.from_bytes(body[12:15], "little"), 1 + int.from_bytes(body[15:18], "little"))
        elif name in (b"VP8 ", b"VP8L") and not all(size):
            size = _webp_size(name, bytes(body[8:18]))
        if name in (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"):
            kept += body
        at += 8 + length + (length & 1)
    if not all(size):
        raise Damaged
    return Picture(b"RIFF" + struct.pack("<I", len(kept) + 4) + b"WEBP" + bytes(kept), *size)


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _gif(data: bytes) -> Picture:
    return Picture(gif.cleaned(data), *struct.unpack_from("<HH", data, 6))


def _bmp(data: bytes) -> Picture:
    width, height = struct.unpack_from("<ii", data, 18)
    return Picture(data, abs(width), abs(height))


def _heic(data: bytes) -> Picture:
    return Picture(*heif.cleaned(data))


def _tiff(data: bytes) -> Picture:
    """A scan is kept as a document is: nobody's browser shows it, and a drawing may be larger than any photo."""
    kept, inside = tiff.cleaned(data)
    until = 0
    for at in inside:
        if at >= until and data[at : at + 3] == b"\xff\xd8\xff":
            until = _silenced(data, at, kept)
    return Picture(bytes(kept), 0, 0)


def _silenced(data: bytes, at: int, kept: bytearray) -> int:
    """A JPEG inside another picture: what tells more is written over where it stands; where its head ends."""
    with suppress(Damaged, struct.error, IndexError):
        for marker, start, end in _segments(data, at + 2):
            if _tells_more(marker, data[start:end]):
                kept[start + 4 : end] = bytes(end - start - 4)
            at = end
    return at + 1


def _film(data: bytes) -> Picture:
    return Picture(films.cleaned(data), 0, 0)


CLEANERS: dict[str, Callable[[bytes], Picture]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/heic": _heic,
    "image/avif": _heic,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "image/tiff": _tiff,
    "video/mp4": _film,
    "video/quicktime": _film,
    "audio/mp4": _film,
}
