"""What every answer says to the browser: where things may come from, and what it may keep."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
}

YEAR = 365 * 24 * 3600


def protect(response: Response) -> Response:
    """Add the headers; a view that set one of them itself knows better."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if "frame-ancestors 'none'" not in response.headers["Content-Security-Policy"]:
        # A form that other sites may show; the old header knows no list of them.
        response.headers.pop("X-Frame-Options")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    if is_static():
        # Addresses of our static files carry a mark of their content (views/look/dressing.py).
        keep = f"public, max-age={YEAR}, immutable" if "v" in request.args else "public, max-age=3600"
        response.headers["Cache-Control"] = keep if response.status_code in {200, 206, 304} else "no-store"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.add("Vary", "Cookie")
    return response


def is_static() -> bool:
    """Whether a file of app/static was asked for."""
    return bool(request.endpoint) and (request.endpoint or "").endswith("static")


def init_app(app: Flask) -> None:
    """Give every answer its headers; registered first, so that it runs last."""
    app.after_request(protect)
