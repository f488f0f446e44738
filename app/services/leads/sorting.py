"""What a request is, told by the company's rules with a reason; for a duplicate, where it belongs."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlalchemy import func, or_, select

from app.channels.inbound import Inbound
from app.lowcode import sorting as says
from app.lowcode.sorting import Answer
from app.services import clients, contacts
from app.settings import setting
from app.wording import kept
from models.ground.base import db, utcnow
from models.leads import LIVE_STATES, Lead, LeadClass
from models.lowcode.sorting import SortingAction, SortingRule, SortingWhat

# An advisory lock: one of two requests of the same person at the same moment waits for the other.
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
    """What the request is and why; for a duplicate the lead or deal that it belongs to, and what is done with it."""

    klass: LeadClass
    reason: str
    client: clients.Holder | None = None
    lead_id: int | None = None
    deal_id: int | None = None
    action: str = SortingAction.MARK
    partner_id: int | None = None
    what: str = ""

    @property
    def is_attached(self) -> bool:
        """Whether an open lead or deal takes it in."""
        return self.klass is LeadClass.DUPLICATE and self.action == SortingAction.ATTACH

    @property
    def is_set_aside(self) -> bool:
        """Whether nobody is disturbed by it; it can be taken back."""
        return self.action == SortingAction.SET_ASIDE


@dataclass(frozen=True)
class Request:
    """What is asked about: the words, the ways to answer, and where it came from."""

    reach: Reach
    name: str = ""
    words: str = ""
    source: str = ""
    funnel_id: int | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    promo: str = ""
    spam: str = ""


class Case:
    """One request before its judge: what is known of it is asked for once, and only when a question needs it."""

    def __init__(self, request: Request) -> None:
        self.request = request
        rules = db.session.execute(select(SortingRule).order_by(SortingRule.position, SortingRule.id)).scalars().all()
        self.answers = says.closest(rules, request.source, request.funnel_id)

    def answer(self, what: str) -> Answer | None:
        """The rule for a question, None when it is switched off."""
        return self.answers.get(what)

    @cached_property
    def holders(self) -> list[clients.Holder]:
        """Those who have the contact."""
        reach = self.request.reach
        return clients.recognise(reach.phone, reach.email, reach.handle)

    @cached_property
    def best(self) -> clients.Holder | None:
        """The client it is from: by contact, else by the INN in the words. A partner sends others' requests."""
        found = [*self.holders, *clients.of_inns(says.inns_in(self.request.words))]
        return next((holder for holder in found if not holder.is_partner), None)

    @cached_property
    def partner(self) -> clients.Holder | None:
        """The partner it is from: by the code named, by the mark of an advertisement, or by the contact."""
        request = self.request
        marks = (request.promo, str(request.utm.get("source") or request.utm.get("utm_source") or ""))
        by_code = clients.partner_of([*says.codes_in(*marks), *says.codes_in(request.words)])
        return by_code or next((holder for holder in self.holders if holder.is_partner), None)


def reach_of(phone: str, email: str, handle: str) -> Reach:
    """Contacts as they were typed, normalised."""
    return Reach(contacts.phone(phone), contacts.email(email), contacts.handle(handle))


def request_of(inbound: Inbound, source: str = "", funnel_id: int | None = None) -> Request:
    """What came in, as the rules look at it."""
    return Request(
        reach=reach_of(inbound.phone, inbound.email, inbound.handle),
        name=inbound.name,
        words=inbound.words,
        source=inbound.source or source,
        funnel_id=funnel_id,
        utm=inbound.utm,
        promo=inbound.partner,
        spam=inbound.spam,
    )


def classify(request: Request) -> Verdict:
    """The first question that has an answer tells the class; a request of which nothing is known is new."""
    case = Case(request)
    for what, question in QUESTIONS:
        answer = case.answer(what)
        verdict = question(case, answer) if answer else None
        if verdict is not None:
            return replace(verdict, what=what)
    return _new(case)


def all_answers(request: Request) -> list[tuple[str, Verdict | None]]:
    """What every question would say by itself, also those that `classify` had no need to ask: the try-out shows it.

    A question that is switched off is not among them. Two questions of one name are one line, with what was found.
    """
    case = Case(request)
    found: dict[str, Verdict | None] = {}
    for what, question in QUESTIONS:
        answer = case.answer(what)
        if answer:
            found[what] = found.get(what) or question(case, answer)
    return list(found.items())


# ── the questions ────────────────────────────────────────────────────────────


def _robot(case: Case, answer: Answer) -> Verdict | None:
    """Beyond doubt, whoever it seems to be from."""
    reason = case.request.spam or says.spam_in_form(case.request.name)
    return Verdict(LeadClass.SPAM, reason, action=answer.action) if reason else None


def _mistake(case: Case, answer: Answer) -> Verdict | None:
    request = case.request
    if says.is_trial(answer, request.name, request.words):
        return Verdict(LeadClass.MISTAKE, kept("Somebody tried the form out."), action=answer.action)
    if not request.reach.is_empty:
        return None
    if says.is_empty_talk(answer, request.words):
        reason = kept("There is no phone, e-mail or messenger to answer to.")
        return Verdict(LeadClass.MISTAKE, reason, action=answer.action)
    # Somebody wrote what they need and mistyped the phone: a person may still find them.
    reason = kept("There is no phone, e-mail or messenger to answer to, but it is a request: look at it.")
    return Verdict(LeadClass.MISTAKE, reason)


def _duplicate(case: Case, answer: Answer) -> Verdict | None:
    """An open deal of the client, a request that somebody is still to answer, or the very same words again."""
    request = case.request
    _wait_for_same(request.reach)
    found = _open_deal(case) or _open_lead(case, answer)
    if found is None or answer.action == SortingAction.NEW:
        return None
    return replace(found, action=answer.action)


