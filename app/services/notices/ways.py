"""All ways by which a person is told. To add one: a module with `targets` and `prepare`, and a line here."""

from flask_babel import lazy_gettext as _l

from app.channels.inbound import ChannelError
from app.services.notices import by_apprise, by_mail, by_push, by_telegram
from app.services.notices.events import APPRISE, BELL, EMAIL, PUSH, TELEGRAM
from app.services.notices.owners import address_works
from app.services.notices.sending import Sending, Target, Way
from models.notices import Delivery
from models.staff import Person


def _bell_of(person: Person) -> list[Target]:
    return [Target(person.username)]


def _rings(_delivery: Delivery) -> Sending:
    raise ChannelError("The bell needs no sending.", permanent=True)


WAYS: dict[str, Way] = {
    BELL: Way(_l("Bell"), "bell", _bell_of, _rings),
    EMAIL: Way(_l("E-mail"), "mail", by_mail.targets, by_mail.prepare),
    PUSH: Way(
        _l("Push"), "device-mobile", by_push.targets, by_push.prepare, by_push.refused, by_push.arrived
    ),
    TELEGRAM: Way(
        _l("Telegram"), "brand-telegram", by_telegram.targets, by_telegram.prepare,
        by_telegram.refused, address_works,
    ),
    APPRISE: Way(
        _l("SMS and others"), "message-2", by_apprise.targets, by_apprise.prepare,
        by_apprise.refused, address_works,
    ),
}  # fmt: skip
