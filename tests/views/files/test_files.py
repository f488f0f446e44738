"""Files through the door: who may add, see and remove them; what is refused; how they are given out."""

from __future__ import annotations

import errno
import io
import os
from typing import Any

import pytest
from sqlalchemy import select

from app import files as storage
from app.channels.inbound import Inbound
from app.services import files, leads, trash
from models.ground.access import WITH_DELETED
from models.ground.files import GoneBytes, StoredFile
from models.leads import Lead
from models.messages import Message
from models.tasks import Task
from tests.deals import started, who
from tests.files import pictures

PDF = b"%PDF-1.7\n%drawing\n"


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


def sent(client: Any, on: str, data: bytes = PDF, name: str = "Чертёж.pdf") -> Any:
    body = {"on": on, "file": (io.BytesIO(data), name)}
    headers = {"Accept": "application/json"}
    answer = client.post("/files/", data=body, content_type="multipart/form-data", headers=headers)
    # A large body lies in a file of the test's own, which nobody else closes.
    answer.request.environ["wsgi.input"].close()
    return answer


def status(client: Any, path: str) -> int:
    with client.get(path) as answer:
        return answer.status_code


def newest(system: Any) -> Any:
    with system() as session:
        rows = select(StoredFile).order_by(StoredFile.id.desc()).limit(1).execution_options(**{WITH_DELETED: True})
        row = session.execute(rows).scalar_one()
        session.expunge(row)
        return row


@pytest.mark.parametrize("on", ["deal", "lead", "client", "message"])
def test_a_file_is_added_and_given_out_as_an_attachment(login, system, scene, on) -> None:
    anna = login("anna")
    answer = sent(anna, scene[on])
    assert answer.status_code == 200
    assert "Чертёж.pdf" in answer.json["html"]
    row = newest(system)
    with anna.get(f"/files/{row.id}") as given:
        assert given.data == PDF
        assert given.headers["Content-Type"] == "application/pdf"
        assert given.headers["Content-Disposition"].startswith("attachment")
        assert given.headers["X-Content-Type-Options"] == "nosniff"
        assert given.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("on", ["deal", "lead", "client", "message"])
def test_hidden_and_missing_answer_alike(login, system, scene, on) -> None:
    assert sent(login("anna"), scene[on]).status_code == 200
    row, stranger = newest(system), login("stranger")
    for path in (
        f"/files/{row.id}",
        f"/files/{row.id}/thumb",
        f"/files/{row.id}/view",
        f"/files/of?on={scene[on]}",
        "/files/999999",
    ):
        assert status(stranger, path) == 404, path
    assert stranger.post(f"/files/{row.id}/remove").status_code == 404
    assert stranger.post(f"/files/{row.id}/restore").status_code == 404
    assert sent(stranger, scene[on]).status_code == 404
    assert newest(system).deleted_at is None


def test_the_surveyor_of_a_task_adds_photos_and_removes_only_his_own(login, system, scene) -> None:
    sent(login("anna"), scene["deal"])
    hers, pavel = newest(system), login("pavel")
    assert sent(pavel, scene["deal"], pictures.jpeg(), "IMG_1.jpg").status_code == 200
    his = newest(system)
    assert status(pavel, f"/files/{hers.id}") == 200
    assert pavel.post(f"/files/{hers.id}/remove", headers={"Accept": "application/json"}).status_code == 409
    assert pavel.post(f"/files/{his.id}/remove").status_code == 302
    assert sent(pavel, scene["other"]).status_code == 404


def test_the_director_reads_and_adds_nothing(login, system, scene) -> None:
    sent(login("anna"), scene["deal"])
    director = login("director")
    assert status(director, f"/files/{newest(system).id}") == 200
    assert sent(director, scene["deal"]).status_code == 403


def test_the_accountant_has_the_files_of_deals_but_not_those_of_chats(login, system, scene) -> None:
    anna, nina = login("anna"), login("nina")
    sent(anna, scene["deal"], b"%PDF-1 card", "Карточка.pdf")
    card = newest(system)
    sent(anna, scene["message"], b"%PDF-1 chat", "Из чата.pdf")
    said = newest(system)
    assert status(nina, f"/files/{card.id}") == 200
    assert status(nina, f"/files/{said.id}") == 404
    assert "Из чата" not in nina.get(f"/files/of?on={scene['deal']}").text


