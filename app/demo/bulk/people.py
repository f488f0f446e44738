"""The fifty people of the large base: sellers in teams with heads, surveyors, masters, and who counts the money."""

from __future__ import annotations

from random import Random

from app.demo.bulk import words
from app.demo.bulk.stories import Cast
from app.demo.factories import demo_hash, person, team
from models.ground.base import db
from models.staff import Person

TEAMS, SELLERS_EACH = 5, 8
OTHERS = (("director", 1), ("administrator", 1), ("accountant", 2), ("surveyor", 4), ("master", 2))
HUES = ("pink", "teal", "blue", "cyan", "green", "violet", "amber", "orange", "red", "slate")


def hire(random: Random) -> Cast:
    """Five teams of eight sellers, each with a head, and ten others: seller01 … seller40, director, surveyor1 …."""
    hashed = demo_hash()
    sellers: list[Person] = []
    for number in range(1, TEAMS + 1):
        department = team(f"Отдел продаж {number}")
        members = [_seller(len(sellers) + place, hashed, random) for place in range(1, SELLERS_EACH + 1)]
        for one in members:
            one.team_id = department.id
        department.head_id = members[0].id
        sellers += members
    others = {
        code: [_other(code, place, count, hashed, random) for place in range(1, count + 1)]
        for code, count in OTHERS
    }
    db.session.flush()
    ids = {code: tuple(one.id for one in people) for code, people in others.items()}
    names = {one.id: one.name for one in sellers}
    sold_by = tuple(one.id for one in sellers)
    return Cast(sold_by, ids["surveyor"], ids["master"], ids["accountant"], names)


def _seller(number: int, hashed: str, random: Random) -> Person:
    name, hue = words.person_name(random), HUES[number % len(HUES)]
    return person(f"seller{number:02}", name, ("manager",), hashed, hue=hue, takes_leads=True)


def _other(code: str, place: int, count: int, hashed: str, random: Random) -> Person:
    username = code if count == 1 else f"{code}{place}"
    return person(username, words.person_name(random), (code,), hashed, hue="slate")
