"""Many leads at once: taken, given, set aside, taken back; each refusal in its own words, all undone in one click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import make_response, render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from app.services import leads as verbs
from app.services.leads import batches, undoing
from models.ground.base import db
from models.ground.refused import NotFound, Refused, Stale
from models.leads import Lead
from reports import leads as report
from views.base import committing, require
from views.deals.moving import is_fragment
from views.leads.doing import person_of, undo_of
from views.leads.found import colleagues, common
from views.security import safe_next
from views.shell import say, settled

# More are done in the background: the page would be waited for too long.
MOST = 500
# Actions of the bar that ask nothing first, and their verbs.
AT_ONCE = {"take": "take", "back": "restore"}

Outcome = tuple[int, list[tuple[Lead, str]]]


class ManyPages:
    """Actions of the list's bulk bar, the page or window that asks what is meant, and their undo."""

    @action("take", _l("Take"), "", "hand-stop", single=False)
    def take_many(self, rows: list[Lead]) -> Any:
        """All of them are mine."""
        return self._do(rows, verbs.take, lambda n: _n("%(num)s lead is yours.", "%(num)s leads are yours.", n))

    @action("assign", _l("Give"), "", "user-share", single=False)
    def ask_whom(self, rows: Sequence[Lead], keys: Sequence[int] = ()) -> Any:
        """To whom? Very many leads are named by their keys alone."""
        people = colleagues()
        return self._ask(rows, "assign", keys, people=people, load=report.load_of([person.id for person in people]))

    @action("edit", _l("Set aside"), "", "archive", single=False)
    def ask_why(self, rows: Sequence[Lead], keys: Sequence[int] = ()) -> Any:
        """Why? Very many leads are named by their keys alone."""
        return self._ask(rows, "reject", keys, reasons=report.reasons())

    @action("back", _l("Take back"), "", "arrow-back-up", single=False)
    def take_back(self, rows: list[Lead]) -> Any:
        """What was set aside waits again."""
        return self._do(rows, verbs.restore, lambda n: _n("%(num)s lead waits again.", "%(num)s leads wait again.", n))

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """An action on the chosen leads, or on every one that the address of the list shows."""
        if request.form.get("every") != "1":
            return super().action_post()  # type: ignore[misc]
        name = request.form.get("action", "")
        chosen = self._allowed(name)  # type: ignore[attr-defined]
        keys = self.matching(batches.MOST)  # type: ignore[attr-defined]
        if len(keys) <= MOST:
            return chosen.func(_found(keys))
        return self._begin(AT_ONCE[name], keys) if name in AT_ONCE else chosen.func([], keys)

    def _begin(self, verb: str, keys: list[int], value: str = "") -> Any:
        with committing():
            work = batches.begin(verb, keys, value)
        say(_("It is done in the background; you will be told when it is over."))
        return settled(url_for("Works.show", pk=work.id))

    def _ask(self, rows: Sequence[Lead], what: str, keys: Sequence[int], **values: Any) -> Any:
        values |= {"rows": rows, "what": what, "back": _back(), "keys": keys, "count": len(keys) or len(rows)}
        if is_fragment():
            return render_template("leads/_many.html", **values, **common())
        return self.render_template("leads/many.html", **values, **common())  # type: ignore[attr-defined]

    @expose("/many/assign", methods=["POST"])
    @require("can_assign")
    def many_assign(self) -> Any:
        """Give the chosen leads to one person."""
        person = person_of(request.form.get("owner", ""))
        if keys := _very_many():
            return self._begin("assign", keys, str(person.id))

        def words(count: int) -> str:
            return _n(
                "%(num)s lead is given to %(name)s.",
                "%(num)s leads are given to %(name)s.",
                count,
                name=person.name,
            )

        return self._do(_chosen(), lambda lead: verbs.assign(lead, person), words)

    @expose("/many/reject", methods=["POST"])
    @require("can_edit")
    def many_reject(self) -> Any:
        """Set the chosen leads aside."""
        reason = verbs.reason_of(request.form.get("reason", ""))
        if keys := _very_many():
            return self._begin("reject", keys, reason)

        def words(count: int) -> str:
            return _n("%(num)s lead is set aside.", "%(num)s leads are set aside.", count)

        return self._do(_chosen(), lambda lead: verbs.reject(lead, reason), words)

    @expose("/undo", methods=["POST"])
    @require("can_show")
    def undo(self) -> Any:
        """Take back what one has just done, with one lead or many."""
        events = undoing.events_of(undoing.Done(_number("first"), _number("last")), MOST)
        by_lead = {event.lead_id: event for event in events if event.lead_id}
        rows = _found(list(by_lead))
        done = _each(rows, lambda lead: undoing.undo(lead, by_lead[lead.id]))
        return self._tell(done, _("Undone."))

    def _do(self, rows: Sequence[Lead], act: Callable[[Lead], Any], words: Callable[[int], str]) -> Any:
        before = undoing.mark()
        done = _each(rows, act)
        return self._tell(done, words(done[0]), undo_of(before, _back()))

    def _tell(self, done: Outcome, words: str, undo: str = "") -> Any:
        """A toast when all went well; a page or a window with every refusal otherwise."""
        back = _back()
        if done[0]:
            say(words, undo=undo)
        if not done[1]:
            return settled(back)
        values = {"refused": done[1], "back": back} | common()
        if not is_fragment():
            return self.render_template("leads/refused.html", **values)  # type: ignore[attr-defined]
        return make_response(render_template("leads/_refused.html", **values))


def _each(rows: Sequence[Lead], act: Callable[[Lead], Any]) -> Outcome:
    """Do it to each lead; what is refused is rolled back alone and told in its own words."""
    changed, refused = 0, []
    with committing():
        for lead in rows:
            try:
                with db.session.begin_nested():
                    act(lead)
                changed += 1
            except NotFound:
                refused.append((lead, _("You may not change this lead.")))
            except Refused as refusal:
                refused.append((lead, refusal.words))
            except Stale as stale:
                refused.append((lead, _("%(person)s has just changed it.", person=stale.by)))
    return changed, refused


def _chosen() -> Sequence[Lead]:
    return _found([int(text) for text in request.form.getlist("lead")[:MOST] if _is_key(text)])


def _very_many() -> list[int]:
    """Keys of leads that are too many for one request."""
    return [int(text) for text in request.form.get("keys", "").split(",") if _is_key(text)]


def _found(keys: list[int]) -> Sequence[Lead]:
    return db.session.execute(select(Lead).where(Lead.id.in_(keys)).order_by(Lead.id)).scalars().all()


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _number(name: str) -> int:
    text = request.args.get(name, "")
    if not _is_key(text):
        raise BadRequest
    return int(text)


def _back() -> str:
    """The list or page on which it was pressed."""
    said = request.form.get("next") or request.args.get("next") or request.headers.get("HX-Current-URL")
    return safe_next(said or request.referrer or url_for("Leads.list"))
