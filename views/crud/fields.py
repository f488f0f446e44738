"""Form fields made from columns: each reads what people type, and refuses in words what cannot be kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from flask_appbuilder.forms import DynamicForm, GeneralModelConverter
from flask_babel import gettext as _
from sqlalchemy import JSON, String, Text
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField, ValidationError, widgets
from wtforms import validators as checks
from wtforms.fields import DateTimeLocalField
from wtforms.fields.choices import SelectChoice

from app.wording import zone
from models.ground.limits import clean_date, clean_money, clean_text
from models.ground.refused import Refused
from views.crud.filters import BIG
from views.crud.refs import RefField


def words_of(clean: Any, *args: Any, **options: Any) -> Any:
    """Call a check of models/ground/limits.py; its refusal becomes the field's error."""
    try:
        return clean(*args, **options)
    except Refused as refusal:
        raise ValidationError(refusal.words) from refusal


class Line(StringField):
    """One line of text."""

    def pre_validate(self, form: Any) -> None:
        self.data = words_of(clean_text, self.data)


class Words(TextAreaField):
    """Text of several lines, kept to 10 000 characters."""

    def pre_validate(self, form: Any) -> None:
        self.data = words_of(clean_text, self.data)


class Typed(Field):
    """A field that keeps the text it cannot read, so that it can be mended."""

    widget = widgets.NumberInput()

    def __init__(self, label: Any = None, validators: Any = None, *, may_be_empty: bool = True, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.may_be_empty = may_be_empty
        self.text = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.text = valuelist[0].strip()
            self.data = None

    def pre_validate(self, form: Any) -> None:
        if self.text:
            self.data = words_of(self.read, self.text)

    def populate_obj(self, obj: Any, name: str) -> None:
        """An emptied field of a column that cannot be empty leaves the column's own value."""
        if self.data is not None or self.may_be_empty:
            setattr(obj, name, self.data)

    def read(self, text: str) -> Any:
        """The value that the text says; raises Refused."""
        raise NotImplementedError

    def say(self, value: Any) -> str:
        """The text of a value."""
        return str(value)

    def _value(self) -> str:
        if self.text:
            return self.text
        return "" if self.data is None else self.say(self.data)


class Sum(Typed):
    """A sum or another number with a point; understands «1 234,50 ₽»."""

    def read(self, text: str) -> Decimal:
        return clean_money(text)

    def say(self, value: Any) -> str:
        text = f"{value:f}".replace(".", ",")
        return text.rstrip("0").rstrip(",") if "," in text else text


class Whole(Typed):
    """A whole number."""

    def read(self, text: str) -> int:
        plain = "".join(text.split())
        digits = plain.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 19 or int(digits) > BIG:
            raise Refused(_("This is not a whole number. Type digits, for example 15."))
        return int(plain)


class Day(Typed):
    """A date, typed as 31.12.2026 or picked."""

    widget = widgets.DateInput()

    def read(self, text: str) -> dt.date:
        return clean_date(text)

    def say(self, value: Any) -> str:
        return f"{value:%d.%m.%Y}" if isinstance(value, dt.date) else str(value)


class Moment(DateTimeLocalField):
    """A moment in the reader's zone."""

    def process_data(self, value: Any) -> None:
        self.data = value.astimezone(zone()).replace(tzinfo=None) if value else None

    def pre_validate(self, form: Any) -> None:
        if self.data:
            words_of(clean_date, self.data)

    def populate_obj(self, obj: Any, name: str) -> None:
        setattr(obj, name, self.data.replace(tzinfo=zone()) if self.data else None)


class OneOf(SelectField):
    """One of a list of pairs (value, words), or of what a function gives when the form is drawn."""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The list as pairs: for filters and for words of a conflict."""
        return [(choice.value, choice.label) for choice in self.choices or ()]

    def __init__(self, label: Any = None, validators: Any = None, *, choices: Any = (), **options: Any) -> None:
        super().__init__(label, validators, choices=lambda: [SelectChoice(*pair) for pair in _called(choices)],
                         **options)  # fmt: skip


def _called(choices: Any) -> Any:
    return choices() if callable(choices) else choices


KINDS = (
    ("is_boolean", BooleanField),
    ("is_integer", Whole),
    ("is_numeric", Sum),
    ("is_datetime", Moment),
    ("is_date", Day),
    ("is_string", Line),
    ("is_text", Words),
)


class Converter(GeneralModelConverter):
    """Makes forms out of columns. `choices` of the view turn a text into a list to choose from."""

    def __init__(self, datamodel: Any, choices: dict[str, Any], for_search: bool = False) -> None:
        super().__init__(datamodel)
        self.choices = choices
        self.for_search = for_search

    def _convert_many_to_one(self, col_name: str, label: Any, description: Any, lst_validators: list[Any],
                             filter_rel_fields: Any, form_props: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
        is_needed = not self.datamodel.is_nullable(col_name)
        form_props[col_name] = RefField(
            label,
            [*lst_validators, checks.InputRequired() if is_needed else checks.Optional()],
            description=description,
            model=self.datamodel.get_related_model(col_name),
            key=self.datamodel.key_of(col_name).key,
        )
        return form_props

    def _convert_simple(self, col_name: str, label: Any, description: Any, lst_validators: list[Any],
                        form_props: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
        column = self.datamodel.list_columns[col_name]
        if isinstance(column.type, JSON):
            # No box can hold it; whoever shows it draws it.
            return form_props
        options: dict[str, Any] = {"description": description}
        default = self.datamodel.get_col_default(col_name)
        if default is not None and not callable(default):
            options["default"] = default
        form_props[col_name] = self._field(col_name, column, label, [*lst_validators, *_checks(column)], options)
        return form_props

    def _field(self, name: str, column: Any, label: Any, validators: list[Any], options: dict[str, Any]) -> Any:
        choices = self.choices.get(name)
        if choices is not None:
            return OneOf(label, validators, choices=choices, **options)
        is_long = isinstance(column.type, Text) or (isinstance(column.type, String) and not column.type.length)
        if is_long and self.datamodel.is_string(name):
            return Words(label, validators, **options)
        kind: Any = next(field for test, field in KINDS if getattr(self.datamodel, test)(name))
        if self.for_search and kind is Moment:
            kind = Day
        if issubclass(kind, Typed):
            options["may_be_empty"] = column.nullable
        return kind(label, validators, **options)


def _checks(column: Any) -> list[Any]:
    """Required, when there is neither a value by default nor an empty one; not longer than the column."""
    is_text = isinstance(column.type, String)
    has_value = column.nullable or column.default is not None or column.server_default is not None
    is_boolean = column.type.python_type is bool
    found: list[Any] = [checks.Optional() if has_value or is_boolean else checks.InputRequired()]
    if is_text and column.type.length:
        found.append(checks.Length(max=column.type.length))
    return found


def is_hidden_field(field: Field) -> bool:
    """Whether a field is part of the form's machinery and not of the record."""
    return field.type in {"HiddenField", "CSRFTokenField"}


__all__ = ["Converter", "Day", "DynamicForm", "Line", "Moment", "Sum", "Whole", "Words", "is_hidden_field"]
