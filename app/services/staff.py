"""Verbs of a person: invite, link, forgot, set password, change own, end sessions, switch off and on, change."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Literal

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from werkzeug.security import check_password_hash

from app.queue import enqueue_after_commit
from app.security import ADMINISTRATOR, hash_password
from app.services import feeds, notices, particulars, passwords, roles
from app.wording import speaking
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_line
from models.ground.refused import NotFound, Refused
from models.staff import LinkKind, OneTimeLink, Person

GOOD_FOR = {
    LinkKind.INVITATION: dt.timedelta(days=3),
    LinkKind.PASSWORD: dt.timedelta(hours=2),
    LinkKind.FIRST_ADMINISTRATOR: dt.timedelta(hours=24),
    LinkKind.ASKED: dt.timedelta(hours=1),
}
HUES = ("blue", "teal", "violet", "amber", "pink", "green", "cyan", "orange", "red", "slate")


# ── who comes ────────────────────────────────────────────────────────────────


def invite(**said: Any) -> str:
    """A new person with roles; returns the one-time link at which they set a password, and sends it.

    `said`: username, first_name, last_name, email, roles (their codes); post, phone, team_id, takes_leads, language.
    """
    codes = said.pop("roles", ())
    person = Person(active=True, language=current_actor().language, notify={})
    particulars.fill(person, said)
    person.hue = HUES[db.session.execute(select(func.count(Person.id))).scalar_one() % len(HUES)]
    db.session.add(person)
    db.session.flush()
    roles.set_roles(person, codes)
    record("person.invited", person)
    return send_link(person, LinkKind.INVITATION)


def change(person: Person, said: Mapping[str, Any]) -> None:
    """Change what is known of a person; `roles` among it are codes."""
    roles.check_may_touch(person)
    values = dict(said)
    codes = values.pop("roles", None)
    particulars.fill(person, values)
    db.session.flush()
    if codes is not None:
        roles.set_roles(person, codes)


# ── one-time links ───────────────────────────────────────────────────────────


def send_link(person: Person, kind: Literal[LinkKind.INVITATION, LinkKind.PASSWORD]) -> str:
    """A new one-time link for a person, sent by mail and returned to be copied; former ones are void."""
    roles.check_may_touch(person)
    if not person.active:
        raise Refused(_("This person is switched off. Switch them on first."))
    link, address = _make_link(kind, person)
    hours = int(GOOD_FOR[kind].total_seconds() // 3600)
    with speaking(person.language, person.zone):
        words = _words(kind, person)
    values = {**words, "kind": kind.value, "hours": hours, "url": address, "link": address}
    notices.letter(person.email, f"link:{link.id}", "link", language=person.language, zone=person.zone, **values)
    return address


def _words(kind: LinkKind, person: Person) -> dict[str, str]:
    company = current_app.config["APP_NAME"]
    if kind is LinkKind.INVITATION:
        return {
            "title": _("%(company)s: your invitation", company=company),
            "text": _("%(name)s, set a password and begin. Your user name is %(username)s.",
                      name=person.first_name, username=person.username),
            "button": _("Set a password"),
        }  # fmt: skip
    return {
        "title": _("%(company)s: a new password", company=company),
        "text": _("%(name)s, here you set a new password. Your user name is %(username)s.",
                  name=person.first_name, username=person.username),
        "button": _("Set a new password"),
    }  # fmt: skip


def first_administrator_link() -> str:
    """The link at which the first administrator of an empty base introduces himself; good for 24 hours."""
    return _make_link(LinkKind.FIRST_ADMINISTRATOR)[1]


def _make_link(kind: LinkKind, person: Person | None = None) -> tuple[OneTimeLink, str]:
    _void_links(kind, person)
    token = secrets.token_urlsafe(32)
    link = OneTimeLink(
        kind=kind.value,
        person_id=person.id if person else None,
        token_hash=_hashed(token),
        expires_at=utcnow() + GOOD_FOR[kind],
    )
    db.session.add(link)
    db.session.flush()
    return link, f"{current_app.config['CRM'].BASE_URL}/login/link/{token}"


def _void_links(kind: LinkKind | None, person: Person | None) -> None:
    """All unused links of a person, or of a kind that belongs to nobody, are of no more use.

    On the table itself: whoever may invite people is not always an administrator, who alone sees links.
    """
    table: Any = OneTimeLink.__table__
    mine = table.c.person_id == person.id if person else table.c.kind == kind
    unused = update(table).where(table.c.used_at.is_(None), mine)
    db.session.execute(unused.values(used_at=utcnow()))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_link(token: str) -> OneTimeLink:
    """A link that may still be used, locked until the commit; raises Refused."""
    found = select(OneTimeLink).where(OneTimeLink.token_hash == _hashed(token)).with_for_update()
    link = db.session.execute(found).scalar_one_or_none()
    if link is None or not link.is_good(utcnow()) or link.kind == LinkKind.ASKED:
        raise Refused(_("This link was used already or is too old. Ask for a new one."))
    if link.kind == LinkKind.FIRST_ADMINISTRATOR and db.session.execute(select(Person.id).limit(1)).first():
        raise Refused(_("There is an administrator already. Sign in, or ask them for an invitation."))
    return link


def forgot(typed: str) -> None:
    """Somebody asks for a new password. What is done takes as long whether there is such a person or not.

    Whom it is about is found out by a job; the mail goes only to the address that the person has here.
    """
    asked = OneTimeLink(
        kind=LinkKind.ASKED.value,
        asked=clean_line(typed, limit=320)[:320],
        token_hash=_hashed(secrets.token_urlsafe(32)),
        expires_at=utcnow() + GOOD_FOR[LinkKind.ASKED],
    )
    db.session.add(asked)
    db.session.flush()
    enqueue_after_commit("app.jobs.passwords.answer", asked.id)


def answer_forgotten(asked_id: int) -> None:
    """Send the link that was asked for, if there is such a person; once."""
    waiting = select(OneTimeLink).where(OneTimeLink.id == asked_id, OneTimeLink.used_at.is_(None))
    asked = db.session.execute(waiting.with_for_update(skip_locked=True)).scalar_one_or_none()
    if asked is None:
        return
    asked.used_at = utcnow()
    name = (asked.asked or "").lower()
    found = select(Person).where((func.lower(Person.username) == name) | (func.lower(Person.email) == name))
    person = db.session.execute(found.where(Person.active.is_(True))).scalars().first()
    if person is not None and asked.expires_at > utcnow() and not person.demo:
        send_link(person, LinkKind.PASSWORD)


# ── passwords and sessions ───────────────────────────────────────────────────


def set_password(token: str, password: str, said: Mapping[str, Any] | None = None) -> Person:
    """Use a one-time link: set the password, end all former log-ins. Runs as the system.

    At the first administrator's link `said` introduces the person: username, first_name, last_name, email.
    """
    link = find_link(token)
    person = _introduced(dict(said or {})) if link.person_id is None else db.session.get(Person, link.person_id)
    if person is None or not person.active:
        raise NotFound("")
    passwords.check(password, person)
    _void_links(None, person)
    link.used_at = utcnow()
    _change_password(person, password)
    return person


def _introduced(said: dict[str, Any]) -> Person:
    person = Person(active=True, notify={})
    particulars.fill(person, said)
    db.session.add(person)
    db.session.flush()
    roles.set_roles(person, [ADMINISTRATOR])
    return person


def change_own(person: Person, current: str, password: str) -> None:
    """The person changes their own password, which asks for the current one and ends all other log-ins."""
    if not person.password or not check_password_hash(person.password, current):
        raise Refused(_("This is not your current password."), "current")
    if person.demo:
        raise Refused(_("The demo's accounts keep their password."), "password")
    passwords.check(password, person)
    _change_password(person, password)


def _change_password(person: Person, password: str) -> None:
    person.password = hash_password(password)
    end_sessions(person)


def end_sessions(person: Person) -> None:
    """Log the person out everywhere: every cookie and token made before is worth nothing."""
    roles.check_may_touch(person)
    person.session_epoch += 1
    db.session.flush()


def switch_off(person: Person) -> None:
    """Somebody leaves: nobody signs in so any more, no leads come; what was theirs stays theirs until handed over."""
    if person.id == current_actor().person_id:
        raise Refused(_("You cannot switch yourself off. Ask another administrator."))
    roles.check_may_touch(person)
    roles.check_not_last(person)
    person.active = False
    feeds.revoke(person)
    person.takes_leads = False
    _void_links(None, person)
    end_sessions(person)
    record("person.switched_off", person)


def switch_on(person: Person) -> None:
    """Somebody comes back, with the roles they had; an administrator, by another one's word."""
    roles.check_may_touch(person)
    person.active = True
    db.session.flush()
    record("person.switched_on", person)
