"""The payment QR of an invoice by GOST R 56042-2014: its text, and its picture as a data URI."""

import base64
import io
from collections.abc import Mapping
from decimal import Decimal

import segno

from models.ground.money import rounded

# Some readers stop at 160 characters of the purpose, though 210 are allowed (domain A.5).
PURPOSE = 160
SEPARATORS = "|#;:^_~{}!$%&()*+,/@"


def payment_text(seller: Mapping[str, str], amount: Decimal | str, purpose: str) -> str:
    """The text of the code: five mandatory fields in their order, the sum in kopecks, UTF-8 (sign 2).

    `seller` has name, account, bank, bic, corr_account, inn, kpp. All fields share one separator, which no
    value contains.
    """
    kopecks = int(rounded(Decimal(amount)) * 100)
    fields = [
        ("Name", _clean(seller["name"])[:160]),
        ("PersonalAcc", seller["account"]),
        ("BankName", _clean(seller["bank"])[:45]),
        ("BIC", seller["bic"]),
        ("CorrespAcc", seller["corr_account"]),
        ("Sum", str(kopecks)),
        ("Purpose", _clean(purpose)[:PURPOSE]),
        ("PayeeINN", seller["inn"]),
        ("KPP", seller["kpp"]),
    ]
    given = [(name, value) for name, value in fields if value or name == "CorrespAcc"]
    mark = next(sign for sign in SEPARATORS if not any(sign in value for _name, value in given))
    return "ST00012" + "".join(f"{mark}{name}={value}" for name, value in given)


def _clean(text: str) -> str:
    return " ".join(text.split())


def picture(text: str, scale: int = 8, border: int = 4) -> str:
    """A QR code as a PNG in a data URI; the quiet zone of a payment code is four modules."""
    out = io.BytesIO()
    code = segno.make(text, error="m", encoding="utf-8", micro=False)
    code.save(out, kind="png", scale=scale, border=border)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode("ascii")
