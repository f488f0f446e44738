"""How the connection of a channel is: a piece of its card that asks anew until the provider has answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template
from flask_appbuilder import expose

from app.services.channels.connecting import ASKED, CHECKED
from models.channels import Channel
from models.ground.base import utcnow
from views.base import require
from views.channels.found import channel_or_404

# Nobody waits longer than this for an answer of the provider.
PATIENCE = dt.timedelta(seconds=45)


class StatePages:
    """/channels/<id>/state."""

    @expose("/<int:pk>/state")
    @require("can_list")
    def state(self, pk: int) -> Any:
        """The piece alone."""
        channel = channel_or_404(pk)
        return render_template("channels/_state.html", channel=channel, **state_of(channel))


def state_of(channel: Channel) -> dict[str, Any]:
    """What the piece needs besides the channel."""
    asked, checked = channel.cursor.get(ASKED), channel.cursor.get(CHECKED) or ""
    is_fresh = bool(asked) and moment_of(asked) > utcnow() - PATIENCE
    return {"asking": is_fresh and asked > checked, "moment_of": moment_of}


def moment_of(text: str) -> dt.datetime:
    """A moment as the cursor keeps it."""
    return dt.datetime.fromisoformat(text)
