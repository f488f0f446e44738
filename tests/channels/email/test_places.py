"""Where a channel's mailbox and its server for sending are."""

from __future__ import annotations

import pytest

from app.channels.email.places import own_address, own_addresses, place_of, smtp_of
from app.channels.inbound import ChannelError


def test_the_machines_mailbox_is_taken_where_the_channel_has_none() -> None:
    settings = {
        "env": {"imap_url": "imaps://crm%40parus.ru:se%2Fcret@imap.parus.ru/CRM%2F%D0%97%D0%B0%D1%8F%D0%B2%D0%BA%D0%B8"}
    }
    place = place_of(settings)
    assert (place.host, place.port, place.security) == ("imap.parus.ru", 993, "tls")
    assert (place.user, place.password, place.folder) == ("crm@parus.ru", "se/cret", "CRM/Заявки")
    assert "se/cret" not in repr(place)
    assert own_address(settings) == "crm@parus.ru"


@pytest.mark.parametrize(("url", "security", "port"), [
    ("imap://a:b@mail.test", "starttls", 143), ("imap://a:b@127.0.0.1:1143", "none", 1143),
    ("imaps://a:b@mail.test:994/", "tls", 994),
])  # fmt: skip
def test_a_line_is_encrypted_unless_it_never_leaves_the_machine(url: str, security: str, port: int) -> None:
    place = place_of({"env": {"imap_url": url}})
    assert (place.security, place.port, place.folder) == (security, port, "INBOX")


def test_without_a_mailbox_it_is_said() -> None:
    with pytest.raises(ChannelError, match="No mailbox is set"):
        place_of({"env": {}})


def test_letters_leave_by_the_channels_own_server_or_by_the_machines() -> None:
    own = {"smtp_host": "smtp.test", "user": "a@b.test", "password": "p@ss:word", "env": {"smtp_url": "smtp://other"}}
    assert smtp_of(own) == "smtps://a%40b.test:p%40ss%3Aword@smtp.test:465"
    assert (
        smtp_of(own | {"smtp_security": "starttls", "smtp_user": "x", "smtp_password": "y"})
        == "smtp://x:y@smtp.test:587"
    )
    assert smtp_of({"env": {"smtp_url": "smtp://other"}}) == "smtp://other"
    with pytest.raises(ChannelError, match="No server for sending"):
        smtp_of({"env": {}})


def test_our_addresses_are_all_that_are_named() -> None:
    settings = {
        "address": "Парус <Info@Parus.ru>",
        "user": "crm@parus.ru",
        "aliases": ["Отдел <sale@parus.ru>", "x"],
        "env": {},
    }
    assert own_addresses(settings) == {"info@parus.ru", "crm@parus.ru", "sale@parus.ru"}


def test_a_folder_to_move_to_that_is_not_named_leaves_letters_alone() -> None:
    assert place_of({"host": "a", "user": "b", "after": "move", "env": {}}).after == "leave"
