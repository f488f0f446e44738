"""Answering a request: how a call went, words that are sent or noted, and the windows that ask before a lead goes."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.services import conversations, tasks, worktime
from app.services import leads as verbs
from app.services.leads import placing
from models.ground.base import utcnow
from models.ground.refused import NotFound, Refused
from models.leads import Lead
from models.tasks import TaskKind
from reports import leads as report
from views.base import committing, require
from views.leads.doing import back_of, came_from
from views.leads.found import colleagues, common, lead_or_404
from views.shell import say, settled

# Nobody picked up: when to try again, in working minutes.
AGAIN = {"30": 30, "120": 120, "480": 480}


class AnsweringPages:
    """Windows over the page at hand (#window), and what they save."""

    @expose("/<int:pk>/called", methods=["GET", "POST"])
    @require("can_take")
    def called(self, pk: int) -> Any:
        """How the call went: talked, or nobody picked up and when to try again."""
        lead = lead_or_404(pk)
        if request.method == "GET":
            return _window("leads/_called.html", lead)
        again = AGAIN.get(request.form.get("again", ""))
        try:
            with committing():
                _mine(lead)
                if again is None:
                    verbs.answer(lead, request.form.get("words", ""))
                else:
                    _try_again(lead, again)
        except NotFound:
            raise
        except Refused as refusal:
            return make_response(_window("leads/_called.html", lead_or_404(pk), refusal=refusal), 422)
        say(_("Answered: the timer is stopped.") if again is None else _("The task to call again is written down."))
        return settled(back_of(pk))

    @expose("/<int:pk>/reply", methods=["GET", "POST"])
    @require("can_take")
    def reply(self, pk: int) -> Any:
        """What is written to the client: sent through the channel, or noted when it was sent by hand."""
        lead = lead_or_404(pk)
        if request.method == "GET":
            return _reply(lead)
        words, way = request.form.get("words", ""), request.form.get("way", "")
        try:
            with committing():
                if way:
                    conversations.say(lead, words, way)
                else:
                    _mine(lead)
                    verbs.answer(lead, words)
        except NotFound:
            raise
        except Refused as refusal:
            return make_response(_reply(lead_or_404(pk), refusal=refusal, typed=words, way=way), 422)
        say(_("The answer is on its way.") if way else _("Answered: the timer is stopped."))
        return settled(back_of(pk))

    @expose("/<int:pk>/ask-reject")
    @require("can_edit")
    def ask_reject(self, pk: int) -> Any:
        """Why is it set aside?"""
        return _window("leads/_ask_reject.html", lead_or_404(pk), reasons=report.reasons())

    @expose("/<int:pk>/ask-assign")
    @require("can_assign")
    def ask_assign(self, pk: int) -> Any:
        """To whom is it given?"""
        people = colleagues()
        load = report.load_of([person.id for person in people])
        return _window("leads/_ask_assign.html", lead_or_404(pk), people=people, load=load)

    @expose("/<int:pk>/class", methods=["GET", "POST"])
    @require("can_edit")
    def call_it(self, pk: int) -> Any:
        """New, returning or from a partner: a person knows better than the rules."""
        lead = lead_or_404(pk)
        if request.method == "GET":
            return _window("leads/_ask_class.html", lead, classes=placing.OPEN_CLASSES, class_words=report.CLASSES)
        with committing():
            placing.call_it(lead, request.form.get("klass", ""))
        say(_("Saved."))
        return settled(back_of(pk))


def _reply(lead: Lead, **values: Any) -> str:
    """Through which of our channels, if there is one; the one that spoke last is chosen."""
    found = [one for one in conversations.ways(lead) if not one.obstacle]
    return _window("leads/_reply.html", lead, **({"found": found, "way": found[0].key if found else ""} | values))


def _window(template: str, lead: Lead, **values: Any) -> str:
    said = {"lead": lead, "came_from": came_from(lead.id), "refusal": None} | values
    return render_template(template, **said, **common())


def _mine(lead: Lead) -> None:
    """Whoever answers has the lead, unless a colleague's time is not over yet: then nothing is taken from him."""
    if lead.owner_id is None or lead.is_overdue(utcnow()):
        verbs.take(lead)


def _try_again(lead: Lead, minutes: int) -> None:
    verbs.take(lead)
    verbs.note(lead, _("Called: nobody picked up."))
    due = worktime.after(utcnow(), minutes)
    tasks.add({"title": _("Call again"), "kind": TaskKind.CALL, "due_at": due}, on=lead)
