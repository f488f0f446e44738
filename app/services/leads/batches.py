"""Very many leads at once, as a work in the background: taken, given, set aside, taken back."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _

from app.services import leads as verbs
from app.services import works
from app.wording import kept
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.leads import Lead, LeadState
from models.staff import Person
from models.works import Work

KIND = "leads.many"
MOST = 20_000
TITLES: dict[str, Callable[[int], str]] = {
    "take": lambda count: kept("Leads to be taken: %(count)s", count=count),
    "assign": lambda count: kept("Leads to be given: %(count)s", count=count),
    "reject": lambda count: kept("Leads to be set aside: %(count)s", count=count),
    "restore": lambda count: kept("Leads to be taken back: %(count)s", count=count),
}


def begin(verb: str, keys: Sequence[int], value: str = "") -> Work:
    """Do it to each of these after the commit; `value` is the key of the person they go to, or the reason."""
    if len(keys) > MOST:
        raise Refused(_("More than %(most)s leads at once cannot be changed here. Narrow the list first.", most=MOST))
    said = verbs.reason_of(value) if verb == "reject" else value
    params = {"verb": verb, "keys": list(keys), "value": said}
    return works.begin(KIND, TITLES[verb](len(keys)), params, total=len(keys), url="/leads/list/")


def do_one(params: dict[str, Any], key: int) -> str:
    """One lead of a work, as whoever began it: only what he could do by hand is done."""
    lead = db.session.get(Lead, key)
    if lead is None:
        raise NotFound("")
    before = (lead.owner_id, lead.state)
    _act(lead, params["verb"], params["value"])
    return "changed" if (lead.owner_id, lead.state) != before else "skipped"


def _act(lead: Lead, verb: str, value: str) -> None:
    if verb == "take":
        verbs.take(lead)
    elif verb == "assign":
        verbs.assign(lead, db.session.get_one(Person, int(value)))
    elif verb == "restore":
        verbs.restore(lead)
    elif lead.state != LeadState.REJECTED:
        verbs.reject(lead, value)
