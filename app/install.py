"""What an empty base needs and an older one lacks: permissions and the shipped pack."""

from __future__ import annotations

from flask import current_app

from app.doors import committing
from app.services import packs
from models.ground.actor import SYSTEM, acting_as


def install() -> None:
    """Add what is missing; whatever was edited stays as it is. Safe to run twice."""
    with acting_as(SYSTEM) as session, committing(session):
        # FAB gives what it adds to the administrator's role, so the pack's roles come first.
        packs.install()
        current_app.appbuilder.add_permissions(update_perms=True)  # type: ignore[attr-defined]
