"""A table's pages: list, show, add, edit, delete, and actions on rows.

What a subclass says:
  datamodel = CrmInterface(Model), route_base = "/leads", nav = "leads" (the menu's key, by default the
  class's name in small letters), list_columns and the other FAB names, choices_columns {column: pairs},
  masked {column: "noun.field"} for columns whose hidden name is not noun.column, load (relations that shown
  columns need), quick_words (what the search box looks for; with `narrowed`), empty (title, text).
What a subclass does: create(form), change(row, form), erase(row) call one verb each; by default the row is
  filled from the form, with FAB's pre_add and pre_update for checks.
What templates get: see app/templates/appbuilder/general/model/*.html; all of it is in `extra_args`.
"""

from __future__ import annotations

from typing import Any

from flask import abort, url_for
from flask_appbuilder import ModelView
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect as inspected

from models.ground.actor import current_actor
from models.ground.base import Stamped
from views.crud import asked, saving
from views.crud.acting import Acting
from views.crud.editing import Editing
from views.crud.fields import Converter
from views.crud.interface import Wanted
from views.crud.state import PerRequestState
from views.crud.view import ShortMemory
from views.look.dressing import here


class CrmModelView(PerRequestState, Editing, Acting, ShortMemory, ModelView):
    """FAB's pages over our interface: state per request, access, masks, refusals that keep what was typed."""

    page_size = 50
    nav = ""
    choices_columns: dict[str, Any] = {}
    masked: dict[str, str] = {}
    quick_words: Any = ""
    empty: Any = None
    add_row_message = _l("Added.")
    edit_row_message = _l("Saved.")
    delete_row_message = _l("Moved to the trash.")
    # FAB gives out any file of its upload folder there; ours come from /files.
    download = None

    # ── made once ────────────────────────────────────────────────────────────

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.nav = self.nav or self.__class__.__name__.lower()
        self.base_permissions = [self._full(name) for name in self.base_permissions]

    @staticmethod
    def _full(permission: str) -> str:
        return permission if permission.startswith("can_") else f"can_{permission}"

    def _init_forms(self) -> None:
        """FAB's own fields would load every row of a related table into the page."""
        converter = Converter(self.datamodel, self.choices_columns)
        common = (self.label_columns,)
        rest = (self.description_columns, self.validators_columns)
        searching = Converter(self.datamodel, self.choices_columns, for_search=True)
        self.search_form = self.search_form or searching.create_form(
            *common, self.search_columns, extra_fields=self.search_form_extra_fields
        )
        self.add_form = self.add_form or converter.create_form(
            *common, self.add_columns, *rest, self.add_form_extra_fields
        )
        self.edit_form = saving.with_version(
            self.edit_form or converter.create_form(*common, self.edit_columns, *rest, self.edit_form_extra_fields),
            self.datamodel.obj,
        )

    # ── list ─────────────────────────────────────────────────────────────────

    def narrowed(self, query: Any, text: str) -> Any:
        """The rows that the typed text looks for; override it together with `quick_words`."""
        return query

    def _list(self, **kwargs: Any) -> Any:
        wanted = asked.wanted(self)
        text = asked.search() if self.quick_words else ""
        if text:
            wanted.narrow = lambda query: self.narrowed(query, text)
        widgets = self._list_widget(wanted)
        self.extra_args |= self.frame() | {"base_order": self.base_order, "empty": self.empty}
        if self.quick_words:
            self.extra_args |= {"quick": {"value": text, "placeholder": self.quick_words}}
        return self._get_search_widget(form=self.search_form(), widgets=widgets)

    def _list_widget(self, wanted: Wanted, filters: Any = None, **kwargs: Any) -> dict[str, Any]:
        page = self.datamodel.page(wanted)
        name = self.__class__.__name__
        widget = self.list_widget(
            label_columns=self.label_columns,
            include_columns=self.list_columns,
            value_columns=self.datamodel.get_values(page.rows, self.list_columns),
            order_columns=self.order_columns,
            formatters_columns=self.formatters_columns,
            page=wanted.number,
            page_size=wanted.size,
            count=page.count,
            pks=self.datamodel.get_keys(page.rows),
            actions=self.actions,
            filters=filters or self._filters,
            modelview_name=name,
            rows=page.rows,
            next_url=self._walk(page.next, wanted.number + 1, name),
            previous_url=self._walk(page.previous, wanted.number - 1, name),
            **kwargs,
        )
        return {"list": widget}

    @staticmethod
    def _walk(place: Any, number: int, name: str) -> str | None:
        if place is None:
            return None
        other = "before" if place.side == "after" else "after"
        page = {f"page_{name}": number if number > 0 else None}
        return here(**{place.side: place.token if number > 0 else None, other: None, **page})

    def _get_list_widget(self, filters: Any, actions: Any = None, order_column: str = "", order_direction: str = "",
                         page: int | None = None, page_size: int | None = None, widgets: Any = None,
                         **kwargs: Any) -> Any:  # fmt: skip
        """As FAB asks for a list beside a record."""
        order, direction = (order_column, order_direction) if order_column else (self.base_order or ("", "desc"))
        joined = filters.get_joined_filters(self._base_filters)
        wanted = Wanted(joined, order, direction, page or 0, page_size or self.page_size, None, self.list_columns)
        return (widgets or {}) | self._list_widget(wanted, filters)

    # ── show ─────────────────────────────────────────────────────────────────

    def row_or_404(self, pk: Any) -> Any:
        """The row, if it is there and the actor may see it."""
        row = self.datamodel.get(pk, self._base_filters)
        if row is None:
            abort(404)
        return row

    def _show(self, pk: Any) -> Any:
        row = self.row_or_404(pk)
        self.extra_args |= self.frame(row) | self.changed(row)
        widgets = self._get_show_widget(pk, row)
        return self._get_related_views_widgets(row, orders={}, pages={}, page_sizes={}, widgets=widgets)

    def frame(self, row: Any = None) -> dict[str, Any]:
        """What every page of the table says: its place in the menu, the way back, where deleting goes."""
        said: dict[str, Any] = {"nav": self.nav}
        if row is not None:
            said["back"] = {"url": self.get_default_url(), "words": self.list_title}
            may_delete = "can_delete" in self.base_permissions and self.may("can_delete")
            if may_delete and hasattr(self, "delete") and "delete" not in self.exclude_route_methods:
                said["delete_url"] = url_for(f"{self.endpoint}.delete", pk=inspected(row).identity[0])
        return said

    def changed(self, row: Any) -> dict[str, Any]:
        """Who changed the row last, and when."""
        if not isinstance(row, Stamped):
            return {}
        return {"changed": {"at": row.changed_at, "by": saving.name_of(row.changed_by_id)}}

    def may(self, permission: str) -> bool:
        """Whether the actor has this permission of the view."""
        return current_actor().may(permission, self.class_permission_name)
