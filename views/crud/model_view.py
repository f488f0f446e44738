"""A table's five pages: list, show, add, edit, delete."""

from __future__ import annotations

from flask_appbuilder import ModelView

from views.crud.view import ShortMemory


class CrmModelView(ShortMemory, ModelView):
    """FAB's pages over our interface."""
