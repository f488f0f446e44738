"""The demo hook of the tests: a channel, and bodies as they really come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.channels import Channel

VECTORS = json.loads((Path(__file__).parent / "vectors" / "lead_capture.json").read_text("utf-8"))
TILDA: str = VECTORS["tilda"]["submission"]["body"]
FORM: str = VECTORS["tilda"]["submission"]["content_type"]
PROBE: str = VECTORS["tilda"]["probe"]["body"]
GENERIC: dict[str, Any] = VECTORS["generic_json"]
TOKEN = "token-of-the-tests"
ADDRESS = f"/hooks/site/{TOKEN}"


def open_channel(session: Any, **values: Any) -> Channel:
    """A site that sends to ADDRESS."""
    usual = {"kind": "site", "name": "Сайт", "token": TOKEN, "source": "site", "settings": {}}
    channel = Channel(**usual | values)
    session.add(channel)
    session.commit()
    return channel
