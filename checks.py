"""What a setting may not be: refused with a sentence before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Keys printed in skeletons, manuals and examples: whoever reads those can sign himself in.
KNOWN_KEYS = (
    "thisismyscretkey", "thisisaverysecretkey", "thisisasecret", "yourownrandomgeneratedsecretkey", "changeme",
    "useyourownsecurerandomkey", "testnondevsecret", "c292a0a3aa32397cdb050e233733900f", "supersecret", "mysecret",
    "secretkey", "replaceme", "example", "192b9bdd22ab9ed4d12e236c78afcb9a", "insecure",
)  # fmt: skip
SCHEMES = {
    "DATABASE_URL": ("postgresql", "postgres", "postgresql+psycopg"), "REDIS_URL": ("redis", "rediss", "unix"),
    "BASE_URL": ("http", "https"), "FILES_URL": ("file",), "SMTP_URL": ("smtp", "smtps"),
    "IMAP_URL": ("imap", "imaps"), "TELEGRAM_API": ("http", "https"),
}  # fmt: skip
# Without a host these lead nowhere; a database, a queue and files may be on this machine.
NEED_A_HOST = {"BASE_URL", "SMTP_URL", "IMAP_URL", "TELEGRAM_API"}
HOST_AND_PORT = re.compile(r"(?P<host>\[[\da-fA-F:.]+\]|[^\s:\[\]]*)(:(?P<port>\d{1,5})?)?")
# With less than one of these nobody could do anything.
COUNTS = (
    "WEB_WORKERS", "WEB_THREADS", "HOOK_PER_MINUTE", "FORM_PER_MINUTE", "LOGIN_PER_5_MINUTES", "HOOK_MAX_BODY",
    "MAX_FILE", "MAX_BODY", "SESSION_DAYS",
)  # fmt: skip


class BadSetting(SystemExit):
    """A setting that cannot be used; the message says which one and what to do.

    Where nobody catches it (gunicorn, flask) the process ends with the sentence alone, and without a trace.
    """


def check_ranges(given: Mapping[str, Any]) -> None:
    """Refuse what would only fail later and less clearly. Raises BadSetting."""
    if not 1 <= given.get("PORT", 1) <= 65535:
        raise BadSetting(f"PORT is {given['PORT']}: choose one from 1 to 65535.")
    for name in SCHEMES.keys() & given.keys():
        check_address(name, given[name])
    for name in COUNTS:
        if given.get(name, 1) < 1:
            raise BadSetting(f"{name} is {given[name]}: it must be 1 or more.")
    if given.get("SESSION_DAYS", 1) > 3650:
        raise BadSetting(f"SESSION_DAYS is {given['SESSION_DAYS']}: at most 3650, ten years.")
    if given.get("LOG_FORMAT", "text") not in {"text", "json"}:
        raise BadSetting("LOG_FORMAT must be text or json.")
    sender = given.get("MAIL_FROM", "a@b").rpartition("<")[2]
    if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+>?", sender) or not given.get("MAIL_FROM", "a").isprintable():
        raise BadSetting("MAIL_FROM must be an address, such as Voronka <crm@your-company.ru>.")


def check_address(name: str, text: str) -> None:
    """Refuse an address that its readers could not read; it may hold a password and is not repeated.

    Raises BadSetting.
    """
    scheme, _, rest = text.partition("://")
    if scheme not in SCHEMES[name]:
        raise BadSetting(f"{name} must begin with {' or '.join(f'{known}://' for known in SCHEMES[name])}.")
    if name == "FILES_URL" and not re.match(r"(localhost)?/", rest):
        raise BadSetting("FILES_URL must be file:/// and the whole path of a folder.")
    if scheme in {"file", "unix"}:
        return
    found = HOST_AND_PORT.fullmatch(re.split(r"[/?]", rest.rpartition("@")[2], maxsplit=1)[0])
    if not found or int(found["port"] or 1) not in range(1, 65536) or (name in NEED_A_HOST and not found["host"]):
        raise BadSetting(
            f"{name} cannot be read: after {scheme}:// come a host and, if need be, a port as a number. "
            "Signs such as @ : / # in a name or password are written as %40 %3A %2F %23."
        )


def check_key(key: str) -> None:
    """Refuse a key that can be guessed. Raises BadSetting."""
    plain = "".join(filter(str.isalnum, key.lower()))
    if len(key.encode()) < 32 or len(set(key)) < 10 or any(known in plain for known in KNOWN_KEYS):
        way = "`python3 -c 'import secrets; print(secrets.token_hex(32))'` prints"
        raise BadSetting(f"SECRET_KEY is short or known to others. Set 32 random bytes or more, such as {way}.")
