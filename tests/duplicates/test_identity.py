"""A merge that is taken back leaves no trace but its history: over whole bases, whatever the two clients have."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.services import duplicates
from app.services.duplicates.merging import BOTH, FIELDS, LOSER, SURVIVOR
from models.channels import Channel
from models.clients import Client, Consent, ContactPoint
from models.deals import Deal
from models.duplicates import LikePair, NotDuplicate
from models.ground.actor import Actor
from models.ground.base import utcnow
from models.ground.files import StoredFile
from models.leads import Lead
from models.lowcode.funnels import Stage
from models.messages import Conversation, Message
from models.participants import Participant
from models.tasks import Task
from models.visits import Visit
from tests.duplicates import differences, everything
from tests.scene import person, put

ASKER = Actor("Анна", everything=True)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
NAME = TEXT.map(lambda text: f"К {text}"[:40])
CONTACTS = [("phone", "+79261230010"), ("phone", "+79261230011"), ("email", "a@b.test"), ("handle", "ivan")]
CLIENT = st.fixed_dictionaries({
    "name": NAME,
    "kind": st.sampled_from(["person", "company", "partner"]),
    "full_name": TEXT, "address": TEXT, "comment": TEXT, "partner_terms": TEXT,
    "inn": st.sampled_from(["", "7799010028"]),
    "promo": st.sampled_from(["", "LINIA", "DOM"]),
    "partner_percent": st.sampled_from([None, Decimal("7.50"), Decimal("0.00")]),
    "extra": st.dictionaries(st.sampled_from(["a", "b"]), st.one_of(st.integers(0, 9), TEXT), max_size=2),
})  # fmt: skip
# Which rows each of three clients has: of the table, whose, and whether it lies in the trash.
ROWS = st.lists(
    st.tuples(
        st.sampled_from([
            "contact", "deal", "payer", "partner", "lead", "lead_partner", "task", "message", "file", "consent", "visit",
            "participant", "conversation", "apart",
        ]),
        st.integers(0, 2),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=14,
)  # fmt: skip
CHOICE = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from([SURVIVOR, LOSER, BOTH]))


class Scene:
    """Three clients and what belongs to them: the first two are merged."""

    def __init__(self, session: Any, clients: list[dict[str, Any]], rows: list[tuple[str, int, bool, int]]) -> None:
        self.session = session
        self.anna = person(session, "anna")
        self.stage = session.execute(select(Stage).order_by(Stage.id)).scalars().first()
        self.channel = put(session, Channel(kind="site", name="Сайт", token="t"))
        self.clients, codes = [], set()
        for values in clients:
            promo = values["promo"] if values["promo"] not in codes else ""
            codes.add(promo)
            self.clients.append(put(session, Client(**{**values, "promo": promo}, owner_id=self.anna.id)))
        self.deal = self._deal(9000)
        self.number = 9000
        for what, whose, is_erased, n in rows:
            make = getattr(self, "_sold" if what == "deal" else f"_{what}")
            row = make(self.clients[whose], n)
            if row is not None and is_erased and hasattr(row, "deleted_at"):
                row.deleted_at = utcnow()
        session.flush()
        session.expire_all()

    def _deal(self, number: int, **values: Any) -> Deal:
        deal = Deal(number=number, funnel_id=self.stage.funnel_id, stage_id=self.stage.id, stage_since=utcnow(), **values)
        deal.owner_id = self.anna.id
        return put(self.session, deal)

    def _new_deal(self, key: str, client: Client) -> Deal:
        self.number += 1
        return self._deal(self.number, **{key: client.id})

    def _contact(self, client: Client, n: int) -> None:
        kind, value = CONTACTS[n]
        if not any((c.kind, c.value) == (kind, value) for c in client.contacts):
            client.contacts.append(ContactPoint(kind=kind, value=value))
            self.session.flush()

    def _sold(self, client: Client, _n: int) -> Deal:
        return self._new_deal("client_id", client)

    def _payer(self, client: Client, _n: int) -> Deal:
        return self._new_deal("payer_id", client)

    def _partner(self, client: Client, _n: int) -> Deal:
        return self._new_deal("partner_id", client)

    def _lead(self, client: Client, n: int) -> Lead:
        return put(self.session, Lead(received_at=utcnow(), name=f"Лид {n}", client_id=client.id))

    def _lead_partner(self, client: Client, _n: int) -> Lead:
        return put(self.session, Lead(received_at=utcnow(), partner_id=client.id))

    def _task(self, client: Client, n: int) -> Task:
        return put(self.session, Task(title=f"Дело {n}", client_id=client.id, assignee_id=self.anna.id))

    def _message(self, client: Client, n: int) -> Message:
        return put(self.session, Message(kind="note", words=f"Слова {n}", client_id=client.id))

    def _file(self, client: Client, _n: int) -> StoredFile:
        self.number += 1
        values = {"name": "план.pdf", "content_type": "a/b", "size": 1, "sha256": "0", "key": f"k{self.number}"}
        return put(self.session, StoredFile(client_id=client.id, **values))

    def _consent(self, client: Client, _n: int) -> Consent:
        return put(self.session, Consent(client_id=client.id, text_version="1", given_at=utcnow()))

    def _visit(self, client: Client, _n: int) -> Visit:
        now = utcnow()
        row = Visit(client_id=client.id, assignee_id=self.anna.id, starts_at=now, ends_at=now + dt.timedelta(hours=1))
        return put(self.session, row)

    def _participant(self, client: Client, _n: int) -> Participant | None:
        there = select(Participant.id).where(Participant.deal_id == self.deal.id, Participant.client_id == client.id)
        if self.session.execute(there).first():
            return None
        return put(self.session, Participant(deal_id=self.deal.id, client_id=client.id))

    def _conversation(self, client: Client, _n: int) -> Conversation:
        self.number += 1
        return put(self.session, Conversation(client_id=client.id, channel_id=self.channel.id, external_id=str(self.number)))

    def _apart(self, client: Client, _n: int) -> None:
        third = self.clients[2]
        if third is client:
            return
        low, high = sorted((client.id, third.id))
        if not duplicates.are_apart(low, high):
            put(self.session, NotDuplicate(a_id=low, b_id=high))



@given(clients=st.tuples(CLIENT, CLIENT, CLIENT), rows=ROWS, choice=CHOICE, first=st.booleans(), is_found=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merge_and_undo_is_the_identity(as_system, clients, rows, choice, first, is_found):
    save = as_system.begin_nested()
    try:
        scene = Scene(as_system, list(clients), rows)
        one, other = scene.clients[:2] if first else reversed(scene.clients[:2])
        if is_found:
            low, high = sorted((one.id, other.id))
            put(as_system, LikePair(a_id=low, b_id=high, score=100, reason="phone"))
        before = everything(as_system)
        merge = duplicates.merge(ASKER, one.id, other.id, choice)
        merged = everything(as_system)
        assert merged["client"][other.id]["merged_into_id"] == one.id
        assert all(row["client_id"] != other.id for row in merged["deal"].values())
        assert all(row["payer_id"] != other.id for row in merged["deal"].values())
        duplicates.undo(ASKER, merge.id)
        assert differences(before, everything(as_system)) == []
    finally:
        save.rollback()
        as_system.expire_all()
