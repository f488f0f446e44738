"""The way to the employee's own Telegram, by the company's bot, with a button that takes a lead."""

from flask_babel import gettext as _
from sqlalchemy import select

from app.channels import telegram
from app.channels.inbound import ChannelError, Unreachable
from app.sealed import UNREADABLE, Unreadable, opened, unseal
from app.services.notices.by_apprise import short
from app.services.notices.events import TELEGRAM
from app.services.notices.owners import address_of, addresses_of, everybodys, is_demo, receiver_of
from app.services.notices.sending import Sending, Target
from app.wording import kept, speaking
from models.channels import Channel
from models.ground.base import db
from models.notices import Delivery
from models.staff import Person

# What the button under a lead says to the bot: app/services/conversations/presses.py answers it.
TAKE = "take:"


def targets(person: Person) -> list[Target]:
    """The linked chats."""
    return [Target(label, key) for key, label in addresses_of(person.id, TELEGRAM)]


def prepare(delivery: Delivery) -> Sending:
    """The words for one chat. Raises ChannelError when it or the bot is not there any more."""
    row = address_of(delivery)
    if row is None or row.confirmed_at is None:
        raise ChannelError(kept("This chat is not linked any more."), permanent=True)
    channel = company_bot()
    if channel is None:
        raise ChannelError(kept("The company has no Telegram bot: add its channel."), permanent=True)
    try:
        chat, settings = str(unseal(row.address).get("chat", "")), opened(channel)
    except Unreadable:
        raise ChannelError(UNREADABLE, permanent=True) from None
    words, buttons = short(delivery), _buttons(delivery)
    names = frozenset({chat, f"telegram:{chat}"})
    return Sending(
        go=lambda: telegram.alert(settings, chat, words, buttons), names=names, is_demo=is_demo(row.person_id)
    )


def _buttons(delivery: Delivery) -> list[tuple[str, str]]:
    lead, person = delivery.payload.get("take"), receiver_of(delivery)
    if not lead or person is None:
        return []
    with speaking(person.language, person.zone):
        return [(_("Take the lead"), f"{TAKE}{lead}")]


def company_bot() -> Channel | None:
    """The bot that speaks with employees: the first of the channels in use. For the system's own session."""
    found = select(Channel).where(Channel.kind == TELEGRAM, Channel.active).order_by(Channel.id).limit(1)
    return db.session.execute(found).scalars().first()


def refused(delivery: Delivery, error: ChannelError) -> None:
    """Whoever blocked the bot has unlinked the chat; the settings say so."""
    row = address_of(delivery)
    if row is not None and isinstance(error, Unreachable):
        row.trouble, row.confirmed_at = kept("The bot was blocked in Telegram. Link the chat anew."), None
    elif row is not None:
        row.trouble = error.words[:500]


def bot_name() -> str:
    """How the company's bot is called in Telegram; empty when there is none."""
    with everybodys() as session:
        found = select(Channel.cursor).where(Channel.kind == TELEGRAM, Channel.active).order_by(Channel.id).limit(1)
        cursor = session.execute(found).scalar_one_or_none() or {}
    return str((cursor.get("state") or {}).get("bot") or "")
