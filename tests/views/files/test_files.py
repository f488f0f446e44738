"""Files through the door: who may add, see and remove them; what is refused; how they are given out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import files as storage
from app.services import files, trash
from models.ground.files import GoneBytes, StoredFile
from models.leads import Lead
from tests.files import containers, pictures
from tests.views.files.sending import PDF, newest, sent, status


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


@pytest.mark.parametrize(
    ("name", "kind", "made"),
    [
        ("Скан.tif", "image/tiff", containers.tiff),
        ("IMG_0042.MOV", "video/quicktime", lambda: containers.film(b"qt  ")),
    ],
)
def test_a_scan_and_a_film_are_given_out_without_their_place(login, system, scene, name, kind, made) -> None:
    anna = login("anna")
    assert sent(anna, scene["deal"], made(), name).status_code == 200
    row = newest(system)
    assert (row.content_type, row.preview, row.size) == (kind, "", len(made()))
    assert name in anna.get(f"/files/of?on={scene['deal']}").text
    with anna.get(f"/files/{row.id}") as given:
        assert not [trace for trace in (b"55.756", b"+55.7558", b"Moscow") if trace in given.data]


def test_a_scan_that_cannot_be_read_is_refused(login, scene) -> None:
    answer = sent(login("anna"), scene["deal"], containers.tiff()[:200], "Скан.tif")
    assert answer.status_code == 422
    assert "повреждена" in answer.json["error"]["words"]


def test_a_picture_that_cannot_be_drawn_is_still_a_file(login, system, scene, worker) -> None:
    data = pictures.png()
    assert sent(login("anna"), scene["deal"], data[: len(data) // 2], "half.png").status_code == 200
    worker()
    row = newest(system)
    assert row.preview == "failed"
    assert "half.png" in login("anna").get(f"/files/of?on={scene['deal']}").text


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
