"""One's own notices: which event by which way, quiet hours, the daily letter, devices, Telegram, SMS and others."""

from __future__ import annotations

from typing import Any

import segno
from flask import jsonify, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.channels.apprise import SCHEMAS
from app.limits import Rule, limit
from app.services import notices
from app.services.notices.by_push import signer
from app.services.notices.by_telegram import bot_name
from models.ground.actor import current_actor
from models.ground.base import db
from models.notices import NoticeAddress, PushDevice
from models.staff import Person
from views.base import CrmView, attempting, committing, expose, require
from views.crud.saving import Attempt
from views.me import distance, me, place_of
from views.shell import say

TRIALS = Rule(20, 600)
START = "link_"


class MyNotices(CrmView):
    """/me/notices/…"""

    route_base = "/me/notices"
    default_view = "show"
    class_permission_name = "Me"

    @expose("/")
    @require("can_edit")
    def show(self) -> Any:
        """Everything on one page, each part with a form of its own."""
        return self.screen()

    def screen(self, attempt: Attempt | None = None, **more: Any) -> Any:
        """The page, with what is wrong with the part that was sent."""
        attempt, person = attempt or Attempt(), me()
        html = self.page(
            "me/notices.html", title=_("Notices and devices"), person=person, said=more.get("said") or known(person),
            errors=attempt.errors, words=attempt.errors.get(None, ""), groups=grouped(), ways=notices.WAYS,
            wants=more.get("wants") or (lambda event, way: notices.wants(person, event, way)), weekdays=weekdays(),
            push_key=signer().public, devices=devices(), addresses=addresses(), bot=bot_name(),
            schemas=sorted(set(SCHEMAS.values()), key=str.lower),
            zone=f"{place_of(person.zone)}, {distance(person.zone)}",
            link=more.get("link"), typed=more.get("typed", {}),
        )  # fmt: skip
        return html, attempt.status

    @expose("/", methods=["POST"])
    @require("can_edit")
    def save(self) -> Any:
        """The switches, the quiet hours, the daily letter."""
        asked = set(request.form.getlist("notify"))
        chosen = {event: {way: f"{event}:{way}" in asked for way in notices.WAYS} for event in notices.EVENTS}
        said = {name: request.form.get(name, "") for name in ("quiet_from", "quiet_until", "digest")}
        said |= {"quiet_days": request.form.getlist("quiet_days"), "urgent": "urgent" in request.form}
        quiet = {"from": said["quiet_from"], "until": said["quiet_until"], "days": said["quiet_days"]}
        with attempting() as attempt:
            quiet |= {"urgent": said["urgent"]}
            notices.choose(me(), {"events": chosen, "quiet": quiet, "digest": said["digest"]})
        if attempt.refusal:
            return self.screen(attempt, said=said, wants=lambda event, way: chosen[event][way])
        say(_("Saved."))
        return redirect(url_for("MyNotices.show"))

    @expose("/devices", methods=["POST"])
    @require("can_edit")
    def add_device(self) -> Any:
        """This browser agrees; app/static/js/push.js sends what its push service gave it."""
        said = request.get_json(silent=True)
        said = said if isinstance(said, dict) else {}
        keys = said.get("keys") if isinstance(said.get("keys"), dict) else {}
        values = [str(part) for part in (said.get("endpoint", ""), keys.get("p256dh", ""), keys.get("auth", ""))]
        with committing():
            notices.add_device(*values, agent=named(request.user_agent.string))
        return jsonify({"ok": True}), 201

    @expose("/devices/forget", methods=["POST"])
    @require("can_edit")
    def forget_device(self) -> Any:
        """This browser does not want any more."""
        said = request.get_json(silent=True)
        with committing():
            notices.forget_device(str(said.get("endpoint", "")) if isinstance(said, dict) else "")
        return jsonify({"ok": True})

    @expose("/devices/<int:pk>/remove", methods=["POST"])
    @require("can_edit")
    def remove_device(self, pk: int) -> Any:
        """It gets nothing any more."""
        with committing():
            notices.remove_device(pk)
        say(_("The device is removed."))
        return redirect(url_for("MyNotices.show") + "#devices")

    @expose("/devices/<int:pk>/try", methods=["POST"])
    @require("can_edit")
    def try_device(self, pk: int) -> Any:
        """A trial message."""
        limit(f"trial:{current_actor().person_id}", TRIALS)
        with committing():
            notices.try_device(pk)
        say(_("A trial message is on its way. If it does not come, look at “Deliveries” or ask your administrator."))
        return redirect(url_for("MyNotices.show") + "#devices")

    @expose("/telegram", methods=["POST"])
    @require("can_edit")
    def telegram(self) -> Any:
        """A one-time link to the company's bot."""
        limit(f"trial:{current_actor().person_id}", TRIALS)
        name = bot_name()
        with committing():
            code = notices.telegram_code()
        url = f"https://t.me/{name}?start={START}{code}"
        picture = segno.make(url, error="m").svg_inline(border=2, omitsize=True, svgclass="n-qr", lineclass=None)
        return self.screen(link={"url": url, "command": f"/start {START}{code}", "picture": picture})

    @expose("/addresses", methods=["POST"])
    @require("can_edit")
    def add_address(self) -> Any:
        """SMS and others."""
        typed = {name: request.form.get(name, "") for name in ("url", "label")}
        with attempting() as attempt:
            notices.add_address(typed["url"], typed["label"], current_actor().person_id)
        if attempt.refusal:
            return self.screen(attempt, typed=typed)
        say(_("The address is added. Send a trial to it."))
        return redirect(url_for("MyNotices.show") + "#addresses")

    @expose("/addresses/<int:pk>/remove", methods=["POST"])
    @require("can_edit")
    def remove_address(self, pk: int) -> Any:
        """A messenger's address or the Telegram chat."""
        with committing():
            notices.remove_address(notices.own_address(pk))
        say(_("Removed: nothing goes there any more."))
        return redirect(url_for("MyNotices.show") + "#addresses")

    @expose("/addresses/<int:pk>/try", methods=["POST"])
    @require("can_edit")
    def try_address(self, pk: int) -> Any:
        """A trial message."""
        limit(f"trial:{current_actor().person_id}", TRIALS)
        with committing():
            notices.try_address(notices.own_address(pk))
        say(_("A trial message is on its way. If it does not come, look at “Deliveries” or ask your administrator."))
        return redirect(url_for("MyNotices.show") + "#addresses")


