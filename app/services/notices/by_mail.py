"""The way by e-mail: to the person's own address, in a letter of its template."""

from email.utils import parseaddr

from flask import current_app
from sqlalchemy import func, select

from app.channels import mail
from app.letters import compose
from app.services.notices.sending import Sending, Target
from app.settings import setting
from app.wording import kept
from models.ground.base import db
from models.notices import Delivery
from models.staff import Person


def targets(person: Person) -> list[Target]:
    """The one address that everybody has."""
    return [Target(person.email)] if person.email else []


def prepare(delivery: Delivery) -> Sending:
    """The letter as it will travel."""
    config = current_app.config["CRM"]
    written = compose(delivery, config)
    address = parseaddr(delivery.address)[1].lower()
    person = receiver(address)
    return Sending(
        go=lambda: mail.send(written, config.SMTP_URL),
        names=frozenset({address, f"@{address.rpartition('@')[2]}"}),
        is_demo=person.demo if person else bool(setting("demo")),
        lacks="" if config.SMTP_URL else kept("No mail server is set: SMTP_URL is empty."),
    )


def receiver(address: str) -> Person | None:
    """Who of us has this address."""
    found = select(Person).where(func.lower(Person.email) == address.strip().lower()).limit(1)
    return db.session.execute(found).scalars().first()
