"""Verbs of a client: create, change, assign, set contacts, ask for access; who is known: recognising.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.services import contacts, notices, requisites
from app.services.clients import partners
from app.services.clients.recognising import Holder, became, everywhere, has_paid, of_inns, partner_of, recognise
from app.services.tasks.hands import hands_of
from app.services.versions import check_version, locked
from app.wording import speaking
from models.clients import Client, ClientKind, ContactKind, ContactPoint
from models.ground.actor import Scope, current_actor
from models.ground.base import db, utcnow
from models.ground.history import part_removed
from models.ground.limits import clean_line, clean_text
from models.ground.refused import NotFound, Refused
from models.leads import Lead
from models.notices import Notice
from models.staff import Person

__all__ = [
    "Holder", "add_contact", "ask_access", "assign", "became", "change", "complete", "create", "drop_contact",
    "everywhere", "has_paid", "of_inns", "partner_of", "receivers", "recognise", "set_contacts",
]  # fmt: skip

LINES = {"name": 250, "full_name": 250, "address": 250}


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


def receivers() -> Select[tuple[Person]]:
    """To whom the actor may give a client: those whose clients are theirs to change."""
    actor, people = current_actor(), select(Person).where(Person.active.is_(True))
    scope = actor.writes("client")
    if actor.everything or scope is Scope.ALL:
        return people
    return people.where(Person.id.in_(actor.team_ids if scope is Scope.TEAM else actor.own_ids))


def assign(client: Client, person: Person) -> Client:
    """Give the client to another person. Refuses whoever has left, and whose clients are not the actor's to change."""
    client = locked(client)
    if not person.active:
        raise Refused(_("%(name)s no longer works here. Choose somebody else.", name=person.name), "owner")
    if db.session.execute(receivers().where(Person.id == person.id)).first() is None:
        raise Refused(_("You may not give this client to %(name)s. Ask the head of your team.", name=person.name))
    client.owner_id = person.id
    db.session.flush()
    return client


def ask_access(client_id: int, lead: Lead | None = None) -> str:
    """Ask whoever has a client that the actor may not see, once a day; the name of the one who was asked."""
    actor = current_actor()
    key = f"access:{client_id}:{actor.person_id}:{utcnow():%Y-%m-%d}"
    with everywhere() as session:
        is_asked = session.execute(select(Notice.id).where(Notice.key == key)).first() is not None
        client = session.get(Client, client_id)
        keeper = hands_of(client.owner_id) if client else None
        owner = session.get(Person, keeper) if keeper else None
        name, owner_id = (client.name if client else ""), (owner.id if owner else None)
    person = db.session.get(Person, owner_id) if owner_id else None
    if person is None or is_asked:
        return person.name if person else ""
    with speaking(person.language, person.zone):
        title = _("%(who)s asks for access to the client %(name)s", who=actor.name, name=name)
        words = _("The client has written again: lead № %(number)s.", number=lead.id) if lead else ""
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


def complete(client: Client, phones: Sequence[str], emails: Sequence[str]) -> Client:
    """More contacts for a client who is there already. Refuses what nobody can be reached by."""
    client = locked(client)
    for typed in phones:
        add_contact(client, ContactKind.PHONE, _usable_phone(typed))
    for typed in emails:
        add_contact(client, ContactKind.EMAIL, _usable_email(typed))
    db.session.flush()
    return client


def drop_contact(client: Client, point: ContactPoint) -> None:
    """Nobody is reached by it any more: the row goes for good, and history says what it was."""
    client.contacts.remove(point)
    part_removed(client, "email" if point.kind == ContactKind.EMAIL else "phone", point.value)


def _replace(client: Client, kind: ContactKind, values: list[str]) -> None:
    wanted = list(dict.fromkeys(values))
    for point in [c for c in client.contacts if c.kind == kind and c.value not in wanted]:
        drop_contact(client, point)
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
    cleaned = {name: _cleaned(name, value) for name, value in values.items()}
    if not cleaned.get("name", client.name):
        raise Refused(_("Write the name of the client."), "name")
    for name, value in (cleaned | partners.checked(client, cleaned)).items():
        setattr(client, name, value)


def _cleaned(name: str, value: Any) -> Any:
    if name in LINES:
        return clean_line(value, name, LINES[name])
    if name in ("comment", "partner_terms"):
        return clean_text(value, name)
    if name == "kind":
        return _kind(value)
    if name == "inn":
        return requisites.inn(value)
    if name == "kpp":
        return requisites.kpp(value)
    if name == "promo":
        return partners.promo(value)
    if name == "partner_percent":
        return partners.percent(value)
    if name == "owner_id":
        return value
    raise NotFound("")


def _kind(value: object) -> ClientKind:
    try:
        return ClientKind(str(value))
    except ValueError:
        raise Refused(_("Choose a person, a company or a partner."), "kind") from None