def _open_deal(case: Case) -> Verdict | None:
    best = next((holder for holder in case.holders if not holder.is_partner), None)
    if best is None or not best.open_deal_id:
        return None
    reason = kept("The client has an open deal, № %(number)s.", number=best.open_deal_number)
    return Verdict(LeadClass.DUPLICATE, reason, best, deal_id=best.open_deal_id)


def _open_lead(case: Case, answer: Answer) -> Verdict | None:
    since = utcnow() - dt.timedelta(days=answer.number("days", setting("duplicate_days")))
    # A partner's own phone stands on the requests of many clients: there only the same words are the same request.
    is_shared = any(holder.is_partner for holder in case.holders)
    earlier = _earlier(case, since, Lead.state.in_(LIVE_STATES), same_words=is_shared)
    if earlier is None:
        return None
    reason = kept("The same contact as in lead № %(number)s, which is still open.", number=earlier)
    return Verdict(LeadClass.DUPLICATE, reason, case.best, lead_id=earlier)


def _repeated(case: Case, answer: Answer) -> Verdict | None:
    """The same words as in a request that was closed: nothing takes it in, so a person decides."""
    if answer.action == SortingAction.NEW or not case.request.words.strip():
        return None
    since = utcnow() - dt.timedelta(days=answer.number("days", setting("duplicate_days")))
    earlier = _earlier(case, since, Lead.state.not_in(LIVE_STATES), same_words=True)
    if earlier is None:
        return None
    reason = kept(
        "The same words as in lead № %(number)s, which is closed: look whether to begin anew.", number=earlier
    )
    return Verdict(LeadClass.DUPLICATE, reason, case.best, lead_id=earlier, action=SortingAction.ASK)


def _earlier(case: Case, since: dt.datetime, state: object, *, same_words: bool) -> int | None:
    request, reach = case.request, case.request.reach
    wanted = ((Lead.phone, reach.phone), (Lead.email, reach.email), (Lead.handle, reach.handle))
    same = [column == value for column, value in wanted if value]
    if not same:
        return None
    rows = select(Lead.id, Lead.words).where(or_(*same), Lead.received_at >= since)
    rows = rows.where(state).order_by(Lead.received_at.desc(), Lead.id.desc()).limit(20)  # type: ignore[arg-type]
    with clients.everywhere() as session:
        found = session.execute(rows).all()
    if same_words:
        found = [row for row in found if says.folded(row.words) == says.folded(request.words)]
    return found[0].id if found else None


def _spam(case: Case, answer: Answer) -> Verdict | None:
    """Of somebody who is known, words are never spam."""
    if case.holders:
        return None
    reason = says.spam_in_words(answer, case.request.words)
    return Verdict(LeadClass.SPAM, reason, action=answer.action) if reason else None


def _no_customer(case: Case, answer: Answer) -> Verdict | None:
    """A suggestion and no more: somebody who has bought may offer something too."""
    if case.best and case.best.has_won:
        return None
    reason = says.no_customer(answer, case.request.words)
    return Verdict(LeadClass.NOT_CUSTOMER, reason, case.best) if reason else None


def _partner(case: Case, _answer: Answer) -> Verdict | None:
    partner = case.partner
    if partner is None:
        return None
    if any(holder.client_id == partner.client_id for holder in case.holders):
        reason = kept("The contact is of the partner %(name)s.", name=partner.name[:150] or "—")
    else:
        reason = kept("The code of the partner %(name)s is named.", name=partner.name[:150] or "—")
    return Verdict(LeadClass.PARTNER, reason, case.best, partner_id=partner.client_id)


def _repeat(case: Case, answer: Answer) -> Verdict | None:
    """Who counts as having bought is the company's rule: a won deal, a payment, or any deal."""
    best, who = case.best, answer.params.get("who", says.WON)
    if best is None:
        return None
    if who == says.ANY and best.has_deals:
        return Verdict(LeadClass.REPEAT, kept("The client had deals before."), best)
    if who == says.PAID and clients.has_paid(best.client_id):
        return Verdict(LeadClass.REPEAT, kept("The client has paid before."), best)
    has_bought = who == says.WON and best.has_won
    return Verdict(LeadClass.REPEAT, kept("The client has bought before."), best) if has_bought else None


QUESTIONS: tuple[tuple[str, Callable[[Case, Answer], Verdict | None]], ...] = (
    (SortingWhat.SPAM, _robot),
    (SortingWhat.MISTAKE, _mistake),
    (SortingWhat.DUPLICATE, _duplicate),
    (SortingWhat.SPAM, _spam),
    (SortingWhat.DUPLICATE, _repeated),
    (SortingWhat.NOT_CUSTOMER, _no_customer),
    (SortingWhat.PARTNER, _partner),
    (SortingWhat.REPEAT, _repeat),
)


def _new(case: Case) -> Verdict:
    best = case.best
    if best is None:
        return Verdict(LeadClass.NEW, kept("Nobody with this contact is known."))
    if best.open_deal_number:
        words = kept("The client has an open deal, № %(number)s, but here a request is always new.",
                     number=best.open_deal_number)  # fmt: skip
        return Verdict(LeadClass.NEW, words, best)
    return Verdict(LeadClass.NEW, kept("The client is known, but has not bought yet."), best)


def _wait_for_same(reach: Reach) -> None:
    keys = [value for value in (reach.phone, reach.email, reach.handle) if value]
    for key in sorted(keys):
        db.session.execute(select(func.pg_advisory_xact_lock(SAME_PERSON, func.hashtext(key))))
