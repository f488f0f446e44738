"""What an empty base needs and an older one lacks: the shipped pack with its roles and their permissions."""

from __future__ import annotations

from app.doors import committing
from app.services import packs
from models.ground.actor import SYSTEM, acting_as


def install() -> None:
    """Add what is missing; whatever was edited stays as it is. Safe to run twice."""
    with acting_as(SYSTEM) as session, committing(session):
        # FAB's own `add_permissions` is not asked: it removes those that no page of FAB's names.
        packs.install()