def test_the_same_file_twice_on_one_place_is_said(login, scene) -> None:
    anna = login("anna")
    assert sent(anna, scene["deal"]).status_code == 200
    again = sent(anna, scene["deal"], name="Ещё раз.pdf")
    assert again.status_code == 422
    assert "Чертёж.pdf" in again.json["error"]["words"]
    assert sent(anna, scene["lead"]).status_code == 200


def test_a_page_of_somebody_is_kept_and_never_opened(login, system, scene) -> None:
    anna = login("anna")
    for name, data in {
        "a.jpg": b"<html><script>alert(1)</script>",
        "b.svg": b"<svg onload='x()'/>",
        "c.pdf": b"MZ\x90",
    }.items():
        assert sent(anna, scene["deal"], data, name).status_code == 200
        row = newest(system)
        with anna.get(f"/files/{row.id}") as given:
            assert given.headers["Content-Type"] == "application/octet-stream"
            assert given.headers["Content-Disposition"].startswith("attachment")
        assert anna.get(f"/files/{row.id}/view").status_code == 404
    assert "f-line" in anna.get(f"/files/of?on={scene['deal']}").text


def test_a_photo_is_shown_as_our_own_picture_without_its_place(login, system, scene, worker) -> None:
    anna = login("anna")
    assert sent(anna, scene["deal"], pictures.heic(), "IMG_0042.HEIC").status_code == 200
    row = newest(system)
    assert (row.content_type, row.preview, row.width) == ("image/heic", "waiting", 640)
    assert "data-waiting" in anna.get(f"/files/of?on={scene['deal']}").text
    assert anna.get(f"/files/{row.id}/thumb").status_code == 404
    worker()
    for path in ("thumb", "view"):
        with anna.get(f"/files/{row.id}/{path}") as given:
            assert given.headers["Content-Type"] == "image/jpeg"
            assert given.headers["Content-Disposition"].startswith("inline")
            assert given.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert given.data.startswith(b"\xff\xd8\xff")
    with anna.get(f"/files/{row.id}/jpeg") as given:
        assert "IMG_0042.jpg" in given.headers["Content-Disposition"]
        assert given.headers["Content-Disposition"].startswith("attachment")
    with anna.get(f"/files/{row.id}") as given:
        assert pictures.places_of(given.data)["gps"] == {}


