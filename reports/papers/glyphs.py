"""Letters that the text font lacks are drawn by the other one: a name with a rare sign must not stop a paper."""

import unicodedata
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from reports.pdf import FONTS

TEXT, RARE = "PTSans_400Regular.ttf", "DejaVuSans.ttf"
SPAN = Markup('<span class="sym">{}</span>')
# What neither font can draw: an empty box, as everywhere.
BOX = "\u25a1"


@lru_cache(maxsize=2)
def known(font: str) -> frozenset[int]:
    """The characters that a font draws."""
    from reportlab.pdfbase.ttfonts import TTFontFile

    return frozenset(TTFontFile(str(FONTS / font), validate=0).charToGlyph)


def drawable(value: Any) -> Any:
    """A text as the fonts can draw it; whatever is no text, or was marked up by us, stays as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    usual = known(TEXT)
    if all(ord(sign) in usual or sign.isspace() for sign in value):
        return value
    return Markup("").join(_sign(sign, usual) for sign in value)


def _sign(sign: str, usual: frozenset[int]) -> Markup:
    if ord(sign) in usual or (sign.isspace() and ord(sign) < 128):
        return escape(sign)
    if unicodedata.category(sign) in {"Cf", "Cc", "Mn", "Me"}:
        return Markup("")
    return SPAN.format(sign if ord(sign) in known(RARE) else BOX)
