"""Verbs of a client: recognise, create, change, assign, set contacts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select

from app.services import contacts, notices, requisites
from app.services.versions import check_version, locked
from app.wording import speaking
from models.clients import Client, ClientKind, ContactKind, ContactPoint
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as, current_actor
from models.ground.base import CrmSession, db, utcnow
from models.ground.limits import clean_line, clean_text
from models.ground.refused import NotFound, Refused
from models.leads import Lead
from models.lowcode.funnels import Stage, StageKind
from models.staff import Person

LINES = {"name": 250, "full_name": 250, "address": 250}
FEW = 20


@dataclass(frozen=True)
class Holder:
    """Somebody who has a phone, an e-mail or a handle, whoever may see him: plain values."""

    client_id: int
    name: str
    owner_id: int | None
    owner_name: str
    open_deal_id: int | None
    open_deal_number: int | None
    has_won: bool
    is_visible: bool = True


@contextmanager
def everywhere() -> Iterator[CrmSession]:
    """A session that sees all rows: the one at hand, or one of its own; take plain values only."""
    if current_actor().everything:
        yield cast(CrmSession, db.session())
        return
    db.session.flush()
    with acting_as(SYSTEM) as session:
        yield session


def recognise(phone: str = "", email: str = "", handle: str = "") -> list[Holder]:
    """All clients with this contact (already normalised), the one with the latest open deal first."""
    wanted = {ContactKind.PHONE: phone, ContactKind.EMAIL: email, ContactKind.HANDLE: handle}
    point = ContactPoint
    same = [and_(point.kind == kind, point.value == value) for kind, value in wanted.items() if value]
    if not same:
        return []
    holders = select(ContactPoint.client_id).where(or_(*same))
    with everywhere() as session:
        found = [_holder(session, row) for row in session.execute(_holders().where(Client.id.in_(holders)))]
    return [_seen(holder) for holder in found]


def _holders() -> Any:
    open_deal = func.max(Deal.id).filter(Deal.closed_at.is_(None)).label("deal_id")
    won = func.count().filter(Stage.kind == StageKind.WON).label("won")
    return (
        select(Client.id, Client.name, Client.owner_id, open_deal, won)
        .outerjoin(Deal, Deal.client_id == Client.id)
        .outerjoin(Stage, Stage.id == Deal.stage_id)
        .group_by(Client.id)
        .order_by(open_deal.desc().nulls_last(), (won > 0).desc(), Client.id.desc())
        .limit(FEW)
    )


def _holder(session: CrmSession, row: Any) -> Holder:
    owner = session.get(Person, row.owner_id) if row.owner_id else None
    deal = session.get(Deal, row.deal_id) if row.deal_id else None
    number = deal.number if deal else None
    owner_name = owner.name if owner else ""
    return Holder(row.id, row.name, row.owner_id, owner_name, row.deal_id, number, row.won > 0)


def _seen(holder: Holder) -> Holder:
    """Whether whoever acts may open the client; of a hidden one only the owner is told."""
    if current_actor().everything:
        return holder
    if db.session.execute(select(Client.id).where(Client.id == holder.client_id)).first():
        return holder
    return Holder(
        holder.client_id, "", holder.owner_id, holder.owner_name, None, None, holder.has_won, is_visible=False
    )


def create(
    name: str,
    *,
    phones: Sequence[str] = (),
    emails: Sequence[str] = (),
    owner: Person | None = None,
    values: Mapping[str, Any] | None = None,
) -> Client:
    """A new client, the actor's own if no owner is named. Refuses an empty name and unusable contacts.

    A contact that another client has is no obstacle: the form hints at it, and a person decides.
    """
    client = Client(owner_id=owner.id if owner else current_actor().person_id)
    _fill(client, {"name": name, **(values or {})})
    db.session.add(client)
    db.session.flush()
    set_contacts(client, phones, emails)
    return client


def change(client: Client, values: Mapping[str, Any], version: int | None = None) -> Client:
    """Save fields. Raises Refused for a bad value, Stale when somebody saved meanwhile."""
    client = locked(client)
    check_version(client, version, {k: v for k, v in values.items() if k not in ("phones", "emails")})
    phones, emails = values.get("phones"), values.get("emails")
    _fill(client, {name: value for name, value in values.items() if name not in ("phones", "emails")})
    set_contacts(client, phones, emails)
    db.session.flush()
    return client


def assign(client: Client, person: Person) -> Client:
    """Give the client to another person."""
    client = locked(client)
    if not person.active:
        raise Refused(_("%(name)s no longer works here. Choose somebody else.", name=person.name), "owner")
    client.owner_id = person.id
    db.session.flush()
    return client


def ask_access(client_id: int, lead: Lead) -> str:
    """Ask whoever has a client that the actor may not see; the name of the one who was asked."""
    actor = current_actor()
    with everywhere() as session:
        client = session.get(Client, client_id)
        owner = session.get(Person, client.owner_id) if client and client.owner_id else None
        name, owner_id = (client.name if client else ""), (owner.id if owner else None)
    person = db.session.get(Person, owner_id) if owner_id else None
    if person is None:
        return ""
    key = f"access:{client_id}:{actor.person_id}:{utcnow():%Y-%m-%d}"
    with speaking(person.language, person.zone):
        title = _("%(who)s asks for access to the client %(name)s", who=actor.name, name=name)
        words = _("The client has written again: lead № %(number)s.", number=lead.id)
        notices.notify(person, key, "client.asked", title, words=words, url=f"/clients/{client_id}")
    return person.name


def set_contacts(client: Client, phones: Sequence[str] | None, emails: Sequence[str] | None) -> None:
    """Replace the phones and the e-mails; None leaves them, and so does a field the actor may not see.

    Refuses what nobody can be reached by.
    """
    actor = current_actor()
    if phones is not None and actor.sees("client.phone"):
        _replace(client, ContactKind.PHONE, [_usable_phone(typed) for typed in phones if str(typed).strip()])
    if emails is not None and actor.sees("client.email"):
        _replace(client, ContactKind.EMAIL, [_usable_email(typed) for typed in emails if str(typed).strip()])
    db.session.flush()


def add_contact(client: Client, kind: ContactKind, value: str) -> None:
    """One more normalised contact, unless the client has it."""
    if value and not any(c.kind == kind and c.value == value for c in client.contacts):
        client.contacts.append(ContactPoint(kind=kind, value=value))
        db.session.flush()


def _replace(client: Client, kind: ContactKind, values: list[str]) -> None:
    wanted = list(dict.fromkeys(values))
    for point in [c for c in client.contacts if c.kind == kind and c.value not in wanted]:
        client.contacts.remove(point)
    known = {c.value for c in client.contacts if c.kind == kind}
    client.contacts.extend(ContactPoint(kind=kind, value=value) for value in wanted if value not in known)


def _usable_phone(typed: str) -> str:
    value = contacts.phone(typed)
    if not value:
        said = clean_line(typed, "phones")[:40]
        words = _("“%(typed)s” is not a phone. Write it with the code of the city.", typed=said)
        raise Refused(words, "phones")
    return value


def _usable_email(typed: str) -> str:
    value = contacts.email(typed)
    if not value:
        words = _("“%(typed)s” is not an e-mail. Write it as name@example.ru.", typed=clean_line(typed)[:60])
        raise Refused(words, "emails")
    return value


def _fill(client: Client, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(client, name, _cleaned(name, value))
    if not client.name:
        raise Refused(_("Write the name of the client."), "name")


def _cleaned(name: str, value: Any) -> Any:
    if name in LINES:
        return clean_line(value, name, LINES[name])
    if name == "comment":
        return clean_text(value, name)
    if name == "kind":
        return _kind(value)
    if name == "inn":
        return requisites.inn(value)
    if name == "kpp":
        return requisites.kpp(value)
    if name == "owner_id":
        return value
    raise NotFound("")


def _kind(value: object) -> ClientKind:
    try:
        return ClientKind(str(value))
    except ValueError:
        raise Refused(_("Choose a person, a company or a partner."), "kind") from None
