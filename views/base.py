"""What every door of ours is made of; the parts are in views/crud/.

A page of ours that is not a table derives from CrmView, a table's pages from CrmModelView.
Every page asks for a permission (`@require("can_move")`), is for all who are signed in (`@require_signed_in`)
or says that it is open (`@open_to_all`): without one of the three a stranger never gets to it.
Writes stand in `with committing():` and call one verb.
"""

from flask_appbuilder import expose
from flask_appbuilder.actions import action

from app.doors import committing
from app.security import open_to_all
from views.crud.fields import Day, Line, Moment, Sum, Whole, Words
from views.crud.interface import CrmInterface
from views.crud.model_view import CrmModelView
from views.crud.refs import RefField
from views.crud.saving import Outcome, attempting, saving
from views.crud.view import CrmView, require, require_signed_in

__all__ = [
    "CrmInterface", "CrmModelView", "CrmView", "Day", "Line", "Moment", "Outcome", "RefField", "Sum", "Whole",
    "Words", "action", "attempting", "committing", "expose", "open_to_all", "require", "require_signed_in", "saving",
]  # fmt: skip
