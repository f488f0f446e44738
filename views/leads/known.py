"""Who has a phone or an e-mail already, while it is typed: open them, put the request there, or make a new one."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app.services import clients, contacts
from app.services.leads.reading import read_line
from models.ground.base import db
from models.leads import LIVE_STATES, Lead
from views.base import committing, require
from views.leads.found import common

SHOWN = 3


class KnownPages:
    """/leads/known"""

    @expose("/known")
    @require("can_add")
    def known(self) -> Any:
        """A fragment under the field."""
        phone, email = typed_reach(request.args)
        values = {
            "holders": clients.recognise(phone, email)[:SHOWN],
            "rows": live_with(phone, email),
            "chosen": request.args.get("belongs", ""),
            "how": "lead",
            "understood": read_line(request.args.get("line", "")[:1000]),
        }
        return render_template("leads/_known.html", **values, **common())

    @expose("/known/ask", methods=["POST"])
    @require("can_add")
    def ask_owner(self) -> Any:
        """Ask whoever has the client with the typed contact for access."""
        phone, email = typed_reach(request.form)
        hidden = [holder.client_id for holder in clients.recognise(phone, email) if not holder.is_visible]
        return asked_answer(hidden)


def asked_answer(hidden: list[int]) -> str:
    """Asks the owners of hidden clients for access; the words for the place of the button."""
    with committing():
        names = [clients.ask_access(key) for key in hidden[:SHOWN]]
    told = ", ".join(dict.fromkeys(name for name in names if name))
    words = _("%(name)s is asked for access.", name=told) if told else _("There is nobody to ask.")
    return render_template("leads/_asked.html", words=words)


def typed_reach(values: Any) -> tuple[str, str]:
    """The phone and the e-mail of a form, normalised; the one line gives what the fields leave empty."""
    line = read_line(values.get("line", "")[:1000])
    phone = values.get("phone", "")[:250] or line.phone
    return contacts.phone(phone), contacts.email(values.get("email", "")[:250] or line.email)


def live_with(phone: str, email: str) -> list[Lead]:
    """Open leads with the same contact that the actor may see."""
    same = [column == value for column, value in ((Lead.phone, phone), (Lead.email, email)) if value]
    if not same:
        return []
    rows = select(Lead).where(or_(*same), Lead.state.in_(LIVE_STATES)).options(selectinload(Lead.owner))
    return list(db.session.execute(rows.order_by(Lead.id.desc()).limit(SHOWN)).scalars())
