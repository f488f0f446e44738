"""Letters as they are read: a template of app/templates/mail in the language and zone of the receiver."""

import datetime as dt
from typing import Any

from flask import current_app, render_template

from app.channels.mail import Letter
from app.wording import speaking
from models.notices import Delivery

MOMENTS = ("respond_by", "received_at", "expires_at", "due_at")


def compose(delivery: Delivery, config: Any) -> Letter:
    """The letter of a delivery. The first line of its text template is the subject."""
    template = delivery.payload["template"]
    values = _revived(delivery.payload.get("values", {}))
    language = values.get("language") or current_app.config["BABEL_DEFAULT_LOCALE"]
    zone = values.get("zone") or current_app.config["BABEL_DEFAULT_TIMEZONE"]
    with speaking(language, zone):
        values |= {"base_url": config.BASE_URL, "letter_language": language}
        text = render_template(f"mail/{template}.txt", **values)
        subject, _newline, body = text.strip().partition("\n")
        html = render_template(f"mail/{template}.html", subject=subject, **values)
    return Letter(
        key=delivery.key,
        sender=config.MAIL_FROM,
        address=delivery.address,
        subject=subject.strip(),
        text=body.strip() + "\n",
        html=html,
    )


def _revived(values: dict[str, Any]) -> dict[str, Any]:
    """Moments travel as ISO text and are moments again for the templates."""
    revived = {name: dt.datetime.fromisoformat(values[name]) for name in MOMENTS if values.get(name)}
    return values | revived
