"""What the demo company and its clients have written to each other in Telegram; the bot itself is switched off."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import select

from app.demo.company.clock import Clock
from app.demo.company.people import Staff
from app.services import channels
from models.channels import Channel
from models.clients import Client, ContactKind, ContactPoint
from models.deals import Deal
from models.ground.base import clock_at, db
from models.leads import Lead
from models.messages import Conversation, Message, MessageKind, MessageState

# Day, time, whether it is the client who speaks, words. The last word of the client waits where nobody answered.
Line = tuple[int, str, bool, str]
THEY, WE = True, False
SOKOLOVA: tuple[Line, ...] = (
    (-1, "20:18", THEY, "Марина, посмотрели КП. Муж говорит, дороговато. Можно без крашеных откосов?"),
    (-1, "20:25", WE, "Конечно, утром пересчитаю с откосами из сэндвич-панели и пришлю."),
)
TALKS: dict[str, tuple[str, tuple[Line, ...]]] = {
    "Дарья Котова": ("d_kotova", (
        (-1, "12:10", THEY, "Здравствуйте! Нужна угловая кухня, 3,2 на 1,8. Эскиз есть, прислать?"),
        (-1, "12:22", WE, "Дарья, здравствуйте! Да, пришлите эскиз и скажите, какие фасады нравятся."),
        (-1, "12:40", THEY, "Матовые, зелёные или графит. Ещё не решили"),
        (0, "9:12", THEY, "А варианты цвета можно сегодня посмотреть?"),
    )),
    "Семья Ветровых": ("vetrovy", (
        (-2, "18:02", WE, "Добрый вечер! Лоджия в цехе, монтаж назначим на следующей неделе."),
        (-1, "19:30", THEY, "Спасибо! Ждём монтажников"),
        (-1, "19:34", WE, "Бригадир позвонит за день, Сергей Титов."),
    )),
}  # fmt: skip
LEADS: dict[str, tuple[Line, ...]] = {
    "Светлана": ((-1, "11:20", WE, "Светлана, добрый день! Какие размеры прихожей? Можно фото от руки."),),
}


def go(deal: Deal, staff: Staff, clock: Clock) -> Channel:
    """The bot's channel, and the chats of № 1042, of other open deals and of a lead."""
    bot = channels.create("telegram", "Telegram-бот", {"active": False})
    said = select(Message).where(Message.deal_id == deal.id, Message.channel == "telegram").order_by(Message.id)
    of_today = list(db.session.execute(said).scalars())
    talk = _talk(bot, deal, "i_sokolova", "Ирина Соколова")
    _speak(talk, deal, SOKOLOVA, clock)
    belong(talk, of_today)
    for name, (handle, lines) in TALKS.items():
        found = select(Deal).join(Client, Client.id == Deal.client_id).where(Client.name == name)
        other = db.session.execute(found.where(Deal.closed_at.is_(None)).limit(1)).scalar_one_or_none()
        if other is not None:
            _speak(_talk(bot, other, handle, name), other, lines, clock)
    for name, lines in LEADS.items():
        lead = db.session.execute(select(Lead).where(Lead.name == name).limit(1)).scalar_one_or_none()
        if lead is not None:
            talk = _talk(bot, lead, lead.handle, name)
            first = select(Message).where(Message.lead_id == lead.id, Message.kind == MessageKind.INCOMING)
            belong(talk, list(db.session.execute(first).scalars()))
            _speak(talk, lead, lines, clock)
    return bot


def _talk(bot: Channel, place: Deal | Lead, handle: str, title: str) -> Conversation:
    """A chat of a client who is known by a name in Telegram from now on."""
    talk = Conversation(channel_id=bot.id, kind=bot.kind, handle=handle, title=title, extra={"greeted": True})
    talk.external_id = str(400_000_000 + secrets.randbelow(90_000_000))
    talk.client_id = place.client_id
    talk.deal_id, talk.lead_id = (place.id, None) if isinstance(place, Deal) else (None, place.id)
    db.session.add(talk)
    if place.client_id and handle:
        db.session.add(ContactPoint(client_id=place.client_id, kind=ContactKind.HANDLE, value=handle))
    db.session.flush()
    return talk


def _speak(talk: Conversation, place: Deal | Lead, lines: Sequence[Line], clock: Clock) -> None:
    spoken = []
    owner = place.owner
    for days, time, is_client, words in lines:
        with clock_at(clock.was(days, time)):
            message = Message(words=words, channel=talk.kind, client_id=talk.client_id, extra={})
            message.deal_id, message.lead_id = talk.deal_id, talk.lead_id
            message.kind = MessageKind.INCOMING if is_client else MessageKind.OUTGOING
            message.author_name = talk.title if is_client or owner is None else owner.name
            message.created_by_id = None if is_client or owner is None else owner.id
            db.session.add(message)
            db.session.flush()
            spoken.append(message)
    belong(talk, spoken)


def belong(talk: Conversation, messages: Sequence[Message]) -> None:
    """The lines are the chat's: numbered, those of ours sent; who spoke last tells whether somebody waits."""
    for message in messages:
        message.conversation_id, message.external_id = talk.id, str(1000 + message.id)
        message.channel, message.client_id = talk.kind, talk.client_id
        if message.kind == MessageKind.OUTGOING:
            message.state = MessageState.SENT
    if not messages:
        return
    last = messages[-1]
    talk.last_at = last.at
    coming = [message.at for message in messages if message.kind == MessageKind.INCOMING]
    talk.last_incoming_at = max(coming, default=talk.last_incoming_at)
    talk.unanswered_since = last.at if last.kind == MessageKind.INCOMING else None
    db.session.flush()
