"""The fields of a deal that people fill in: what each is called, what it holds, why a stage asks for it."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Field:
    """One field of a deal. `kind`: line, text, money, date, choice (of the list `choices`), client, code.

    `column` is the attribute of Deal, `hidden` the name that Actor.sees asks for, `needed` what a card
    says while a stage ahead asks for it.
    """

    code: str
    label: Any
    kind: str
    column: str
    section: str
    choices: str = ""
    hidden: str = ""
    hint: Any = ""


FIELDS: dict[str, Field] = {
    field.code: field
    for field in (
        Field("client", _l("Client"), "client", "client_id", "people"),
        Field("title", _l("What we make"), "line", "title", "deal"),
        Field("amount", _l("Amount"), "money", "amount", "deal", hidden="deal.amount"),
        Field("source", _l("Source"), "code", "source", "deal", choices="source"),
        Field("category", _l("Client category"), "code", "category", "deal", choices="category"),
        Field("partner", _l("Partner"), "client", "partner_id", "deal"),
        Field("budget", _l("Budget"), "money", "budget", "deal", hidden="deal.amount"),
        Field("expected_on", _l("Wanted by"), "date", "expected_on", "deal"),
        Field("work_type", _l("Type of work"), "choice", "work_type", "place", choices="work_type"),
        Field("address", _l("Address of the site"), "line", "address", "place"),
        Field(
            "payer", _l("Payer"), "client", "payer_id", "place",
            hint=_l("The invoice names the payer: the client or a company."),
        ),
        Field(
            "production_on", _l("Make by"), "date", "production_on", "place",
            hint=_l("The master sees this date in the offer of the work."),
        ),
        Field("comment", _l("Comment"), "text", "comment", "place"),
        Field("lost_reason", _l("Why it is lost"), "choice", "lost_reason", "end", choices="lost_reason"),
        Field("lost_words", _l("In the client's words"), "text", "lost_words", "end"),
        Field("competitor", _l("Whom they chose"), "line", "competitor", "end"),
    )
}  # fmt: skip
