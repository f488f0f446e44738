"""What the door by which a lead came wants of its deal: a funnel, and the stage it begins on."""

from sqlalchemy import select

from app.services import deals
from models.channels import Channel
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db
from models.leads import Lead
from models.lowcode.funnels import Funnel, Stage


def funnel_of(lead: Lead) -> Funnel | None:
    """The funnel that the door names, while it is in use."""
    key = _wanted(lead)[0]
    rows = select(Funnel).where(Funnel.id == key, Funnel.active)
    return db.session.execute(rows).scalar_one_or_none() if key else None


def put_on_stage(deal: Deal, lead: Lead) -> None:
    """The deal goes on to the stage that the door names, if it is of its funnel and asks for nothing missing."""
    key = _wanted(lead)[1]
    if not key:
        return
    stage = db.session.execute(select(Stage).where(Stage.id == key, Stage.funnel_id == deal.funnel_id)).scalar()
    if stage is not None and stage.id != deal.stage_id and not deals.missing_for(deal, stage):
        deals.move(deal, stage)


def _wanted(lead: Lead) -> tuple[int, int]:
    """The keys of the funnel and the stage in the channel's settings; channels are the administrator's rows."""
    if not lead.channel_id:
        return 0, 0
    with acting_as(SYSTEM) as session:
        channel = session.get(Channel, lead.channel_id)
        said = dict(channel.settings) if channel else {}
        funnel_id = channel.funnel_id if channel else None
    return _key(said.get("funnel")) or funnel_id or 0, _key(said.get("stage"))


def _key(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
