"""What a request is, told by rules with a reason: new, repeat, duplicate or mistake."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.services import clients, contacts
from app.settings import setting
from app.wording import kept
from models.ground.base import db, utcnow
from models.leads import LIVE_STATES, Lead, LeadClass

# Words of somebody who tries a form out, and nothing else.
TRIAL = {"test", "тест", "asdf", "qwerty", "йцукен", "проверка", "тестовая заявка", "123"}
# Advisory lock: one of two requests of the same person at the same moment waits for the other.
SAME_PERSON = 42_010_001


@dataclass(frozen=True)
class Reach:
    """How somebody can be answered, each in its one form; empty where there is no way."""

    phone: str = ""
    email: str = ""
    handle: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is no way to answer."""
        return not (self.phone or self.email or self.handle)


@dataclass(frozen=True)
class Verdict:
    """What the request is and why; for a duplicate the lead or deal that it belongs to."""

    klass: LeadClass
    reason: str
    client: clients.Holder | None = None
    lead_id: int | None = None
    deal_id: int | None = None

    @property
    def is_attached(self) -> bool:
        """Whether an open lead or deal takes it in."""
        return self.klass is LeadClass.DUPLICATE


def reach_of(phone: str, email: str, handle: str) -> Reach:
    """Contacts as they were typed, normalised."""
    return Reach(contacts.phone(phone), contacts.email(email), contacts.handle(handle))


def classify(reach: Reach, name: str, words: str) -> Verdict:
    """The rules in order: mistake, duplicate, repeat, new. Spam and partners are told apart elsewhere."""
    if reach.is_empty:
        return Verdict(LeadClass.MISTAKE, kept("There is no phone, e-mail or messenger to answer to."))
    if is_trial(name, words):
        return Verdict(LeadClass.MISTAKE, kept("Somebody tried the form out."))
    _wait_for_same(reach)
    holders = clients.recognise(reach.phone, reach.email, reach.handle)
    best = holders[0] if holders else None
    return _duplicate(reach, best) or _known(best)


def is_trial(name: str, words: str) -> bool:
    """Whether nothing but words of a trial was typed, and at least one of them."""
    said = {" ".join(text.lower().split()).strip(".,!?") for text in (name, words)} - {""}
    return bool(said) and said <= TRIAL


def _wait_for_same(reach: Reach) -> None:
    keys = [value for value in (reach.phone, reach.email, reach.handle) if value]
    for key in sorted(keys):
        db.session.execute(select(func.pg_advisory_xact_lock(SAME_PERSON, func.hashtext(key))))


def _duplicate(reach: Reach, best: clients.Holder | None) -> Verdict | None:
    """An open deal of the client, or a request that somebody is still to answer."""
    if best and best.open_deal_id:
        reason = kept("The client has an open deal, № %(number)s.", number=best.open_deal_number)
        return Verdict(LeadClass.DUPLICATE, reason, best, deal_id=best.open_deal_id)
    earlier = _earlier(reach)
    if earlier is None:
        return None
    reason = kept("The same contact as in lead № %(number)s, which is still open.", number=earlier)
    return Verdict(LeadClass.DUPLICATE, reason, best, lead_id=earlier)


def _earlier(reach: Reach) -> int | None:
    wanted = ((Lead.phone, reach.phone), (Lead.email, reach.email), (Lead.handle, reach.handle))
    same = [column == value for column, value in wanted if value]
    since = utcnow() - dt.timedelta(days=setting("duplicate_days"))
    found = (
        select(Lead.id)
        .where(or_(*same), Lead.state.in_(LIVE_STATES), Lead.received_at >= since)
        .order_by(Lead.received_at.desc(), Lead.id.desc())
        .limit(1)
    )
    with clients.everywhere() as session:
        return session.execute(found).scalar()


def _known(best: clients.Holder | None) -> Verdict:
    if best is None:
        return Verdict(LeadClass.NEW, kept("Nobody with this contact is known."))
    if best.has_won:
        return Verdict(LeadClass.REPEAT, kept("The client has bought before."), best)
    return Verdict(LeadClass.NEW, kept("The client is known, but has not bought yet."), best)
