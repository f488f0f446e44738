"""Rows that belong to a deal: seen and written by whoever reaches the deal in the scope of the row's noun."""

from typing import Any, ClassVar

from sqlalchemy import ColumnElement, inspect, or_, select
from sqlalchemy.orm import object_session

from models.ground.access import BY_NOUN, Owned
from models.ground.actor import Actor, Scope


class ThroughDeal(Owned):
    """`deal_id` names the deal; rows without a deal are their author's (`own_field`), if there is one."""

    noun: ClassVar[str]
    scope_noun: ClassVar[str]
    own_field: ClassVar[str | None] = None

    @classmethod
    def within(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """As Owned, but history rows take the scope of `scope_noun`."""
        scope_noun = getattr(cls, "scope_noun", None)
        return super().within(actor, actor.reads(scope_noun) if scope_noun else scope)

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        deal = BY_NOUN["deal"]
        deal_id: Any = cls.deal_id  # type: ignore[attr-defined]
        reached = deal_id.in_(select(deal.id).where(deal.narrowed(actor, scope)))
        if cls.own_field:
            return or_(reached, getattr(cls, cls.own_field) == actor.person_id)
        return reached

    def owners(self) -> set[int | None]:
        """The owner of the deal, or the author of a row without one."""
        session = object_session(self)
        history = inspect(self).attrs["deal_id"].history  # type: ignore[attr-defined]
        ids = {i for i in (*history.deleted, self.deal_id) if i is not None}  # type: ignore[attr-defined]
        if not ids and self.own_field:
            return {getattr(self, self.own_field)}
        owners: set[int | None] = set()
        for deal_id in ids:
            deal = session.get(BY_NOUN["deal"], deal_id) if session else None
            owners |= deal.owners() if deal else {-1}
        return owners or {-1}
