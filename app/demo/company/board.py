"""The open deals of the demo company: who wants what, how far it has come, what is to be done next."""

from __future__ import annotations

from dataclasses import dataclass

INTAKE, MEASURE, ESTIMATE, BILL, PRODUCTION, SHIPPING = range(6)


@dataclass(frozen=True)
class Open:
    """A deal as the board shows it: `hours` on its stage; `due` is a day from today and a time, None for no task.

    `phone` are the last four digits; `kind` is that of the next task, of which `task` is the title.
    """

    client: str
    title: str
    amount: int
    stage: int
    owner: str
    hours: int
    due: tuple[int, str] | None
    task: str
    kind: str
    work: str
    source: str
    phone: str
    is_company: bool = False
    address: str = ""
    category: str = "new"


BOARD: tuple[Open, ...] = (
    Open("Дарья Котова", "Кухня угловая, 3,2 × 1,8 м", 310_000, INTAKE, "marina", 21, (0, "15:30"),
         "Прислать варианты цвета фасадов", "message", "kitchen", "telegram", "20-01"),
    Open("Михаил Лосев", "Окна в дом, 7 шт.", 265_000, INTAKE, "oleg", 50, (-1, "16:00"),
         "Позвонить: договориться о замере", "call", "windows", "site", "20-02"),
    Open("Кофейня «Зерно»", "Входная группа", 148_000, INTAKE, "marina", 22, (1, "11:00"),
         "Отправить письмо с примерами", "message", "doors", "email", "20-03", is_company=True),
    Open("Тамара Юдина", "Москитные сетки, 4 шт.", 6_600, INTAKE, "anna", 4, None,
         "", "other", "windows", "whatsapp", "20-04"),
    Open("Руслан Хамитов", "Балкон под ключ", 192_000, INTAKE, "oleg", 20, (2, "12:00"),
         "Позвонить после работы", "call", "balcony", "maps", "20-05"),
    Open("Полина Зимина", "Окно на кухню", 28_400, INTAKE, "marina", 2, (0, "17:00"),
         "Позвонить: уточнить размеры", "call", "windows", "site", "20-06"),
    Open("Ольга Рыбина", "Окна в спальню, 2 шт.", 78_400, MEASURE, "marina", 27, (0, "10:00"),
         "Провести замер", "measure", "windows", "site", "20-07", address="ул. Садовая, 8, кв. 17"),
    Open("Салон «Лайм»", "Перегородки, 14 м²", 226_000, MEASURE, "anna", 46, (0, "16:00"),
         "Провести замер", "measure", "partitions", "referral", "20-08", is_company=True,
         address="пр-т Мира, 21"),
    Open("Егор Сафин", "Остекление веранды", 340_000, MEASURE, "oleg", 101, (-3, "10:00"),
         "Перенести замер", "measure", "balcony", "avito", "20-09", address="пос. Лесной, уч. 44"),
    Open("Управляющая компания «Константиновский квартал»", "Двери в подъезд, 2 шт.", 131_900, MEASURE, "marina",
         25, (1, "9:30"), "Провести замер", "measure", "doors", "referral", "20-10", is_company=True,
         address="ул. Константинова, 3"),
    Open("Глеб Ермолин", "Гардеробная, 4,1 м²", 164_000, MEASURE, "anna", 28, (1, "14:00"),
         "Провести замер", "measure", "furniture", "telegram", "20-11", address="ул. Новая, 5, кв. 90"),
    Open("ООО «Рубин-Строй»", "Окна в офис, 18 шт.", 612_000, ESTIMATE, "marina", 148, (-1, "17:00"),
         "Узнать решение по КП", "call", "windows", "referral", "20-12", is_company=True,
         address="ул. Заводская, 2, стр. 4", category="repeat"),
    Open("Клиника «Дельта»", "Двери ПВХ, 9 шт.", 405_000, ESTIMATE, "anna", 76, (1, "10:00"),
         "Отправить КП", "document", "doors", "email", "20-13", is_company=True, address="ул. Речная, 18"),
    Open("Вадим Орехов", "Кухня прямая, 2,8 м", 219_000, ESTIMATE, "oleg", 30, None,
         "", "other", "kitchen", "whatsapp", "20-14", address="ул. Гагарина, 9, кв. 31"),
    Open("Семён Кравец", "Окна в баню, 3 шт.", 54_700, ESTIMATE, "oleg", 29, (2, "11:00"),
         "Рассчитать смету", "estimate", "windows", "avito", "20-15", address="СНТ «Берёзка», уч. 7"),
    Open("Игорь Панин", "Окна в детскую", 96_300, BILL, "marina", 52, (-1, "18:30"),
         "Отправить договор на подпись", "document", "windows", "whatsapp", "20-16", address="ул. Мира, 40, кв. 8"),
    Open("ЖСК «Берег»", "Остекление подъездов", 530_000, BILL, "anna", 122, (1, "12:00"),
         "Проверить оплату", "payment", "windows", "referral", "20-17", is_company=True,
         address="наб. Речная, 1", category="repeat"),
    Open("Лариса Мельник", "Шкаф-купе, 2,4 м", 124_000, BILL, "oleg", 26, (1, "12:00"),
         "Позвонить: напомнить о счёте", "call", "furniture", "site", "20-18", address="ул. Школьная, 12, кв. 3"),
    Open("Артур Минасян", "Кухня п-образная", 572_000, BILL, "marina", 51, (4, "12:00"),
         "Проверить оплату", "payment", "kitchen", "telegram", "20-19", address="ул. Советская, 77, кв. 140"),
    Open("Семья Ветровых", "Окна и балкон", 238_900, PRODUCTION, "marina", 196, (0, "14:00"),
         "Согласовать дату монтажа", "call", "balcony", "referral", "20-20", address="ул. Лесная, 15, кв. 64"),
    Open("Пекарня «Колос»", "Витрина, 2 шт.", 187_000, PRODUCTION, "oleg", 268, (-1, "13:00"),
         "Разобраться: мастер вернул", "production", "doors", "maps", "20-21", is_company=True,
         address="ул. Хлебная, 4"),
    Open("Андрей Шубин", "Кухня с островом", 486_000, PRODUCTION, "anna", 124, (8, "18:00"),
         "Изготовить изделия", "production", "kitchen", "telegram", "20-22", address="ул. Новая, 31, кв. 12"),
    Open("Детсад № 12", "Окна в группу, 6 шт.", 214_000, PRODUCTION, "marina", 76, (6, "18:00"),
         "Изготовить изделия", "production", "windows", "email", "20-23", is_company=True,
         address="ул. Школьная, 2"),
    Open("Жанна Белкина", "Комод и тумбы", 88_000, PRODUCTION, "anna", 52, (11, "18:00"),
         "Изготовить изделия", "production", "furniture", "whatsapp", "20-24", address="ул. Садовая, 60, кв. 5"),
    Open("Зоя Никитина", "Балконный блок", 68_700, SHIPPING, "oleg", 26, (1, "9:00"),
         "Доставить и установить", "delivery", "balcony", "site", "20-25", address="ул. Гагарина, 22, кв. 18"),
    Open("ИП Журавлёв", "Рольставни, 3 шт.", 112_000, SHIPPING, "anna", 45, (0, "18:00"),
         "Подписать акт", "document", "windows", "telegram", "20-26", is_company=True, address="ул. Речная, 6"),
    Open("Марат Галеев", "Окна, 5 шт.", 175_600, SHIPPING, "marina", 27, (2, "10:00"),
         "Доставить и установить", "delivery", "windows", "telegram", "20-27", address="ул. Полевая, 3, кв. 29"),
)  # fmt: skip
