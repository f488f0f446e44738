"""How a table's rows are read for a list: what is shown is loaded at once, counts and pages are bounded."""

from __future__ import annotations

from flask_appbuilder.models.sqla.interface import SQLAInterface


class CrmInterface(SQLAInterface):
    """FAB's interface to a table."""
