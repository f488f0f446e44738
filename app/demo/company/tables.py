"""Files with leads that Marina has brought: one is checked and may be loaded, of the other the columns are unnamed."""

from __future__ import annotations

import datetime as dt

from app.demo.company.clock import Clock
from app.demo.company.people import Staff, acting
from app.services import imports
from models.ground.base import clock_at

EXHIBITION = """ФИО;Телефон;Почта;Что нужно;Откуда;Дата;Примечание
Зимина Татьяна;8 900 000 71 01;;Остекление веранды;Выставка;{first};просила образцы профиля
Ершов Павел;+7 900 000-71-02;ershov@example.ru;Три окна в дом;Выставка;{first};
СНТ «Заря»;900 000-71;;Двери в правление;Выставка;{first};перезвонить председателю
Зимина Т.;8 (900) 000-71-01;;Веранда и дверь;Выставка;{second};
Кравец Алла;;kravets@example.ru;Балкон под ключ;Сайт;{second};
;;;;;;
Дорохов Семён;8 900 000 71 07;;Москитные сетки, 4 шт.;Рекомендация;31.12.2099;
"""
OLD_BASE = """Клиент,Моб.,Интерес,Скидка %
Лапина Нина,8 900 000 72 01,Перегородки,5
Фомин Юрий,8 900 000 72 02,Окна на дачу,
"""


def bring(staff: Staff, clock: Clock) -> None:
    """Both files through the verbs of the pages."""
    with acting(staff["marina"]):
        with clock_at(clock.ago(50)):
            imports.load("старая база.csv", OLD_BASE.encode("cp1251"))
        with clock_at(clock.ago(3)):
            days = {"first": clock.today - dt.timedelta(days=10), "second": clock.today - dt.timedelta(days=9)}
            said = EXHIBITION.format(**{name: f"{day:%d.%m.%Y}" for name, day in days.items()})
            job = imports.load("заявки с выставки.csv", said.encode())
            imports.map_columns(job, job.mapping, job.options)
