"""The whole menu of doors, in order, on one screen."""

from flask_appbuilder import AppBuilder

from views import api
from views.crud.refs import Refs
from views.dashboard import Dashboard
from views.deals import Deals
from views.health import Health
from views.hooks import Hooks
from views.language import Language
from views.links import Links
from views.me import Me
from views.people import People, Teams
from views.plans import Plans
from views.roles import Roles
from views.tasks import Tasks
from views.trash import Trash


def register_views(appbuilder: AppBuilder) -> None:
    """Register every door; the order is the order of the menu."""
    work = (Deals, Tasks)
    for view in (*work, Dashboard, Plans, People, Teams, Roles, Trash, Me, Refs, Hooks, Health, Language, Links):
        appbuilder.add_view_no_menu(view)
    api.register(appbuilder)
