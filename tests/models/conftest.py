"""What the tests of the ground share."""

from __future__ import annotations

import pytest
from flask import Flask

from models.ground.actor import SYSTEM, acting_as
from tests.scene import belongings


@pytest.fixture
def scene(app: Flask) -> dict[str, dict[str, int]]:
    """What Anna and Oleg have, by table: ids."""
    with app.app_context(), acting_as(SYSTEM) as session:
        found = {
            name: belongings(session, name, f"тайна-{name}", number)
            for name, number in (("anna", 5001), ("oleg", 5002), ("stranger", 5003))
        }
        ids = {name: {table: row.id for table, row in rows.items()} for name, rows in found.items()}
        session.commit()
    return ids
