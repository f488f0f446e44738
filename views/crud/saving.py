"""Saving a form: what is refused comes back with its words, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from sqlalchemy import UniqueConstraint
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from wtforms import Form, HiddenField

from app.doors import committing
from app.services.versions import locked
from models.ground.base import Versioned, db, utcnow
from models.ground.refused import NotFound, Refused, Stale
from models.staff import Person
from views.crud.fields import is_hidden_field
from views.crud.refs import RefField
from views.crud.refs import name_of as ref_name

VERSION = "version"


class Overtaken(Exception):
    """The row was saved by somebody else after this form was opened."""


@dataclass
class Conflict:
    """Who saved meanwhile, when, and what differs: (label, mine, theirs)."""

    by: str
    at: Any
    rows: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Outcome:
    """How a save ended. `words` are said above the form when no field is to blame."""

    status: int = 200
    words: str = ""
    conflict: Conflict | None = None

    @property
    def is_saved(self) -> bool:
        """Whether it is in the database."""
        return self.status < 400


def only_forms() -> None:
    """A form takes forms: WTForms would make what it can of JSON, and fall over a mere number."""
    if request.is_json:
        abort(415)


@dataclass
class Attempt:
    """How a save of a form of our own ended; a refusal is said at its field."""

    refusal: Refused | None = None

    @property
    def errors(self) -> dict[str | None, str]:
        """The words by their field; None when they are about no field."""
        return {self.refusal.field: self.refusal.words} if self.refusal else {}

    @property
    def status(self) -> int:
        """200, 422 with a field to mend, 409 with none."""
        return 200 if self.refusal is None else 422 if self.refusal.field else 409


@contextmanager
def attempting() -> Iterator[Attempt]:
    """Commit at the end of the block; a refusal is kept for the form, a row out of reach is not found."""
    attempt = Attempt()
    try:
        with committing():
            yield attempt
    except NotFound:
        raise
    except Refused as refusal:
        attempt.refusal = refusal


@contextmanager
def saving(form: Form, outcome: Outcome, model: Any) -> Iterator[None]:
    """Commit at the end of the block; a refusal goes to its field or above the form, with its status."""
    try:
        with committing():
            yield
    except NotFound as refusal:
        said = _("This cannot be saved: the record is not yours to change, or would stop being yours.")
        refuse(form, outcome, refusal.words or said, None)
        outcome.status = 403
    except Refused as refusal:
        refuse(form, outcome, refusal.words, refusal.field)
        outcome.status = 422 if refusal.field else refusal.status
    except (Overtaken, StaleDataError, Stale):
        outcome.status = 409
    except IntegrityError as error:
        refuse(form, outcome, _("There is such a record already."), twin_column(error, model))
        outcome.status = 409
    except (DataError, UnicodeError):
        refuse(form, outcome, _("A value is of the wrong kind or too long. Correct it and save again."), None)
        outcome.status = 422


def refuse(form: Form, outcome: Outcome, words: str, name: str | None) -> None:
    """Say the words at the field, or above the form when it has no such field."""
    if name in form and not is_hidden_field(form[name]):
        form[name].errors = [*form[name].errors, words]
    else:
        outcome.words = words


def twin_column(error: IntegrityError, model: Any) -> str | None:
    """The column whose value is taken, by the constraint that the database names."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    for constraint in model.__table__.constraints:
        if not isinstance(constraint, UniqueConstraint):
            continue
        # PostgreSQL's own name of a constraint that was given none.
        usual = "_".join([model.__tablename__, *(column.name for column in constraint.columns), "key"])
        if name in {constraint.name, usual}:
            return str(next(iter(constraint.columns)).name)
    return None


def with_version(form: Any, model: Any) -> Any:
    """The edit form of a versioned table remembers which version it was made from."""
    if not issubclass(model, Versioned) or hasattr(form, VERSION):
        return form
    return type(form.__name__, (form,), {VERSION: HiddenField()})


def check_version(form: Form, row: Any) -> None:
    """Raises Overtaken when the row went on since the form was opened, or does so at this very moment."""
    if VERSION in form and form[VERSION].data != str(locked(row).version):
        raise Overtaken


def fill(form: Form, row: Any) -> None:
    """Put what was typed into the row; the form's own machinery stays out of it."""
    for one in form:
        if not is_hidden_field(one):
            one.populate_obj(row, one.name)


def conflict_of(form: Form, row: Any) -> Conflict:
    """Both values of every field that differs; the form then stands on the newest version."""
    differing = [f for f in form if not is_hidden_field(f) and hasattr(row, f.name) and said(f, row) != said(f)]
    rows = [(str(f.label.text), said(f), said(f, row)) for f in differing]
    if VERSION in form:
        form[VERSION].data = str(row.version)
    return Conflict(name_of(getattr(row, "changed_by_id", None)), getattr(row, "changed_at", utcnow()), rows)


def said(f: Any, row: Any = None) -> str:
    """A field's typed value, or the row's, in the words of a form."""
    value = getattr(row, f.name) if row is not None else f.data
    if isinstance(f, RefField):
        return f.shown[1] if row is None else ref_name(value) if value else ""
    choices = dict(getattr(f, "pairs", ()))
    if value in choices:
        return str(choices[value])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(f.say(value)) if hasattr(f, "say") and value is not None else str(value if value is not None else "")


def name_of(person_id: int | None) -> str:
    """A person's name; Voronka's own when nobody's."""
    person = db.session.get(Person, person_id) if person_id else None
    return person.name if person else "Voronka"


__all__ = ["Attempt", "Outcome", "attempting", "check_version", "conflict_of", "fill", "saving", "with_version"]
