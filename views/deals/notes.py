"""Notes in the feed of a deal: written, rewritten, thrown away, pinned; colleagues to name in them."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.services import deals as verbs
from app.services.deals import notes
from models.deals import Deal
from models.ground.access import WITH_DELETED
from models.ground.base import db
from models.ground.limits import clean_text
from models.ground.refused import NotFound, Refused
from models.messages import Message
from models.staff import Person
from reports import files
from reports.deals import feed as feeds
from views.base import committing, require
from views.deals.card import drawn_feed
from views.deals.found import colleagues_by_name, common, deal_or_404
from views.deals.moving import is_fragment
from views.shell import say

OFFERED = 8


class NotePages:
    """/deals/<number>/note and /deals/<number>/notes/<key>/…: all who may write messages on the deal."""

    @expose("/<int:number>/note", methods=["POST"])
    @require("can_show")
    def note(self, number: int) -> Any:
        """Write a note into the feed; who named a colleague in vain is told so."""
        deal = deal_or_404(number)
        with committing():
            said = verbs.note(deal, request.form.get("words", ""))
        _tell_untold(said)
        return _feed(number)

    @expose("/<int:number>/notes/<int:key>", methods=["GET", "POST"])
    @require("can_show")
    def one_note(self, number: int, key: int) -> Any:
        """A note in its box, its save; `show` puts the line back."""
        deal = deal_or_404(number)
        message = _message_or_404(deal, key)
        if request.method == "GET":
            return _line(deal, message) if request.args.get("show") else _box(deal, message)
        try:
            with committing():
                notes.rewrite(message, request.form.get("words", ""))
        except NotFound:
            raise
        except Refused as refusal:
            typed = request.form.get("words", "")
            return make_response(_box(deal_or_404(number), _message_or_404(deal, key), typed, refusal.words), 422)
        _tell_untold(message)
        if not is_fragment():
            return redirect(url_for("Deals.card", number=number))
        return _line(deal_or_404(number), message)

    @expose("/<int:number>/notes/<int:key>/erase", methods=["POST"])
    @require("can_show")
    def erase_note(self, number: int, key: int) -> Any:
        """Throw one's own note away."""
        message = _message_or_404(deal_or_404(number), key)
        with committing():
            notes.erase(message)
        say(_("The note is thrown away."), undo=url_for("Deals.restore_note", number=number, key=key))
        return _feed(number)

    @expose("/<int:number>/notes/<int:key>/restore", methods=["POST"])
    @require("can_show")
    def restore_note(self, number: int, key: int) -> Any:
        """Undo of erase."""
        with committing():
            notes.restore(_message_or_404(deal_or_404(number), key, thrown=True))
        return redirect(url_for("Deals.card", number=number))

    @expose("/<int:number>/notes/<int:key>/pin", methods=["POST"])
    @require("can_show")
    def pin_note(self, number: int, key: int) -> Any:
        """Keep a message above the feed, or take it off (`off`)."""
        message = _message_or_404(deal_or_404(number), key)
        with committing():
            notes.unpin(message) if request.form.get("off") else notes.pin(message)
        return _feed(number)

    @expose("/<int:number>/colleagues")
    @require("can_show")
    def colleagues_named(self, number: int) -> Any:
        """Whom an @ may mean, by the beginning of a name; with a word when they would not see the deal."""
        deal = deal_or_404(number)
        text = clean_text(request.args.get("q", ""), "q", 100)
        found = db.session.execute(
            colleagues_by_name(text).order_by(func.lower(Person.first_name)).limit(OFFERED)
        ).scalars()
        return jsonify(results=[_offered(person, deal) for person in found])


def _offered(person: Person, deal: Deal) -> dict[str, Any]:
    note = person.post or "" if notes.reaches(person, deal) else _("does not see this deal")
    return {"id": person.id, "text": person.name, "note": note}


def _message_or_404(deal: Deal, key: int, *, thrown: bool = False) -> Message:
    if key >= 2**63:
        abort(404)
    wanted = select(Message).where(Message.id == key, Message.deal_id == deal.id)
    if thrown:
        wanted = wanted.where(Message.deleted_at.is_not(None)).execution_options(**{WITH_DELETED: True})
    message = db.session.execute(wanted).scalar_one_or_none()
    if message is None:
        abort(404)
    return message


def _tell_untold(message: Message) -> None:
    """Those who were named and may not see the deal have heard nothing: the author ought to know."""
    names = ", ".join(message.extra.get("untold") or ())
    if names:
        say(_("Not told, since they may not see this deal: %(names)s.", names=names), kind="warn")


def _feed(number: int) -> Any:
    """The whole feed anew; without a script of ours, the card."""
    if not is_fragment():
        return redirect(url_for("Deals.card", number=number))
    deal = deal_or_404(number)
    found = drawn_feed(deal, feeds.Wanted())
    return render_template("deals/feed/_feed.html", deal=deal, feed=found, **common())


def _line(deal: Deal, message: Message) -> str:
    return render_template(
        "deals/feed/_note.html",
        deal=deal,
        entry=feeds.entry_of(message),
        files_of=files.of_messages([message.id]),
        **common(),
    )


def _box(deal: Deal, message: Message, typed: str | None = None, error: str = "") -> str:
    values = {"words": message.words if typed is None else typed, "error": error}
    return render_template("deals/feed/_note_box.html", deal=deal, message=message, **values, **common())
