"""Every setting: one class, one sentence each, read from the environment or from the running supervisor."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import quote, urlsplit

from checks import BadSetting, check_key, check_ranges

ROOT = Path(__file__).resolve().parent
VERSION = "0.1.0"
MIB = 1024 * 1024

# Whom browsers of today let wake them: Chrome and Edge, Firefox, Safari, Windows.
PUSH = ("fcm.googleapis.com", "jmt17.google.com", "*.push.services.mozilla.com", "*.push.apple.com",
        "*.notify.windows.com")  # fmt: skip
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
COOKIES = ("SESSION", "REMEMBER")
SWITCHED_OFF = (
    "AUTH_USER_REGISTRATION", "FAB_CREATE_DB", "FAB_UPDATE_PERMS", "FAB_ADD_SECURITY_PERMISSION_VIEW",
    "FAB_ADD_SECURITY_VIEW_MENU_VIEW", "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW", "FAB_ALLOW_GET_UNSAFE_MUTATIONS",
)  # fmt: skip


def hidden(default: Any) -> Any:
    """A setting that holds a secret: it is not printed with the others."""
    return field(default=default, repr=False)


@dataclass(frozen=True)
class Config:
    """What may be set. Names are those of the environment; defaults suit one machine without a network."""

    HOST: Annotated[str, "Address that the web server listens on."] = "127.0.0.1"
    PORT: Annotated[int, "Port that the web server listens on."] = 8080
    VAR: Annotated[Path, "Folder of everything that must be kept: database, files, secrets."] = ROOT / "var"
    DEMO: Annotated[bool, "Load the demo company into an empty base; 0 leaves the base empty."] = True
    DATABASE_URL: Annotated[str, "Your PostgreSQL 15 or newer; empty: one of our own under VAR."] = hidden("")
    REDIS_URL: Annotated[str, "Your Redis or Valkey; empty: one of our own under VAR."] = hidden("")
    SECRET_KEY: Annotated[
        str, "Signs sessions and links, 32 bytes or more; empty: made once, but not beside DATABASE_URL."
    ] = hidden("")
    BASE_URL: Annotated[str, "Address at which people reach the CRM; https makes cookies Secure."] = ""
    FILES_URL: Annotated[str, "Where files are kept, file:///…; empty: under VAR."] = ""
    SMTP_URL: Annotated[str, "Mail server, smtp[s]://user:password@host:port; empty: none."] = hidden("")
    IMAP_URL: Annotated[str, "Mailbox for e-mail channels, imap[s]://user:password@host:port/folder."] = hidden("")
    MAIL_FROM: Annotated[str, "Sender of the CRM's own letters."] = "Voronka <crm@localhost>"
    OUTBOUND_ALLOW: Annotated[tuple[str, ...], "Addresses, comma separated, to which demo data may really send."] = ()
    TELEGRAM_API: Annotated[str, "Bot API server of channels that name none of their own."] = "https://api.telegram.org"
    PUSH_SERVICES: Annotated[tuple[str, ...], "Push services, by commas: hosts, *.hosts, whole origins."] = PUSH
    BEHIND_PROXY: Annotated[bool, "1 when one reverse proxy, to be believed, stands before the CRM."] = False
    WEB_WORKERS: Annotated[int, "Processes that answer pages."] = 2
    WEB_THREADS: Annotated[int, "Threads in each of them."] = 4
    HOOK_PER_MINUTE: Annotated[int, "Deliveries accepted a minute for one hook address."] = 120
    FORM_PER_MINUTE: Annotated[int, "Public forms accepted a minute from one address."] = 10
    LOGIN_PER_5_MINUTES: Annotated[int, "Log-in attempts in 5 minutes for one account or address."] = 10
    HOOK_MAX_BODY: Annotated[int, "Largest body of a hook in bytes; a larger one is refused and noted."] = MIB
    MAX_FILE: Annotated[int, "Largest file kept, in bytes; larger ones are refused with a sentence."] = 25 * MIB
    MAX_BODY: Annotated[int, "Largest body of any other request in bytes, uploads included."] = 32 * MIB
    SESSION_DAYS: Annotated[int, "Days after which an idle log-in ends."] = 14
    LOG_FORMAT: Annotated[str, "text for people, json for machines."] = "text"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """Read the environment; what it does not say is as the running supervisor over VAR has it.

        Raises BadSetting. Makes the secrets under VAR when they are not there yet.
        """
        var = Path(environ.get("VAR", "").strip() or cls.VAR).expanduser().absolute()
        said = noted(var) | {name: text.strip() for name, text in environ.items() if text.strip()}
        hints = get_type_hints(cls)
        names = [one.name for one in fields(cls) if one.name in said]
        given = {name: read(name, hints[name], said[name]) for name in names}
        check_ranges(given)
        if "SECRET_KEY" in given:
            check_key(given["SECRET_KEY"])
        elif "DATABASE_URL" in given:
            raise BadSetting("DATABASE_URL is set, so SECRET_KEY must be set too: 32 random bytes or more.")
        base_url = (given.get("BASE_URL") or default_base_url(given)).rstrip("/")
        return cls(**(own(var) | given | {"VAR": var, "BASE_URL": base_url}))

    def to_env(self) -> dict[str, str]:
        """The same settings as an environment, for processes that we start."""
        return {one.name: written(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def sentences(cls) -> dict[str, str]:
        """Name of each setting and its sentence, in order; README is compared with it."""
        hints = get_type_hints(cls, include_extras=True)
        return {one.name: hints[one.name].__metadata__[0] for one in fields(cls)}

    @property
    def database_uri(self) -> str:
        """DATABASE_URL as SQLAlchemy wants it, with the driver's name."""
        return self.libpq_url.replace("://", "+psycopg://", 1)

    @property
    def libpq_url(self) -> str:
        """DATABASE_URL as PostgreSQL's own programs want it."""
        return "postgresql://" + self.DATABASE_URL.partition("://")[2]

    @property
    def jwt_key(self) -> str:
        """Key of the API's tokens: follows from SECRET_KEY, and tells nothing about it."""
        return hmac.new(self.SECRET_KEY.encode(), b"voronka jwt", hashlib.sha256).hexdigest()

    @property
    def push_key(self) -> str:
        """The secret behind our name at the push services; with a new one all devices have to agree anew."""
        return secret(self.VAR, "push")

    def flask(self) -> dict[str, Any]:
        """What goes into app.config: every setting under its own name, and what libraries want to hear."""
        ours = vars(self) | {"VERSION": VERSION}
        return ours | self._database() | self._cookies() | self._limits() | self._appbuilder()

    def _database(self) -> dict[str, Any]:
        return {
            "SQLALCHEMY_DATABASE_URI": self.database_uri,
            "SQLALCHEMY_ENGINE_OPTIONS": {
                # A connection that died with its server is noticed before a page uses it.
                "pool_pre_ping": True,
                "pool_size": self.WEB_THREADS,
                "max_overflow": 4,
                "pool_timeout": 10,
                "pool_recycle": 1800,
                "hide_parameters": True,  # clients' data have no place in a log
                "connect_args": {"connect_timeout": 5, "options": "-c timezone=UTC -c lock_timeout=10s"},
            },
        }

    def _cookies(self) -> dict[str, Any]:
        is_https = self.BASE_URL.startswith("https://")
        prefix = "__Host-" if is_https else ""
        return {
            "SESSION_COOKIE_NAME": f"{prefix}voronka",
            "SESSION_COOKIE_PATH": "/",
            "PERMANENT_SESSION_LIFETIME": timedelta(days=self.SESSION_DAYS),
            "REMEMBER_COOKIE_NAME": f"{prefix}voronka_remember",
            **{f"{kind}_COOKIE_SECURE": is_https for kind in COOKIES},
            **{f"{kind}_COOKIE_HTTPONLY": True for kind in COOKIES},
            **{f"{kind}_COOKIE_SAMESITE": "Lax" for kind in COOKIES},
            "PREFERRED_URL_SCHEME": "https" if is_https else "http",
            "TRUSTED_HOSTS": trusted_hosts(self.BASE_URL, self.HOST),
            "WTF_CSRF_ENABLED": True,
            # A form left open over lunch may still be sent: the token lives as long as the session.
            "WTF_CSRF_TIME_LIMIT": None,
            "JWT_SECRET_KEY": self.jwt_key,
        }

    def _limits(self) -> dict[str, Any]:
        scheme, _, rest = self.REDIS_URL.partition("://")
        storage = f"redis+unix://{rest}" if scheme == "unix" else self.REDIS_URL
        return {
            "MAX_CONTENT_LENGTH": self.MAX_BODY,
            "MAX_FORM_MEMORY_SIZE": 2 * MIB,
            "MAX_FORM_PARTS": 2000,
            "RATELIMIT_ENABLED": True,
            "RATELIMIT_STORAGE_URI": storage or "memory://",
            # No page needs Redis: without it each process counts in its own memory.
            "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
            "AUTH_RATE_LIMITED": True,
            "AUTH_RATE_LIMIT": f"{self.LOGIN_PER_5_MINUTES} per 5 minute",
        }

    def _appbuilder(self) -> dict[str, Any]:
        return {
            "APP_NAME": "Voronka",
            "AUTH_TYPE": 1,  # names and passwords in our own database
            **dict.fromkeys(SWITCHED_OFF, False),
            "FAB_API_MAX_PAGE_SIZE": 200,
            "BABEL_DEFAULT_LOCALE": "ru",
            "BABEL_DEFAULT_TIMEZONE": "Europe/Moscow",
            "LANGUAGES": {"ru": {"flag": "ru", "name": "Русский"}, "en": {"flag": "gb", "name": "English"}},
        }


