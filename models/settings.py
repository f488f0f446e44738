"""What an administrator sets on screens, one row per key."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.ground.access import Public
from models.ground.base import Model, Stamped


class Setting(Public, Stamped, Model):
    """A setting's value as JSON; names and meanings are in app/settings.py. Holds no secrets."""

    __tablename__ = "setting"
    open_to_all = True

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
