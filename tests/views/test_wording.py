"""How values are said: money, numbers, days, spans, phones, in both languages and in the reader's zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from app import wording
from app.wording import MINUS, NBSP, speaking


@pytest.fixture
def in_russian(application: Flask) -> Iterator[None]:
    with application.app_context(), speaking("ru", "Europe/Moscow"):
        yield


@pytest.fixture
def in_english(application: Flask) -> Iterator[None]:
    with application.app_context(), speaking("en", "Europe/London"):
        yield


def plain(text: str) -> str:
    return text.replace(NBSP, "_")


@pytest.mark.usefixtures("in_russian")
class TestInRussian:
    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            (184500, "184_500_₽"),
            (Decimal("92250.50"), "92_250,50_₽"),
            (Decimal("1234567.5"), "1_234_567,50_₽"),
            (0, "0_₽"),
            (-68000, f"{MINUS}68_000_₽"),
            (None, "—"),
            (Decimal("999999999999.99"), "999_999_999_999,99_₽"),
        ],
    )
    def test_money_shows_kopecks_only_if_there_are_any(self, amount: Decimal | None, said: str) -> None:
        assert plain(wording.money(amount)) == said

    def test_exact_money_always_shows_kopecks(self) -> None:
        assert plain(wording.money(23560, exact=True)) == "23_560,00_₽"

    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            (999999, "999_999_₽"),
            (1480000, "1,48_млн_₽"),
            (6260000, "6,26_млн_₽"),
            (12_340_000, "12,3_млн_₽"),
            (456_700_000, "457_млн_₽"),
            (2_500_000_000, "2,5_млрд_₽"),
            (Decimal("1234.56"), "1_235_₽"),
        ],
    )
    def test_large_sums_are_shortened(self, amount: Decimal, said: str) -> None:
        assert plain(wording.short_money(amount)) == said

    def test_numbers_and_percents_have_a_comma_and_no_needless_zeros(self) -> None:
        assert plain(wording.number(Decimal("1234.500"))) == "1_234,5"
        assert plain(wording.number(Decimal("-0.004"), 2)) == "0,00"
        assert plain(wording.percent(Decimal("30.5"))) == "30,5_%"
        assert plain(wording.percent(50)) == "50_%"

    def test_days_near_today_are_called_by_name(self) -> None:
        today = wording.today()
        assert wording.day(today) == "сегодня"
        assert wording.day(today + timedelta(days=1)) == "завтра"
        assert wording.day(today - timedelta(days=1)) == "вчера"
        assert wording.day(today + timedelta(days=3)) in {"пн", "вт", "ср", "чт", "пт", "сб", "вс"}

    def test_far_days_have_a_month_and_a_year_if_it_is_another(self) -> None:
        assert plain(wording.day(date(2019, 10, 24))) == "24_октября_2019"

    def test_moments_are_said_in_the_zone_of_the_reader(self) -> None:
        moment = datetime(2020, 5, 10, 22, 5, tzinfo=UTC)
        assert wording.stamp(moment) == "11.05.2020, 1:05"
        with speaking("ru", "Asia/Vladivostok"):
            assert wording.stamp(moment) == "11.05.2020, 8:05"
            assert plain(wording.moment(moment)) == "11_мая_2020, 8:05"

    def test_a_moment_of_today_has_its_time(self) -> None:
        noon = wording.now().replace(hour=11, minute=30)
        assert wording.moment(noon) == "сегодня 11:30"
        assert wording.moment(noon - timedelta(days=1)) == "вчера 11:30"

    @pytest.mark.parametrize(
        ("span", "said"),
        [(timedelta(minutes=42), "42_мин"), (7200, "2_ч"), (timedelta(days=2, hours=5), "2_дн"), (30, "0_мин")],
    )
    def test_spans_have_one_unit(self, span: timedelta | int, said: str) -> None:
        assert plain(wording.duration(span)) == said

    def test_the_time_to_answer_runs_down_and_goes_negative(self) -> None:
        soon = datetime.now(UTC) + timedelta(minutes=4, seconds=12, milliseconds=500)
        assert wording.countdown(soon) == "4:12"
        late = datetime.now(UTC) - timedelta(minutes=6, seconds=40)
        assert wording.countdown(late) == f"{MINUS}6:40"

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ("+79000001234", "+7_900_000-12-34"),
            ("+375291234567", "+375_29_123-45-67"),
            ("anna@example.com", "anna@example.com"),
            ("", ""),
            (None, ""),
        ],
    )
    def test_phones_are_grouped_and_what_is_none_is_left(self, value: str | None, said: str) -> None:
        assert plain(wording.phone(value)) == said

    def test_initials_come_from_two_words_without_quotes(self) -> None:
        assert wording.initials("Марина Ковалёва") == "МК"
        assert wording.initials("ООО «Рубин-Строй»") == "ОР"
        assert wording.initials("") == "?"


@pytest.mark.usefixtures("in_english")
class TestInEnglish:
    def test_the_same_values_in_english(self) -> None:
        today = wording.today()
        assert plain(wording.money(Decimal("184500.5"))) == "184,500.50_₽"
        assert plain(wording.short_money(1480000)) == "1.48_m_₽"
        assert wording.percent(Decimal("30.5")) == "30.5%"
        assert wording.day(today) == "today"
        assert plain(wording.day(date(2019, 10, 24))) == "24_Oct_2019"
        assert wording.dots(date(2019, 10, 24)) == "24.10.2019"
        assert wording.moment(wording.now().replace(hour=9, minute=5)) == "today 9:05"
        assert wording.duration(timedelta(days=2)).replace(NBSP, " ") == "2 d"
