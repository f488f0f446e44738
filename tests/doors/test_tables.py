"""Tables as people have them, what is no table, whatever stands in a cell, and what is given out again."""

from __future__ import annotations

import pytest

from models.imports import LeadImport
from models.leads import Lead
from models.works import Work
from tests.bad import TEXTS
from tests.doors.importing import all_of, load, send


@pytest.mark.parametrize(
    ("body", "name", "phone"),
    [
        ("Имя;Телефон\nЁлкин;89000001234\n".encode("cp1251"), "Ёлкин", "+79000001234"),
        ("\ufeffИмя,Телефон\n\"Ёлкин, \"\"мл.\"\"\",8 900 000 12 34\n".encode(), 'Ёлкин, "мл."', "+79000001234"),
        ("Имя\tТелефон\r\nЁлкин\t89000001234\r\n".encode("utf-16"), "Ёлкин", "+79000001234"),
        ("sep=;\nИмя;Телефон\nЁлкин;'+7 900 000 12 34\n".encode(), "Ёлкин", "+79000001234"),
        ("Имя;Телефон\n\"Ёлкин\nмладший\";89000001234\n".encode(), "Ёлкин младший", "+79000001234"),
        ("\n\nИмя|Телефон|\nЁлкин|89000001234; 89000001235|лишнее\n".encode(), "Ёлкин", "+79000001234"),
    ],
)
def test_tables_as_people_have_them(app, login, worker, body, name, phone):
    anna = login("anna")
    address = send(anna, body).headers["Location"]
    anna.post(f"{address}/columns", data={"column.0": "name", "column.1": "phone"})
    anna.post(f"{address}/run")
    worker()
    (lead,) = all_of(app, Lead)
    assert (lead.name, lead.phone) == (name, phone)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Файл пустой"),
        (b"\n\n", "Файл пустой"),
        ("Имя;Телефон\n".encode(), "только одна строка"),
        (b"PK\x03\x04" + b"x" * 100, "книга Excel"),
        (b"%PDF-1.7 x", "не таблица"),
        (b"\x00\x01\x02" * 100, "не таблица"),
        (b'a;b\n"' + b"x" * 200_000, "повреждён"),
        (";".join("abc" for _ in range(101)).encode() + b"\nx", "Слишком много колонок"),
        (b"a;b\n" + b"1;2\n" * 50_001, "не больше 50"),
        (b"x" * (10 * 1024 * 1024 + 1), "больше 10"),
        (b"\xff\xfe\x00", "Буквы файла"),
    ],
    ids=lambda value: str(value[:12]),
)
def test_what_is_no_table_is_told_in_words(app, login, body, words):
    answer = send(login("anna"), body)
    assert answer.status_code == 422
    assert words in answer.text.replace("\xa0", " ")
    assert all_of(app, LeadImport) == []


@pytest.mark.parametrize("field", ["name", "phone", "email", "handle", "words", "source", "date", "address", "note"])
def test_whatever_stands_in_a_cell_no_row_stumbles(app, login, worker, field):
    anna = login("anna")
    texts = [text for text in TEXTS.values() if text != "\ud800"]
    lines = ['"{}";"8900{:07}"'.format(text.replace('"', '""'), at) for at, text in enumerate(texts)]
    address = send(anna, "Что;Тел\n" + "\n".join(lines)).headers["Location"]
    form = {"column.0": field, "column.1": "phone" if field != "phone" else "note"}
    assert anna.post(f"{address}/columns", data=form).status_code == 302
    for page in ("", "?show=error", "?show=create", "?page=2"):
        assert anna.get(address + page).status_code == 200
    answer = anna.post(f"{address}/run")
    worker()
    assert answer.status_code in {302, 409}
    assert {work.state for work in all_of(app, Work)} <= {"done"}
    assert all(not work.errors for work in all_of(app, Work))


def test_a_downloaded_file_has_no_formulas_and_can_be_loaded_again(app, login):
    anna = login("anna")
    body = 'Имя;Телефон\n"=cmd|\'/c calc\'!A1";900\n@SUM(A1);901\n+7 (900) 1;902\n-x;903\n'
    address = load(anna, body)
    answer = anna.get(f"{address}/rest.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "Имя;Телефон;Почему"
    assert [line.split(";")[0] for line in lines[1:]] == ["'=cmd|'/c calc'!A1", "'@SUM(A1)", "+7 (900) 1", "'-x"]
    again = send(anna, answer.data).headers["Location"]
    assert "=cmd" in anna.get(again).text
    assert "&#39;=cmd" not in anna.get(again).text
