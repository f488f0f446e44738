"""Who else takes part in a deal: clients beside its own, and colleagues, each with the words of their role."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.clients import Client
from models.deals import Deal
from models.ground.base import BigId, Line, Model, Stamped, Tracked
from models.ground.through_deal import ThroughDeal
from models.staff import Person


class Participant(ThroughDeal, Tracked, Stamped, Model):
    """A client or a colleague on a deal; `words` say what for: "customer", "decides", "pays"."""

    __tablename__ = "participant"
    __table_args__ = (
        CheckConstraint("(client_id IS NULL) <> (person_id IS NULL)", name="one_of_two"),
        Index(
            "participant_client", "deal_id", "client_id", unique=True, postgresql_where=text("client_id IS NOT NULL")
        ),
        Index(
            "participant_person", "deal_id", "person_id", unique=True, postgresql_where=text("person_id IS NOT NULL")
        ),
        Index("participant_of_client", "client_id", "deal_id"),
    )
    noun = "participant"
    scope_noun = "deal"
    tracked = ("words",)

    id: Mapped[BigId]
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    words: Mapped[Line] = mapped_column(default="")
    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id])
    client: Mapped[Client | None] = relationship(foreign_keys=[client_id])
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
