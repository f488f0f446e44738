"""Check digits of Russian requisites (INN, OGRN, KPP, BIC, accounts): True when a value can be right."""

import re

_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
# A letter in the sixth place of an account stands for a clearing currency (Bank of Russia, order 515).
_CURRENCIES = "ABCEHKMPTX"


def _digits(text: str, *lengths: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) in lengths


def _key(text: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=False)) % 11 % 10


def is_inn(text: str) -> bool:
    """10 digits of a company or 12 of a person, with the keys of the tax service."""
    if not _digits(text, 10, 12) or text.startswith("00"):
        return False
    if len(text) == 10:
        return _key(text, _INN_10) == int(text[9])
    return _key(text, _INN_11) == int(text[10]) and _key(text, _INN_12) == int(text[11])


def is_kpp(text: str) -> bool:
    """Nine places, the fifth and sixth may be Latin capitals; it has no check digit."""
    return re.fullmatch(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}", text) is not None and not text.startswith("0000")


def is_ogrn(text: str) -> bool:
    """13 digits of a company (from 1 or 5) or 15 of an entrepreneur (from 3)."""
    if _digits(text, 13):
        return text[0] in "15" and int(text[:12]) % 11 % 10 == int(text[12])
    return _digits(text, 15) and text[0] == "3" and int(text[:14]) % 13 % 10 == int(text[14])


def is_bic(text: str) -> bool:
    """Nine digits that begin as those of banks and of the treasury do."""
    return _digits(text, 9) and text[:2] in {"00", "01", "02", "04"}


def is_account(account: str, bic: str) -> bool:
    """A client's account in the bank of this BIC (Bank of Russia, order 515 of 08.09.1997)."""
    ends_at_centre = bic[6:] in {"000", "001", "002"} or account.startswith("40102")
    return _fits(account, bic, f"0{bic[4:6]}" if ends_at_centre else bic[6:])


def is_corr_account(account: str, bic: str) -> bool:
    """A bank's own account in the Bank of Russia."""
    return account.startswith("301") and _fits(account, bic, f"0{bic[4:6]}")


def _fits(account: str, bic: str, beginning: str) -> bool:
    if not is_bic(bic):
        return False
    if len(account) == 20 and account[5] in _CURRENCIES:
        account = account[:5] + str(_CURRENCIES.index(account[5])) + account[6:]
    if not _digits(account, 20):
        return False
    if account.startswith("0"):
        return True  # accounts of the treasury have a key of their own
    return sum(int(digit) * (7, 1, 3)[place % 3] for place, digit in enumerate(beginning + account)) % 10 == 0
