"""Letters as they really come: who wrote, what is new in them, what hangs on them, and whether anybody wrote at all."""

from __future__ import annotations

import datetime as dt
import random
import time
from contextlib import suppress
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart

import pytest

from app.channels.email.mime import letter_of
from app.channels.inbound import ChannelError
from tests.channels.email.reading import read
from tests.files.pictures import jpeg
from tests.mailbox import USER, letter


def test_a_plain_letter() -> None:
    inbound = read(letter("Здравствуйте!\n\nНужен балкон 3 м, мой номер 8 (900) 000-12-34."))
    assert (inbound.name, inbound.email, inbound.subject) == ("Ирина Соколова", "irina@client.test", "Балкон")
    assert inbound.words == "Здравствуйте!\n\nНужен балкон 3 м, мой номер 8 (900) 000-12-34."
    assert inbound.said_phone == "8 (900) 000-12-34"
    assert inbound.conversation == f"{inbound.message_id}|irina@client.test"
    assert inbound.threads == ()
    assert inbound.at is not None
    assert not inbound.is_empty


def raw_letter(body: bytes, **headers: str) -> bytes:
    usual = {"From": "a@client.test", "To": USER, "Message-ID": "<1@client.test>", "MIME-Version": "1.0"}
    lines = [f"{name.replace('_', '-')}: {text}" for name, text in (usual | headers).items()]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


WORDS = "Добрый день, сколько стоят два окна?"


@pytest.mark.parametrize(("coding", "said"), [
    ("koi8-r", "koi8-r"), ("windows-1251", "windows-1251"), ("utf-8", "utf-8"), ("cp866", "ibm866"),
    ("koi8-r", "us-ascii"), ("windows-1251", "us-ascii"), ("windows-1251", "utf-8"), ("koi8-r", "x-unknown"),
    ("windows-1251", "no-such-coding"), ("utf-8", "windows-1251x"), ("windows-1251", ""),
])  # fmt: skip
def test_russian_in_any_coding_and_under_any_name(coding: str, said: str) -> None:
    kind = f"text/plain; charset={said}" if said else "text/plain"
    assert read(raw_letter(WORDS.encode(coding), Content_Type=kind, Content_Transfer_Encoding="8bit")).words == WORDS


def test_headers_in_old_codings_and_broken_ones() -> None:
    subject = "=?koi8-r?B?8sHTvsXU?= =?windows-1251?Q?=EE=EA=EE=ED?="
    assert "окон" in read(raw_letter(b"x", Subject=subject)).subject
    for broken in (
        "=?utf-8?B?not base64!?=",
        "=?nonsense?X?abc?=",
        "=?utf-8?Q?=ZZ?=",
        "\udcff\udcfe",
        "=?utf-8?B?" + "A" * 999,
    ):
        assert isinstance(read(raw_letter(b"x", Subject=broken)).subject, str)


def test_a_page_becomes_words() -> None:
    made = letter("", Subject="Письмо")
    made.set_content(
        "<html><head><style>p{color:red}</style></head><body><script>alert(1)</script><p>Здравствуйте!<br>Нужны "
        "<b>окна</b>.</p><img src='http://evil.test/x.gif'><table><tr><td>Этаж</td><td>5</td></tr></table>"
        "<blockquote>старое</blockquote></body></html>", subtype="html",
    )  # fmt: skip
    words = read(made).words
    assert words.startswith("Здравствуйте!\nНужны окна.")
    assert "Этаж 5" in words
    for trace in ("alert", "color", "evil.test", "<", "старое"):
        assert trace not in words


QUOTED = {
    "gmail": "Да, берём.\n\nпт, 14 окт. 2026 г. в 16:20, Марина <crm@parus.test>:\n\n> Ирина, добрый день!\n> Вышло 184 500.",
    "gmail in English": "Да, берём.\n\nOn Fri, Oct 14, 2026 at 4:20 PM Марина <crm@parus.test> wrote:\n> Ирина",
    "broken line": "Да, берём.\n\nOn Fri, Oct 14, 2026 at 4:20 PM Марина Ковалёва\n<crm@parus.test> wrote:\n\n> Ирина",
    "yandex": "Да, берём.\n\n14.10.2026, 16:20, \"Марина\" <crm@parus.test>:\n\n> Ирина",
    "mail.ru": "Да, берём.\n\nПятница, 14 октября 2026, 16:20 +03:00 от Марина <crm@parus.test>:\n> Ирина",
    "outlook": "Да, берём.\n\n________________________________\nОт: Марина <crm@parus.test>\nОтправлено: 14 октября\nКому: Ирина\nТема: КП\n\nИрина, добрый день!",
    "old outlook": "Да, берём.\n\n-----Original Message-----\nFrom: Марина\nSent: Friday\nTo: Ирина\nSubject: КП\n\nИрина",
    "apple": "Да, берём.\n\n> 14 окт. 2026 г., в 16:20, Марина <crm@parus.test> написал(а):\n> \n> Ирина",
    "only quoted below": "Да, берём.\n\n> Ирина, добрый день!\n> Вышло 184 500.\n",
}  # fmt: skip


