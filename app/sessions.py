"""Log-ins that can be ended: the cookie and the token name a row, and the row decides."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_login import login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Select, func, literal, or_, select, update
from sqlalchemy.orm import Session

from app.doors import committing
from models.ground.access import AT_THE_DOOR
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db, utcnow
from models.staff import Person, RightsEpoch, SignIn

csrf = CSRFProtect()

KEY = "sign_in"
# The row is written to only so often: not with every page.
SEEN_EVERY = dt.timedelta(hours=1)

_SIGN_IN: Any = SignIn.__table__
_EPOCH: Any = RightsEpoch.__table__
_PERSON: Any = Person.__table__


def hashed(key: str) -> str:
    """How a key is kept: whoever reads the table cannot sign in with it."""
    return hashlib.sha256(key.encode()).hexdigest()


def begin(person: Person, is_token: bool = False) -> str:
    """Note a log-in in the session at hand and return its key; the caller commits."""
    key = secrets.token_urlsafe(32)
    values = {
        "key_hash": hashed(key),
        "person_id": person.id,
        "epoch": person.session_epoch,
        "made_at": utcnow(),
        "seen_at": utcnow(),
        "address": (request.remote_addr or "")[:60],
        "agent": request.user_agent.string.replace("\x00", "")[:250],
        "is_token": is_token,
    }
    # The table itself: whoever logs in is nobody yet, and nobody writes no Internal row.
    db.session.execute(_SIGN_IN.insert().values(values))
    return key


def is_known_place(name: str, address: str) -> bool:
    """Whether the person of this name or e-mail has signed in from this address before."""
    typed = name.strip().lower()
    found = (
        select(_SIGN_IN.c.id)
        .join(_PERSON, _PERSON.c.id == _SIGN_IN.c.person_id)
        .where(or_(func.lower(_PERSON.c.username) == typed, func.lower(_PERSON.c.email) == typed))
        .where(_SIGN_IN.c.address == address)
        .limit(1)
    )
    return db.session.execute(found).first() is not None


def open_cookie(person: Person, key: str) -> None:
    """Put the log-in into a fresh cookie: nothing of the visitor's former one is kept."""
    language = session.get("locale")
    session.clear()
    session.permanent = True
    session[KEY] = key
    if language:
        session["locale"] = language
    login_user(person)


def end(key: str) -> None:
    """End one log-in; the person's other devices stay signed in. The caller commits."""
    statement = update(_SIGN_IN).where(_SIGN_IN.c.key_hash == hashed(key), _SIGN_IN.c.ended_at.is_(None))
    db.session.execute(statement.values(ended_at=utcnow()))


def close_cookie() -> None:
    """Forget the log-in on this device."""
    logout_user()
    session.clear()


def alive(person_id: int, key: str) -> Select[Any]:
    """The person whose log-in this is, when it was last seen, and the epoch of all rights: one query."""
    return (
        select(Person, _SIGN_IN.c.seen_at, select(_EPOCH.c.number).where(_EPOCH.c.id == 1).scalar_subquery())
        .join(_SIGN_IN, _SIGN_IN.c.person_id == Person.id)
        .where(
            Person.id == person_id,
            Person.active.is_(True),
            _SIGN_IN.c.key_hash == hashed(key),
            _SIGN_IN.c.epoch == Person.session_epoch,
            _SIGN_IN.c.ended_at.is_(None),
            _SIGN_IN.c.seen_at > literal(utcnow() - current_app.config["PERMANENT_SESSION_LIFETIME"]),
        )
        .execution_options(**{AT_THE_DOOR: True})
    )


def find(person_id: object, key: object) -> Person | None:
    """The person of a live log-in; notes what the rest of the request asks about."""
    if not isinstance(key, str) or not str(person_id).isascii() or not str(person_id).isdigit():
        return None
    if len(str(person_id)) > 9:
        return None
    found = db.session.execute(alive(int(str(person_id)), key)).first()
    if found is None:
        return None
    person, seen_at, g.rights_epoch = found
    g.sign_in_key = key
    g.sign_in_is_old = utcnow() - seen_at > SEEN_EVERY
    return person  # type: ignore[no-any-return]


def note_seen(response: Response) -> Response:
    """Write down, once an hour, that the log-in is in use."""
    if g.pop("sign_in_is_old", False):
        statement = update(_SIGN_IN).where(_SIGN_IN.c.key_hash == hashed(g.sign_in_key))
        with acting_as(SYSTEM) as own, committing(own):
            own.execute(statement.values(seen_at=utcnow()))
    return response


def forget_old(own: Session) -> int:
    """Remove log-ins that ended or were not used for long; returns how many. For the periodic job."""
    line = utcnow() - 2 * current_app.config["PERMANENT_SESSION_LIFETIME"]
    return own.execute(_SIGN_IN.delete().where(_SIGN_IN.c.seen_at < line)).rowcount  # type: ignore[attr-defined,no-any-return]


def init_app(app: Flask) -> None:
    """Protect forms, and keep the list of log-ins fresh."""
    csrf.init_app(app)
    app.after_request(note_seen)
