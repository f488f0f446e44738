"""Requisites of a client as they were typed: INN and KPP, or a refusal in words."""

from flask_babel import gettext as _

from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.ground.requisites import is_inn, is_kpp


def inn(typed: object, field: str = "inn") -> str:
    """An INN of 10 or 12 digits, or nothing. Refuses one whose control digits do not agree."""
    text = clean_line(typed, field, 40).replace(" ", "")
    if text and not is_inn(text):
        raise Refused(_("This INN has a mistake: its control digits do not agree. Check it."), field)
    return text


def kpp(typed: object, field: str = "kpp") -> str:
    """A KPP, or nothing. Refuses another form."""
    text = clean_line(typed, field, 40).replace(" ", "").upper()
    if text and not is_kpp(text):
        raise Refused(_("A KPP has nine characters, such as 773601001. Check it."), field)
    return text
