"""What comes through a chat and is no message: it was opened, shut, a button was pressed, an employee shows a code."""

from flask_babel import gettext as _

from app.channels.inbound import Aside, Inbound, Signal
from app.channels.telegram import phone_keyboard
from app.queue import enqueue_after_commit
from app.services import notices
from app.services.conversations import letters
from app.services.conversations.sending import put_down
from app.services.conversations.threads import found_or_opened
from app.wording import kept, speaking
from models.channels import Channel
from models.ground.base import db, utcnow
from models.ground.limits import clean_text
from models.messages import Conversation, Message, MessageKind

REPLY = "app.jobs.outbound.reply"
BLOCKED = kept("The client has blocked the bot. Call or write by another way.")


def heed(inbound: Inbound, signal: Signal, channel: Channel) -> str:
    """Do what a signal asks for; what was done, in words. A pressed button is the job's: it acts as a person."""
    if signal.kind == "link":
        return _linked(inbound, signal, channel)
    if signal.kind == "returned":
        return letters.came_back(signal, channel)
    if is_employee(inbound.conversation):
        raise Aside(kept("An employee's own chat with the bot: nothing is made of it."))
    talk = found_or_opened(inbound, channel)
    if signal.kind == "start":
        return _opened(inbound, talk, channel)
    talk.trouble = BLOCKED if signal.kind == "left" else ""
    db.session.flush()
    return kept("The client has blocked the bot.") if talk.trouble else kept("The client may be written to again.")


def is_employee(chat: str) -> bool:
    """Whether it is the chat in which somebody of ours gets notices."""
    return notices.person_of_chat(chat) is not None


def _linked(inbound: Inbound, signal: Signal, channel: Channel) -> str:
    """An employee's one-time code; a wrong one is answered too, and tells nothing."""
    person = notices.link_chat(signal.data, inbound.conversation, inbound.title)
    if person is None:
        with speaking("ru", "Europe/Moscow"):
            words = _("This code is used up or too old. Make a new one in your settings and open its link.")
        enqueue_after_commit(REPLY, channel.id, inbound.conversation, words)
        return kept("Somebody showed a code that is used up, too old or wrong.")
    with speaking(person.language, person.zone):
        words = _("Done, %(name)s: notices will come to this chat.", name=person.first_name)
    enqueue_after_commit(REPLY, channel.id, inbound.conversation, words)
    return kept("%(name)s linked this chat: notices go there.", name=person.name)


def _opened(inbound: Inbound, talk: Conversation, channel: Channel) -> str:
    """Whoever presses Start is greeted, once; where they came from is kept for their first words."""
    start = {"utm": dict(inbound.utm), "partner": inbound.partner}
    if any(start.values()):
        talk.extra = {**talk.extra, "start": start}
    if not talk.extra.get("greeted"):
        talk.extra = {**talk.extra, "greeted": True}
        greet(talk, channel)
    db.session.flush()
    return kept("The bot was opened. A lead is made of the first message.")


def greet(talk: Conversation, channel: Channel) -> Message | None:
    """The channel's own words to whoever opens the chat."""
    words = clean_text("\n".join(channel.settings.get("greeting") or []), "greeting").strip()
    if not words:
        return None
    message = Message(at=utcnow(), kind=MessageKind.OUTGOING, channel=channel.kind, words=words, extra={})
    message.conversation_id, message.deal_id, message.lead_id = talk.id, talk.deal_id, talk.lead_id
    message.client_id, message.author_name = talk.client_id, channel.name
    if channel.settings.get("ask_phone"):
        with speaking("ru", "Europe/Moscow"):
            message.extra = {"keyboard": phone_keyboard(_("Share my phone"))}
    return put_down(message, talk)


