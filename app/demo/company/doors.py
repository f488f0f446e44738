"""The doors of the demo company: its site on Tilda, a form of its own, and what has come through them as it came."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from app.channels.inbound import Inbound
from app.services import channels
from app.wording import kept
from models.channels import Channel
from models.ground.base import db
from models.messages import RawBody, RawState

TEXTS = {
    "ru": {
        "title": "Узнайте цену за один день",
        "intro": "Ответим в рабочее время за 15 минут. Замер бесплатно, ни к чему не обязывает.",
    },
    "en": {
        "title": "Know the price in one day",
        "intro": "We answer within 15 minutes of working time. The measuring is free and binds you to nothing.",
    },
}
STOP = ["продвижение сайтов", "seo promotion", "заработок в интернете"]
TILDA = "application/x-www-form-urlencoded; charset=UTF-8"
BROKEN = '{"name": "Виктория", "phone": "+7 900 000-64-21", "message": "Две двери на балк'.encode()


def open_doors() -> Channel:
    """The channels; the one of the site is given back, through which the demo's requests come."""
    site = Channel(kind="site", name="Сайт", token=secrets.token_urlsafe(24), source="site", cursor={})
    site.settings = {"preset": "tilda"}
    db.session.add(site)
    db.session.flush()
    form = channels.create("form", "Форма «Узнайте цену»")
    fields = [{"code": code, "must": code == "phone"} for code in ("need", "name", "phone", "how", "words")]
    channels.change(form, {"settings": {"texts": TEXTS, "fields": fields, "stop": STOP}})
    return site


def delivered(inbound: Inbound, site: Channel) -> RawBody:
    """A request as the site had sent it."""
    said = {"Name": inbound.name, "Phone": inbound.phone, "Email": inbound.email, "Comments": inbound.words}
    said |= {f"utm_{mark}": value for mark, value in inbound.utm.items()}
    said |= {"formname": "Заявка на замер", "tranid": f"{secrets.randbelow(10**7)}:{secrets.randbelow(10**9)}"}
    return _kept(site, urlencode({name: text for name, text in said.items() if text}).encode(), TILDA)


def broken(site: Channel) -> None:
    """One that broke off on its way: it waits for a person."""
    raw = _kept(site, BROKEN, "application/json")
    raw.state, raw.words = RawState.FAILED, kept("The body is not whole JSON.")


def _kept(site: Channel, body: bytes, content_type: str) -> RawBody:
    raw = RawBody(
        channel_id=site.id, content_type=content_type, body=body, size=len(body), sha256=secrets.token_hex(32),
        address="203.0.113.24", state=RawState.READ,
    )  # fmt: skip
    db.session.add(raw)
    db.session.flush()
    return raw
