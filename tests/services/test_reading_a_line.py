"""What is said at the phone in one line is taken apart, whatever the order; nothing of it is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.services import contacts
from app.services.leads.reading import NAMES, Said, read_line

LINES = (
    ("Ирина 8 900 000 12 34 окна в дачу", Said("Ирина", "8 900 000 12 34", words="окна в дачу")),
    ("Иван 8 916 123-45-67 два окна", Said("Иван", "8 916 123-45-67", words="два окна")),
    ("ирина 89000001234 окна в дачу", Said("ирина", "89000001234", words="окна в дачу")),
    ("Ирина Петровна Соколова +7 (900) 000-12-34", Said("Ирина Петровна Соколова", "+7 (900) 000-12-34")),
    ("8(903)000-11-22 Ольга, перезвонить", Said("Ольга", "8(903)000-11-22", words="перезвонить")),
    ("8 903 000 11 22 Окна в дачу", Said("", "8 903 000 11 22", words="Окна в дачу")),
    ("Окна в дачу, Ирина 8 900 000 12 34", Said("Ирина", "8 900 000 12 34", words="Окна в дачу")),
    ("Окна на дачу 8 900 000 12 34", Said("", "8 900 000 12 34", words="Окна на дачу")),
    ("Балкон 8 900 000 12 34", Said("", "8 900 000 12 34", words="Балкон")),
    ("Рафаэль 8 900 000 12 34 лоджия", Said("Рафаэль", "8 900 000 12 34", words="лоджия")),
    ("ООО «Северный двор» sever@example.ru фасад 240 м²", Said("ООО «Северный двор»", email="sever@example.ru", words="фасад 240 м²")),
    ("ИП Ковтун kovtun@example.ru перегородки", Said("ИП Ковтун", email="kovtun@example.ru", words="перегородки")),
    ("Светлана @sveta_home шкаф в прихожую", Said("Светлана", handle="sveta_home", words="шкаф в прихожую")),
    ("Света t.me/sveta_home шкаф", Said("Света", handle="sveta_home", words="шкаф")),
    ("Пётр, 8 900 000 12 34, petr@example.ru, дверь 900х2100", Said("Пётр", "8 900 000 12 34", "petr@example.ru", words="дверь 900х2100")),
    ("просит перезвонить завтра после обеда 89161234567", Said("", "89161234567", words="просит перезвонить завтра после обеда")),
    ("Иван с Авито 8 900 000 12 34 кухня 3 м", Said("Иван", "8 900 000 12 34", words="с Авито кухня 3 м")),
    ("Нужна кухня 3 м", Said(words="Нужна кухня 3 м")),
    ("Ирина, нужна кухня 3 м", Said("Ирина", words="нужна кухня 3 м")),
    ("John Smith +44 20 7946 0958 two windows", Said("John Smith", "+44 20 7946 0958", words="two windows")),
    ("", Said()),
)  # fmt: skip


@pytest.mark.parametrize(("line", "said"), LINES, ids=[line or "nothing" for line, _said in LINES])
def test_a_line_is_understood(line: str, said: Said) -> None:
    assert read_line(line) == said


PHONES = st.builds(
    lambda code, number, form: form(code, f"{number:07}"),
    st.sampled_from(["900", "903", "916", "925", "999"]),
    st.integers(0, 9_999_999),
    st.sampled_from(
        [
            lambda code, n: f"8{code}{n}",
            lambda code, n: f"+7{code}{n}",
            lambda code, n: f"8 {code} {n[:3]} {n[3:5]} {n[5:]}",
            lambda code, n: f"8 ({code}) {n[:3]}-{n[3:5]}-{n[5:]}",
            lambda code, n: f"+7 {code} {n[:3]}-{n[3:]}",
            lambda code, n: f"8-{code}-{n[:3]}-{n[3:5]}-{n[5:]}",
            lambda code, n: f"7{code}{n}",
        ]
    ),
)
WORDS = st.sampled_from(["окна в дачу", "две двери", "кухня 3 м", "остекление лоджии 6 метров", "ремонт", "перезвоните после 18"])


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(NAMES)), phone=PHONES, words=WORDS, order=st.integers(0, 2), comma=st.booleans())
def test_name_phone_and_request_in_any_order(name: str, phone: str, words: str, order: int, comma: bool) -> None:
    shown = name.capitalize()
    parts = [[shown, phone, words], [phone, shown, words], [words, shown, phone]][order]
    said = read_line((", " if comma else " ").join(parts))
    assert (said.name, said.words) == (shown, words)
    assert contacts.phone(said.phone) == contacts.phone(phone) != ""


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
@example("\x00")
@example("8" * 300)
@example("@" * 300)
@example("a@b.ru a@b.ru @handle 89001112233 89001112244")
def test_whatever_is_typed_nothing_is_lost_and_nothing_is_made_up(line: str) -> None:
    said = read_line(line)
    letters = re.sub(r"[\W_]", "", line.replace("t.me/", " "))
    kept = re.sub(r"[\W_]", "", f"{said.name}{said.phone}{said.email}{said.handle}{said.words}")
    assert sorted(kept) == sorted(letters) or "t.me" in line
    assert all(part in line.replace("\x00", " ") or " " in part for part in (said.phone, said.email, said.handle))