def read(name: str, kind: Any, text: str) -> Any:
    """One setting out of its text. Raises BadSetting."""
    if kind is bool:
        if text.lower() not in YES | NO:
            raise BadSetting(f"{name} is {text!r}: write 1 or 0.")
        return text.lower() in YES
    if kind is int:
        if not (text.isascii() and text.isdigit() and len(text) < 13):
            raise BadSetting(f"{name} is {text!r}: write a whole number.")
        return int(text)
    return kind(text) if kind in {str, Path} else tuple(filter(None, map(str.strip, text.split(","))))


def written(value: object) -> str:
    """The text that `read` reads back as this value."""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def secret(var: Path, name: str) -> str:
    """A random key kept under VAR/secrets, readable by its owner alone; made at the first call."""
    path = var / "secrets" / name
    if not path.exists():
        for folder in (var, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        # Of several processes that begin at once the first one wins, and all read its key.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text("ascii").strip()


def socket_dir(var: Path) -> Path:
    """Where our own servers put their sockets: a short path, since a socket's may not exceed 107 bytes."""
    mark = hashlib.sha256(os.fsencode(var.absolute())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"voronka-{os.geteuid()}-{mark}"


def noted(var: Path) -> dict[str, str]:
    """Settings of the supervisor that runs over VAR, as it noted them in VAR/run.json."""
    try:
        settings = json.loads((var / "run.json").read_text("utf-8"))["settings"]
    except (OSError, ValueError, KeyError):
        return {}
    return {name: text for name, text in settings.items() if text}


def own(var: Path) -> dict[str, str]:
    """What is ours when nothing else is named: a key, two servers, a folder for files. Raises BadSetting."""
    sockets = quote(str(socket_dir(var)), safe="/")
    try:
        key, password = secret(var, "secret_key"), secret(var, "redis")
    except OSError as error:
        raise BadSetting(f"The data folder {var} cannot be used: {error.strerror}. Set VAR.") from error
    return {
        "SECRET_KEY": key,
        "DATABASE_URL": f"postgresql://postgres@/voronka?host={sockets}&port=5432",
        "REDIS_URL": f"unix://:{password}@{sockets}/redis.sock",
        "FILES_URL": (var / "files").as_uri(),
    }


def default_base_url(given: Mapping[str, Any]) -> str:
    """Address to print when none is set; a server that listens everywhere is found at this machine itself."""
    host = given.get("HOST", Config.HOST).strip("[]")
    if host in {"0.0.0.0", "::"}:  # noqa: S104 — compared with, not listened on
        host = "localhost"
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{given.get('PORT', Config.PORT)}"


def trusted_hosts(base_url: str, host: str) -> list[str]:
    """Host names under which requests are answered; any other is refused."""
    return list(dict.fromkeys((urlsplit(base_url).hostname or "localhost", host.strip("[]"), "localhost", "127.0.0.1")))
