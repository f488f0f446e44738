"""Telegram counts text in UTF-16 units: entities are cut and long texts are split by them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LONGEST, LONGEST_CAPTION = 4096, 1024
# Where a long text may be broken, the best place first; no part is shorter than half of what fits.
BREAKS = ("\n\n", "\n", ". ", "! ", "? ", "; ", ", ", " ")


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """The piece of a text that an entity marks; broken halves of letters are left out."""
    data = text.encode("utf-16-le", "surrogatepass")
    return data[max(offset, 0) * 2 : max(offset + length, 0) * 2].decode("utf-16-le", "ignore")


def marked(text: str, entities: Any, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The pieces of a text that entities of a kind mark, each with its entity."""
    for entity in entities if isinstance(entities, list) else ():
        if not isinstance(entity, dict) or entity.get("type") != kind:
            continue
        offset, length = entity.get("offset"), entity.get("length")
        if isinstance(offset, int) and isinstance(length, int) and 0 <= offset < 20_000 and 0 < length < 20_000:
            yield cut(text, offset, length), entity


def split(text: str, limit: int = LONGEST) -> Sequence[str]:
    """The text in parts that fit, broken at paragraphs, lines, sentences or words."""
    parts: list[str] = []
    rest = text.strip()
    while units(rest) > limit:
        part = _first(rest, limit)
        parts.append(part.rstrip())
        rest = rest[len(part) :].lstrip()
    return [*parts, rest] if rest else parts


def _first(text: str, limit: int) -> str:
    """The longest beginning that fits, up to the best break in its second half."""
    fits = text[:limit]
    while units(fits) > limit:
        fits = fits[: len(fits) - max(1, (units(fits) - limit) // 2)]
    for mark in BREAKS:
        at = fits.rfind(mark)
        if at >= len(fits) // 2:
            return fits[: at + len(mark)]
    return fits
