"""Verbs of one's own devices: a browser agrees to be woken, is tried, is removed."""

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.channels import push
from app.channels.inbound import ChannelError
from app.services.notices.events import PUSH
from app.services.notices.sending import Target
from app.services.notices.telling import trial
from app.wording import told
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.limits import clean_line
from models.ground.refused import NotFound, Refused
from models.notices import PushDevice

MOST_DEVICES = 20
LONGEST = 1000


def add_device(endpoint: str, p256dh: str, auth: str, agent: str = "") -> None:
    """This browser is the actor's. Refuses addresses outside the known push services, and keys that are none.

    A browser that changes hands, or is told twice, keeps one row: whoever agreed last has it.
    """
    if len(endpoint) > LONGEST:
        raise Refused(_("This is not an address of a push service that we know."), "endpoint")
    try:
        push.service_of(endpoint, current_app.config["CRM"].PUSH_SERVICES)
        push.check_keys(p256dh, auth)
    except ChannelError as error:
        raise Refused(told(error.words), "endpoint") from None
    me = current_actor().person_id
    if _count(me) >= MOST_DEVICES:
        raise Refused(_("You have %(n)s devices already. Remove one that you do not use.", n=MOST_DEVICES))
    values = {"person_id": me, "p256dh": p256dh, "agent": clean_line(agent, "agent"), "failed": 0}
    fresh = insert(PushDevice).values(endpoint=endpoint, auth=auth, made_at=utcnow(), **values)
    # The row of somebody who used this browser before is taken over by its secret alone, never by its address.
    taken = fresh.on_conflict_do_update(index_elements=["endpoint"], set_=values, where=PushDevice.auth == auth)
    if db.session.execute(taken.returning(PushDevice.id)).scalar_one_or_none() is None:
        raise Refused(_("This browser is known with other keys. Switch push off in it and on again."), "endpoint")


def _count(person_id: int | None) -> int:
    mine = select(func.count(PushDevice.id)).where(PushDevice.person_id == person_id)
    return db.session.execute(mine).scalar_one()


def remove_device(key: int) -> None:
    """It gets nothing any more."""
    db.session.delete(_own(key))
    db.session.flush()


def forget_device(endpoint: str) -> None:
    """The actor's browser at this address, if it is known."""
    mine = select(PushDevice).where(PushDevice.endpoint == endpoint, PushDevice.person_id == current_actor().person_id)
    device = db.session.execute(mine).scalar_one_or_none()
    if device is not None:
        db.session.delete(device)
        db.session.flush()


def try_device(key: int) -> None:
    """A message at once to one device of the actor's."""
    device = _own(key)
    trial(PUSH, Target(device.agent, device.id), _("A trial message. Notices will look like this."))


def _own(key: int) -> PushDevice:
    mine = select(PushDevice).where(PushDevice.id == key, PushDevice.person_id == current_actor().person_id)
    device = db.session.execute(mine).scalar_one_or_none()
    if device is None:
        raise NotFound("")
    return device
