"""Letters that nobody has written to us are set aside with the reason; what comes back is about a letter of ours."""

from __future__ import annotations

from email import message_from_bytes
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from tests.channels.email.reading import aside, bounce, read
from tests.mailbox import USER, letter

AUTOMATIC = {
    "answer": {"Auto-Submitted": "auto-replied"},
    "generated": {"Auto-Submitted": "auto-generated; owner=x"},
    "out of office": {"Subject": "Автоответ: Балкон"},
    "in English": {"Subject": "Automatic reply: Балкон"},
    "mailing": {"List-Unsubscribe": "<mailto:x@y>"},
    "list": {"List-Id": "<news.test>"},
    "bulk": {"Precedence": "bulk"},
    "old": {"X-Autoreply": "yes"},
    "nobody to answer": {"Return-Path": "<>"},
}


@pytest.mark.parametrize("case", AUTOMATIC)
def test_automatic_letters_are_set_aside_with_the_reason(case: str) -> None:
    words = aside(letter(**AUTOMATIC[case]))
    assert "no request is made of it" in words


def test_a_person_may_say_that_a_letter_is_not_automatic() -> None:
    assert read(letter(Auto_Submitted="no")).words


def test_automatic_letters_of_named_sites_are_requests() -> None:
    assert read(letter(Auto_Submitted="auto-generated", From="Сайт <noreply@leads.test>")).email == "noreply@leads.test"


def test_our_own_letters_are_set_aside() -> None:
    assert "our own" in aside(letter(From=f"Парус <{USER}>"))
    assert "our own" in aside(letter(From="info@parus.test"))


def test_a_letter_that_came_back_is_a_signal_about_ours() -> None:
    signal = read(bounce()).signal
    assert signal is not None
    assert (signal.kind, signal.data) == ("returned", "<v.1@parus.test>")
    assert "No such user" in signal.ref


def test_a_letter_that_is_only_late_is_set_aside() -> None:
    assert "on its way" in aside(bounce("delayed"))


def test_a_report_that_somebody_shows_us_is_no_report() -> None:
    shown = MIMEMultipart()
    shown["From"], shown["To"], shown["Message-ID"] = "irina@client.test", USER, "<3@client.test>"
    shown.attach(MIMEText("Мои письма к вам возвращаются, позвоните мне.", "plain", "utf-8"))
    shown.attach(MIMEMessage(message_from_bytes(bounce())))
    found = read(shown.as_bytes())
    assert (found.signal, found.words) == (None, "Мои письма к вам возвращаются, позвоните мне.")
    assert [file.name for file in found.files] == ["Undelivered Mail Returned to Sender.eml"]


def test_what_servers_without_a_report_bring_back() -> None:
    back = letter(
        "Your message could not be delivered.\n\nMessage-ID: <v.2@parus.test>\n",
        From="Mail Delivery System <mailer-daemon@old.test>", Subject="Mail delivery failed", In_Reply_To="<v.2@parus.test>",
    )  # fmt: skip
    signal = read(back).signal
    assert signal is not None
    assert signal.data == "<v.2@parus.test>"


def test_a_receipt_is_set_aside() -> None:
    made = MIMEMultipart("report", report_type="disposition-notification")
    made["From"], made["To"] = "irina@client.test", USER
    assert "receipt" in aside(made.as_bytes())


def test_spam_is_marked_by_the_server() -> None:
    assert read(letter(X_Spam_Flag="YES")).spam
    assert not read(letter(X_Spam_Flag="NO")).spam
