"""What is wrong with a file or its place is said in a sentence and never a fault."""

from __future__ import annotations

import errno
import os

import pytest

from app import files as storage
from models.messages import Message
from tests.files import pictures
from tests.views.files.sending import PDF, sent

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
