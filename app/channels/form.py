"""The form that we show ourselves: what may be asked in it, its texts, and how a filled one is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.channels.bodies import clean
from app.channels.inbound import Agreed, ChannelError, Field, Inbound, Raw, Setting
from app.wording import kept

LABEL: Any = _l("Form of our own")
FIELDS: tuple[Field, ...] = ()

DEFAULT_SECONDS = 3
LANGUAGES = ("ru", "en")
TEXTS = ("title", "intro", "button", "thanks", "consent")
# What only the page itself can tell about a robot.
HONEYPOT, FAST = "honeypot", "fast"


@dataclass(frozen=True)
class Asked:
    """A field that a form may have. `kind`: text, tel, email, area, many, one."""

    code: str
    label: Any
    kind: str = "text"
    limit: int = 250
    autocomplete: str = ""


ASKED: dict[str, Asked] = {
    field.code: field
    for field in (
        Asked("need", _l("What is needed"), "many"),
        Asked("name", _l("How to call you"), "text", 250, "name"),
        Asked("phone", _l("Phone"), "tel", 60, "tel"),
        Asked("email", _l("E-mail"), "email", 250, "email"),
        Asked("address", _l("Address of the works"), "text", 250, "street-address"),
        Asked("how", _l("How is it best to answer"), "one"),
        Asked("words", _l("In your own words, if you like"), "area", 5000),
    )
}
HOW: tuple[tuple[str, Any], ...] = (("call", _l("Call")), ("telegram", "Telegram"), ("whatsapp", "WhatsApp"))
EXTRA = ("address", "how")
USUAL = ("need", "name", "phone", "how", "words")

FRAMES: tuple[tuple[str, Any], ...] = (
    ("any", _l("Any site")),
    ("listed", _l("The sites named below")),
    ("none", _l("No site: by its own address only")),
)
SETTINGS: tuple[Setting, ...] = (
    Setting("language", _l("Language"), "choice", choices=(
        ("auto", _l("As the visitor’s browser asks")), ("ru", "Русский"), ("en", "English"),
    ), default="auto"),
    Setting("consent_asked", _l("Ask for consent"), "flag", default=True, help=_l(
        "A box of its own, unticked; the form is not sent without it. The sentence, its version, the time and the "
        "address are kept."
    )),
    Setting("policy", _l("Address of the privacy policy"), default=""),
    Setting("min_seconds", _l("Least time to fill it in, s"), "number", default=DEFAULT_SECONDS, help=_l(
        "A form sent sooner is set aside as spam, from where it can be taken back. 0 switches it off."
    )),
    Setting("stop", _l("Stop-phrases"), "lines", help=_l("One a line; a form with one of them is set aside as spam.")),
    Setting("frames", _l("Where it may be built in"), "choice", choices=FRAMES, default="any"),
    Setting("domains", _l("Sites"), "lines", help=_l("One a line, for example parus.example or *.parus.example.")),
    Setting("names_manager", _l("Name the manager on the thank-you page"), "flag", default=True),
)  # fmt: skip


def verify(raw: Raw, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """Only our own page sends it: nothing comes through a hook's address. Raises ChannelError."""
    raise ChannelError(kept("A form of our own takes nothing by this address."), permanent=True)


def external_id(raw: Raw) -> str | None:
    """The number of the page that was sent: pressed twice it is one delivery."""
    return None


def parse(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    """What the page put together. Raises ChannelError."""
    try:
        said = json.loads(raw.body)
        fields = {name: clean(value) for name, value in said["fields"].items()}
        consent = said.get("consent") or None
        return Inbound(
            name=clean(fields.get("name", ""), 250),
            phone=clean(fields.get("phone", ""), 250),
            email=clean(fields.get("email", ""), 250),
            words=_words(fields),
            extra={str(said["labels"].get(code, code)): fields[code] for code in EXTRA if fields.get(code)},
            consent=Agreed(**{name: clean(text) for name, text in consent.items()}) if consent else None,
            spam=_spam(str(said.get("spam") or ""), fields, settings),
            funnel=str(settings.get("funnel") or ""),
            stage=str(settings.get("stage") or ""),
            owner=str(settings.get("owner") or ""),
            **_visit(said.get("visit") or {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChannelError(kept("This is not a form of ours."), permanent=True) from error


def sample(settings: Mapping[str, Any]) -> Raw:
    """A filled form."""
    fields = {"name": "Проверка связи", "phone": "+7 (900) 000-00-01", "words": "Пробная заявка с кнопки «Проверить»"}
    said = {"fields": fields, "labels": {}, "visit": {"utm": {"source": "voronka"}}}
    return Raw(json.dumps(said, ensure_ascii=False).encode(), "application/json")


def text_of(settings: Mapping[str, Any], name: str, language: str) -> str:
    """One of the form's own texts, in a language or in the other one; empty where the usual one stands."""
    texts = settings.get("texts") or {}
    both = (language, *(code for code in LANGUAGES if code != language))
    return next((text for code in both if (text := str((texts.get(code) or {}).get(name) or ""))), "")


def asked(settings: Mapping[str, Any]) -> list[tuple[Asked, bool]]:
    """The fields in their order, each with whether it must be filled."""
    chosen = settings.get("fields")
    if chosen is None:
        return [(ASKED[code], code == "phone") for code in USUAL]
    return [(ASKED[one["code"]], bool(one.get("must"))) for one in chosen if one.get("code") in ASKED]


def frame_ancestors(settings: Mapping[str, Any]) -> str:
    """Who may show the form inside a page of theirs, in the words of a Content-Security-Policy."""
    frames = settings.get("frames", "any")
    if frames == "any":
        return "*"
    domains = [str(domain) for domain in settings.get("domains") or ()]
    return " ".join(["'self'", *domains]) if frames == "listed" else "'none'"


def _words(fields: Mapping[str, str]) -> str:
    """The kinds of work first, then the client's own words."""
    return "\n".join(text for text in (fields.get("need", ""), fields.get("words", "")) if text)


def _spam(told: str, fields: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """Why a robot filled it in, in words; empty for a person."""
    if told == HONEYPOT:
        return kept("A field that only robots see was filled in.")
    if told == FAST:
        return kept("The form was filled in faster than a person can.")
    said = plain(" ".join(fields.values()))
    phrase = next((phrase for phrase in settings.get("stop") or () if plain(phrase) in said), None)
    return kept("It has the stop-phrase “%(phrase)s”.", phrase=phrase[:150]) if phrase else ""


def plain(text: object) -> str:
    """Lower case, ё as е, one blank between words."""
    return " ".join(str(text).lower().replace("ё", "е").split())


def _visit(visit: Mapping[str, Any]) -> dict[str, Any]:
    """Where the visitor came from, as the page around the form told."""
    marks = visit.get("utm") or {}
    utm = {clean(mark, 40): clean(value, 250) for mark, value in marks.items() if clean(value, 250)}
    places = {name: clean(visit.get(name) or "", 1000) for name in ("page", "referrer", "first_page")}
    return {"utm": utm, **places}
