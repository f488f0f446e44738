"""What is measured: each page of the CRM, its like in the bare program, and what it may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select

from app.security import actor_of_person
from models.clients import ContactPoint
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.lowcode.funnels import Stage, StageKind
from models.staff import Person

# A manager, the head of his team of eight, and whoever sees everything.
WHO = {"seller07": "manager", "seller01": "head", "director": "director"}
DEEP = {"seller07": 300, "seller01": 300, "director": 2000}
FORM_FIELD = "comment"


@dataclass(frozen=True)
class Measured:
    """A page. Its limit: `limit` milliseconds, or, where there is a bare one, `times` as long as that."""

    name: str
    path: str
    bare: str = ""
    limit: float = 40
    times: float | None = 6
    statements: int | None = None
    is_save: bool = False


def pages(app: Flask, username: str, person_id: int) -> list[Measured]:
    """The pages of one person; what they name exists in this base."""
    with app.app_context(), acting_as(SYSTEM) as session:
        stage = session.execute(select(Stage.id).where(Stage.kind == StageKind.LOST)).scalar_one()
        mine = select(Deal).where(Deal.closed_at.is_(None), Deal.production_on.is_not(None)).order_by(Deal.id.desc())
        if username != "director":
            mine = mine.where(Deal.owner_id == person_id)
        # What is saved again and again gets a long history: another deal is looked at.
        deal, saved = session.execute(mine.limit(2)).scalars()
        saved_number = saved.number
        phone = session.execute(
            select(ContactPoint.value).where(ContactPoint.client_id == deal.client_id, ContactPoint.kind == "phone")
        ).scalar()
        number = deal.number
        own_ids = actor_of_person(session.get_one(Person, person_id)).own_ids or {person_id}
        own = ",".join(map(str, sorted(own_ids)))
    digits = (phone or "")[-7:]
    who = f"me={person_id}&own={own}" + ("&all=1" if username == "director" else "")
    deep = DEEP[username]
    page: dict[str, Any] = {"statements": 12}
    return [
        Measured("list of all deals", "/deals/list/?state=all", f"/list?{who}", **page),
        Measured("the same, one stage", f"/deals/list/?state=all&_flt_0_stage={stage}", f"/filtered?stage={stage}&{who}",
                 **page),
        Measured(f"the same, page {deep}", f"/deals/list/?state=all&page_Deals={deep}", f"/deep?skip={deep * 50}&{who}",
                 **page),
        Measured("list of clients", "/clients/list/", f"/clients?{who}", **page),
        Measured("clients by the beginning of a name", f"/clients/list/?q={quote('ирин соко')}",
                 f"/clients?words={quote('ирин:* & соко:*')}&{who}", **page),
        Measured("clients by the last digits", f"/clients/list/?q={digits}", f"/clients?digits={digits}&{who}", **page),
        Measured("board", "/deals/board/", f"/board?{who}", limit=100, times=None, statements=20),
        Measured("card of a deal", f"/deals/{number}", f"/card?number={number}&{who}", statements=20),
        *_manager(username, saved_number, who),
        *_search(digits),
        Measured("dashboard, a month of twelve", "/dashboard/", limit=300, times=None),
    ]  # fmt: skip


def _manager(username: str, number: int, who: str) -> list[Measured]:
    """The director writes no deals and has no queue of a day."""
    if username == "director":
        return []
    path = f"/deals/{number}/fields/{FORM_FIELD}"
    return [
        Measured("save a field", path, f"/save?number={number}&{who}", is_save=True),
        Measured("my day", "/day/", limit=100, times=None, statements=20),
    ]


def _search(digits: str) -> list[Measured]:
    """The one search: a name, a phone, and a word that very many deals have."""
    asked = (("a name", "ирин соко"), ("a phone", digits), ("a common word", "окна"), ("three letters", "ири"))
    return [
        Measured(f"search, {what}", f"/search/?q={quote(typed)}", limit=50, times=None, statements=20)
        for what, typed in asked
    ]
