"""The terms of a partner: the promo code his clients name, and what he gets."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.lowcode.sorting import CODE
from app.services.clients.recognising import everywhere
from models.clients import Client, ClientKind
from models.ground.limits import clean_line, plain_number
from models.ground.refused import Refused


def promo(typed: object) -> str:
    """A promo code in capitals, or nothing. Refuses one that nobody could find in a text."""
    code = clean_line(typed, "promo", 60).upper()
    if code and (not CODE.fullmatch(code) or code.isdigit()):
        words = _("A promo code is one word of 3 to 40 letters, digits, hyphens, with a letter in it: LINIA.")
        raise Refused(words, "promo")
    return code


def percent(typed: object) -> Decimal | None:
    """What the partner gets, from 0 to 100, or nothing."""
    if typed is None or not str(typed).strip():
        return None
    try:
        value = Decimal(plain_number(typed))
    except InvalidOperation:
        raise Refused(_("This is not a percentage. Type a number, for example 7.5."), "partner_percent") from None
    if not value.is_finite() or not 0 <= value <= 100:
        raise Refused(_("A percentage is from 0 to 100."), "partner_percent")
    return value.quantize(Decimal("0.01"))


def checked(client: Client, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the terms become together with these values: only a partner has any. Refuses a code that another has."""
    if values.get("kind", client.kind) != ClientKind.PARTNER:
        return {"promo": "", "partner_terms": "", "partner_percent": None}
    code = values.get("promo")
    if code and code != client.promo and _is_taken(code, client.id):
        raise Refused(_("Another partner has this promo code. Choose a different one."), "promo")
    return {}


def _is_taken(code: str, client_id: int | None) -> bool:
    with everywhere() as session:
        same = select(Client.id).where(Client.promo == code, Client.id != (client_id or 0)).limit(1)
        return session.execute(same).first() is not None
