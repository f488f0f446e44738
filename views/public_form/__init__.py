"""The form on the company's site: anybody may fill it in, by its own address or inside a page of another site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import limits
from app.channels import form
from app.headers import POLICY
from app.services import messages
from app.services.messages import Envelope
from app.wording import language as language_at_hand
from app.wording import speaking
from models.channels import Channel
from models.firms import Firm
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db
from models.leads import Lead, LeadState
from models.lowcode import choices
from models.messages import RawBody
from views.base import CrmView, committing, open_to_all
from views.public_form import filled as sheet
from views.public_form import ticket

MARK = "ticket"
ZONE = "Europe/Moscow"


class PublicForm(CrmView):
    """/f/<token>: the address is printed on the channel's screen; the page needs no script and no cookie."""

    route_base = "/f"
    is_csrf_exempt = True

    @expose("/<token>", methods=["GET"])
    @open_to_all
    def show(self, token: str) -> Any:
        """The empty form."""
        with _opened(token) as (_session, channel):
            if channel is None:
                return _closed()
            return _page(channel, sheet.Filled(sheet.typed()), ticket.give(channel.id))

    @expose("/<token>", methods=["POST"])
    @open_to_all
    def send(self, token: str) -> Any:
        """Keep what was filled in; errors leave everything as it was typed."""
        with _opened(token) as (session, channel):
            if channel is None:
                return _closed()
            given = request.form.get(MARK, "")
            known = ticket.read(channel.id, given)
            found = sheet.checked(channel.settings, _asks_consent(channel))
            try:
                rule = limits.per_minute(current_app.config["CRM"].FORM_PER_MINUTE)
                limits.limit(f"form:{request.remote_addr}", rule)
            except limits.TooMany as trouble:
                words = _("Too many requests from your address. Wait a minute and send again: nothing is lost.")
                page = _page(channel, found, given if known else ticket.give(channel.id), words, 429)
                page.headers["Retry-After"] = str(trouble.retry_after)
                return page
            if known is None:
                words = _("This page was open for too long. Look through what you wrote and send it again.")
                return _page(channel, found, ticket.give(channel.id, back_dated=60), words, 422)
            if found.errors:
                return _page(channel, found, given, "", 422)
            with committing(session):
                _keep(channel, found, known)
        return redirect(url_for("PublicForm.thanks", token=token, **{MARK: given}, **_looks()), 303)

    @expose("/<token>/thanks", methods=["GET"])
    @open_to_all
    def thanks(self, token: str) -> Any:
        """What happens next, with the number of the request when it has one already."""
        with _opened(token) as (session, channel):
            if channel is None:
                return _closed()
            known = ticket.read(channel.id, request.args.get(MARK, ""))
            lead = _lead(session, channel, known) if known else None
            values = {**_common(channel), "lead": lead, "said": form.text_of(channel.settings, "thanks", _language())}
            state = url_for("PublicForm.state", token=token, **{MARK: request.args.get(MARK, "")})
            answer = make_response(render_template("public_form/thanks.html", state=state if known else "", **values))
            return _framed(channel, answer)

    @expose("/<token>/state", methods=["GET"])
    @open_to_all
    def state(self, token: str) -> Any:
        """Whether the request has its number, for the script of the thank-you page."""
        with _opened(token) as (session, channel):
            known = ticket.read(channel.id, request.args.get(MARK, "")) if channel else None
            lead = _lead(session, channel, known) if channel and known else None
            return jsonify(ready=lead is not None)

    @expose("/<token>/embed.js", methods=["GET"])
    @open_to_all
    def embed(self, token: str) -> Any:
        """The script that a page of another site puts in: it makes the frame and gives it its height."""
        answer = make_response(current_app.send_static_file("js/embed.js"))
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer.headers["Cache-Control"] = "public, max-age=300"
        answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
        return answer


