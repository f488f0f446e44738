"""Pictures drawn by us: a small and a large JPEG of what came, so that nobody's browser reads a stranger's bytes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from app.files.scrub import LONGEST_SIDE, MOST_POINTS

THUMB, VIEW = 480, 2560
QUALITY = {THUMB: 80, VIEW: 86}
# What is not a JPEG cannot be read at a smaller size: beyond this it would fill the memory of the worker.
MOST_WHOLE = 110_000_000


class Undrawable(ValueError):
    """The bytes cannot be shown."""


@dataclass(frozen=True)
class Drawn:
    """Both JPEGs."""

    thumb: bytes
    view: bytes


def draw(data: bytes) -> Drawn:
    """The picture upright, without anything but itself. Raises Undrawable. Slow: for a job."""
    # Loaded here, in the process of one job: the others need not carry it.
    import pillow_heif
    from PIL import Image, ImageOps

    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = MOST_POINTS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data)) as source:
                _check(source)
                source.draft("RGB", (VIEW, VIEW))
                source.thumbnail((VIEW, VIEW), reducing_gap=2.0)
                upright = ImageOps.exif_transpose(source) or source
                flat = _flat(upright, Image)
    except Undrawable:
        raise
    # Readers of pictures fail in every way there is when the bytes are made to mislead them.
    except Exception as error:
        raise Undrawable(f"{type(error).__name__}: {error}"[:200]) from error
    view = _saved(flat, VIEW)
    flat.thumbnail((THUMB, THUMB))
    return Drawn(_saved(flat, THUMB), view)


def _check(source: Any) -> None:
    width, height = source.size
    most = MOST_POINTS if source.format == "JPEG" else MOST_WHOLE
    if width * height > most or max(width, height) > LONGEST_SIDE:
        raise Undrawable(f"{width} × {height} points")


def _flat(source: Any, image: Any) -> Any:
    """On white where it is clear: JPEG knows no transparency."""
    clear = source.convert("RGBA") if source.mode in ("LA", "PA", "P", "RGBA", "La", "RGBa") else None
    if clear is None:
        return source.convert("RGB")
    paper = image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper


def _saved(picture: Any, size: int) -> bytes:
    kept = BytesIO()
    picture.save(kept, "JPEG", quality=QUALITY[size], progressive=True, optimize=True)
    return kept.getvalue()
