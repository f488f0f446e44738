"""Voronka as an application of a phone or a desk: its manifest, and the worker that shows notices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, send_file
from flask_appbuilder import expose

from views.base import CrmView, open_to_all

BLUE, GREY = "#3d5ad6", "#f5f5f6"


class Installable(CrmView):
    """Open to all: a browser asks for these before anybody has signed in, and they tell nothing."""

    route_base = ""
    default_view = "manifest"

    @expose("/manifest.webmanifest")
    @open_to_all
    def manifest(self) -> Response:
        """What is installed, and under which picture."""
        name = current_app.config["APP_NAME"]
        said: dict[str, Any] = {
            "id": "/", "name": name, "short_name": name, "start_url": "/", "scope": "/", "display": "standalone",
            "background_color": GREY, "theme_color": BLUE,
            "icons": [
                picture("icon-192", 192), picture("icon-512", 512), picture("icon-maskable-512", 512, "maskable"),
            ],
        }  # fmt: skip
        answer = jsonify(said)
        answer.content_type = "application/manifest+json"
        return answer

    @expose("/sw.js")
    @open_to_all
    def worker(self) -> Response:
        """At the root, so that it may show notices of every page; asked for anew each time."""
        path = Path(current_app.static_folder or "") / "js" / "sw.js"
        answer = send_file(path, mimetype="text/javascript", max_age=0)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def picture(name: str, size: int, purpose: str = "any") -> dict[str, str]:
    """One icon of the manifest."""
    return {"src": f"/static/img/{name}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
