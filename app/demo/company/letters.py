"""What the demo company and its clients have written to each other by e-mail; the mailbox itself is switched off."""

from __future__ import annotations

import io
from dataclasses import dataclass

from sqlalchemy import select

from app.channels.inbound import InFile
from app.demo.company.clock import Clock
from app.demo.company.talks import THEY, WE, belong
from app.services import channels, clients, files
from app.services.conversations.letters import signature
from models.channels import Channel
from models.clients import Client, ContactKind
from models.deals import Deal
from models.ground.base import clock_at, db
from models.messages import Conversation, Message, MessageKind

ADDRESS = "info@parus.example"
BOX = {"address": ADDRESS, "host": "imap.parus.example", "user": ADDRESS, "name": "Парус — окна"}


@dataclass(frozen=True)
class Letter:
    """One letter: when, who speaks, words, what hangs on it."""

    days: int
    time: str
    is_client: bool
    words: str
    file: str = ""


@dataclass(frozen=True)
class Thread:
    """Letters about one deal under one subject."""

    client: str
    address: str
    subject: str
    letters: tuple[Letter, ...]


THREADS = (
    Thread("Ирина Соколова", "irina.sokolova@example.ru", "Фото окна в комнате", (
        Letter(-2, "21:07", THEY, "Марина, здравствуйте! Как и обещала, фото окна, которое меняем первым.\n\nИрина",
               "Окно в комнате.jpg"),
        Letter(-1, "9:40", WE, "Ирина, спасибо! Вижу старый подоконник: заложу 250 мм и новые откосы."),
    )),
    Thread("Клиника «Дельта»", "snab@delta-clinic.example", "Двери ПВХ, план первого этажа", (
        Letter(-3, "11:25", THEY, "Добрый день! Направляем план первого этажа с проёмами, дверей девять. Просим КП "
               "до конца недели.\n\nС уважением,\nотдел снабжения", "План первого этажа.pdf"),
        Letter(-3, "12:02", WE, "Добрый день! План получили, всё читается. КП пришлём завтра до обеда."),
    )),
)  # fmt: skip


def go(clock: Clock) -> Channel:
    """The mailbox's channel, and the letters of two open deals."""
    box = channels.create("email", "Почта info@", {"active": False, "settings": BOX})
    for thread in THREADS:
        found = select(Deal).join(Client, Client.id == Deal.client_id).where(Client.name == thread.client)
        deal = db.session.execute(found.where(Deal.closed_at.is_(None)).limit(1)).scalar_one_or_none()
        if deal is not None:
            _write(box, deal, thread, clock)
    return box


def _write(box: Channel, deal: Deal, thread: Thread, clock: Clock) -> None:
    if deal.client is not None:
        clients.add_contact(deal.client, ContactKind.EMAIL, thread.address)
    talk = Conversation(channel_id=box.id, kind=box.kind, handle=thread.address, title=thread.client, extra={})
    talk.external_id = f"<{deal.number}@{thread.address.rpartition('@')[2]}>"
    talk.deal_id, talk.client_id = deal.id, deal.client_id
    db.session.add(talk)
    db.session.flush()
    belong(talk, [_one(talk, deal, thread, letter, clock) for letter in thread.letters])


def _one(talk: Conversation, deal: Deal, thread: Thread, letter: Letter, clock: Clock) -> Message:
    owner = deal.owner
    with clock_at(clock.was(letter.days, letter.time)):
        message = Message(words=letter.words, channel=talk.kind, client_id=talk.client_id, deal_id=deal.id, extra={})
        message.kind = MessageKind.INCOMING if letter.is_client else MessageKind.OUTGOING
        message.subject = thread.subject if letter.is_client else f"Re: {thread.subject} [№ {deal.number}]"
        message.author_name = thread.client if letter.is_client or owner is None else owner.name
        if not letter.is_client and owner is not None:
            message.created_by_id, message.extra = owner.id, {"signature": signature(owner)}
        db.session.add(message)
        db.session.flush()
        if letter.file:
            data = photo() if letter.file.endswith(".jpg") else plan()
            files.keep_all(message, [InFile(letter.file, "", data, size=len(data))])
    return message


def photo() -> bytes:
    """A window as a phone sees it, drawn: nobody's room."""
    from PIL import Image, ImageDraw, ImageFilter

    picture = Image.new("RGB", (1600, 1200), "#d8c9b2")
    pen = ImageDraw.Draw(picture)
    for row in range(620):
        pen.line((360, 180 + row, 1240, 180 + row), fill=(120 + row // 6, 175 + row // 9, 235 - row // 20))
    pen.ellipse((300, 560, 900, 1100), fill="#6f9a5e")
    pen.ellipse((760, 600, 1400, 1150), fill="#5f8b52")
    pen.rectangle((0, 800, 1600, 1200), fill="#cdbda4")
    for box in ((330, 150, 1270, 820), (360, 180, 800, 790), (800, 180, 1240, 790)):
        pen.rectangle(box, outline="#f4f2ee", width=34)
    pen.rectangle((260, 820, 1340, 872), fill="#efe9df", outline="#b9ac97", width=4)
    pen.polygon(((0, 0), (250, 0), (190, 1200), (0, 1200)), fill="#a8743f")
    pen.polygon(((1600, 0), (1350, 0), (1410, 1200), (1600, 1200)), fill="#a8743f")
    kept = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(kept, "JPEG", quality=84)
    return kept.getvalue()


def plan() -> bytes:
    """A sheet with the openings of a floor, as a PDF of lines and sizes."""
    lines = ["2 w 60 120 475 320 re S", "1 w"]
    lines += [f"{60 + 158 * n} 120 m {60 + 158 * n} 440 l S" for n in (1, 2)]
    lines += [f"0.93 0.96 1 rg {92 + 53 * n} 112 32 16 re B" for n in range(9)]
    lines += ["0 0 0 rg BT /F 14 Tf 60 470 Td (1 : 100    900 x 2100 mm, 9 pcs.) Tj ET"]
    lines += [f"BT /F 9 Tf {100 + 53 * n} 98 Td ({n + 1}) Tj ET" for n in range(9)]
    content = "\n".join(lines).encode("ascii")
    parts = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 540] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F 5 0 R >> >>",
    )
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
    return made + head + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(made))
