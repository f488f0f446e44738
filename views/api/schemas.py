"""The parts of the OpenAPI description, as far as whoever asks may know them."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from models.ground.actor import current_actor
from views.api import queries
from views.api.resource import Operation, Resource

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["words"],
            "properties": {
                "words": {"type": "string"},
                "field": {"type": "string"},
                "details": {"type": "array", "items": {"type": "object"}},
                "changed_by": {"type": "string"},
                "differences": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"field": {"type": "string"}, "mine": {}, "theirs": {}},
                    },
                },
            },
        }
    },
}


def operation_of(resource: Resource, operation: Operation, method: str, has_key: bool) -> dict[str, Any]:
    """One operation with its parameters, its body and its answers."""
    parameters = [_path_key()] if has_key else []
    if operation.gives == "many":
        parameters += _list_parameters(resource)
    if operation.has_version:
        parameters.append(_if_match())
    said: dict[str, Any] = {
        "tags": [resource.openapi_spec_tag],
        "summary": str(operation.summary),
        "security": [{"jwt": []}],
        "parameters": parameters,
        "responses": _answers(resource, operation, has_key),
    }
    body = _body_of(resource, operation)
    return said | ({"requestBody": sent(body)} if body else {}) if method != "GET" else said


def _body_of(resource: Resource, operation: Operation) -> dict[str, Any] | None:
    """The schema of what is sent."""
    if operation.takes:
        return {"$ref": f"#/components/schemas/{_name_of(resource)}.{operation.takes}"}
    if not operation.body:
        return None
    return object_of(operation.body, operation.needs, operation.has_version)


def _answers(resource: Resource, operation: Operation, has_key: bool) -> dict[str, Any]:
    """The answers of one operation."""
    kind = "many" if operation.gives == "many" else "one"
    good = {"$ref": f"#/components/schemas/{_name_of(resource)}.{kind}"}
    said = {
        operation.status: said_in(good, str(operation.summary)),
        "400": refusal(_("The request cannot be understood")),
        "401": refusal(_("Sign in first")),
        "403": refusal(_("You have no right to do this")),
    }
    if has_key:
        said["404"] = refusal(_("Missing or out of reach"))
    if operation.gives != "many":
        said["409"] = refusal(_("Refused by a rule, or changed by somebody else"))
        said["422"] = refusal(_("A field has to be corrected"))
    return said


def schemas_of(resource: Resource) -> dict[str, Any]:
    """What a resource shows and takes."""
    actor, name = current_actor(), _name_of(resource)
    seen = [column for column in resource.columns if column.is_seen(actor)]
    row = {"type": "object", "properties": {column.name: column.schema() for column in seen}}
    ref = {"$ref": f"#/components/schemas/{name}"}
    many = {"count": "integer", "is_more": "boolean", "page": "integer", "page_size": "integer"}
    counted = {part: {"type": kind} for part, kind in many.items()}
    rows = {"result": {"type": "array", "items": ref}}
    return {
        name: row,
        f"{name}.one": {"type": "object", "properties": {"id": {"type": "integer"}, "result": ref}},
        f"{name}.many": {"type": "object", "properties": counted | rows},
        f"{name}.new": object_of(resource.taken("new"), resource.needed),
        f"{name}.change": object_of(resource.taken("change"), (), has_version=True),
    }


def object_of(columns: Any, needs: tuple[str, ...], has_version: bool = False) -> dict[str, Any]:
    """A body with these columns, as far as whoever asks may see them; nothing else is taken."""
    actor = current_actor()
    fields: dict[str, Any] = {column.name: column.schema() for column in columns if column.is_seen(actor)}
    if has_version:
        fields["version"] = {"type": "integer", "description": _("The version that was seen")}
    needed = {"required": list(needs)} if needs else {}
    return {"type": "object", "properties": fields, "additionalProperties": False} | needed


def _list_parameters(resource: Resource) -> list[dict[str, Any]]:
    """Pages, order and every filter."""
    actor = current_actor()
    orders = [column.name for column in resource.columns if column.sort and column.is_seen(actor)]
    named = orders + [f"-{name}" for name in orders]
    said = [
        _in_address("page", {"type": "integer", "minimum": 0}, _("Page, from 0")),
        _in_address("page_size", {"type": "integer", "maximum": queries.LARGEST_PAGE}, _("Records on a page")),
        _in_address("order", {"type": "string", "enum": named}, _("Order; a minus turns it round")),
    ]
    return said + [_filter_parameter(one) for one in queries.filters_of(resource.columns).values()]


def _filter_parameter(one: queries.Filter) -> dict[str, Any]:
    """A filter of the address; one that may be said several times is an array."""
    plain = dict(one.column.of.schema) | ({"type": "string"} if one.column.kind == "texts" else {})
    schema = {"type": "array", "items": plain} if one.is_many else plain
    return _in_address(one.name, schema, one.words)


def _in_address(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    """A parameter of the query."""
    return {"name": name, "in": "query", "schema": schema, "description": words}


def _path_key() -> dict[str, Any]:
    """The key of the record in the address."""
    return {"name": "key", "in": "path", "required": True, "schema": {"type": "integer"}}


def _if_match() -> dict[str, Any]:
    """The header of careful changes."""
    words = _("The ETag of the record as it was seen: a record changed since then is not overwritten")
    return {"name": "If-Match", "in": "header", "schema": {"type": "string"}, "description": words}


def sent(schema: dict[str, Any]) -> dict[str, Any]:
    """A body of JSON."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def said_in(schema: dict[str, Any], words: str) -> dict[str, Any]:
    """An answer of JSON."""
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def refusal(words: str) -> dict[str, Any]:
    """An answer that says no."""
    return said_in({"$ref": "#/components/schemas/Error"}, words)


def _name_of(resource: Resource) -> str:
    """The name of the resource's schemas: Deal."""
    return resource.noun.capitalize()
