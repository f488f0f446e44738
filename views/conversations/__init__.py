"""Conversations on the cards of deals and leads: something is said, sent again, seen to have arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.channels.inbound import InFile
from app.services import conversations as verbs
from models.deals import Deal
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.leads import Lead
from models.messages import Conversation, Message
from reports import conversations as report
from views.base import CrmView, committing, require
from views.deals.found import deal_or_404
from views.leads.found import lead_or_404
from views.shell import say

BIGGEST = 2**63 - 1
CHANGED = {"HX-Trigger": '{"v:said": {}}'}


class Conversations(CrmView):
    """/conversations/…: who reaches the deal or lead reaches what is said there."""

    route_base = "/conversations"
    class_permission_name = "Conversations"

    @expose("/<noun>/<int:key>/say", methods=["POST"])
    @require("can_add")
    def say(self, noun: str, key: int) -> Any:
        """Words and files for the client, by the way that was chosen."""
        place = place_or_404(noun, key)
        form = request.form
        try:
            with committing():
                verbs.say(place, form.get("words", ""), form.get("way", ""), _files(), form.get("subject", ""))
        except NotFound:
            raise
        except Refused as refusal:
            return self._refused(noun, key, refusal)
        return self._box(noun, key) if request.headers.get("HX-Request") else redirect(_card(noun, key))

    def _refused(self, noun: str, key: int, refusal: Refused) -> Any:
        if not request.headers.get("HX-Request"):
            say(refusal.words, kind="bad")
            return redirect(_card(noun, key))
        return make_response(_drawn(talk_of(place_or_404(noun, key), request.form, refusal.words)), 422)

    def _box(self, noun: str, key: int) -> Response:
        """The empty box, and the word that the feed is another."""
        fresh = talk_of(place_or_404(noun, key), {"way": request.form.get("way", "")})
        return make_response(_drawn(fresh), 200, CHANGED)

    @expose("/<noun>/<int:key>/box")
    @require("can_add")
    def box(self, noun: str, key: int) -> Any:
        """The box by itself, for a page that shows it later."""
        return _drawn(talk_of(place_or_404(noun, key)))

    @expose("/<noun>/<int:key>/pulse")
    @require("can_show")
    def pulse(self, noun: str, key: int) -> Any:
        """Whether something is new: a short mark that the open card compares with its own; whether an answer is due."""
        place = place_or_404(noun, key)
        return {"mark": report.pulse(place), "answer_due": isinstance(place, Lead) and place.answered_at is None}

    @expose("/<noun>/<int:key>/settle", methods=["POST"])
    @require("can_edit")
    def settle(self, noun: str, key: int) -> Any:
        """No answer is needed: nobody waits any more."""
        with committing():
            for talk in report.of_place(place_or_404(noun, key)):
                verbs.no_answer_needed(talk)
        return self._box(noun, key) if request.headers.get("HX-Request") else redirect(_card(noun, key))

    @expose("/messages/<int:pk>/again", methods=["POST"])
    @require("can_edit")
    def again(self, pk: int) -> Any:
        """A person decided to send it once more."""
        with committing():
            where = _place_of(verbs.send_again(message_or_404(pk)))
        return _done(_("The message goes once more."), where)

    @expose("/messages/<int:pk>/arrived", methods=["POST"])
    @require("can_edit")
    def did_arrive(self, pk: int) -> Any:
        """A person looked: it is there."""
        with committing():
            where = _place_of(verbs.did_arrive(message_or_404(pk)))
        return _done(_("Noted: the message has arrived."), where)

    @expose("/messages/<int:pk>/versions")
    @require("can_show")
    def versions(self, pk: int) -> Any:
        """What a message said before its client corrected it."""
        return render_template("conversations/_versions.html", versions=report.versions(message_or_404(pk)))


def place_or_404(noun: str, key: int) -> Deal | Lead:
    """The deal of this number or the lead of this key, if the actor reaches it."""
    if noun not in ("deals", "leads"):
        abort(404)
    return deal_or_404(key) if noun == "deals" else lead_or_404(key)


def message_or_404(pk: int) -> Message:
    """A message of a conversation, if the actor reaches it."""
    if pk > BIGGEST:
        abort(404)
    rows = select(Message).join(Conversation, Conversation.id == Message.conversation_id).where(Message.id == pk)
    return db.session.execute(rows).scalar_one_or_none() or abort(404)


def talk_of(place: Deal | Lead, typed: Mapping[str, str] | None = None, refusal: str = "") -> report.Talk:
    """What `compose.box` draws on the card of a deal or lead."""
    noun, key = ("deals", place.number) if isinstance(place, Deal) else ("leads", place.id)
    return report.Talk(
        noun=noun,
        key=key,
        ways=verbs.ways(place),
        url=url_for("Conversations.say", noun=noun, key=key),
        pulse_url=url_for("Conversations.pulse", noun=noun, key=key),
        settle_url=url_for("Conversations.settle", noun=noun, key=key),
        mark=report.pulse(place),
        waits=report.waits_since(place),
        typed=typed or {},
        refusal=refusal,
    )


def feed_of(talk: report.Talk) -> str:
    """The address of the card's feed, asked for again when something is new."""
    if talk.noun == "deals":
        return url_for("Deals.feed", number=talk.key)
    return url_for("Leads.feed", pk=talk.key)


def _drawn(talk: report.Talk) -> str:
    return render_template("conversations/_box.html", talk=talk, feed=feed_of(talk))


def _files() -> list[InFile]:
    came = [one for one in request.files.getlist("file") if one.filename or one.content_length]
    return [InFile(one.filename or "", one.mimetype or "", one.stream.read()) for one in came]


def _place_of(message: Message) -> str:
    if message.deal_id is not None:
        found = select(Deal.number).where(Deal.id == message.deal_id)
        return _card("deals", db.session.execute(found).scalar_one())
    return _card("leads", message.lead_id) if message.lead_id else "/"


def _card(noun: str, key: int) -> str:
    return url_for("Deals.card", number=key) if noun == "deals" else url_for("Leads.card", pk=key)


def _done(words: str, where: str) -> Any:
    """In a card the feed is asked for again; without scripts one comes back to it."""
    say(words)
    return Response("", 200, CHANGED) if request.headers.get("HX-Request") else redirect(where)
