"""Pictures as phones make them, with the place they were taken at; and such as are made to harm."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw

PLACE = (55.0, 45.0, 21.0)
RESTS = ("xmp", "comment", "Location", "XML:com.adobe.xmp")
TAKEN = "2026:10:14 16:20:00"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="55,45.35N"/></x:xmpmeta>'


def drawn(width: int = 640, height: int = 420, mode: str = "RGB") -> Image.Image:
    """A window with a blue sky."""
    picture = Image.new(mode, (width, height), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((width // 8, height // 8, width * 7 // 8, height * 7 // 8), fill="#8fc1e8", outline="#555", width=6)
    pen.line((width // 2, height // 8, width // 2, height * 7 // 8), fill="#555", width=6)
    return picture


def exif(turn: int = 6) -> Image.Exif:
    """What a phone says about a photo: its maker, the turn, the time, the place."""
    told = Image.Exif()
    told[0x010F], told[0x0110], told[0x0112] = "Phone", "Model 7", turn
    told.get_ifd(0x8769)[0x9003] = TAKEN
    gps = told.get_ifd(0x8825)
    gps.update({1: "N", 2: PLACE, 3: "E", 4: PLACE, 29: "2026:10:14"})
    return told


def saved(kind: str, picture: Image.Image | None = None, **options: Any) -> bytes:
    """Bytes of a picture: JPEG, PNG, WEBP, GIF, BMP, HEIF."""
    pillow_heif.register_heif_opener()
    kept = io.BytesIO()
    (picture or drawn()).save(kept, kind, **options)
    return kept.getvalue()


def jpeg(turn: int = 6) -> bytes:
    """With Exif, XMP, a comment, and a second picture with its own Exif hung on behind."""
    first = saved("JPEG", exif=exif(turn), xmp=XMP, comment=b"55.756,37.617")
    return first + b"\x00" * 8 + saved("JPEG", drawn(64, 48), exif=exif())


def png() -> bytes:
    from PIL import PngImagePlugin

    told = PngImagePlugin.PngInfo()
    told.add_text("Location", "55.756 37.617")
    told.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return saved("PNG", drawn(mode="RGBA"), exif=exif(1), pnginfo=told)


def webp() -> bytes:
    return saved("WEBP", exif=exif(1).tobytes(), xmp=XMP)


def heic() -> bytes:
    return saved("HEIF", exif=exif(1).tobytes(), xmp=XMP, quality=60)


def bomb() -> bytes:
    """A PNG of a few kilobytes that claims three billion points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60_000, 50_000, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\x00" * 60_001 * 40)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def places_of(data: bytes) -> dict[str, Any]:
    """Whatever a reader of pictures finds in it besides the picture."""
    pillow_heif.register_heif_opener()
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        told = picture.getexif()
        return {
            "gps": dict(told.get_ifd(0x8825)),
            "taken": told.get_ifd(0x8769).get(0x9003),
            "turn": told.get(0x0112),
            "maker": told.get(0x010F),
            "rest": [picture.info[key] for key in RESTS if picture.info.get(key) and picture.info[key].strip()],
            "size": picture.size,
        }
