"""A button under an alert was pressed in Telegram: an employee does, in their own name, what they may."""

import re

from flask_babel import gettext as _

from app.services import leads
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.refused import Refused
from models.leads import Lead

TAKE = re.compile(r"(?:lead:)?take:(\d{1,18})")


def pressed(data: str) -> str:
    """Do what the button says, as whoever acts; the answer in their words. Raises Refused."""
    asked = TAKE.fullmatch(data)
    if asked is None:
        raise Refused(_("This button is not known any more."))
    if not current_actor().may("can_take", "Leads"):
        raise Refused(_("Your role takes no leads."))
    lead = db.session.get(Lead, int(asked.group(1)))
    if lead is None or lead.deleted_at is not None:
        raise Refused(_("This lead is not there any more."))
    leads.take(lead)
    return _("Lead № %(number)s is yours: %(name)s.", number=lead.id, name=repr(lead))
