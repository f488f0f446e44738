"""The forms of a table: a new record, a changed one; what is refused comes back as it was typed."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from views.crud import saving
from views.crud.refs import RefField, prefilled
from views.shell import say


class Editing:
    """Pages /add and /edit/<pk> of a CrmModelView."""

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """The form of a new record, and its save."""
        saving.only_forms()
        form = self.add_form()
        outcome = saving.Outcome()
        if request.method == "GET":
            self._prefill(form)
        elif form.validate():
            with saving.saving(form, outcome, self.datamodel.obj):
                row = self.create(form)
            if outcome.is_saved:
                say(self.add_row_message)
                return self.after_add(row)
        else:
            outcome.status = 422
        self.extra_args |= self.frame() | {"back": {"url": self.get_default_url(), "words": self.list_title}}
        return self._form_page("add", form, outcome)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: Any) -> Any:
        """The form of a record, and its save."""
        saving.only_forms()
        row = self.row_or_404(pk)
        form = self.edit_form(obj=row)
        self._look(form, row)
        outcome = saving.Outcome()
        if request.method == "GET":
            self.prefill_form(form, pk)
        elif form.validate():
            with saving.saving(form, outcome, self.datamodel.obj):
                saving.check_version(form, row)
                self.change(row, form)
            if outcome.is_saved:
                say(self.edit_row_message)
                return self.after_edit(row)
            row = self.row_or_404(pk)
            if outcome.status == 409 and not outcome.words:
                outcome.conflict = saving.conflict_of(form, row)
        else:
            outcome.status = 422
        self.extra_args |= self.frame(row) | self.changed(row)
        return self._form_page("edit", form, outcome)

    def create(self, form: Any) -> Any:
        """Make the row; override it to call the noun's verb."""
        row = self.datamodel.obj()
        saving.fill(form, row)
        self.pre_add(row)
        self.datamodel.add(row)
        return row

    def change(self, row: Any, form: Any) -> None:
        """Change the row; override it to call the noun's verb."""
        saving.fill(form, row)
        self.pre_update(row)
        self.datamodel.edit(row)

    def after_add(self, row: Any) -> Any:
        """Where to go after a new record."""
        return self.post_add_redirect()

    def after_edit(self, row: Any) -> Any:
        """Where to go after a save."""
        return self.post_edit_redirect()

    def _prefill(self, form: Any) -> None:
        for field in form:
            value = prefilled(field.name)
            if value and isinstance(field, RefField):
                field.process_data(value)

    def _look(self, form: Any, row: Any) -> None:
        for field in form:
            if isinstance(field, RefField) and not field.is_posted:
                field.look_at(row)
        if saving.VERSION in form and request.method == "GET":
            form[saving.VERSION].data = str(row.version)

    def _form_page(self, kind: str, form: Any, outcome: saving.Outcome) -> Any:
        widget = self._get_add_widget(form) if kind == "add" else self._get_edit_widget(form)
        said = {"refused": outcome.words, "conflict": outcome.conflict}
        self.extra_args["form_args"] = {**self.extra_args.get("form_args", {}), **said}
        template, title = getattr(self, f"{kind}_template"), getattr(self, f"{kind}_title")
        return self.render_template(template, title=title, widgets=widget, related_views=[]), outcome.status
