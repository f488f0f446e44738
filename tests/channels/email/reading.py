"""Letters read as the channel of the tests reads them, and a report of the post about one of ours."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest

from app.channels import email
from app.channels.inbound import Aside, Inbound, Raw
from tests.mailbox import USER

SETTINGS: dict[str, Any] = {"address": USER, "aliases": ["info@parus.test"], "always": ["@leads.test"], "env": {}}


def read(data: EmailMessage | bytes, **settings: Any) -> Inbound:
    body = data if isinstance(data, bytes) else data.as_bytes()
    return email.parse(Raw(body, "message/rfc822"), SETTINGS | settings)


def aside(data: EmailMessage | bytes) -> str:
    with pytest.raises(Aside) as refusal:
        read(data)
    return refusal.value.words


def bounce(action: str = "failed", message_id: str = "<v.1@parus.test>") -> bytes:
    """A report as Postfix makes it."""
    report = (
        "From: MAILER-DAEMON@mx.test\nTo: crm@parus.test\nSubject: Undelivered Mail Returned to Sender\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nI'm sorry to have to inform you\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        f"Final-Recipient: rfc822; irina@client.test\nAction: {action}\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such\n user\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\nSubject: x\n\n--b--\n"
    )
    return report.replace("\n", "\r\n").encode()
