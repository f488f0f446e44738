"""Sentences that are kept in the database and said later, in the language of whoever reads them."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

MARK = "\x1f"


def kept(sentence: str, **values: Any) -> str:
    """An English message id with its values, as one text for a column."""
    return MARK.join([sentence, *(f"{name}={value}" for name, value in values.items())])


def told(text: str | None) -> str:
    """The kept sentence in the reader's language; any other text as it is."""
    sentence, *pairs = (text or "").split(MARK)
    if not sentence:
        return ""
    values = dict(pair.partition("=")[::2] for pair in pairs)
    return _(sentence, **values) if values else _(sentence)