def test_a_picture_that_cannot_be_drawn_is_still_a_file(login, system, scene, worker) -> None:
    data = pictures.png()
    assert sent(login("anna"), scene["deal"], data[: len(data) // 2], "half.png").status_code == 200
    worker()
    row = newest(system)
    assert row.preview == "failed"
    assert "half.png" in login("anna").get(f"/files/of?on={scene['deal']}").text


BAD = {
    "nothing": (b"", "a.pdf", 422),
    "a bomb": (pictures.bomb(), "a.png", 422),
    "a broken photo": (b"\xff\xd8\xff\xe1\xff", "a.jpg", 422),
    "10 MB of JSON": (b'{"a": "' + b"x" * 10_000_000 + b'"}', "big.json", 200),
    "NUL in the name": (PDF, "a\x00b.pdf", 200),
    "a name from right to left": (PDF, "\u202efdp.exe", 200),
    "a long name": (PDF, "я" * 300 + ".pdf", 200),
    "no name": (PDF, " ", 200),
    "emoji": (PDF, "💥👩‍👩‍👧.pdf", 200),
    "html in the name": (PDF, "<script>alert(1)</script>.pdf", 200),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_get_a_sentence_and_never_a_fault(login, scene, case) -> None:
    data, name, status = BAD[case]
    anna = login("anna")
    answer = sent(anna, scene["deal"], data, name)
    assert answer.status_code == status
    if status != 200:
        assert answer.json["error"]["words"]
    shown = anna.get(f"/files/of?on={scene['deal']}").text
    assert "<script>" not in shown
    assert "\u202e" not in shown


def test_a_file_that_is_too_large_is_refused_in_megabytes(login, scene, configure) -> None:
    configure(MAX_FILE=100 * 1024)
    answer = sent(login("anna"), scene["deal"], b"x" * (100 * 1024 + 1), "big.bin")
    assert answer.status_code == 422
    assert sent(login("anna"), scene["deal"], b"x" * (100 * 1024), "big.bin").status_code == 200


@pytest.mark.parametrize(
    "on",
    [
        "",
        "deal",
        "deal:",
        "deal:x",
        "deal:0",
        "deal:-1",
        "deal:" + "9" * 30,
        f"deal:{2**31}",
        "person:1",
        "lead:1\x00",
        "lead:１",
    ],
)
def test_a_place_that_is_none_is_not_found(login, on) -> None:
    assert sent(login("anna"), on).status_code == 404
    assert login("anna").get("/files/of", query_string={"on": on}).status_code == 404


def test_what_a_client_said_gets_no_files_of_ours(login, system, scene) -> None:
    with system() as session:
        said = Message(kind="incoming", deal_id=scene["deal_id"], words="Вот план", author_name="Ирина")
        session.add(said)
        session.flush()
        key = said.id
    assert sent(login("anna"), f"message:{key}").status_code == 409


def test_a_full_disk_is_said_and_leaves_no_half_of_a_file(app, login, scene, monkeypatch) -> None:
    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = sent(login("anna"), scene["deal"])
    assert answer.status_code == 422
    assert "иск сервера" in answer.json["error"]["words"] or "disk" in answer.json["error"]["words"]
    with app.app_context():
        assert not list(storage.folder().rglob("*.part"))


def test_a_post_without_a_file_is_said(login, scene) -> None:
    answer = login("anna").post("/files/", data={"on": scene["deal"]}, headers={"Accept": "application/json"})
    assert answer.status_code == 422


def test_a_removed_file_is_in_the_trash_and_comes_back(login, system, scene) -> None:
    anna = login("anna")
    sent(anna, scene["deal"])
    row = newest(system)
    gone = anna.post(f"/files/{row.id}/remove", headers={"Accept": "application/json"})
    assert gone.json["undo"].startswith(f"/files/{row.id}/restore")
    assert status(anna, f"/files/{row.id}") == 404
    assert "Чертёж.pdf" in anna.get("/trash/?noun=file").text
    assert login("stranger").get("/trash/?noun=file").text.count("Чертёж.pdf") == 0
    assert anna.post(gone.json["undo"]).status_code == 302
    assert status(anna, f"/files/{row.id}") == 200


def test_what_is_gone_for_good_leaves_the_disk_too(app, login, system, scene, worker) -> None:
    sent(login("anna"), scene["lead"], pictures.jpeg(), "Фото.jpg")
    worker()
    with system() as session:
        lead = session.get(Lead, scene["lead_id"])
        row = session.execute(select(StoredFile)).scalar_one()
        paths = [storage.folder() / key for key in (row.key, row.thumb_key, row.view_key)]
        assert all(path.is_file() for path in paths)
        trash.erase(lead)
        session.flush()
        lead.deleted_at = lead.deleted_at.replace(year=2025)
        assert trash.forget() == 1
        assert len(session.execute(select(GoneBytes)).all()) == 3
        assert files.sweep_bytes() == 3
        assert not any(path.exists() for path in paths)
        assert session.execute(select(GoneBytes)).all() == []


def test_files_of_a_lead_go_to_its_deal(login, system, scene) -> None:
    anna = login("anna")
    sent(anna, scene["lead"])
    row = newest(system)
    assert anna.post(f"/leads/{scene['lead_id']}/qualify", data={"title": "Балкон", "client": ""}).status_code in {
        200,
        302,
    }
    with system() as session:
        lead = session.get(Lead, scene["lead_id"])
        assert lead.deal_id is not None
        assert session.get(StoredFile, row.id).deal_id == lead.deal_id


def test_a_deal_in_the_trash_takes_its_files_along(login, system, scene) -> None:
    sent(login("anna"), scene["deal"])
    row = newest(system)
    with system() as session:
        from models.deals import Deal

        trash.erase(session.get(Deal, scene["deal_id"]))
    assert status(login("anna"), f"/files/{row.id}") == 404
    assert status(login("director"), f"/files/{row.id}") == 404
