"""The whole menu of doors, in order, on one screen."""

from flask_appbuilder import AppBuilder


def register_views(appbuilder: AppBuilder) -> None:
    """Register every door; the order is the order of the menu."""
