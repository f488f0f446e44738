"""Verbs of who takes part in a deal beside its client and owner: invite, describe, dismiss."""

from flask_babel import gettext as _
from sqlalchemy import select

from models.clients import Client
from models.deals import Deal
from models.ground.base import db
from models.ground.history import record
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.participants import Participant
from models.staff import Person

WORDS_LIMIT = 60


def invite(deal: Deal, who: Client | Person, words: str = "") -> Participant:
    """Somebody takes part in the deal; `words` say as what. Refuses whoever does already."""
    said = clean_line(words, "words", WORDS_LIMIT)
    _check_new(deal, who)
    if isinstance(who, Person):
        part = Participant(deal_id=deal.id, person=who, words=said)
    else:
        part = Participant(deal_id=deal.id, client=who, words=said)
    db.session.add(part)
    db.session.flush()
    record("deal.participant_added", deal, who=who.name, words=said)
    return part


def describe(part: Participant, words: str) -> Participant:
    """Change the words of somebody's role."""
    part.words = clean_line(words, "words", WORDS_LIMIT)
    db.session.flush()
    return part


def dismiss(part: Participant) -> None:
    """Somebody takes no part any more; the history keeps that they did."""
    deal = part.deal
    record("deal.participant_removed", deal, who=name_of(part), words=part.words)
    db.session.delete(part)
    db.session.flush()


def name_of(part: Participant) -> str:
    """Who it is."""
    who = part.client or part.person
    return who.name if who else ""


def _check_new(deal: Deal, who: Client | Person) -> None:
    if isinstance(who, Person) and not who.active:
        raise Refused(_("%(name)s no longer works here. Choose somebody else.", name=who.name), "who")
    is_main = deal.owner_id == who.id if isinstance(who, Person) else deal.client_id == who.id
    column = Participant.person_id if isinstance(who, Person) else Participant.client_id
    known = select(Participant.id).where(Participant.deal_id == deal.id, column == who.id)
    if is_main or db.session.execute(known).first():
        raise Refused(_("%(name)s takes part in the deal already.", name=who.name), "who")
