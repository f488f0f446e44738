"""Numbers as people type them: in Russian a comma is the decimal sign, in English it stands between thousands."""

from decimal import Decimal as D

import pytest
from flask_babel import force_locale

from models.ground.limits import clean_money, plain_number
from models.ground.refused import Refused


@pytest.mark.parametrize(
    ("typed", "russian", "english"),
    [
        ("1 234,50 ₽", "1234.50", "1234.50"),
        ("184\u00a0500", "184500", "184500"),
        ("1,5", "1.5", "1.5"),
        ("1,500", "1.500", "1500"),
        ("175,200", "175.200", "175200"),
        ("1,234.50", "1234.50", "1234.50"),
        ("1,234,567", "1234567", "1234567"),
        ("10.4", "10.4", "10.4"),
        ("\u22125", "-5", "-5"),
        ("12,34,56", "12.34.56", "12.34.56"),
    ],
)
def test_a_number_is_read_as_its_page_writes_it(application, typed, russian, english):
    with application.test_request_context():
        with force_locale("ru"):
            assert plain_number(typed) == russian
        with force_locale("en"):
            assert plain_number(typed) == english


def test_what_is_no_sum_is_refused():
    for bad in ("", "abc", "12,34,56", "1e", "NaN", "Infinity", "1e400", "999999999999.995", "--5"):
        with pytest.raises(Refused):
            clean_money(bad)
    assert clean_money("999999999999.99") == D("999999999999.99")
    assert clean_money("0.125") == D("0.13")
