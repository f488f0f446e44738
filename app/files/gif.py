"""GIF: comments and what programs keep are left out, XMP among it; the frames and their going round stay."""

from __future__ import annotations

# What a program keeps that a viewer needs: how often it goes round, and its colours.
KEPT = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0", b"\x0bICCRGBG1012")
WORDS_IN_IT, CONTROL = 0x01, 0xF9
# Blocks are cut into pieces of at most 255 bytes; whoever cuts them finer wants us to count for ever.
MOST_BLOCKS, MOST_PIECES = 100_000, 1_000_000


class Unreadable(ValueError):
    """This is cut into more pieces than any picture has."""


def cleaned(data: bytes) -> bytes:
    """The picture alone. What is cut off on the way ends as it should. Raises Unreadable, IndexError."""
    at = 13 + _colours(data[10])
    kept = bytearray(data[:at])
    for _step in range(MOST_BLOCKS):
        sign, end = data[at : at + 1], at + 1
        if sign == b"!":
            end = _past_pieces(data, at + 2)
            if data[at + 1] in (WORDS_IN_IT, CONTROL) or data[at + 2 : at + 14] in KEPT:
                kept += data[at:end]
        elif sign == b",":
            end = _past_pieces(data, at + 11 + _colours(data[at + 9]))
            kept += data[at:end]
        elif sign in (b";", b""):
            return bytes(kept) + b";"
        at = end
    raise Unreadable


def _colours(flags: int) -> int:
    """How many bytes of colours follow."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _past_pieces(data: bytes, at: int) -> int:
    for _step in range(MOST_PIECES):
        if at >= len(data) or not data[at]:
            return min(at + 1, len(data))
        at += 1 + data[at]
    raise Unreadable
