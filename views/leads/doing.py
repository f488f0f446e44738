"""What is done with one lead by a click: taken, answered, given, set aside, attached, taken back, undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.services import leads as verbs
from app.services.leads import undoing
from models.ground.base import db
from models.leads import Lead
from models.staff import Person
from views.base import committing, require
from views.leads.found import lead_or_404
from views.security import safe_next
from views.shell import say, settled


class DoingPages:
    """POSTs on one lead; each leads back to where it was pressed, and can be undone from its toast."""

    @expose("/<int:pk>/take", methods=["POST"])
    @require("can_take")
    def take_one(self, pk: int) -> Any:
        """I will answer it."""
        return do(pk, verbs.take, _("The lead is yours."))

    @expose("/<int:pk>/answer", methods=["POST"])
    @require("can_take")
    def answer(self, pk: int) -> Any:
        """The client was answered; what was said may be noted."""
        words = request.form.get("words", "")
        return do(pk, lambda lead: verbs.answer(lead, words), _("Answered: the timer is stopped."))

    @expose("/<int:pk>/assign", methods=["POST"])
    @require("can_assign")
    def assign_one(self, pk: int) -> Any:
        """Give it to somebody."""
        person = person_of(request.form.get("owner", ""))
        version = version_of(request.form.get("version", ""))
        words = _("Given to %(name)s.", name=person.name)
        return do(pk, lambda lead: verbs.assign(lead, person, version), words)

    @expose("/<int:pk>/reject", methods=["POST"])
    @require("can_edit")
    def reject_one(self, pk: int) -> Any:
        """Set it aside, with a reason."""
        reason = request.form.get("reason", "")
        return do(pk, lambda lead: verbs.reject(lead, reason), _("Set aside."))

    @expose("/<int:pk>/restore", methods=["POST"])
    @require("can_edit")
    def restore(self, pk: int) -> Any:
        """Take back what was set aside or attached."""
        return do(pk, verbs.restore, _("The lead waits for an answer again."))


def do(pk: int, act: Callable[[Lead], Any], words: str) -> Any:
    """Call one verb on a lead, say so with a way back, and lead to where it was pressed."""
    with committing():
        before = undoing.mark()
        act(lead_or_404(pk))
        undo = undo_of(before, back_of(pk))
    say(words, undo=undo)
    return settled(back_of(pk))


def undo_of(before: int, back: str) -> str:
    """Where what was done since a mark is undone; empty when it was nothing of the kind."""
    done = undoing.done_since(before)
    return url_for("Leads.undo", first=done.first, last=done.last, next=back) if done else ""


def back_of(pk: int) -> str:
    """The page on which it was pressed."""
    return safe_next(request.form.get("next") or request.args.get("next") or url_for("Leads.card", pk=pk))


def came_from(pk: int) -> str:
    """The page under a window: htmx says its address."""
    return safe_next(request.form.get("next") or request.headers.get("HX-Current-URL") or url_for("Leads.card", pk=pk))


def person_of(text: str) -> Person:
    """The person that a form names."""
    person = db.session.get(Person, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    return person if person is not None else abort(404)


def version_of(text: str) -> int | None:
    """The version that the form was made of, if it says one."""
    if text and not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadRequest
    return int(text) if text else None
