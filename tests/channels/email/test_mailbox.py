"""A real IMAP server: what is new is read once, whatever happens to the line, the server or us."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.channels import email
from app.channels.email import line
from app.channels.email import mailbox as asking
from app.channels.inbound import ChannelError, Wait
from tests.mailbox import Mailbox, letter, mailbox


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found
    line.hang_up()


def ask(
    box: Mailbox, cursor: dict[str, Any], seconds: float = 0.0, **settings: Any
) -> tuple[list[bytes], dict[str, Any]]:
    """One question, as the ears ask it; the cursor goes on as theirs does."""
    pulled = email.pull(box.settings(**settings), cursor, Wait(seconds, threading.Event()))
    return [raw.body for raw in pulled.bodies], {**cursor, **pulled.cursor}


def begun(box: Mailbox, **settings: Any) -> dict[str, Any]:
    bodies, cursor = ask(box, {}, **settings)
    assert bodies == []
    return cursor


def test_only_what_comes_from_now_on_is_read(box: Mailbox) -> None:
    box.put(letter("старое"))
    cursor = begun(box)
    assert ask(box, cursor)[0] == []
    box.put(letter("новое"))
    bodies, cursor = ask(box, cursor)
    assert len(bodies) == 1
    assert ask(box, cursor)[0] == []


def test_what_came_between_saving_the_channel_and_the_first_question_is_read(box: Mailbox) -> None:
    state = email.set_up(box.settings())
    box.put(letter("сразу"))
    _none, cursor = ask(box, {"state": state})
    assert len(ask(box, cursor)[0]) == 1


def test_old_letters_are_read_when_it_is_asked_for(box: Mailbox) -> None:
    box.put(letter("вчерашнее"))
    cursor = begun(box, history=3)
    assert len(ask(box, cursor, history=3)[0]) == 1


def test_a_letter_is_heard_of_while_we_wait(box: Mailbox) -> None:
    cursor = begun(box)
    threading.Timer(1.0, box.put, [letter("пока ждём")]).start()
    since = time.monotonic()
    bodies, _cursor = ask(box, cursor, seconds=20)
    assert len(bodies) == 1
    assert time.monotonic() - since < 8


def test_letters_are_left_as_they_are(box: Mailbox) -> None:
    cursor = begun(box)
    box.put(letter())
    _bodies, cursor = ask(box, cursor)
    ask(box, cursor)
    assert all("Seen" not in flags for flags in box.flags())


def test_letters_are_marked_as_read_only_after_they_are_kept(box: Mailbox) -> None:
    cursor = begun(box, after="seen")
    box.put(letter())
    _bodies, cursor = ask(box, cursor, after="seen")
    assert all("Seen" not in flags for flags in box.flags()), "nobody has said yet that it is kept"
    ask(box, cursor, after="seen")
    assert all("Seen" in flags for flags in box.flags())


def test_letters_are_moved_after_they_are_kept(box: Mailbox) -> None:
    program = box.line()
    program.create("CRM")
    program.logout()
    cursor = begun(box, after="move", target="CRM")
    box.put(letter("один"))
    _bodies, cursor = ask(box, cursor, after="move", target="CRM")
    box.put(letter("два"))
    _none, cursor = ask(box, cursor, after="move", target="CRM")
    bodies, cursor = ask(box, cursor, after="move", target="CRM")
    assert len(bodies) == 1
    assert len(box.flags("CRM")) == 1


def test_a_mailbox_that_counts_anew_gives_the_same_letters_under_the_same_names(box: Mailbox) -> None:
    cursor = begun(box)
    box.put(letter("до"))
    pulled = email.pull(box.settings(), cursor, Wait(0, threading.Event()))
    names = {raw.external_id for raw in pulled.bodies}
    cursor |= pulled.cursor
    box.anew()
    box.put(letter("после"))
    line.hang_up()
    _none, cursor = ask(box, cursor)
    again = email.pull(box.settings(), cursor, Wait(0, threading.Event()))
    assert len(again.bodies) == 2
    assert names < {raw.external_id for raw in again.bodies}


def test_many_letters_come_in_portions_and_none_is_left_out(box: Mailbox) -> None:
    cursor, read = begun(box), []
    for number in range(47):
        box.put(letter(f"письмо {number}"))
    for _question in range(4):
        bodies, cursor = ask(box, cursor)
        read += bodies
    assert len(set(read)) == 47


def test_a_letter_beyond_measure_is_told_by_its_header(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LARGEST", 2000)
    cursor = begun(box)
    box.put(letter("x" * 5000, Subject="Чертежи"))
    pulled = email.pull(box.settings(), cursor, Wait(0, threading.Event()))
    inbound = email.parse(pulled.bodies[0], box.settings())
    assert (inbound.words, inbound.email) == ("Чертежи", "irina@client.test")
    assert inbound.files[0].size > 5000


def test_a_line_that_was_cut_is_opened_anew(box: Mailbox) -> None:
    cursor = begun(box)
    line._lines.line.box.client.sock.shutdown(2)
    box.put(letter())
    assert len(ask(box, cursor)[0]) == 1


def test_a_server_that_is_gone_is_said_and_not_a_fault(box: Mailbox) -> None:
    cursor = begun(box)
    box.kill()
    with pytest.raises(ChannelError, match="cannot be reached|answers"):
        ask(box, cursor)
    with pytest.raises(ChannelError, match="the connection was refused"):
        email.set_up(box.settings())


def test_a_server_that_does_not_speak_tls_is_said(box: Mailbox) -> None:
    with pytest.raises(ChannelError, match="does not speak this encryption"):
        email.set_up(box.settings() | {"security": "tls"})


def test_where_no_name_is_written_the_address_is_the_name(box: Mailbox) -> None:
    settings = box.settings()
    settings["address"] = settings.pop("user")
    assert email.set_up(settings)["box"].startswith(settings["address"])


def test_a_wrong_password_is_said(box: Mailbox) -> None:
    with pytest.raises(ChannelError, match="refused the name or the password"):
        ask(box, {}, password="другой")


def test_waiting_ends_at_once_when_we_are_told_to_end(box: Mailbox) -> None:
    cursor, over = begun(box), threading.Event()
    wait = Wait(60, over)
    threading.Timer(0.7, wait.cut).start()
    since = time.monotonic()
    pulled = email.pull(box.settings(), cursor, wait)
    assert pulled.bodies == ()
    assert time.monotonic() - since < 5


def test_without_encryption_only_this_machine_is_asked() -> None:
    settings = {"host": "mail.example.com", "user": "a", "password": "b", "security": "none"}
    with pytest.raises(ChannelError, match="encrypted"):
        email.pull(settings, {}, Wait(0, threading.Event()))


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Any) -> None:
    cert = self_signed(tmp_path)
    with mailbox("--cert", str(cert), "--key", str(cert)) as box:
        settings = box.settings(security="starttls")
        with pytest.raises(ChannelError, match="certificate"):
            email.pull(settings, {}, Wait(0, threading.Event()))


def self_signed(folder: Any) -> Any:
    import datetime as dt

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(pem + private)
    return path
