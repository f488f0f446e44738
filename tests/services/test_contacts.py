"""Phones, e-mails and lines said at the phone, as they are understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.services import contacts

CASES = json.loads((Path(__file__).parent.parent / "vectors" / "phones.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["raw"])
def test_phones_of_the_vectors(case: dict[str, Any]) -> None:
    found = contacts.read_phone(case["raw"])
    if "error" in case:
        assert found is None
    else:
        assert found == contacts.Phone(case["e164"], case["valid"], case["ext"])
    assert contacts.phone(case["raw"]) == (case.get("e164", "") if case.get("valid") else "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ZAKAZ@Romashka.example ", "zakaz@romashka.example"), ("иван@почта.рф", "иван@почта.рф"),
        ("a@b", ""), ("a@@b.ru", ""), ("a b@c.ru", ""), ("", ""), (None, ""), ("x" * 300 + "@a.ru", ""),
        ("a@b.ru\r\nBcc: c@d.ru", ""), ("a\x00@b.ru", ""),
    ],
)  # fmt: skip
def test_emails(typed: Any, kept: str) -> None:
    assert contacts.email(typed) == kept
