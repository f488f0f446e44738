"""Sums in roubles: always Decimal, half up to the kopeck, and parts that add up to the whole."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

KOPECK = Decimal("0.01")
ZERO = Decimal("0.00")


def rounded(amount: Decimal) -> Decimal:
    """Half up to the kopeck."""
    return amount.quantize(KOPECK, ROUND_HALF_UP)


def vat_inside(gross: Decimal, percent: Decimal | None) -> Decimal:
    """The VAT inside a sum that includes it: sum × r / (100 + r). None is «без НДС», which is not 0 %."""
    return ZERO if percent is None else rounded(gross * percent / (100 + percent))


def share_of(total: Decimal, percent: Decimal) -> Decimal:
    """So many percent of a sum."""
    return rounded(total * percent / 100)


def parts_of(total: Decimal, percents: Sequence[Decimal]) -> list[Decimal]:
    """Payments by percent: each but the last is rounded, the last one is what is left."""
    parts = [share_of(total, percent) for percent in percents[:-1]]
    return [*parts, total - sum(parts, ZERO)]


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """A sum laid over lines in proportion to their weights; what rounding leaves goes to the largest.

    No part leaves the bounds of zero and its weight, as long as the sum itself does not.
    """
    whole = sum(weights, ZERO)
    parts = [rounded(amount * weight / whole) if whole else ZERO for weight in weights]
    left = amount - sum(parts, ZERO)
    for place in sorted(range(len(weights)), key=weights.__getitem__, reverse=True):
        step = max(min(left, weights[place] - parts[place]), -parts[place])
        parts[place] += step
        left -= step
    return parts
