"""Bodies of web requests as plain fields: JSON, a form, or a form in parts, in whatever coding they came."""

import io
import json
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from app.channels.inbound import ChannelError, Raw
from app.wording import kept

FIELDS_LIMIT = 500
DEPTH_LIMIT = 5


def fields_of(raw: Raw) -> dict[str, str]:
    """Names and values in their order; names inside names are joined by a dot. Raises ChannelError."""
    kind, options = parse_options_header(raw.content_type)
    if kind == "multipart/form-data":
        return _parts(raw, dict(options))
    text = _text(raw.body, options.get("charset", "")).strip()
    if not text:
        raise ChannelError(kept("The body is empty."), permanent=True)
    if kind.endswith("json") or text[0] in "{[":
        return _json(text)
    if "=" in text:
        return _form(text)
    raise ChannelError(kept("This is neither JSON nor a form."), permanent=True)


def clean(value: object, limit: int = 10_000) -> str:
    """Text that a database can keep: no NUL, no halves of letters, no more than the limit."""
    text = "".join(c for c in str(value) if c != "\x00" and not 0xD800 <= ord(c) <= 0xDFFF).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _text(body: bytes, charset: str) -> str:
    """Russian sites still send windows-1251, and do not always say so."""
    for name in (charset, "utf-8-sig", "cp1251"):
        try:
            return body.decode(name) if name else body.decode("utf-8-sig")
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", "replace")


def _json(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ChannelError(kept("The body is not whole JSON."), permanent=True) from None
    if not isinstance(found, dict):
        raise ChannelError(kept("The JSON has no named fields."), permanent=True)
    return _flat(found)


def _flat(found: dict[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    waiting: list[tuple[str, Any, int]] = [(name, value, 0) for name, value in reversed(found.items())]
    while waiting and len(flat) < FIELDS_LIMIT:
        name, value, depth = waiting.pop()
        if isinstance(value, dict) and depth < DEPTH_LIMIT:
            waiting += [(f"{name}.{inner}", part, depth + 1) for inner, part in reversed(value.items())]
        elif value is not None:
            flat[clean(name, 120)] = _said(value)
    return flat


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return clean(", ".join(map(str, value)))
    if isinstance(value, dict | list):
        try:
            return clean(json.dumps(value, ensure_ascii=False))
        except RecursionError:
            return "…"
    return clean(value)


def _form(text: str) -> dict[str, str]:
    for coding in ("utf-8", "cp1251"):
        try:
            return _joined(_pairs(text, coding, "strict"))
        except UnicodeDecodeError:
            continue
        except ValueError:
            raise ChannelError(kept("The form has too many fields."), permanent=True) from None
    return _joined(_pairs(text, "utf-8", "replace"))


def _pairs(text: str, coding: str, errors: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_LIMIT, encoding=coding, errors=errors)


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """A field that came several times is one field with several values."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        known, said = clean(name, 120), clean(value)
        before = fields.get(known, "")
        fields[known] = f"{before}, {said}" if before and said else before or said
    return fields


def _parts(raw: Raw, options: dict[str, str]) -> dict[str, str]:
    size = len(raw.body)
    parser = FormDataParser(silent=False, max_form_memory_size=size + 1, max_form_parts=FIELDS_LIMIT)
    try:
        _stream, form, files = parser.parse(io.BytesIO(raw.body), "multipart/form-data", size, options)
    except Exception as error:
        raise ChannelError(kept("The form in parts is not whole."), permanent=True) from error
    named = [(name, file.filename or "") for name, file in files.items(multi=True)]
    return _joined([*form.items(multi=True), *named])
