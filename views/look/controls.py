"""A form's controls in our clothes, whatever widgets FAB or WTForms gave them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask
from flask_appbuilder import fieldwidgets as fab
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import Field, widgets
from wtforms.i18n import get_translations

from views.look.dressing import icon


def control(field: Field, **attributes: Any) -> Markup:
    """A WTForms field's control in our clothes, whatever widget FAB gave it."""
    invalid = " is-invalid" if field.errors else ""
    if field.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{field.id}-err"}
    elif field.description:
        attributes["aria-describedby"] = f"{field.id}-hint"
    draw = DRAWN.get(type(field.widget)) or _own(field.widget)
    return draw(field, invalid, attributes)


def _input(widget: type[widgets.Input]) -> Callable[[Field, str, dict[str, Any]], Markup]:
    def draw(field: Field, invalid: str, attributes: dict[str, Any]) -> Markup:
        attributes.setdefault("autocomplete", "off")
        return widget()(field, **{"class": f"form-control{invalid}"} | attributes)

    return draw


def _number(field: Field, invalid: str, attributes: dict[str, Any]) -> Markup:
    """Typed as text: a browser's number box refuses «2 500,50» and loses what was typed."""
    more = {"class": f"form-control num{invalid}", "inputmode": "decimal", "autocomplete": "off"}
    return widgets.TextInput()(field, **more | attributes)


def _textarea(field: Field, invalid: str, attributes: dict[str, Any]) -> Markup:
    return widgets.TextArea()(field, **{"class": f"form-control{invalid}", "rows": 3} | attributes)


def _select(field: Field, invalid: str, attributes: dict[str, Any]) -> Markup:
    many = bool(getattr(field.widget, "multiple", False)) or isinstance(field.widget, fab.Select2ManyWidget)
    if many:
        attributes |= {"multiple": True, "data-many": ""}
    return widgets.Select(multiple=many)(field, **{"class": f"form-select{invalid}"} | attributes)


def _switch(field: Field, invalid: str, attributes: dict[str, Any]) -> Markup:
    more = {"class": "form-check-input v-switch", "role": "switch"}
    return widgets.CheckboxInput()(field, **more | attributes)


def _date(field: Field, invalid: str, attributes: dict[str, Any]) -> Markup:
    """dd.mm.yyyy typed or picked; the picker is the browser's own, hidden under the button."""
    more = {"class": f"form-control num{invalid}", "inputmode": "numeric", "data-date": ""}
    more |= {"autocomplete": "off", "placeholder": _("dd.mm.yyyy")}
    return date_box(widgets.TextInput()(field, **more | attributes))


def date_box(typed: Markup) -> Markup:
    """A text box for a date with the browser's calendar beside it."""
    label = _("Open the calendar")
    return Markup(
        '<span class="v-date">{}<button type="button" class="btn btn-ghost btn-sm btn-icon" data-pick'
        ' aria-label="{}" tabindex="-1">{}</button>'
        '<input type="date" tabindex="-1" aria-hidden="true"></span>'
    ).format(typed, label, icon("calendar"))


def _own(widget: Any) -> Callable[[Field, str, dict[str, Any]], Markup]:
    """A widget of our own (a reference, a phone, money) knows how it looks; it only learns of errors."""

    def draw(field: Field, invalid: str, attributes: dict[str, Any]) -> Markup:
        classes = {"class": f"{getattr(widget, 'css', 'form-control')}{invalid}"}
        return widget(field, **classes | attributes)

    return draw


DRAWN: dict[type, Callable[[Field, str, dict[str, Any]], Markup]] = {
    fab.BS3TextFieldWidget: _input(widgets.TextInput),
    fab.BS3PasswordFieldWidget: _input(widgets.PasswordInput),
    fab.BS3TextAreaFieldWidget: _textarea,
    fab.Select2Widget: _select,
    fab.Select2ManyWidget: _select,
    fab.DatePickerWidget: _date,
    fab.DateTimePickerWidget: _input(widgets.DateTimeLocalInput),
    widgets.TextInput: _input(widgets.TextInput),
    widgets.EmailInput: _input(widgets.EmailInput),
    widgets.TelInput: _input(widgets.TelInput),
    widgets.URLInput: _input(widgets.URLInput),
    widgets.PasswordInput: _input(widgets.PasswordInput),
    widgets.FileInput: _input(widgets.FileInput),
    widgets.NumberInput: _number,
    widgets.TextArea: _textarea,
    widgets.Select: _select,
    widgets.CheckboxInput: _switch,
    widgets.DateInput: _date,
    widgets.DateTimeLocalInput: _input(widgets.DateTimeLocalInput),
}


def is_wide(field: Field) -> bool:
    """Long texts take both columns."""
    return field.type == "TextAreaField" or isinstance(field.widget, widgets.TextArea)


def error_words(error: Any) -> str:
    """The words of an error; those of WTForms are said as the house says them: what happened and what to do."""
    if isinstance(error, list | tuple):
        return ", ".join(map(error_words, error))
    said = str(error)
    ours = STOCK.get(said) or STOCK.get(_in_english().get(said, ""))
    return str(ours) if ours else said


@lru_cache(maxsize=1)
def _in_english() -> dict[str, str]:
    """WTForms' Russian sentences by their English ones, the other way round."""
    russian = get_translations(["ru"])
    return {russian.gettext(english): english for english in STOCK}


STOCK = {
    "This field is required.": _l("Fill this in."),
    "Not a valid integer value.": _l("Only a whole number, for example 25."),
    "Not a valid decimal value.": _l("Only a number, for example 2500."),
    "Not a valid float value.": _l("Only a number, for example 2500."),
    "Not a valid choice.": _l("There is no such choice. Choose from the list."),
    "Invalid Choice: could not coerce.": _l("There is no such choice. Choose from the list."),
    "Not a valid date value.": _l("This is not a date. Type it as 31.12.2026."),
    "Not a valid datetime value.": _l("This is not a time. Type it as 31.12.2026 11:30."),
    "Invalid email address.": _l("This is not an e-mail address. Type it as name@example.com."),
    "Invalid URL.": _l("This is not an address. Type it as https://example.com."),
}


def init_app(app: Flask) -> None:
    """Give them to the templates."""
    app.jinja_env.globals.update(control=control, date_box=date_box, is_wide=is_wide, error_words=error_words)