@pytest.mark.parametrize("case", QUOTED)
def test_what_is_quoted_is_folded_away(case: str) -> None:
    inbound = read(letter(QUOTED[case], Subject="Re: КП", In_Reply_To="<x@parus.test>"))
    assert inbound.words == "Да, берём."
    assert "Ирина" in inbound.quoted


@pytest.mark.parametrize("text", [
    "Посмотрите, что пишет сосед:\n\n---------- Forwarded message ---------\nFrom: Сосед <s@x.test>\nDate: Fri\nSubject: Окна\nTo: Ирина\n\nЦена 100 000.",
    "> подоконники входят?\nДа, входят.\n> а сетки?\nИ сетки.\nСпасибо вам большое,\nс уважением,\nИрина\nиз дома 14\nкв. 52\nвторой подъезд",
    "Размеры:\n- окно 1450 × 1420\n- лоджия 3200 × 1550\n\nОт: застройщика есть план.",
])  # fmt: skip
def test_what_is_news_stays(text: str) -> None:
    inbound = read(letter(text, Subject="Re: КП", In_Reply_To="<x@parus.test>"))
    assert inbound.words.replace("\n", "") == text.replace("\r", "").replace("\n\n", "\n").replace("\n", "")


def test_a_letter_of_nothing_but_a_quotation_is_shown_whole() -> None:
    assert "184 500" in read(letter("> Вышло 184 500", Subject="Re: КП", In_Reply_To="<x@y>")).words


def test_threads_by_the_letters_they_answer() -> None:
    answer = letter("да", In_Reply_To="<s1@parus.test>", References="<m1@client.test> <s1@parus.test>")
    inbound = read(answer)
    assert inbound.threads == ("<s1@parus.test>", "<m1@client.test>")
    assert inbound.conversation == "<m1@client.test>|irina@client.test"


def test_threads_by_our_marks() -> None:
    mark = "v." + "0f" * 12
    inbound = read(letter("да", To=f"crm+{mark}@parus.test", Subject="Re: КП [№ 1042]"))
    assert set(inbound.threads) == {f"<{mark}@parus.test>", "deal:1042"}
    assert read(letter("да", To="crm+другое@parus.test")).threads == ()


def test_a_form_of_our_own_site_names_the_client_in_reply_to() -> None:
    inbound = read(letter("Заявка с сайта", From=f"Сайт <{USER}>", Reply_To="Пётр <petr@client.test>"))
    assert (inbound.name, inbound.email) == ("Пётр", "petr@client.test")


def test_files_and_pictures_inside_are_kept_apart() -> None:
    made = letter("Чертежи во вложении.")
    made.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Чертёж кухни — финал.pdf")
    made.add_attachment("текст".encode(), maintype="text", subtype="plain", filename="заметка.txt")
    made.add_attachment(
        jpeg(), maintype="image", subtype="jpeg", filename="logo.jpg", cid="<logo>", disposition="inline"
    )
    files = read(made).files
    assert [(one.name, one.inline) for one in files] == [
        ("Чертёж кухни — финал.pdf", False), ("заметка.txt", False), ("logo.jpg", True)
    ]  # fmt: skip
    assert files[1].data == "текст".encode()


def test_a_letter_hung_on_a_letter_is_a_file() -> None:
    inner = letter("внутри", Subject="Старое письмо")
    made = letter("см. вложенное")
    made.add_attachment(inner)
    files = read(made).files
    assert [one.name for one in files] == ["Старое письмо.eml"]
    assert b"Message-ID" in (files[0].data or b"")
    assert read(made).words == "см. вложенное"


def test_a_long_letter_is_kept_whole_as_a_file() -> None:
    inbound = read(letter("слово " * 4000))
    assert len(inbound.words) <= 10_000
    assert len(inbound.files[0].data or b"") > 40_000


def test_a_clock_that_is_wrong_is_not_believed() -> None:
    now = dt.datetime.now(dt.UTC)
    for date in (
        "Mon, 1 Jan 9999 00:00:00 +0000",
        "Mon, 1 Jan 0001 00:00:00 +0000",
        "вчера",
        "",
        "Thu, 1 Jan 1970 00:00:00 +0000",
    ):
        assert read(letter(Date=date)).at is None or read(letter(Date=date)).at <= now
    got = letter(Date="Mon, 1 Jan 2001 00:00:00 +0000")
    got["Received"] = f"from a by b; {now:%a, %d %b %Y %H:%M:%S} +0000"
    assert abs((read(got).at - now).total_seconds()) < 2