def known(person: Person) -> dict[str, Any]:
    """What the form says of a person."""
    quiet, digest = notices.quiet_of(person), notices.digest_time(person)
    hours = {"quiet_from": quiet.begins, "quiet_until": quiet.ends, "digest": digest}
    said: dict[str, Any] = {name: time.strftime("%H:%M") if time else "" for name, time in hours.items()}
    return said | {"quiet_days": [str(day) for day in quiet.days], "urgent": quiet.lets_urgent}


def grouped() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """The events under the names of their groups."""
    return [
        (label, [(event, kind) for event, kind in notices.EVENTS.items() if kind.group == group])
        for group, label in notices.GROUPS.items()
    ]


def weekdays() -> list[tuple[str, str]]:
    """Number and short name of each day from Monday on."""
    locale = get_locale()
    names = locale.days["stand-alone"]["short"] if locale else {}
    return [(str(day), str(names.get(day, day))) for day in range(7)]


def devices() -> list[PushDevice]:
    """The actor's browsers."""
    mine = select(PushDevice).where(PushDevice.person_id == current_actor().person_id).order_by(PushDevice.id)
    return list(db.session.execute(mine).scalars())


def addresses() -> list[NoticeAddress]:
    """The actor's chat and addresses, those in use and those that stopped working."""
    mine = select(NoticeAddress).where(NoticeAddress.person_id == current_actor().person_id)
    return list(db.session.execute(mine.where(NoticeAddress.address != "").order_by(NoticeAddress.id)).scalars())


SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip
BROWSERS = (
    ("YaBrowser", "Яндекс Браузер"), ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


def named(agent: str) -> str:
    """How a device is called in the list: Chrome, Android."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or _("A browser")
