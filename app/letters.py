"""Letters as they are read: a template of app/templates/mail in the language and zone of the receiver."""

import datetime as dt
from typing import Any

from flask import current_app, render_template

from app.channels.mail import Letter
from app.wording import moment, speaking
from models.ground.base import utcnow
from models.notices import Delivery

MOMENTS = ("came_at", "answer_by", "due_at")


def warm() -> None:
    """Load what every letter needs, so that the processes that are forked for one letter each need not."""
    environment = current_app.jinja_env
    for name in environment.list_templates(filter_func=lambda name: name.startswith("mail/")):
        environment.get_template(name)
    for language in current_app.config["LANGUAGES"]:
        with speaking(language, current_app.config["BABEL_DEFAULT_TIMEZONE"]):
            moment(utcnow())


def compose(delivery: Delivery, config: Any) -> Letter:
    """The letter of a delivery; its subject is `subject` or `title` among its values."""
    template = delivery.payload["template"]
    values = revived(delivery.payload.get("values", {}), config.BASE_URL)
    values.setdefault("language", current_app.config["BABEL_DEFAULT_LOCALE"])
    zone = values.get("zone") or current_app.config["BABEL_DEFAULT_TIMEZONE"]
    with speaking(values["language"], zone):
        text = render_template(f"mail/{template}.txt", **values)
        html = render_template(f"mail/{template}.html", **values)
    return Letter(
        key=delivery.key,
        sender=config.MAIL_FROM,
        address=delivery.address,
        subject=str(values.get("subject") or values.get("title") or current_app.config["APP_NAME"]),
        text=text.strip() + "\n",
        html=html,
    )


def revived(values: dict[str, Any], base_url: str) -> dict[str, Any]:
    """Moments travel as ISO text and are moments again for the templates; addresses become whole."""
    found = dict(values)
    for name in MOMENTS:
        if isinstance(found.get(name), str):
            found[name] = dt.datetime.fromisoformat(found[name])
    found["base"] = base_url
    if str(found.get("url", "")).startswith("/"):
        found["url"] = base_url + found["url"]
    return found
