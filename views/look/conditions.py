"""The filter of a generated list: the conditions that hold as chips, and the rows of the filter's window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, request
from flask_babel import gettext as _
from markupsafe import Markup

from app.wording import DASH
from views.look.controls import control, date_box
from views.look.dressing import here

DATED = {"DateField", "DateTimeField", "DateTimeLocalField"}
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def chips(filters: Any, labels: dict[str, Any], form: Any = None) -> Iterator[dict[str, str]]:
    """The conditions that hold, each with the address of the page without it."""
    for condition, values in filters.get_filters_values():
        if condition.is_related_view:
            continue
        column = condition.column_name
        for value in values if isinstance(values, list) else [values]:
            yield {
                "label": str(labels.get(column, column)),
                "operation": _operation(condition),
                "value": _value_words(filters, form, column, value),
                "remove": _without(_argument(filters, condition), str(value)),
            }


def _operation(condition: Any) -> str:
    """Nothing is said for "is": Stage: Survey."""
    return "" if condition.arg_name in {"eq", "rel_o_m"} else str(condition.name)


def _argument(filters: Any, condition: Any) -> str:
    known = filters.get_search_filters().get(condition.column_name, [])
    index = next((i for i, one in enumerate(known) if type(one) is type(condition)), 0)
    return f"_flt_{index}_{condition.column_name}"


def _without(argument: str, value: str) -> str:
    kept = [one for one in request.args.getlist(argument) if one != value]
    return here(**{argument: kept[0] if kept else None, "after": None})


def _value_words(filters: Any, form: Any, column: str, value: Any) -> str:
    """A reference is said by its name, a choice by its words."""
    field = form[column] if form is not None and column in form else None
    for code, words in getattr(field, "pairs", ()):
        if str(code) == str(value):
            return str(words)
    if filters.datamodel.is_relation(column):
        if str(value) == "0":
            return _("nobody")
        found = filters.datamodel.get_related_obj(column, value)
        return str(found) if found is not None else DASH
    if filters.datamodel.is_boolean(column):
        return _("yes") if value == "y" else _("no")
    return ISO.sub(r"\3.\2.\1", str(value))


def filter_rows(filters: Any, form: Any, columns: list[str]) -> Iterator[dict[str, Any]]:
    """A row of the filter's window for each column that may be searched by."""
    pairs = filters.get_filters_values()
    held = {one.column_name: (one, values) for one, values in pairs if not one.is_related_view}
    for column, operations in filters.get_search_filters().items():
        if column not in columns or column not in form or not operations:
            continue
        condition, values = held.get(column, (None, [""]))
        value = values[0] if isinstance(values, list) and values else values
        yield {
            "column": column,
            "label": form[column].label.text,
            "operations": _operations(operations, condition, getattr(form[column], "choices", None)),
            "is_choice": filters.datamodel.is_boolean(column),
            "value": value or "",
            "control": _filter_control(form[column], value),
        }


def _operations(known: list[Any], held: Any, choices: Any) -> list[tuple[int, str, bool]]:
    """Number, words, whether it holds. What is chosen from a list is only compared whole."""
    said = [(i, str(one.name), type(one) is type(held)) for i, one in enumerate(known)]
    whole = [one for one, operation in zip(said, known, strict=True) if operation.arg_name == "eq"]
    return whole if choices and whole else said


def _filter_control(field: Any, value: Any) -> Markup:
    """The control of a form without its duties and its default; days are asked even of moments."""
    field.validators, field.flags.required, field.description = (), False, ""
    attributes = {"id": f"flt-{field.name}", "data-value": ""}
    if field.type in DATED:
        typed = Markup('<input class="form-control num" type="text" inputmode="numeric" data-date autocomplete="off"')
        return date_box(typed + Markup(' id="{id}" value="{value}" placeholder="{hint}" data-value>').format(
            id=attributes["id"], value=value or "", hint=_("dd.mm.yyyy"),
        ))  # fmt: skip
    choices = getattr(field, "choices", None)
    if choices and not getattr(field.widget, "multiple", False):
        return _choice(attributes["id"], choices, value)
    field.data, field.raw_data = None, [value] if value else []
    if value:
        field.process_formdata([value])
    return control(field, **attributes)


def _choice(box: str, choices: Any, value: Any) -> Markup:
    """A select that may stay empty: a form's own would already hold its first choice."""
    option = Markup('<option value="{}"{}>{}</option>')
    real = [(key, words) for key, words, *_more in choices if str(key) not in {"", "__None"}]
    inside = Markup("").join(
        option.format(key, Markup(" selected") if str(key) == str(value or "") else "", words)
        for key, words in [("", ""), *real]
    )
    return Markup('<select class="form-select" data-value id="{}">{}</select>').format(box, inside)


def filter_sentence(held: list[dict[str, str]], quick: dict[str, str] | None) -> str:
    """What was looked for, in one line: it stands where nothing was found."""
    parts = [f"{one['label']}: {one['operation']} {one['value']}".replace(":  ", ": ") for one in held]
    if quick and quick.get("value"):
        parts.append(f"«{quick['value']}»")
    return ", ".join(parts)


def form_faults(form: Any) -> list[tuple[str, str]]:
    """Fields that have to be mended: (id, label), for the line above the form."""
    faulty = (field for field in form if field.errors and field.type != "CSRFTokenField")
    return [(field.id, str(field.label.text)) for field in faulty]


def init_app(app: Flask) -> None:
    """Give it to the templates."""
    tools = (chips, filter_rows, filter_sentence, form_faults)
    app.jinja_env.globals.update({tool.__name__: tool for tool in tools})
