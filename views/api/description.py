"""The OpenAPI description of what is really served to whoever asks, and a page that shows it."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.api import BaseApi
from flask_babel import gettext as _

from views.api.resource import Resource
from views.api.schemas import ERROR, operation_of, refusal, said_in, schemas_of, sent
from views.base import CrmView

TOKEN = {"type": "string", "description": "Bearer …"}


class DescriptionApi(BaseApi):
    """For everybody signed in: fields that a role may not see are not described to it either."""

    route_base = "/api"
    class_permission_name = "Description"
    csrf_exempt = True

    @expose("/v1/openapi.json")
    def describe(self) -> Response:
        return jsonify(description())

    @expose("/v1/_openapi")
    def describe_as_fab(self) -> Response:
        """Where programs that know Flask-AppBuilder look for it."""
        return self.describe()


class DescriptionView(CrmView):
    """The description for people."""

    route_base = "/api/v1"
    default_view = "docs"
    class_permission_name = "Description"

    @expose("/docs")
    def docs(self) -> str:
        return self.page("appbuilder/swagger/swagger.html", openapi_uri=url_for("DescriptionApi.describe"))


def description() -> dict[str, Any]:
    """All of it, in the language and with the columns of whoever asks."""
    resources = [one for one in current_app.appbuilder.baseviews if isinstance(one, Resource)]  # type: ignore[attr-defined]
    paths: dict[str, Any] = log_in()
    schemas: dict[str, Any] = {"Error": ERROR}
    for resource in resources:
        schemas |= schemas_of(resource)
        for url, methods, operation in resource.operations():
            path = f"{resource.route_base}{url.replace('<', '{').replace('>', '}')}"
            for method in methods:
                said = operation_of(resource, operation, method, "{key}" in path)
                paths.setdefault(path, {})[method.lower()] = said
    return {
        "openapi": "3.0.3",
        "info": {"title": "Voronka", "version": "v1", "description": _("Leads, deals, clients and tasks.")},
        "servers": [{"url": request.host_url.rstrip("/")}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"jwt": {"type": "http", "scheme": "bearer"}}},
    }


def log_in() -> dict[str, Any]:
    """The addresses that give tokens, and the one that ends them."""
    token = {"type": "object", "properties": {"access_token": TOKEN, "refresh_token": TOKEN}}
    asked = {
        "type": "object",
        "required": ["username", "password"],
        "properties": {
            "username": {"type": "string"},
            "password": {"type": "string"},
            "refresh": {"type": "boolean"},
        },
    }
    answers = {"200": said_in(token, _("A token")), "401": refusal(_("The name or the password is wrong."))}
    first = {"summary": _("A token for name and password"), "security": [], "requestBody": sent(asked)}
    again = {"summary": _("A new token for the refresh token"), "security": [{"jwt": []}]}
    leave = {"summary": _("The token is worth nothing any more"), "security": [{"jwt": []}]}
    common = {"tags": ["Security"], "responses": answers}
    return {
        "/api/v1/security/login": {"post": common | first},
        "/api/v1/security/refresh": {"post": common | again},
        "/api/v1/security/logout": {"post": common | leave},
    }
