"""What is asked of text search: words by their beginnings, in whatever marks the company's names stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func

# Our PostgreSQL has no ICU, and its parser takes signs beyond ASCII for letters: «Уют» is one word, with its marks.
OPENED, CLOSED = ("", "«", "„", "“"), ("", "»", "“", "”")


def begun(words: Iterable[str]) -> Any:
    """All of these words begin words of a text, which is kept in small letters and without ё."""
    return _asked(words, lambda word: [f"'{mark}{word}':*" for mark in OPENED])


def whole(words: Iterable[str]) -> Any:
    """All of these words stand in a text as they are."""
    return _asked(words, lambda word: [f"'{left}{word}{right}'" for left in OPENED for right in CLOSED])


def _asked(words: Iterable[str], forms: Any) -> Any:
    folded = (word.lower().replace("ё", "е") for word in words)
    return func.to_tsquery("simple", " & ".join(f"({' | '.join(forms(word))})" for word in folded))
