"""A resource: list, get, create and change of one noun. Its own file says which columns and which verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, jsonify, request
from flask_appbuilder import expose
from flask_appbuilder.api import BaseApi
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, Select, select

from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from views.api import bodies, queries
from views.api.columns import LARGEST_ID, Column
from views.base import committing, require


@dataclass(frozen=True)
class Operation:
    """What the description says of a page of the API. `body` names the columns of what is sent."""

    summary: Any
    body: tuple[Column, ...] = ()
    takes: str = ""
    gives: str = "one"
    status: str = "200"
    needs: tuple[str, ...] = ()
    has_version: bool = False


def operation(summary: Any, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describe a page of the API; stands above @expose."""

    def dress(page: Callable[..., Any]) -> Callable[..., Any]:
        page.operation = Operation(summary, **more)  # type: ignore[attr-defined]
        return page

    return dress


class Resource(BaseApi):
    """One noun of the API. `key_name` is the attribute that stands in its addresses."""

    noun: ClassVar[str]
    model: ClassVar[Any]
    key_name: ClassVar[str] = "id"
    columns: ClassVar[tuple[Column, ...]]
    loads: ClassVar[tuple[Any, ...]] = ()
    needed: ClassVar[tuple[str, ...]] = ()

    # ── verbs: each resource names its own ────────────────────────────────────

    def create(self, values: dict[str, Any]) -> Any:
        """Call the verb that makes a row of checked values."""
        raise NotImplementedError

    def change(self, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Call the verb that changes a row."""
        raise NotImplementedError

    # ── pages ─────────────────────────────────────────────────────────────────

    @operation(_l("The list, page by page"), gives="many")
    @expose("/")
    @expose("")
    @require("can_list")
    def list_rows(self) -> Response:
        asked = queries.read(request.args, self.columns, self.key)
        count = queries.count_of(asked, self.key)
        rows = queries.page_of(asked, self.statement(), self.key)
        return jsonify(
            count=min(count, queries.CAP),
            is_more=count > queries.CAP,
            page=asked.page,
            page_size=asked.page_size,
            result=[self.shown(row) for row in rows],
        )

    @operation(_l("One record"))
    @expose("/<key>")
    @require("can_show")
    def get_row(self, key: str) -> Response:
        return self.answer(self.find(key))

    @operation(_l("A new record"), takes="new", status="201")
    @expose("/", methods=["POST"])
    @expose("", methods=["POST"])
    @require("can_add")
    def create_row(self) -> Response:
        values = bodies.take(bodies.body(), self.taken("new"))
        for name in self.needed:
            if values.get(name) in (None, ""):
                raise Refused(_("This must be said."), name)
        with self.saying_fields(), committing():
            row = self.create(values)
        response = self.answer(row, 201)
        response.headers["Location"] = f"{self.route_base}/{self.key_of(row)}"
        return response

    @operation(_l("Change the fields that are sent"), takes="change", has_version=True)
    @expose("/<key>", methods=["PUT", "PATCH"])
    @require("can_edit")
    def change_row(self, key: str) -> Response:
        row = self.find(key)
        said = bodies.body()
        version = bodies.version(said)
        values = bodies.take(said, self.taken("change"))
        with self.saying_fields(), committing():
            row = self.change(row, values, version)
        return self.answer(row)

    # ── what pages are made of ────────────────────────────────────────────────

    @property
    def key(self) -> Any:
        """The database column of the key; not an attribute, since FAB looks at every attribute of a view."""
        return getattr(self.model, self.key_name)

    def statement(self) -> Select[Any]:
        """The rows with everything that is shown of them."""
        return select(self.model).options(*self.loads)

    def find(self, key: str) -> Any:
        """The row of an address. Raises NotFound for what is missing and for what is out of reach alike."""
        is_number = key.isascii() and key.isdigit() and len(key) < 19 and int(key) <= self.largest_key()
        statement = self.statement().where(self.key == int(key)) if is_number else None
        row = db.session.execute(statement).unique().scalar_one_or_none() if statement is not None else None
        if row is None:
            raise NotFound("")
        return row

    def largest_key(self) -> int:
        """What the column of the key can hold."""
        return LARGEST_ID if isinstance(self.key.type, BigInteger) else 2**31 - 1

    def key_of(self, row: Any) -> int:
        """The key of a row, as it stands in its address."""
        return int(getattr(row, self.key_name))

    def taken(self, body: str) -> list[Column]:
        """The columns that a body may carry."""
        return [column for column in self.columns if body in column.taken]

    def shown(self, row: Any) -> dict[str, Any]:
        """A row as whoever asks may see it."""
        actor = current_actor()
        return {column.name: column.dump(row) for column in self.columns if column.is_seen(actor)}

    def answer(self, row: Any, status: int = 200) -> Response:
        """One row, with the version to send back in If-Match."""
        response = jsonify(id=self.key_of(row), result=self.shown(row))
        response.status_code = status
        response.headers["ETag"] = f'"{row.version}"'
        return response

    @contextmanager
    def saying_fields(self) -> Iterator[None]:
        """A refusal of a verb names the field as this resource does."""
        try:
            yield
        except Refused as refusal:
            refusal.field = self.called(refusal.field)
            raise

    def called(self, field: str | None) -> str | None:
        """The name that this resource has for a field of the verb."""
        return self.renamed().get(field, field) if field else None

    def renamed(self) -> Mapping[str, str]:
        """Fields of the verbs that are called otherwise here."""
        return {}

    def operations(self) -> Sequence[tuple[str, tuple[str, ...], Operation]]:
        """Addresses, methods and descriptions of all that is served."""
        found = []
        for name in dir(self):
            page = getattr(self, name)
            if hasattr(page, "operation"):
                url, methods = next((url, methods) for url, methods in page._urls if url)  # noqa: SLF001
                found.append((url, tuple(methods), page.operation))
        return found
