"""Secrets of channels and addresses at rest: sealed with a key of their own that follows from SECRET_KEY."""

import base64
import hashlib
import hmac
import json
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from models.channels import Channel
from models.ground.refused import Refused

PURPOSE = b"voronka sealed secrets"
# As an English sentence too, for those who keep it in the database (app/wording/kept.py).
UNREADABLE = "The saved secret was sealed with another SECRET_KEY. Type it once more."


class Unreadable(Refused):
    """What was sealed cannot be opened: the key was changed, or the text is not ours."""


def seal(secrets: dict[str, Any]) -> str:
    """One text that tells nothing to whoever reads the table or a copy of it."""
    return _fernet().encrypt(json.dumps(secrets, ensure_ascii=False).encode()).decode("ascii")


def unseal(sealed: str) -> dict[str, Any]:
    """What was sealed; of an empty text nothing. Raises Unreadable."""
    from cryptography.fernet import InvalidToken

    if not sealed:
        return {}
    try:
        opened: dict[str, Any] = json.loads(_fernet().decrypt(sealed.encode("ascii")))
    except (InvalidToken, UnicodeEncodeError, ValueError):
        raise Unreadable(_("The saved secret was sealed with another SECRET_KEY. Type it once more.")) from None
    return opened


def _fernet() -> Any:
    from cryptography.fernet import Fernet

    key = hmac.new(str(current_app.config["SECRET_KEY"]).encode(), PURPOSE, hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def opened(channel: Channel) -> dict[str, Any]:
    """What a provider gets as its settings: the channel's own, its secrets, and `env`: what the machine is set to.

    Raises Unreadable.
    """
    config = current_app.config["CRM"]
    env = {
        "base_url": config.BASE_URL,
        "address": f"{config.BASE_URL}/hooks/{channel.kind}/{channel.token}",
        "telegram_api": config.TELEGRAM_API,
        "imap_url": config.IMAP_URL,
        "smtp_url": config.SMTP_URL,
        "mail_from": config.MAIL_FROM,
    }
    return {**channel.settings, **unseal(channel.secrets), "env": env, "active": channel.active}
