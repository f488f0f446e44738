"""The door of programs: POST /hooks/<kind>/<token> keeps what comes, answers 200, and leaves the rest for later."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Response, abort, current_app, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app import limits
from app.channels import CHANNELS
from app.channels.inbound import ChannelError, Raw, optional
from app.sealed import Unreadable, opened
from app.services import channels, messages
from app.services.messages import Envelope
from models.channels import Channel
from models.ground.actor import SYSTEM, acting_as
from views.base import CrmView, committing, open_to_all

PIECE = 64 * 1024
# The address of a form of ours is known to everybody: only its own page may send it.
NO_HOOKS = {"form"}


class Hooks(CrmView):
    """The address itself is the secret; who does not know it learns nothing."""

    route_base = "/hooks"
    is_csrf_exempt = True

    @expose("/<kind>/<token>", methods=["POST"])
    @expose("/<kind>/<token>/<path:rest>", methods=["POST"])
    @open_to_all
    def take(self, kind: str, token: str, rest: str = "") -> Response:
        """Keep one delivery. The body is read whole before anything is answered."""
        with acting_as(SYSTEM) as session:
            channel = find(session, kind, token)
            limits.limit(f"hook:{channel.id}", limits.per_minute(current_app.config["CRM"].HOOK_PER_MINUTE))
            raw, size = body()
            if size > len(raw.body):
                with committing(session):
                    messages.refuse(channel, raw, size, request.remote_addr or "")
                return said(_("The body is too large: at most 1 MB."), 413)
            provider = CHANNELS[kind]
            try:
                provider.verify(raw, request.headers, opened(channel))
            except (ChannelError, Unreadable) as error:
                with committing(session):
                    channels.trouble(channel, error.words)
                abort(404)
            with committing(session):
                messages.take_in(channel, raw, envelope(channel, raw))
                channels.clear_trouble(channel)
        return said("ok", 200)


def find(session: Any, kind: str, token: str) -> Channel:
    """The channel of this address; a wrong token and a channel switched off answer alike."""
    if kind not in CHANNELS or kind in NO_HOOKS or not token.isascii():
        abort(404)
    rows = select(Channel).where(Channel.kind == kind, Channel.token == token, Channel.active)
    channel: Channel | None = session.execute(rows).scalar_one_or_none()
    if channel is None or not hmac.compare_digest(channel.token, token):
        abort(404)
    return channel


def envelope(channel: Channel, raw: Raw) -> Envelope:
    """What makes it the same delivery. A header may give its number only where nothing is signed."""
    provider = CHANNELS[channel.kind]
    part = optional(provider, "signed")
    signed = part(raw, opened(channel)) if part else None
    number = provider.external_id(raw)
    if signed is None:
        number = number or request.headers.get("Idempotency-Key")
    return Envelope(number, request.remote_addr or "", signed)


def body() -> tuple[Raw, int]:
    """What came, up to the limit, and how large it really is: the sender is heard out, or it would not hear us."""
    limit = current_app.config["CRM"].HOOK_MAX_BODY
    request.max_content_length = None
    kept, size = bytearray(), 0
    while piece := request.stream.read(PIECE):
        size += len(piece)
        kept += piece[: max(0, limit - len(kept))]
        if size > current_app.config["CRM"].MAX_BODY:
            break
    return Raw(bytes(kept), request.content_type or ""), size


def said(words: str, status: int) -> Response:
    """A short answer in plain text."""
    return Response(words, status, mimetype="text/plain")
