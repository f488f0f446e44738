"""What the words of a request say by themselves: trials, spam, suppliers and applicants, codes of partners, INNs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.wording import kept
from models.ground.requisites import is_inn
from models.lowcode.sorting import SortingAction, SortingWhat

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MARKUP = re.compile(r"<\s*/?\s*[a-z!][^>]*>|\[/?url\b|&lt;", re.IGNORECASE)
NAMED_INN = re.compile(r"(?:инн|inn)\D{0,12}(\d{12}|\d{10})(?!\d)", re.IGNORECASE)
# Ten digits alone are as good a phone; twelve with two keys that agree are none by chance.
BARE_INN = re.compile(r"(?<!\d)(\d{12})(?!\d)")
CODE = re.compile(r"[\w-]{3,40}", re.UNICODE)
# Which actions a question may lead to; the first is the usual one.
ACTIONS: dict[str, tuple[SortingAction, ...]] = {
    SortingWhat.MISTAKE: (SortingAction.SET_ASIDE, SortingAction.MARK),
    SortingWhat.SPAM: (SortingAction.SET_ASIDE, SortingAction.MARK),
    SortingWhat.DUPLICATE: (SortingAction.ATTACH, SortingAction.ASK, SortingAction.NEW),
    SortingWhat.NOT_CUSTOMER: (SortingAction.MARK,),
    SortingWhat.PARTNER: (SortingAction.MARK,),
    SortingWhat.REPEAT: (SortingAction.MARK,),
}
WON, PAID, ANY = "won", "paid", "any"
WHO = (WON, PAID, ANY)


@dataclass(frozen=True)
class Answer:
    """How one question is answered for a source and a funnel: what is done, and with which thresholds."""

    action: str
    params: Mapping[str, Any] = field(default_factory=dict)
    rule_id: int | None = None

    def phrases(self, name: str = "words") -> Sequence[str]:
        """A list of phrases among the thresholds."""
        found = self.params.get(name) or ()
        return [str(phrase) for phrase in found] if isinstance(found, list | tuple) else ()

    def number(self, name: str, default: int) -> int:
        """A threshold."""
        value = self.params.get(name)
        return int(value) if isinstance(value, int | float | str) and str(value).isdigit() else default


def closest(rules: Iterable[Any], source: str, funnel_id: int | None) -> dict[str, Answer]:
    """For each question the rule that is nearest to this source and funnel; those that are off answer nothing.

    A rule for both stands before one for the source, that before one for the funnel, that before the general one.
    """
    best: dict[str, tuple[int, Any]] = {}
    for rule in rules:
        if rule.source not in ("", source) or rule.funnel_id not in (None, funnel_id):
            continue
        near = 2 * bool(rule.source) + (rule.funnel_id is not None)
        if rule.what not in best or near > best[rule.what][0]:
            best[rule.what] = (near, rule)
    found = ((what, rule) for what, (_near, rule) in best.items() if rule.active)
    return {what: Answer(rule.action, rule.params or {}, rule.id) for what, rule in found}


def folded(text: str) -> str:
    """Lower case, ё as е, one blank between words, no punctuation around."""
    return " ".join(text.lower().replace("ё", "е").split()).strip(" .,!?;:-—")


def phrase_in(phrases: Iterable[str], text: str) -> str:
    """The first phrase that stands in the text as whole words; a star at its end lets the word go on."""
    said = folded(text)
    for phrase in phrases:
        sought = folded(phrase.rstrip("*"))
        end = "" if phrase.strip().endswith("*") else r"(?!\w)"
        if sought and re.search(rf"(?<!\w){re.escape(sought)}{end}", said):
            return phrase
    return ""


def is_trial(answer: Answer, name: str, words: str) -> bool:
    """Whether nothing but words of a trial was typed, and at least one of them."""
    said = {folded(text) for text in (name, words)} - {""}
    return bool(said) and said <= {folded(word) for word in answer.phrases()}


def is_empty_talk(answer: Answer, words: str) -> bool:
    """Whether there is nothing in the words by which a person could go on: a word or two, or a trial."""
    said = folded(words)
    return len(said.split()) < 2 or is_trial(answer, "", words)


def spam_in_form(name: str) -> str:
    """Why it is spam beyond doubt, in kept words: links or markup where the name should be."""
    if MARKUP.search(name):
        return kept("There is markup in the name.")
    return kept("There is a link in the name.") if LINK.search(name) else ""


def spam_in_words(answer: Answer, words: str) -> str:
    """Why it looks like spam, in kept words: many links, markup with a link, or a stop word."""
    links, most = len(LINK.findall(words)), answer.number("links", 3)
    if most and links >= most:
        return kept("There are %(count)s links in the words.", count=links)
    phrase = phrase_in(answer.phrases(), words)
    return kept("It has the stop word “%(phrase)s”.", phrase=phrase) if phrase else ""


def no_customer(answer: Answer, words: str) -> str:
    """Why it is rather a supplier or somebody looking for a job, in kept words."""
    phrase = phrase_in(answer.phrases("suppliers"), words)
    if phrase:
        return kept("Looks like an offer of a supplier: “%(phrase)s”.", phrase=phrase)
    phrase = phrase_in(answer.phrases("applicants"), words)
    return kept("Looks like somebody who seeks a job: “%(phrase)s”.", phrase=phrase) if phrase else ""


def codes_in(*texts: str) -> list[str]:
    """Words that may be a promo code, in capitals, without repeats."""
    return list(dict.fromkeys(code.upper() for text in texts for code in CODE.findall(text)))[:400]


def inns_in(words: str) -> list[str]:
    """INNs whose control digits agree: after the word ИНН, or twelve digits by themselves."""
    found = [*NAMED_INN.findall(words), *BARE_INN.findall(words)]
    return list(dict.fromkeys(inn for inn in found if is_inn(inn)))[:5]
