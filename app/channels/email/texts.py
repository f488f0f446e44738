"""Words of a letter: what is quoted of earlier letters is folded away."""

from __future__ import annotations

import re

from app.channels.email.pages import BLANKS

# Nobody writes more lines above a quotation; a letter of a million empty ones is no reason to look at each.
MOST_LINES = 3000
# Outlook and others draw a line; everybody else introduces the quotation.
RULES = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|исходное сообщение|пересылаемое сообщение|оригинальное сообщение)\s*-{2,}"
    r"|_{20,}|-{20,}|\*{20,})\s*$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"^[ \t]*-{2,}[ \t]*(?:forwarded message|пересылаемое сообщение|перенаправленное сообщение)"
    r"|^[ \t]*begin forwarded message:|^[ \t]*начало переадресованного (?:сообщения|письма)",
    re.IGNORECASE | re.MULTILINE,
)
WROTE = re.compile(
    r"(?:\bwrote|\bпишет|\bписал(?:а|\(а\)|и)?|\bнаписал(?:а|\(а\)|и)?|\bschrieb|\ba écrit)\s*:\s*$", re.IGNORECASE
)
DATED = re.compile(
    r"^\s*(?:on|am|le)\s.{6,}|^\s*(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)"
    r"[,.]?\s|\d{1,2}[./ ]\S{1,10}[./ ]\d{2,4}|\d{4}-\d\d-\d\d|<[^<>\s]+@[^<>\s]+>",
    re.IGNORECASE,
)
HEADS = re.compile(
    r"^\s*\*?(?:from|от(?: кого)?|sent|отправлено|дата|date|to|кому|subject|тема)\s*:\*?\s", re.IGNORECASE
)


def folded(text: str, *, is_answer: bool) -> tuple[str, str]:
    """What is new in a letter, and what it quotes. What is forwarded is news; so is a letter that only quotes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    forward = FORWARDED.search(text)
    at = _quoted_from(lines, is_answer=is_answer) if not forward else len(lines)
    fresh, quoted = "\n".join(lines[:at]).strip(), "\n".join(lines[at:]).strip()
    if not any(c.isalnum() for c in fresh):
        return BLANKS.sub("\n\n", text.strip()), ""
    return BLANKS.sub("\n\n", fresh), quoted


def _quoted_from(lines: list[str], *, is_answer: bool) -> int:
    for number, line in enumerate(lines[:MOST_LINES]):
        if RULES.match(line) and _heads_follow(lines, number + 1):
            return number
        if is_answer and (_introduces(lines, number) or _heads_follow(lines, number)):
            return number
        if line.startswith(">") and len(lines) <= MOST_LINES and _is_quoted_to_the_end(lines, number):
            return number
    return len(lines)


def _introduces(lines: list[str], number: int) -> bool:
    """«пт, 14 окт. 2026 г. в 16:20, Имя <a@b>:» on one line or broken into two, and then a quotation."""
    if not DATED.search(lines[number]):
        return False
    for many in (1, 2, 3):
        near = [line.strip() for line in lines[number : number + many]]
        piece = " ".join(near)
        if len(piece) > 300 or not all(near):
            return False
        is_said = WROTE.search(piece) or (piece.endswith(":") and "@" in piece)
        rest = [line for line in lines[number + many :] if line.strip()]
        is_before_quote = not rest or rest[0].lstrip().startswith((">", "|")) or WROTE.search(piece)
        if is_said and is_before_quote:
            return True
    return False


def _heads_follow(lines: list[str], number: int) -> bool:
    """From, sent, to, subject of the earlier letter, one under the other."""
    near = [line for line in lines[number : number + 8] if line.strip()][:5]
    return sum(1 for line in near if HEADS.match(line)) >= 3 and bool(near and HEADS.match(near[0]))


def _is_quoted_to_the_end(lines: list[str], number: int) -> bool:
    """An answer between the lines of a quotation is left as it was written."""
    rest = [line for line in lines[number:] if line.strip()]
    own = [line for line in rest if not line.startswith(">")]
    return not own or (len(own) <= 6 and rest[-len(own) :] == own and own[0].strip() in ("--", "-- "))
