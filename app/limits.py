"""How often something may be tried: counters in Redis, or in the process's memory while Redis is away."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from flask import Flask, current_app
from flask_babel import gettext as _
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

# While Redis is away it is asked again only so often: a page must not wait for it every time.
RETRY_REDIS_AFTER = 5.0
REDIS_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1}


class TooMany(TooManyRequests):
    """Tried too often; `retry_after` is in seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(_("Too many attempts. Wait a few minutes and try again."), retry_after=seconds)


@dataclass(frozen=True)
class Rule:
    """At most `times` in `seconds`."""

    times: int
    seconds: int

    @property
    def item(self) -> RateLimitItem:
        """The same for the library."""
        return RateLimitItemPerSecond(self.times, self.seconds, namespace="voronka")


def per_minute(times: int) -> Rule:
    """So many times a minute."""
    return Rule(times, 60)


@dataclass
class Counters:
    """Counts in the shared storage; in memory while that does not answer."""

    shared: Storage | None
    memory: Storage = field(default_factory=lambda: storage_from_string("memory://"))
    asleep_until: float = 0.0

    def add(self, key: str, rule: Rule, amount: int = 1) -> int:
        """Add to the key's counter and return what it came to."""
        name, seconds = rule.item.key_for(key), rule.seconds
        if self.shared is not None and time.monotonic() >= self.asleep_until:
            try:
                return self.shared.incr(name, seconds, amount=amount)
            except RedisError as trouble:
                self.asleep_until = time.monotonic() + RETRY_REDIS_AFTER
                current_app.logger.warning("limits are counted in memory, Redis does not answer: %s", trouble)
        return self.memory.incr(name, seconds, amount=amount)

    def wait(self, key: str, rule: Rule) -> int:
        """Seconds until the key's window ends."""
        storage = self.shared if self.shared and time.monotonic() >= self.asleep_until else self.memory
        try:
            reset = FixedWindowRateLimiter(storage).get_window_stats(rule.item, key).reset_time
        except RedisError:
            reset = time.time() + rule.seconds
        return max(1, min(rule.seconds, int(reset - time.time()) + 1))


def counters() -> Counters:
    """The counters of this application."""
    found: Counters = current_app.extensions["limits"]
    return found


def limit(key: str, rule: Rule) -> int:
    """Count one attempt and refuse when there were too many. Returns how many are left.

    Raises TooMany, which answers 429 with Retry-After.
    """
    count = counters().add(key, rule)
    if count > rule.times:
        raise TooMany(counters().wait(key, rule))
    return rule.times - count


def give_back(key: str, rule: Rule) -> None:
    """Take back one counted attempt: it turned out to be a good one."""
    counters().add(key, rule, amount=-1)


def login_rule() -> Rule:
    """The rule of both log-in doors together."""
    return Rule(current_app.config["CRM"].LOGIN_PER_5_MINUTES, 300)


def init_app(app: Flask) -> None:
    """Connect to where the attempts are counted."""
    address = app.config.get("RATELIMIT_STORAGE_URI", "memory://")
    is_redis = not address.startswith("memory://")
    shared = storage_from_string(address, **REDIS_OPTIONS) if is_redis else None
    app.extensions["limits"] = Counters(shared)
