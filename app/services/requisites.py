"""Requisites of a company as the tax office gives them: INN and KPP with their checks."""

import re

from flask_babel import gettext as _

from models.ground.limits import clean_line
from models.ground.refused import Refused

# Order MM-3-6/435 of the tax office: weights of each control digit, by the length of the INN.
WEIGHTS = {
    10: ((2, 4, 10, 3, 5, 9, 4, 6, 8),),
    12: ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)),
}
KPP = re.compile(r"(?!0000)[0-9]{4}[0-9A-Z]{2}[0-9]{3}")


def inn(typed: object, field: str = "inn") -> str:
    """An INN of 10 or 12 digits, or nothing. Refuses one whose control digits do not agree."""
    text = clean_line(typed, field, 40).replace(" ", "")
    if text and not is_inn(text):
        raise Refused(_("This INN has a mistake: its control digits do not agree. Check it."), field)
    return text


def kpp(typed: object, field: str = "kpp") -> str:
    """A KPP, or nothing. Refuses another form."""
    text = clean_line(typed, field, 40).replace(" ", "").upper()
    if text and not KPP.fullmatch(text):
        raise Refused(_("A KPP has nine characters, such as 773601001. Check it."), field)
    return text


def is_inn(text: str) -> bool:
    """Whether the text is an INN of a company (10 digits) or of a person (12)."""
    if not (text.isascii() and text.isdigit()) or len(text) not in WEIGHTS or not int(text):
        return False
    for weights in WEIGHTS[len(text)]:
        total = sum(weight * int(digit) for weight, digit in zip(weights, text, strict=False))
        if total % 11 % 10 != int(text[len(weights)]):
            return False
    return True
