"""The scene of the tests of files."""

from __future__ import annotations

from typing import Any

import pytest

from app.channels.inbound import Inbound
from app.services import leads
from models.messages import Message
from models.tasks import Task
from tests.deals import started, who


@pytest.fixture
def scene(system: Any) -> dict[str, Any]:
    """Anna's deal with its client, her lead, a note; Oleg's deal."""
    with system() as session:
        deal, other = started(session), started(session, "oleg", "Пётр Чужой")
        lead = leads.receive(Inbound(name="Вера", phone="8 900 000 77 01", words="балкон"))
        lead.owner_id = who(session, "anna").id
        note = Message(
            kind="note", deal_id=deal.id, words="вот фото", author_name="Анна", created_by_id=who(session, "anna").id
        )
        session.add(note)
        session.add(Task(title="Замер", deal_id=deal.id, assignee_id=who(session, "pavel").id))
        session.flush()
        return {
            "deal": f"deal:{deal.number}", "other": f"deal:{other.number}", "lead": f"lead:{lead.id}",
            "client": f"client:{deal.client_id}", "message": f"message:{note.id}", "deal_id": deal.id,
            "lead_id": lead.id,
        }  # fmt: skip
