"""Conditions of a list's filter: each reads its own text, and what it cannot read is refused, not ignored."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_appbuilder.models.filters import BaseFilter, BaseFilterConverter, FilterRelation
from flask_babel import lazy_pgettext as _p
from sqlalchemy import BigInteger, func
from werkzeug.exceptions import BadRequest

from app.wording import zone

BIG = 2**63 - 1
DAY = dt.timedelta(days=1)


def whole(text: str, top: int = BIG) -> int:
    """A whole number from 0 to `top`; raises BadRequest."""
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > top or len(text) > 19:
        raise BadRequest
    return int(text)


def top_of(column: Any) -> int:
    """The largest number that a column of whole numbers can hold."""
    return BIG if isinstance(column.type, BigInteger) else 2**31 - 1


class Condition(BaseFilter):
    """One way to compare one column. FAB makes one per column and hands the text of the address over."""

    def __init__(self, column_name: str, datamodel: Any, is_related_view: bool = False) -> None:
        # Not FAB's own: it would put this class into the map that all REST views of the process share.
        self.column_name = column_name
        self.datamodel = datamodel
        self.model = datamodel.obj
        self.is_related_view = is_related_view

    @property
    def column(self) -> Any:
        """The column in SQL."""
        return getattr(self.model, self.column_name)

    def read(self, text: str) -> Any:
        """The value that the text says; raises BadRequest."""
        if "\x00" in text or len(text) > 250:
            raise BadRequest
        return text

    def where(self, value: Any) -> Any:
        """The comparison in SQL."""
        raise NotImplementedError

    def apply(self, query: Any, value: Any) -> Any:
        """FAB hands over the text of the address, or the key of a related page's record."""
        return query.filter(self.where(self.read(str(value))))


class Begins(Condition):
    """Text that begins so; ё and е, large and small letters are one."""

    name = _p("filter", "begins with")
    arg_name = "sw"

    def where(self, value: Any) -> Any:
        if self.column_name == "name" and hasattr(self.model, "folded"):
            folded = value.lower().replace("ё", "е")
            return self.model.folded.startswith(folded, autoescape=True)
        return func.lower(self.column).startswith(value.lower(), autoescape=True)


class Equals(Condition):
    """Exactly this text."""

    name = _p("filter", "is")
    arg_name = "eq"

    def where(self, value: Any) -> Any:
        return self.column == value


class Numbered(Condition):
    """A base for comparisons of numbers."""

    def read(self, text: str) -> Any:
        plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
        try:
            number = Decimal(plain)
        except InvalidOperation:
            raise BadRequest from None
        if not number.is_finite() or abs(number) >= Decimal(10) ** 18:
            raise BadRequest
        return number


class NumberEquals(Numbered):
    """Exactly this number."""

    name = _p("filter", "is")
    arg_name = "eq"

    def where(self, value: Any) -> Any:
        return self.column == value


class AtLeast(Numbered):
    """This number or more."""

    name = _p("filter", "at least")
    arg_name = "ge"

    def where(self, value: Any) -> Any:
        return self.column >= value


class AtMost(Numbered):
    """This number or less."""

    name = _p("filter", "at most")
    arg_name = "le"

    def where(self, value: Any) -> Any:
        return self.column <= value


class Dated(Condition):
    """A base for comparisons of days; moments are compared by days of the reader's zone."""

    def read(self, text: str) -> Any:
        for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                day = dt.datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 (a day has no zone)
            except ValueError:
                continue
            if 1900 <= day.year <= 2100:
                return day
        raise BadRequest

    def begin_of(self, day: dt.date) -> Any:
        """The day, or the moment when it begins."""
        is_moment = self.datamodel.is_datetime(self.column_name)
        return dt.datetime.combine(day, dt.time(), zone()) if is_moment else day


class Since(Dated):
    """From this day on."""

    name = _p("filter", "from")
    arg_name = "from"

    def where(self, value: Any) -> Any:
        return self.column >= self.begin_of(value)


class Until(Dated):
    """Up to this day, which is included."""

    name = _p("filter", "to")
    arg_name = "to"

    def where(self, value: Any) -> Any:
        return self.column < self.begin_of(value + DAY)


class YesNo(Condition):
    """Yes or no."""

    name = _p("filter", "is")
    arg_name = "eq"

    def read(self, text: str) -> Any:
        if text not in {"y", "n"}:
            raise BadRequest
        return text

    def where(self, value: Any) -> Any:
        return self.column.is_(value == "y")


class Refers(Condition, FilterRelation):
    """Refers to this record, which is named by its id; "0" is none."""

    name = _p("filter", "is")
    arg_name = "rel_o_m"

    def read(self, text: str) -> Any:
        return whole(text, top_of(self.datamodel.key_of(self.column_name)))

    def where(self, value: Any) -> Any:
        key = self.datamodel.key_of(self.column_name)
        return key == value if value else key.is_(None)


class Converter(BaseFilterConverter):
    """Which conditions a column of a kind has; the order is that of the numbers in addresses."""

    conversion_table = (
        ("is_relation_many_to_one", [Refers]),
        ("is_boolean", [YesNo]),
        ("is_integer", [NumberEquals, AtLeast, AtMost]),
        ("is_numeric", [NumberEquals, AtLeast, AtMost]),
        ("is_datetime", [Since, Until]),
        ("is_date", [Since, Until]),
        ("is_string", [Begins, Equals]),
        ("is_text", [Begins, Equals]),
    )

    def convert(self, col_name: str) -> list[Condition] | None:
        """The conditions of a column, or nothing: FAB warns there about every JSON column."""
        for name, kinds in self.conversion_table:
            if getattr(self.datamodel, name)(col_name):
                return [kind(col_name, self.datamodel) for kind in kinds]
        return None
