"""Verbs of a note in a deal's feed: write, rewrite, throw away, pin; who is named in it is told."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.rights import actor_of_person
from app.services import notices
from app.wording import speaking
from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_text
from models.ground.refused import Refused
from models.messages import Message, MessageKind
from models.staff import Person

MENTIONED = "message.mentioned"
MOST_PINS = 10


def note(deal: Deal, words: str) -> Message:
    """A note in the feed of the deal. Refuses an empty one.

    Colleagues named with an @ are told, if they may see the deal; `extra["untold"]` are the names of the others.
    """
    message = Message(kind=MessageKind.NOTE, deal_id=deal.id, words=_said(words), author_name=current_actor().name)
    db.session.add(message)
    db.session.flush()
    record("deal.noted", deal, message_id=message.id)
    _tell_named(deal, message)
    return message


def rewrite(message: Message, words: str) -> Message:
    """Change one's own note; what it said before is kept beside it."""
    _check_own(message)
    said = _said(words)
    if said == message.words:
        return message
    before = {"words": message.words, "at": utcnow().isoformat()}
    message.extra = {**message.extra, "edits": [*message.extra.get("edits", []), before]}
    message.words = said
    db.session.flush()
    deal = _deal_of(message)
    record("deal.note_changed", deal, message_id=message.id)
    _tell_named(deal, message)
    return message


def erase(message: Message) -> None:
    """Throw one's own note away; it can be brought back."""
    _check_own(message)
    message.deleted_at, message.deleted_by_id = utcnow(), current_actor().person_id
    db.session.flush()
    record("deal.note_erased", _deal_of(message), message_id=message.id)


def restore(message: Message) -> None:
    """Undo of erase."""
    _check_own(message)
    message.deleted_at = message.deleted_by_id = None
    db.session.flush()
    record("deal.note_restored", _deal_of(message), message_id=message.id)


def pin(message: Message) -> None:
    """Keep a message above the feed. Refuses more than a screen of them."""
    pinned = select(Message.id).where(Message.deal_id == message.deal_id, Message.pinned_at.is_not(None))
    if message.pinned_at is None and len(db.session.execute(pinned).all()) >= MOST_PINS:
        raise Refused(_("Ten messages are pinned already. Take one off first."))
    message.pinned_at = utcnow()
    db.session.flush()


def unpin(message: Message) -> None:
    """Take a message off the top of the feed."""
    message.pinned_at = None
    db.session.flush()


def reaches(person: Person, deal: Deal) -> bool:
    """Whether a colleague may open this deal and read what is written there."""
    actor = actor_of_person(person)
    if not actor.may("can_show", "Deals") or actor.reads("message") is Scope.NONE:
        return False
    theirs = select(Deal.id).where(Deal.id == deal.id, Deal.within(actor, Deal.reading_scope(actor)))
    return db.session.execute(theirs).first() is not None


def _said(words: str) -> str:
    said = clean_text(words, "words")
    if not said:
        raise Refused(_("The note is empty. Write what should be remembered."), "words")
    return said


def _check_own(message: Message) -> None:
    if message.kind != MessageKind.NOTE:
        raise Refused(_("Only notes can be changed. What was sent has been sent."))
    if message.created_by_id != current_actor().person_id:
        raise Refused(_("This note is not yours. Ask its author, or write one of your own."))


def _deal_of(message: Message) -> Any:
    return db.session.get(Deal, message.deal_id)


def _tell_named(deal: Deal, message: Message) -> None:
    """Each person named is told once a note, however often it is rewritten."""
    fresh = [person for person in named_in(message.words) if person.id not in message.mentions]
    untold = []
    for person in fresh:
        if person.id == current_actor().person_id:
            continue
        if reaches(person, deal):
            _tell(person, deal, message)
        else:
            untold.append(person.name)
    message.mentions = [*message.mentions, *(person.id for person in fresh if person.name not in untold)]
    message.extra = {**message.extra, "untold": untold}
    db.session.flush()


def _tell(person: Person, deal: Deal, message: Message) -> None:
    with speaking(person.language, person.zone):
        about = deal.client_name or _("№ %(number)s", number=deal.number)
        title = _("%(author)s mentions you: %(about)s", author=message.author_name, about=about)
        words, url = message.words[:500], f"/deals/{deal.number}#message-{message.id}"
        notices.notify(person, f"mention:{message.id}:{person.id}", MENTIONED, title, words=words, url=url)


def named_in(words: str) -> list[Person]:
    """The colleagues named in a text as @Name Surname or @username, each once, longer names before shorter ones."""
    if "@" not in words:
        return []
    rest, found = words.casefold(), []
    people = list(db.session.execute(select(Person).where(Person.active.is_(True))).scalars())
    handles = [(handle, person) for person in people for handle in (person.name, person.username) if handle]
    for handle, person in sorted(handles, key=lambda pair: -len(pair[0])):
        rest, is_named = _without(rest, f"@{handle.casefold()}")
        if is_named and person not in found:
            found.append(person)
    return sorted(found, key=lambda person: person.id)


def _without(text: str, handle: str) -> tuple[str, bool]:
    """The text without a handle that ends where a word ends, and whether it was there."""
    at, is_named = text.find(handle), False
    while at >= 0:
        end = at + len(handle)
        if end == len(text) or not text[end].isalnum():
            text, is_named, end = text[:at] + " " + text[end:], True, at
        at = text.find(handle, end)
    return text, is_named
