"""Doors that a test opens."""

from __future__ import annotations

from typing import Any

import pytest

from app.sealed import seal
from models.channels import Channel
from models.ground.actor import SYSTEM, acting_as


@pytest.fixture
def door(app: Any) -> Any:
    """`door("mango", secrets={…})` opens a channel and gives its address."""

    def opened(kind: str, secrets: dict[str, str] | None = None, **settings: Any) -> str:
        with app.app_context(), acting_as(SYSTEM) as session:
            channel = Channel(kind=kind, name=kind, token=f"{kind}-token", source="", settings=settings, cursor={})
            channel.source = {"mango": "call", "uis": "call"}.get(kind, "site")
            channel.secrets = seal(secrets) if secrets else ""
            session.add(channel)
            session.commit()
        return f"/hooks/{kind}/{kind}-token"

    return opened
