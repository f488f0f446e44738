"""A file of a company as it comes, and how it is sent, mapped and checked: for tests of imports."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import select

from models.ground.actor import SYSTEM, acting_as

FILE = """ФИО;Тел.;e-mail;Запрос;Откуда узнал;Дата обращения;Примечание 2
Соколова Ирина;8 900 000 12 34;I.Sokolova@Example.ru;Окна в дачу;авито;03.02.25;звонить после 18
Панин Игорь;+79000002291;;Дверь;сарафан;2025-04-18;
ТСЖ Лесное;900 000-1;;Фасад;сайт;;
Панин И.;8 (900) 000-22-91;;Ещё дверь;;;
;;;;;;
Белкина Ж.;;;;;31.12.2052;
Лесной;;tsj@example.ru;Двери;;;
"""
MAPPING = {"0": "name", "1": "phone", "2": "email", "3": "words", "4": "source", "5": "date", "6": "note"}


def all_of(app: Any, cls: Any) -> list[Any]:
    with app.app_context(), acting_as(SYSTEM) as session:
        found = list(session.execute(select(cls).order_by(cls.id)).scalars())
        session.expunge_all()
        return found


def send(browser: Any, body: bytes | str = FILE, name: str = "клиенты.csv") -> Any:
    data = body if isinstance(body, bytes) else body.encode()
    answer = browser.post("/imports/", data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")
    # The client of the tests leaves the file it encoded a large form into.
    answer.request.environ["wsgi.input"].close()
    return answer


def load(browser: Any, body: bytes | str = FILE, **more: str) -> str:
    """Send, map and check; the address of the import."""
    address = send(browser, body).headers["Location"]
    form = {f"column.{at}": code for at, code in MAPPING.items()} | more
    assert browser.post(f"{address}/columns", data=form).status_code == 302
    return str(address)
