"""How a deal of the large base lives: which stages it passes, when, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from app.demo.bulk.clock import DAY

WON_SHARE = 0.53
# How far those get that end in a refusal: most leave at the measurement or at the estimate.
LOST_AFTER = (0.22, 0.24, 0.32, 0.14, 0.06, 0.02)
FORGOTTEN_SHARE = 0.002


@dataclass(frozen=True)
class Course:
    """The stages of the funnel in order, with the hours a deal should stay on each, and the two ends."""

    funnel_id: int
    stages: tuple[int, ...]
    hours: tuple[int, ...]
    won: int
    lost: int


@dataclass(slots=True)
class Life:
    """Visits are (stage, entered, left); `left` is None on the last one. `reached` counts open stages from 0."""

    visits: list[tuple[int, int, int | None]] = field(default_factory=list)
    reached: int = 0
    shipped: int | None = None
    closed: int | None = None
    is_won: bool = False

    @property
    def stage(self) -> int:
        return self.visits[-1][0]

    @property
    def since(self) -> int:
        return self.visits[-1][1]


def live(course: Course, begin: int, now: int, random: Random) -> Life:
    """A life from `begin` up to now; what has not happened yet is left open."""
    last = len(course.stages) - 1
    wins = random.random() < WON_SHARE
    leaves_after = last if wins else _leaving(last, random)
    is_forgotten = random.random() < FORGOTTEN_SHARE
    life, at = Life(), begin
    for place in range(leaves_after + 1):
        stay = int(course.hours[place] * 60 * (0.35 + 1.1 * random.random()))
        end = at + max(stay, 20)
        life.reached = place
        if end >= now or (is_forgotten and place == leaves_after):
            life.visits.append((course.stages[place], at, None))
            return life
        life.visits.append((course.stages[place], at, end))
        at = end
    life.visits.append((course.won if wins else course.lost, at, None))
    life.closed, life.is_won = at, wins
    life.shipped = at if wins else None
    return life


def _leaving(last: int, random: Random) -> int:
    """The stage from which the client goes away, in a funnel of whatever length."""
    draw, total = random.random(), 0.0
    for place, share in enumerate(LOST_AFTER):
        total += share
        if draw < total:
            return min(place, last)
    return last


def beginnings(count: int, now: int, days: int) -> list[int]:
    """When the deals begin, oldest first, within working hours; the company grows on the way."""
    first = now - days * DAY
    minutes = (first + int((now - first) * (place + 1) ** 0.86 / count**0.86) for place in range(count))
    return [minute - minute % DAY + 390 + (minute % DAY) * 600 // DAY for minute in minutes]
