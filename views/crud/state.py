"""What a view may change while it answers: a copy for each request, never shared between threads.

FAB keeps all of it on the one instance of a view, so that under load one person's filter appeared on
another's page. Here FAB writes the prototype when the view is made; every request reads a copy of its own,
without the columns that its actor may not see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, has_request_context

from views.crud import masks

Copy = Callable[[Any, Any], Any]


class PerRequest:
    """A data descriptor: outside a request the prototype, inside one the request's own copy."""

    def __init__(self, name: str, copy: Copy, default: Any = None) -> None:
        self.name = name
        self.copy = copy
        self.default = default

    def __get__(self, view: Any, owner: type | None = None) -> Any:
        if view is None:
            return self.default
        prototype = view.__dict__.get(f"_proto_{self.name}", self.default)
        if not has_request_context():
            return prototype
        copies = g.setdefault("view_state", {})
        key = (id(view), self.name)
        if key not in copies:
            copies[key] = self.copy(view, prototype)
        return copies[key]

    def __set__(self, view: Any, value: Any) -> None:
        if has_request_context():
            g.setdefault("view_state", {})[id(view), self.name] = value
        else:
            view.__dict__[f"_proto_{self.name}"] = value


def as_is(_view: Any, value: Any) -> Any:
    """Values that cannot be changed in place."""
    return value


def copied(_view: Any, value: Any) -> Any:
    """Lists and dicts."""
    return value.copy() if value is not None else value


def columns(view: Any, value: list[str] | None) -> Any:
    """Columns that the actor may see."""
    return masks.seen(view, value) if value is not None else value


def fieldsets(view: Any, value: Any) -> Any:
    """Groups of columns that the actor may see; a group that becomes empty goes."""
    if not value:
        return value
    groups = [(title, {**group, "fields": masks.seen(view, list(group["fields"]))}) for title, group in value]
    return [(title, group) for title, group in groups if group["fields"]]


def form(view: Any, value: Any) -> Any:
    """The form without the fields that the actor may not see: what is forged into a POST is not looked at."""
    return masks.form_without(value, masks.hidden(view, masks.names_of(value))) if value is not None else value


def filters(view: Any, value: Any) -> Any:
    """No conditions yet, and none on what the actor may not see."""
    if value is None:
        return value
    own = value.__class__.__new__(value.__class__)
    own.__dict__.update(value.__dict__)
    own.clear_filters()
    hidden = masks.hidden(view, list(value._all_filters))  # noqa: SLF001 (FAB has no other way)
    for name in ("_search_filters", "_all_filters"):
        kept = {column: known for column, known in getattr(value, name).items() if column not in hidden}
        setattr(own, name, kept)
    own.search_columns = [column for column in value.search_columns if column not in hidden]
    return own


KINDS: dict[Copy, tuple[str, ...]] = {
    columns: (
        "list_columns", "show_columns", "add_columns", "edit_columns", "search_columns", "order_columns",
    ),
    fieldsets: ("show_fieldsets", "add_fieldsets", "edit_fieldsets"),
    form: ("add_form", "edit_form", "search_form"),
    filters: ("_filters",),
    copied: (
        "label_columns", "description_columns", "formatters_columns", "extra_args", "base_filters", "actions",
    ),
    as_is: (
        "list_title", "show_title", "add_title", "edit_title", "title", "page_size", "base_order",
        "list_template", "show_template", "add_template", "edit_template",
    ),
}  # fmt: skip

STATE = {name: copy for copy, names in KINDS.items() for name in names}


class PerRequestState:
    """Base of views: every attribute named above becomes per request, also where a subclass sets it."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, copy in STATE.items():
            if name in cls.__dict__ or not isinstance(_found(cls, name), PerRequest):
                default = _default(cls, name)
                setattr(cls, name, PerRequest(name, copy, default))


def _found(cls: type, name: str) -> Any:
    return next((base.__dict__[name] for base in cls.__mro__ if name in base.__dict__), None)


def _default(cls: type, name: str) -> Any:
    found = _found(cls, name)
    return found.default if isinstance(found, PerRequest) else found