@contextmanager
def _opened(token: str) -> Iterator[tuple[Any, Channel | None]]:
    """The channel of this address in a session of the system, with its own language around the answer."""
    with acting_as(SYSTEM) as session:
        rows = select(Channel).where(Channel.kind == "form", Channel.token == token, Channel.active)
        channel = session.execute(rows).scalar_one_or_none() if token.isascii() and "\x00" not in token else None
        wanted = str(channel.settings.get("language") or "auto") if channel else "auto"
        with speaking(wanted if wanted in form.LANGUAGES else _asked_language(), ZONE):
            yield session, channel


def _asked_language() -> str:
    """What the page around the form asks for, else the browser's."""
    asked = request.values.get("lang", "")
    if asked in form.LANGUAGES:
        return asked
    return request.accept_languages.best_match(form.LANGUAGES) or "ru"


def _language() -> str:
    return language_at_hand()


def _looks() -> dict[str, str]:
    """What goes along from page to page."""
    return {name: text for name in ("embed", "lang") if (text := request.values.get(name, "")[:5])}


def _asks_consent(channel: Channel) -> bool:
    return bool(channel.settings.get("consent_asked", True))


def consent_of(channel: Channel, firm: Firm | None) -> str:
    """The sentence that is agreed to: the company's own, or the usual one."""
    if not _asks_consent(channel):
        return ""
    own = form.text_of(channel.settings, "consent", _language())
    usual = _("I agree to the processing of my personal data, so that %(firm)s can answer the request.",
              firm=firm.name if firm else current_app.config["APP_NAME"])  # fmt: skip
    return own or usual


def _keep(channel: Channel, found: sheet.Filled, known: ticket.Ticket) -> None:
    """One delivery, whatever happens to it later; pressed twice it is one."""
    robot = sheet.robot(channel.settings, known.age)
    consent = consent_of(channel, _firm())
    raw = sheet.body(found, channel.settings, _language(), consent, robot)
    messages.take_in(channel, raw, Envelope(known.number, request.remote_addr or ""))


def _lead(session: Any, channel: Channel, known: ticket.Ticket) -> Lead | None:
    """What the request has become, when somebody is to answer it."""
    rows = (
        select(Lead)
        .join(RawBody, RawBody.id == Lead.raw_id)
        .where(RawBody.channel_id == channel.id, RawBody.external_id == known.number)
        .where(Lead.state != LeadState.REJECTED)
        .options(selectinload(Lead.owner))
    )
    lead: Lead | None = session.execute(rows).scalar_one_or_none()
    return lead


def _firm() -> Firm | None:
    return db.session.execute(select(Firm).order_by(Firm.id).limit(1)).scalar_one_or_none()


def _common(channel: Channel) -> dict[str, Any]:
    firm = _firm()
    language = _language()
    return {
        "channel": channel,
        "firm": firm,
        "language": language,
        "looks": _looks(),
        "title": form.text_of(channel.settings, "title", language),
        "names_manager": channel.settings.get("names_manager", True),
        "policy": channel.settings.get("policy") or "",
    }


def _page(channel: Channel, found: sheet.Filled, given: str, words: str = "", status: int = 200) -> Response:
    common = _common(channel)
    language = common["language"]
    values = {
        **common,
        "found": found,
        "words": words,
        "mark": given,
        "asked": form.asked(channel.settings),
        "needs": [(one.code, one.label(language)) for one in choices.choices("work_type")],
        "how": form.HOW,
        "consent": consent_of(channel, common["firm"]),
        "intro": form.text_of(channel.settings, "intro", language),
        "button": form.text_of(channel.settings, "button", language),
        "visit": sheet.visit(),
    }
    return _framed(channel, make_response(render_template("public_form/form.html", **values), status))


def _framed(channel: Channel, answer: Response) -> Response:
    """Only these pages may stand inside another site's, and only where the settings let them."""
    ancestors = form.frame_ancestors(channel.settings)
    answer.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")
    answer.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return answer


def _closed() -> Response:
    """The channel is switched off, or there never was one: one page for both."""
    return make_response(render_template("public_form/closed.html", language=_language()), 404)
