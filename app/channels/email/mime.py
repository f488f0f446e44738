"""A letter taken apart: headers in whatever coding, its text, its files; nothing in it can make us fall."""

from __future__ import annotations

import binascii
import contextlib
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses
from itertools import islice

from app.channels.bodies import clean
from app.channels.email.pages import from_html
from app.channels.inbound import InFile

MOST_PARTS = 200
# What begins a part, if anything does; a letter of a million empty ones would fill the memory.
PART_LINE, MOST_BOUNDARIES = re.compile(rb"\n--"), 50_000
LONGEST_HEADER = 20_000
VAGUE = ("", "unknown-8bit", "us-ascii", "ascii", "x-unknown", "default", "utf-7")
# Frequent small letters: a text of koi8-r that is read as windows-1251 is full of great ones.
FREQUENT = frozenset("оеаинтсрвлкмпудя")
ENDINGS = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/heic": ".heic", "image/webp": ".webp",
    "application/pdf": ".pdf", "message/rfc822": ".eml", "text/calendar": ".ics", "text/html": ".html",
    "text/plain": ".txt",
}  # fmt: skip
# Seals of a letter are no files of anybody.
SEALS = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
IDS = re.compile(r"<([^<>\s]{1,240})>")


@dataclass(frozen=True)
class Body:
    """The text of a letter and what hangs on it."""

    text: str
    files: tuple[InFile, ...]


class _Bounded(email.policy.Compat32):
    """The old policy of the library: the new one raises on headers that are badly made.

    It takes a header apart in time that grows with the square of its length, and nobody needs a book in one.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


BOUNDED = _Bounded()


def letter_of(data: bytes) -> Message:
    """A letter taken apart; of one that is cut into very many parts the first ones."""
    ends = islice(PART_LINE.finditer(data), MOST_BOUNDARIES, None)
    return email.message_from_bytes(data[: next((one.start() for one in ends), None)], policy=BOUNDED)


def header(letter: Message, name: str, limit: int = 1000) -> str:
    """One header as text, on one line; without one nothing."""
    raw = letter.get(name)
    return " ".join(_spelled(raw).split())[:limit] if raw is not None else ""


def _spelled(raw: object) -> str:
    try:
        pieces = decode_header(raw)  # type: ignore[arg-type]
    except (email.errors.HeaderParseError, binascii.Error, ValueError, UnicodeError):
        return clean(str(raw))
    said = []
    for piece, coding in pieces:
        said.append(decoded(piece, coding or "") if isinstance(piece, bytes) else str(piece))
    return clean("".join(said))


def decoded(data: bytes, coding: str) -> str:
    """Text in the coding it names; where it names none, or an untrue one, in that in which it reads as Russian."""
    name = coding.strip().lower()
    for one in ("" if name in VAGUE else name, "utf-8"):
        if one:
            with contextlib.suppress(UnicodeError, LookupError, ValueError):
                return data.decode(one)
    readings = [data.decode(one, "replace") for one in ("cp1251", "koi8_r")]
    return max(readings, key=lambda text: sum(c in FREQUENT for c in text))


def addresses(letter: Message, *names: str) -> list[tuple[str, str]]:
    """Names and addresses of some headers; addresses in lower case."""
    raw = [_spelled(value) for name in names for value in letter.get_all(name, [])]
    try:
        found = getaddresses(raw)
    except (ValueError, IndexError, TypeError):
        return []
    return [(" ".join(name.split())[:250], address.strip().lower()[:250]) for name, address in found if "@" in address]


def ids(letter: Message, name: str) -> list[str]:
    """The names of letters in a header, in their order."""
    return list(dict.fromkeys(f"<{one}>" for one in IDS.findall(clean(letter.get(name) or "", 20_000))))


def body_of(letter: Message) -> Body:
    """The first plain text, else the first page as text, and everything that is not the text itself."""
    plain, page, files = "", "", []
    for part in leaves(letter):
        kind = part.get_content_type()
        is_text = kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment"
        if is_text and not _file_name(part):
            said = _text(part)
            plain = plain or (said.strip() if kind == "text/plain" else "")
            page = page or (said if kind == "text/html" else "")
        elif kind not in SEALS and (found := _file(part)) is not None:
            files.append(found)
    return Body(plain or from_html(page), tuple(files))


def leaves(letter: Message) -> Iterator[Message]:
    """The parts that hold something; a letter that hangs on this one is a file, not a part."""
    waiting, seen = [letter], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting[:0] = [one for one in inner if isinstance(one, Message)]
        else:
            yield part


def _text(part: Message) -> str:
    return clean(decoded(_bytes(part), str(part.get_content_charset() or "")), 1_000_000)


def _bytes(part: Message) -> bytes:
    inner = part.get_payload()
    if isinstance(inner, list):
        return inner[0].as_bytes() if inner and isinstance(inner[0], Message) else b""
    with contextlib.suppress(ValueError, LookupError, UnicodeError, binascii.Error):
        data = part.get_payload(decode=True)
        if isinstance(data, bytes):
            return data
    return str(inner or "").encode("utf-8", "replace")


def _file(part: Message) -> InFile | None:
    data = _bytes(part)
    if not data:
        return None
    kind = part.get_content_type()
    is_inline = bool(part.get("Content-ID")) and part.get_content_disposition() != "attachment"
    is_inline = is_inline and kind.startswith("image/")
    name = _file_name(part) or _made_up(part, kind)
    return InFile(name, kind[:120], data, size=len(data), inline=is_inline)


def _file_name(part: Message) -> str:
    for holder, key in (("content-disposition", "filename"), ("content-type", "name")):
        raw = None
        with contextlib.suppress(ValueError, LookupError, TypeError, UnicodeError):
            raw = part.get_param(key, header=holder)
        if raw:
            return " ".join(_spelled(_collapsed(raw)).split())[:250]
    return ""


def _collapsed(raw: object) -> str:
    try:
        return collapse_rfc2231_value(raw)  # type: ignore[arg-type]
    except (LookupError, UnicodeError, ValueError):
        return str(raw[2] if isinstance(raw, tuple) else raw)


def _made_up(part: Message, kind: str) -> str:
    """A letter that hangs on this one is called as its subject."""
    inner = part.get_payload()
    if kind == "message/rfc822" and isinstance(inner, list) and inner and isinstance(inner[0], Message):
        return f"{header(inner[0], 'Subject', 100) or 'letter'}.eml"
    return f"file{ENDINGS.get(kind, '')}"
