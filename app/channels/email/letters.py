"""A letter is understood: who wrote, to which thread it belongs, what is new in it, whether anybody wrote at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

from app.channels.email import sorting
from app.channels.email.mime import Body, addresses, body_of, header, ids, letter_of
from app.channels.email.places import own_address, own_addresses
from app.channels.email.texts import folded
from app.channels.inbound import Aside, ChannelError, Inbound, InFile, Raw, Signal
from app.wording import kept

LONGEST_WORDS = 9_900
OURS = kept("A letter of our own: no request is made of it.")
TOO_DEEP = kept("The letter hangs inside itself too many times to be read.")
NOBODY = kept("The letter does not say who wrote it.")
# «[№ 1042]» in the subject is ours; the mark behind a plus in our address is that of a letter of ours.
DEAL_MARK = re.compile(r"\[№\s?(\d{1,9})\]")
PLUS_MARK = re.compile(r"^v\.[0-9a-f]{24}$")
ANSWER = re.compile(r"^\s*(?:re|aw|ha|отв|на)(?:\[\d+\])?\s*:", re.IGNORECASE)
PHONE = re.compile(r"(?<!\d)(?:\+7|8)[\s(-]{0,3}\d{3}[\s)-]{0,3}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)")
ZONE_OF_TRUST = dt.timedelta(days=400)


def inbound_of(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    """What a letter says. Raises ChannelError; Aside with the reason for what nobody has written to us."""
    try:
        return _understood(raw, settings)
    except RecursionError:
        raise ChannelError(TOO_DEEP, permanent=True) from None


def _understood(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    letter = letter_of(raw.body)
    back = sorting.returned(letter)
    if back is not None:
        return _came_back(back)
    if sorting.is_receipt(letter):
        raise Aside(sorting.RECEIPT)
    name, address = _sender(letter, settings)
    reason = sorting.automatic(letter)
    if reason and not _is_always_taken(address, settings):
        raise Aside(reason)
    return _said(letter, (name, address), _content(letter, raw), settings)


def _came_back(back: sorting.Returned) -> Inbound:
    if not back.is_final:
        raise Aside(sorting.DELAYED)
    if not back.names:
        raise Aside(sorting.FOREIGN)
    return Inbound(signal=Signal("returned", data=" ".join(back.names), ref=back.words))


def _sender(letter: Message, settings: Mapping[str, Any]) -> tuple[str, str]:
    """Who is to be answered: a site's form writes from our own address and names the client in Reply-To."""
    own = own_addresses(settings)
    writers = addresses(letter, "From") or addresses(letter, "Sender", "Return-Path")
    answered = [one for one in addresses(letter, "Reply-To") if one[1] not in own]
    foreign = [one for one in writers if one[1] not in own]
    if not writers and not answered:
        raise ChannelError(NOBODY, permanent=True)
    if not foreign and not answered:
        raise Aside(OURS)
    name, address = (answered or foreign)[0]
    name = name or next((other for other, same in foreign if same == address), "")
    return ("" if name.lower() == address else name), address


def _is_always_taken(address: str, settings: Mapping[str, Any]) -> bool:
    lines = settings.get("always") or []
    named = {str(line).strip().lower() for line in (lines if isinstance(lines, list) else [lines])}
    domain = address.rpartition("@")[2]
    return bool({address, f"@{domain}", domain} & named)


def _content(letter: Message, raw: Raw) -> Body:
    """Text and files; of a letter that was too large the header is all there is; the rest is a lost file."""
    cut = re.search(r"cut=(\d{1,15})", raw.content_type)
    if cut is None:
        return body_of(letter)
    return Body("", (InFile("letter.eml", "message/rfc822", b"", size=int(cut[1])),))


def _said(letter: Message, who: tuple[str, str], body: Body, settings: Mapping[str, Any]) -> Inbound:
    name, address = who
    subject = header(letter, "Subject", 250)
    answers = [*ids(letter, "In-Reply-To"), *reversed(ids(letter, "References"))]
    fresh, quoted = folded(body.text, is_answer=bool(answers) or bool(ANSWER.match(subject)))
    own = next(iter(ids(letter, "Message-ID")), "") or _made_up(letter, address, body.text)
    phone = PHONE.search(fresh)
    return Inbound(
        name=name,
        email=address,
        words=_fitting(fresh or subject),
        quoted=quoted[:20_000],
        subject=subject,
        # With the sender: some programs give the same name to every letter.
        conversation=f"{answers[-1] if answers else own}|{address}"[:250],
        threads=tuple(dict.fromkeys([*answers[:30], *_marks(letter, subject, settings)])),
        message_id=own,
        title=name or address,
        at=_moment(letter),
        files=_files(body, fresh),
        spam=sorting.SPAM if sorting.is_spam(letter) else "",
        said_phone=phone[0] if phone else "",
    )


def _made_up(letter: Message, address: str, text: str) -> str:
    """A letter without a name of its own is known by what it says."""
    told = "\n".join((address, header(letter, "Date"), header(letter, "Subject"), text))
    return f"letter-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:40]}"


def _marks(letter: Message, subject: str, settings: Mapping[str, Any]) -> list[str]:
    """Marks of ours by which an answer finds home when its mail program has lost the thread."""
    local, _at, domain = own_address(settings).rpartition("@")
    found = []
    for _name, address in addresses(letter, "To", "Cc", "Delivered-To", "X-Original-To"):
        box, _plus, mark = address.rpartition("@")[0].partition("+")
        if box == local and PLUS_MARK.match(mark):
            found.append(f"<{mark}@{domain}>")
    return found + [f"deal:{number}" for number in DEAL_MARK.findall(subject)[:1]]


def _moment(letter: Message) -> dt.datetime | None:
    """When our server got it, else when it was written; a clock that is wrong is not believed."""
    got = str((letter.get_all("Received") or [""])[0]).rpartition(";")[2]
    now = dt.datetime.now(dt.UTC)
    for text in (got, str(letter.get("Date") or "")):
        try:
            moment = parsedate_to_datetime(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        if now - ZONE_OF_TRUST < moment < now + dt.timedelta(minutes=10):
            return min(moment, now)
    return None


def _fitting(words: str) -> str:
    """The beginning of a text that is too long for a line of the feed: the whole of it is kept as a file."""
    return words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…"


def _files(body: Body, fresh: str) -> tuple[InFile, ...]:
    if len(fresh) <= LONGEST_WORDS:
        return body.files
    data = fresh.encode("utf-8", "replace")
    return (InFile("letter.txt", "text/plain", data, size=len(data)), *body.files)
