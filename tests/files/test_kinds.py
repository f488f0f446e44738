"""The type is told by the bytes, and a name is made safe."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from app.files.kinds import UNKNOWN, clean_name, is_risky, served_type, type_of
from tests.files import pictures


def packed(**names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, text in names.items():
            archive.writestr(name.replace("__", "/"), text)
    return kept.getvalue()


@pytest.mark.parametrize(("data", "kind"), [
    (b"%PDF-1.7 x", "application/pdf"),
    (b"MZ\x90\x00", "application/x-msdownload"),
    (b"\x7fELF\x02", "application/x-executable"),
    (b"#!/bin/sh\nrm -rf /", "text/x-shellscript"),
    (b"<!DOCTYPE html><p>", "text/html"),
    (b"\xef\xbb\xbf  <!-- x --><HTML>", "text/html"),
    (b"hello <script>alert(1)</script>", "text/html"),
    (b"<?xml version='1.0'?><!-- a --><svg onload='x'>", "image/svg+xml"),
    (b"<?xml version='1.0'?><data/>", "text/xml"),
    (b"GIF89a" + b"\x00" * 20, "image/gif"),
    (b"BM of a letter", "text/plain"),
    ("Счёт за окна".encode(), "text/plain"),
    ("Счёт за окна".encode("cp1251"), "text/plain"),
    (b"BEGIN:VCARD\n", "text/vcard"),
    (b"\x00\x01\x02", UNKNOWN),
    (b"PK\x03\x04 broken", "application/zip"),
    (packed(word__document="x"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (packed(xl__workbook="x"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (packed(readme="x"), "application/zip"),
    (packed(**{"META-INF/MANIFEST.MF": "x"}), "application/java-archive"),
])  # fmt: skip
def test_by_content(data: bytes, kind: str) -> None:
    assert type_of(data) == kind


def test_a_packed_file_of_half_a_million_names_is_not_looked_through() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"word/{number}", b"")
    since = time.monotonic()
    assert type_of(kept.getvalue()) == "application/zip"
    assert time.monotonic() - since < 0.2


def test_pictures_by_content() -> None:
    made = {
        "image/jpeg": pictures.jpeg(),
        "image/png": pictures.png(),
        "image/webp": pictures.webp(),
        "image/heic": pictures.heic(),
    }
    assert {kind: type_of(data) for kind, data in made.items()} == {kind: kind for kind in made}


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "text/xml", "application/x-msdownload", "application/java-archive"]
)
def test_what_a_browser_might_run_is_given_out_without_its_type(kind: str) -> None:
    assert served_type(kind) == UNKNOWN


def test_programs_are_told_by_bytes_and_by_name() -> None:
    assert is_risky("application/x-msdownload", "фото.jpg")
    assert is_risky("text/plain", "акт.pdf.EXE")
    assert not is_risky("application/pdf", "Счёт № 318.pdf")


@pytest.mark.parametrize(("typed", "clean"), [
    ("../../etc/passwd", "passwd"),
    ("C:\\Windows\\win.ini", "win.ini"),
    ("a\x00b.pdf", "a b.pdf"),
    ("акт\u202efdp.exe", "акт fdp.exe"),
    ("Счёт № 318 «Окна».pdf", "Счёт № 318 «Окна».pdf"),
    ('<img src="x">.png', "img src=x.png"),
    ("a\r\nSet-Cookie: x.txt", "a Set-Cookie x.txt"),
    ("...", "file"),
    ("", "file"),
    ("💥.jpg", "💥.jpg"),
])  # fmt: skip
def test_names(typed: str, clean: str) -> None:
    assert clean_name(typed) == clean


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("я" * 400 + ".pdf").endswith("я.pdf")
    assert len(clean_name("я" * 400 + ".pdf")) == 200
    assert len(clean_name("я" * 100_000)) <= 200