BAD = {
    "nothing": b"",
    "no headers": b"just words",
    "NUL": raw_letter(b"a\x00b", Subject="x\x00y"),
    "binary": bytes(range(256)) * 40,
    "an unfinished part": raw_letter(b"--x\r\nContent-Type: text/plain\r\n\r\nhalf", Content_Type="multipart/mixed; boundary=x"),
    "a part without an end": raw_letter(b"", Content_Type="multipart/mixed"),
    "broken base64": raw_letter(b"!!!!", Content_Transfer_Encoding="base64", Content_Type="application/pdf; name=a.pdf"),
    "a thousand parts": raw_letter(b"--x\r\n\r\na\r\n" * 1000, Content_Type="multipart/mixed; boundary=x"),
    "an endless header": raw_letter(b"x", Subject="=?utf-8?Q?" + "=D0" * 50_000 + "?="),
    "many references": raw_letter(b"x", References="<a@b> " * 20_000),
    "an address of nobody": raw_letter(b"x", From="undisclosed-recipients:;"),
    "a name from right to left": raw_letter(b"x", From="\u202eабв <a@b.test>"),
    "nested deeply": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)),
    "a letter in a letter": b"From: a@b.test\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 3000 + b"x",
    "10 MB": raw_letter(b"x" * 10_000_000),
    "html of 3000 divs": raw_letter(b"<div>" * 30_000 + b"x", Content_Type="text/html"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_no_letter_makes_us_fall(case: str) -> None:
    with suppress(ChannelError):
        inbound = read(BAD[case])
        for text in (inbound.words, inbound.subject, inbound.name, inbound.email):
            assert "\x00" not in text
        assert len(inbound.words) <= 10_000


DUST = {
    "blank lines": "a" + "\n" * 900_000 + "b",
    "quotations": "> x\ny\n" * 200_000,
    "angles": "<" * 900_000,
    "spaces": "a" + " " * 900_000 + "b",
    "dates": "1.1.2026 " * 100_000,
    "heads": "From: x\n" * 100_000,
    "dashes": "-" * 900_000,
    "boxes in boxes": "<div>" * 180_000 + "x",
    "tags without an end": '<a "' * 225_000,
}


@pytest.mark.parametrize("case", DUST)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_letters_of_dust_are_read_quickly(case: str, kind: str) -> None:
    data = raw_letter(
        DUST[case].encode(), Subject="Re: x", In_Reply_To="<a@b>", Content_Type=f"text/{kind}; charset=utf-8"
    )
    since = time.monotonic()
    read(data)
    assert time.monotonic() - since < 5


@pytest.mark.parametrize("value", [" a=b;" * 200_000, ' a="' + '\\";' * 150_000])
def test_a_header_without_end_is_read_quickly(value: str) -> None:
    part = f"--x\r\nContent-Type: text/plain;{value}\r\n\r\nНужно окно\r\n--x--"
    since = time.monotonic()
    assert read(raw_letter(part.encode(), Content_Type="multipart/mixed; boundary=x")).words == "Нужно окно"
    assert time.monotonic() - since < 5


def test_a_million_empty_parts_fill_no_memory() -> None:
    data = raw_letter(b"--x\r\n\r\n" * 1_000_000, Content_Type="multipart/mixed; boundary=x")
    assert len(letter_of(data).get_payload()) < 60_000


def test_letters_torn_at_random_never_make_us_fall() -> None:
    made = letter("Чертежи", Subject="Окна")
    made.add_attachment(b"%PDF-1.7" * 50, maintype="application", subtype="pdf", filename="Чертёж.pdf")
    whole, chance = made.as_bytes(), random.Random(11)
    for _round in range(300):
        torn = bytearray(whole[: chance.randrange(1, len(whole))])
        for _hit in range(chance.randrange(0, 30)):
            torn[chance.randrange(len(torn))] = chance.randrange(256)
        with suppress(ChannelError):
            read(bytes(torn))


def test_a_name_in_koi8_is_read() -> None:
    made = MIMEMultipart()
    made["From"], made["Message-ID"] = "a@b.test", "<1@b.test>"
    part = MIMEApplication(b"\x00\x01\x02", "octet-stream")
    part.add_header("Content-Disposition", "attachment", filename=("koi8-r", "", "Чертёж.dwg"))
    made.attach(part)
    (file,) = read(made.as_bytes()).files
    assert (file.name, file.data) == ("Чертёж.dwg", b"\x00\x01\x02")
