"""Every table of the house, imported in one place so that Alembic and the access test see them all."""

from sqlalchemy.orm import configure_mappers

from models import (
    calls,
    channels,
    clients,
    deals,
    documents,
    duplicates,
    estimates,
    firms,
    imports,
    leads,
    messages,
    notices,
    participants,
    payments,
    plans,
    products,
    recent,
    settings,
    shipments,
    staff,
    tasks,
    visits,
    works,
    worktime,
)
from models.ground import files, history, numbers, prepared, writing
from models.ground.base import Model
from models.ground.conditions import register
from models.ground.history import remember_old_values
from models.lowcode import funnels, rules, sorting

__all__ = [
    "calls",
    "channels",
    "clients",
    "deals",
    "documents",
    "duplicates",
    "estimates",
    "files",
    "firms",
    "funnels",
    "history",
    "imports",
    "leads",
    "messages",
    "notices",
    "numbers",
    "participants",
    "payments",
    "plans",
    "prepared",
    "products",
    "recent",
    "rules",
    "settings",
    "shipments",
    "sorting",
    "staff",
    "tasks",
    "visits",
    "works",
    "worktime",
    "writing",
]

configure_mappers()
_CLASSES = [mapper.class_ for mapper in Model.registry.mappers]
register(_CLASSES)
remember_old_values(_CLASSES)
