"""What every door of ours is made of; the parts are in views/crud/.

A page of ours that is not a table derives from CrmView, a table's five pages from CrmModelView.
Every page asks for a permission (`@require("can_move")`) or says that it is open (`@open_to_all`).
Writes stand in `with committing():` and call one verb.
"""

from app.doors import committing
from app.security import open_to_all
from views.crud.interface import CrmInterface
from views.crud.model_view import CrmModelView
from views.crud.view import CrmView, require

__all__ = ["CrmInterface", "CrmModelView", "CrmView", "committing", "open_to_all", "require"]
