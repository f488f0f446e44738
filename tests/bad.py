"""Input that no door may stumble over: bodies, JSON values, texts."""

from __future__ import annotations

from typing import Any

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "not json": b"{",
    "a list": b"[]",
    "null": b"null",
    "a number": b"1",
    "a text": b'"x"',
    "not a number": b'{"title": NaN, "name": NaN}',
    "infinity": b'{"title": Infinity, "name": -Infinity}',
    "latin letters of another encoding": '{"title": "é"}'.encode("latin-1"),
    "utf-16": '{"title": "x"}'.encode("utf-16"),
    "nested deeply": b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "open brackets": b"[" * 200_000,
    "a number of 10 000 digits": b'{"title": ' + b"9" * 10_000 + b"}",
    "10 MB": b'{"title": "' + b"x" * 10_000_000 + b'"}',
}

# Values of JSON fields.
VALUES: dict[str, Any] = {
    "list": [1],
    "object": {"a": 1},
    "true": True,
    "number": 12,
    "fraction": 0.1,
    "huge": 10**30,
    "below zero": -1,
    "empty": "",
    "blank": "  ",
    "null": None,
    "NUL": "a\x00b",
    "half of a pair": "\ud800",
    "emoji": "💥👩‍👩‍👧",
    "right to left": "\u202eабв",
    "sql": "'; DROP TABLE deal; --",
    "html": "<script>alert(1)</script>",
    "template": "{{ 7*7 }}${7*7}",
    "long": "x" * 10_001,
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31T23:59:59Z",
    "10^30": "1e30",
    "NaN": "NaN",
    "letters": "восемь-девятьсот",
    "texts": ["x"],
    "numbers": [1, 2, 3],
    "many": ["89161112233"] * 1000,
    "id": 999_999_999,
    "2**63": 2**63,
    "2**31": 2**31,
}

# What is typed into a box of a form, or stands in an address.
TEXTS: dict[str, str] = {name: value for name, value in VALUES.items() if isinstance(value, str)} | {
    "zero": "0",
    "below zero": "-1",
    "fraction": "0.1",
    "a huge number": "9" * 30,
    "2**31": str(2**31),
    "2**63": str(2**63),
    "other digits": "١٢٣",
    "infinity": "Infinity",
    "hexadecimal": "0x10",
    "a date that is none": "31.02.2026",
    "a date of the year 1": "01.01.0001",
    "a date of the year 9999": "31.12.9999",
    "a time that is none": "2026-13-45T99:99",
    "a phone with letters": "8 (916) CALL-NOW",
    "a path": "../../etc/passwd",
    "a list in JSON": "[1,",
    "lines": "a\r\nSet-Cookie: x=1",
    "a template of another kind": "<%= 7*7 %>#{7*7}",
    "a formula": "=cmd|'/c calc'!A1",
}
