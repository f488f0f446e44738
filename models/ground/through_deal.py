"""Rows that belong to a deal, or to a lead before there is one: seen and written by whoever reaches that."""

from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, object_session

from models.ground.access import BY_NOUN, Owned, newly_related, values_of
from models.ground.actor import Actor, Scope


class ThroughDeal(Owned):
    """`deal_id` names the deal; rows without a deal are their author's (`own_field`), if there is one."""

    noun: ClassVar[str]
    scope_noun: ClassVar[str]
    own_field: ClassVar[str | None] = None
    # Rows with a `lead_id` too: while there is no deal they are read with the lead.
    of_leads: ClassVar[bool] = False

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        deal = BY_NOUN["deal"]
        deal_id: Any = cls.deal_id  # type: ignore[attr-defined]
        ways: list[ColumnElement[bool]] = [deal.reaches(deal_id, actor, scope)]
        if cls.of_leads:
            lead = BY_NOUN["lead"]
            leads = select(lead.id).where(lead.within(actor, lead.reading_scope(actor)), lead.deleted_at.is_(None))
            ways.append(and_(deal_id.is_(None), cls.lead_id.in_(leads)))  # type: ignore[attr-defined]
        if cls.own_field:
            ways.append(getattr(cls, cls.own_field) == actor.person_id)
        return or_(*ways)

    @classmethod
    def comes_with_deal(cls, actor: Actor) -> bool:
        """Whether whoever reaches a deal reaches every row of it here: then a deal's rows need no condition."""
        return cls.reading_scope(actor) >= BY_NOUN["deal"].reading_scope(actor)

    def owners(self) -> set[int | None]:
        """The owner of the deal, or the author of a row without one."""
        session = object_session(self)
        fresh = newly_related(self, "deal_id")
        deals = {deal for deal in fresh if deal is not None and deal.id is None}
        ids = values_of(self, "deal_id") - {None}
        if not ids and not deals and self.own_field:
            return {getattr(self, self.own_field)}
        found = [session.get(BY_NOUN["deal"], deal_id) if session else None for deal_id in ids]
        owners: set[int | None] = set()
        for deal in (*found, *deals):
            owners |= deal.owners() if deal else {-1}
        return owners or {-1}

    def was_given(self, session: Session, actor: Actor) -> bool:
        """In scope GIVEN: every deal that the row names is the actor's by a live task, a new row's too."""
        ids = values_of(self, "deal_id") - {None}
        deal = BY_NOUN["deal"]
        given = select(deal.id).where(deal.id.in_(ids), deal.within(actor, Scope.GIVEN), deal.deleted_at.is_(None))
        return bool(ids) and len(session.execute(given).all()) == len(ids)
