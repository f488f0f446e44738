"""Scans and films that say where they were made, written byte by byte or by a library."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image, TiffImagePlugin

from tests.files import pictures

PLACE = b"+55.7558+037.6176/"


def tiff(**options: Any) -> bytes:
    """Two pages of a scanner with a place told as words, XMP and IPTC, as on a map and, where not packed, in Exif."""
    kept = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(kept, True) as file:
        for width, with_exif in ((640, not options), (650, False)):
            pictures.drawn(width).save(file, "TIFF", tiffinfo=_told(with_exif=with_exif), **options)
            file.newFrame()
    return kept.getvalue()


def _told(*, with_exif: bool) -> TiffImagePlugin.ImageFileDirectory_v2:
    told = TiffImagePlugin.ImageFileDirectory_v2()
    told[0x0110] = "Scanner 7"
    told[0x010E] = "55.756 37.617"
    told[0x02BC] = pictures.XMP
    told.tagtype[0x83BB] = 7
    told[0x83BB] = b"\x1c\x02\x5a\x00\x06Moscow"
    told[0x8482] = (0.0, 0.0, 0.0, 37.617, 55.756, 0.0)
    if with_exif:
        told[0x8769] = {0x9003: pictures.TAKEN, 0x927C: b"Maker: 55.756", 0x9286: b"ASCII\0\0\0Moscow"}
        told[0x8825] = {1: "N", 2: pictures.PLACE, 3: "E", 4: pictures.PLACE, 29: "2026:10:14"}
    return told


def big_endian() -> bytes:
    """One white point, its directory in front and the place in a directory that the values lie behind."""

    def entry(tag: int, kind: int, many: int, value: int) -> bytes:
        inline = struct.pack(">HH", value, 0) if kind == 3 and many == 1 else struct.pack(">I", value)
        return struct.pack(">HHI", tag, kind, many) + inline

    main = [(0x100, 3, 1, 1), (0x101, 3, 1, 1), (0x102, 3, 1, 8), (0x103, 3, 1, 1), (0x106, 3, 1, 1)]
    behind = 8 + 2 + 12 * 9 + 4
    main += [(0x111, 4, 1, behind), (0x112, 3, 1, 6), (0x117, 4, 1, 1), (0x8825, 4, 1, behind + 2)]
    table = b"".join(entry(*one) for one in main)
    gps = struct.pack(">H", 1) + entry(2, 5, 3, behind + 2 + 18) + b"\0\0\0\0"
    place = struct.pack(">6I", 55, 1, 45, 1, 21, 1)
    return b"MM\0*\0\0\0\x08" + struct.pack(">H", len(main)) + table + b"\0\0\0\0" + b"\xff\0" + gps + place


def gif() -> bytes:
    """Two frames that go round for ever, with a comment and XMP as Adobe writes it."""
    frames = [pictures.drawn(90, 60), Image.new("RGB", (90, 60), "#8fc1e8")]
    data = pictures.saved("GIF", frames[0], save_all=True, append_images=frames[1:], loop=0, duration=100)
    magic = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
    xmp = b"\x21\xff\x0bXMP DataXMP" + pictures.XMP + magic
    comment = b"\x21\xfe\x0d55.756,37.617\x00"
    head = 13 + 3 * 2 ** ((data[10] & 7) + 1) * (data[10] >> 7)
    return data[:head] + comment + xmp + data[head:] + b"GPS 55.756"


def box(name: bytes, *inside: bytes) -> bytes:
    """A box of ISO/IEC 14496-12."""
    body = b"".join(inside)
    return struct.pack(">I4s", 8 + len(body), name) + body


def film(brand: bytes = b"isom", *, moov_first: bool = True) -> bytes:
    """A film of no pictures, with a place as Android writes it, as Apple does, as 3GPP and as XMP."""
    xyz = box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7) + PLACE)
    loci = box(b"loci", b"\0\0\0\0\x15\xc7Moscow\0\0", struct.pack(">3i", 2465300, 3654000, 0))
    keys = box(b"keys", b"\0\0\0\0\0\0\0\1", box(b"mdta", b"com.apple.quicktime.location.ISO6709"))
    ilst = box(b"ilst", box(b"\0\0\0\1", box(b"data", b"\0\0\0\1\0\0\0\0" + PLACE)))
    xmp = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), pictures.XMP)
    meta = box(b"meta", box(b"hdlr", b"\0" * 24), keys, ilst)
    stco = box(b"stco", b"\0\0\0\0\0\0\0\1\0\0\0\x99")
    track = box(b"trak", box(b"tkhd", b"\0" * 84), box(b"mdia", box(b"minf", box(b"stbl", stco))), box(b"udta", xyz))
    moov = box(b"moov", box(b"mvhd", b"\0" * 100), track, box(b"udta", xyz, loci), meta)
    mdat = box(b"mdat", b"the film itself udta")
    head = box(b"ftyp", brand, b"\0\0\2\0")
    return head + (moov + mdat + xmp if moov_first else mdat + xmp + moov)


def greedy_heic(pieces: int, length: int) -> bytes:
    """A table that names the same bytes again and again as what tells of a place."""

    def full(name: bytes, inside: bytes, version: int = 0) -> bytes:
        return box(name, bytes([version, 0, 0, 0]) + inside)

    told = full(b"infe", struct.pack(">HH4s", 1, 0, b"Exif") + b"\0", 2)
    places = struct.pack(">HHH", 1, 0, pieces) + struct.pack(">II", 0, length) * pieces
    where = full(b"iloc", b"\x44\x00" + struct.pack(">H", 1) + places)
    size = box(b"iprp", box(b"ipco", full(b"ispe", struct.pack(">II", 100, 100))))
    meta = full(b"meta", full(b"iinf", struct.pack(">H", 1) + told) + where + size)
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + meta + box(b"mdat", b"x" * length)
