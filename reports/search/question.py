"""What was typed into the search, understood: words, digits of a phone or number, an address of mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement

from models.ground.beginnings import begun, whole

SHORTEST, LONGEST = 2, 100
MOST_WORDS = 6
# Fewer last digits or letters than these are held by too many.
LEAST_DIGITS, LEAST_LETTERS = 4, 3
NUMBER = re.compile(r"[+\d][\d\s()+.-]*")
# What stands before a number when it is said aloud: «счёт № 1042», "deal 1042".
NAMED = re.compile(r"^(?:(?:сделка|лид|заявка|счет|кп|документ|deal|lead|invoice|quote)\s+)?№?\s*(?=\d)")


@dataclass(frozen=True)
class Question:
    """One search. `digits` is what was typed when it is nothing but a phone, an INN or a number; else empty."""

    text: str
    words: tuple[str, ...]
    digits: str
    # What an index has told in answer to it: deals ask for clients too.
    told: dict[str, list[int] | None] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, typed: str) -> Question:
        """Understand what was typed."""
        text = " ".join(typed.replace("\x00", "").split())[:LONGEST]
        folded = text.lower().replace("ё", "е")
        bare = NAMED.sub("", folded)
        digits = re.sub(r"\D", "", bare) if NUMBER.fullmatch(bare) and bare.isascii() else ""
        words = tuple(re.findall(r"\w+", folded)[:MOST_WORDS])
        return cls(text, words, digits)

    @property
    def bare(self) -> str:
        """What was typed without the word and the sign that stand before a number."""
        return NAMED.sub("", self.text.lower().replace("ё", "е"))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for: one letter is said to be half of the base."""
        return not self.words or len(self.text) < SHORTEST

    @property
    def mail(self) -> str:
        """The beginning of an e-mail or of a name in a messenger, in lower case; empty when it is neither."""
        text = self.text.lower()
        is_one = " " not in text and len(text) > 1 and ("@" in text or text.isascii())
        return text.removeprefix("@") if is_one and not self.digits else ""

    @property
    def tail(self) -> str:
        """The last digits of a phone, turned round as they are kept in the index; without the 8 or 7 before ten."""
        digits = self.digits
        if len(digits) == 11 and digits[0] in "78":
            digits = digits[1:]
        return digits[::-1] if len(digits) >= LEAST_DIGITS else ""

    @property
    def number(self) -> int | None:
        """A number of a deal or of a lead."""
        return int(self.digits) if 0 < len(self.digits) < 10 else None

    def beginnings(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """Every word that was typed begins a word of the column, an indexed tsvector.

        Two letters begin a tenth of all words: alone they mean a word of two letters.
        """
        is_told = any(len(word) >= LEAST_LETTERS for word in self.words)
        return column.op("@@")(begun(self.words) if is_told else whole(self.words))
