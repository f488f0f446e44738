"""Clients of the API: list, get, create, change; found by name and by phone."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, any_, func, select
from sqlalchemy.orm import selectinload

from app.services import clients, contacts
from models.clients import Client, ContactKind, ContactPoint
from models.ground.beginnings import begun
from models.ground.refused import NotFound, Refused
from views.api.columns import BOTH, Column, owner_of, stamps_of
from views.api.resource import Resource

FEWEST_DIGITS = 4


def named(typed: str) -> Any:
    """Clients with words of the name that begin so; ё and е are one letter."""
    words = [word for word in "".join(c if c.isalnum() else " " for c in typed).split() if word][:8]
    if not words:
        raise Refused(_("Say the beginning of a name."), "name")
    return Client.words.op("@@")(begun(words))


def with_phone(typed: str) -> Any:
    """Clients with this phone, or whose phone ends with these digits."""
    whole = contacts.phone(typed)
    if whole:
        return _has(ContactPoint.kind == ContactKind.PHONE, ContactPoint.value == whole)
    digits = "".join(c for c in typed if c in "0123456789")
    if len(digits) < FEWEST_DIGITS:
        raise Refused(_("Say a phone, or at least its last %(n)s digits.", n=FEWEST_DIGITS), "phone")
    ends = func.reverse(ContactPoint.value).like(f"{digits[::-1]}%")
    return _has(ContactPoint.kind == ContactKind.PHONE, ends)


def with_email(typed: str) -> Any:
    """Clients with this e-mail."""
    return _has(ContactPoint.kind == ContactKind.EMAIL, ContactPoint.value == typed.lower())


def _has(*conditions: Any) -> Any:
    """As one array: few are named, and PostgreSQL must not walk all clients in some order to meet them."""
    holders = select(ContactPoint.client_id).where(and_(*conditions)).scalar_subquery()
    return Client.id == any_(func.array(holders))


def values_of(kind: ContactKind) -> Any:
    """All contacts of a kind."""
    return lambda row: [point.value for point in row.contacts if point.kind == kind]


class ClientsApi(Resource):
    """Who may not see phones or e-mails neither gets, sets, nor finds by them."""

    resource_name = "clients"
    class_permission_name = "Clients"
    openapi_spec_tag = "Clients"
    noun = "client"
    model = Client
    needed = ("name",)
    loads = (selectinload(Client.contacts), selectinload(Client.owner))
    columns = (
        Column("id", "whole", _l("Key of the client"), by=Client.id, sort=True),
        Column("kind", "text", _l("person, company or partner"), by=Client.kind, taken=BOTH),
        Column("name", "text", _l("Name; the filter takes beginnings of words"), ask=named, taken=BOTH),
        Column("full_name", "text", _l("Name in full, as papers have it"), taken=BOTH),
        Column(
            "phones", "texts", _l("Phones; all of them are replaced"), values_of(ContactKind.PHONE),
            taken=BOTH, hidden="client.phone",
        ),
        Column(
            "emails", "texts", _l("E-mails; all of them are replaced"), values_of(ContactKind.EMAIL),
            taken=BOTH, hidden="client.email",
        ),
        Column(
            "phone", "text", _l("The first phone; the filter takes a phone or its last digits"),
            ask=with_phone, hidden="client.phone",
        ),
        Column("email", "text", _l("The first e-mail"), ask=with_email, hidden="client.email"),
        Column("address", "text", _l("Address"), taken=BOTH),
        Column("inn", "text", _l("INN"), by=Client.inn, taken=BOTH),
        Column("kpp", "text", _l("KPP"), taken=BOTH),
        Column("promo", "text", _l("Promo code of a partner"), by=Client.promo, taken=BOTH),
        Column("comment", "text", _l("Comment"), taken=BOTH),
        *owner_of(Client),
        *stamps_of(Client),
    )  # fmt: skip

    def find(self, key: str) -> Any:
        """The row; to whoever reads a merged client the one is shown that it is part of, under its own key."""
        try:
            return super().find(key)
        except NotFound:
            is_number = key.isascii() and key.isdigit() and int(key) <= self.largest_key()
            now = clients.became(int(key)) if is_number and request.method == "GET" else None
            if now is None:
                raise
            return super().find(str(now))

    def create(self, values: dict[str, Any]) -> Client:
        contacts_ = {name: values.pop(name, None) or () for name in ("phones", "emails")}
        return clients.create(values.pop("name"), **contacts_, values=values)

    def change(self, row: Client, values: dict[str, Any], version: int | None) -> Client:
        return clients.change(row, values, version)
