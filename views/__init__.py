"""The whole menu of doors, in order, on one screen."""

from flask_appbuilder import AppBuilder

from views import api
from views.crud.refs import Refs
from views.hooks import Hooks
from views.trash import Trash


def register_views(appbuilder: AppBuilder) -> None:
    """Register every door; the order is the order of the menu."""
    for view in (Trash, Refs, Hooks):
        appbuilder.add_view_no_menu(view)
    api.register(appbuilder)
