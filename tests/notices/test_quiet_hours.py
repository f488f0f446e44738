"""Quiet hours: what waits, until when, what passes, and what becomes of what waited."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.services import notices
from app.services.notices.choices import digest_after, quiet_until
from models.ground.base import clock_at, utcnow
from models.ground.refused import Refused
from models.notices import DeliveryState, Notice
from models.staff import Person

NIGHT = {"quiet": {"from": "22:00", "until": "08:00", "days": [], "urgent": True}}
WEEKEND = {"quiet": {"days": [5, 6], "urgent": False}}


def at(text: str) -> dt.datetime:
    """A moment by Moscow's clock."""
    return dt.datetime.fromisoformat(f"{text}+03:00")


def someone(zone: str = "Europe/Moscow", **notify: object) -> Person:
    return Person(username="x", zone=zone, notify=notify)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-06-10T21:59", None),
        ("2026-06-10T22:00", "2026-06-11T08:00"),
        ("2026-06-11T03:00", "2026-06-11T08:00"),
        ("2026-06-11T07:59", "2026-06-11T08:00"),
        ("2026-06-11T08:00", None),
    ],
)
def test_a_night_is_quiet_across_midnight(now, until):
    assert quiet_until(someone(**NIGHT), at(now)) == (at(until) if until else None)


def test_a_quiet_day_lasts_until_the_night_after_it_ends():
    person = someone(quiet={"from": "22:00", "until": "08:00", "days": [5, 6]})
    # Friday evening, Saturday, Sunday: until Monday at eight.
    for moment in ("2026-06-12T23:00", "2026-06-13T12:00", "2026-06-14T23:59"):
        assert quiet_until(person, at(moment)) == at("2026-06-15T08:00")


def test_it_is_the_persons_own_clock():
    person = someone("Asia/Vladivostok", **NIGHT)
    assert quiet_until(person, at("2026-06-10T16:00")) == at("2026-06-11T01:00")
    assert quiet_until(person, at("2026-06-10T10:00")) is None


def test_the_hour_that_spring_takes_away_does_no_harm():
    person = someone("Europe/Berlin", quiet={"from": "01:00", "until": "02:30", "days": []})
    found = quiet_until(person, dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC))
    assert found is not None
    assert found > dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("kept", [{}, {"quiet": "x"}, {"quiet": {"from": "25:00", "until": 7}}, {"quiet": {"days": ["x"]}}])
def test_what_was_kept_wrongly_is_no_quiet(kept):
    assert quiet_until(someone(**kept), at("2026-06-10T23:00")) is None


def test_urgent_things_pass_when_the_person_says_so():
    late = at("2026-06-10T23:00")
    assert quiet_until(someone(**NIGHT), late, urgent=True) is None
    assert quiet_until(someone(**WEEKEND), at("2026-06-13T12:00"), urgent=True) is not None


def test_the_daily_letter_does_not_come_on_a_quiet_day():
    person = someone(digest="08:30", quiet={"days": [5, 6]})
    assert digest_after(person, at("2026-06-12T09:00")) == at("2026-06-15T08:30")
    assert digest_after(person, at("2026-06-12T08:30")) == at("2026-06-12T08:30")


class TestDelivery:
    def test_in_quiet_hours_the_bell_alone_is_heard(self, service, browser, anna, as_system, worker, all_rows):
        anna.notify = NIGHT
        with clock_at(at("2026-06-10T23:30")):
            notices.notify(anna, "k", "lead.received", "Новый лид", url="/leads/1")
            as_system.commit()
            worker()
        assert service.received == []
        assert as_system.execute(select(Notice.read_at)).scalars().all() == [None]
        assert [(row.way, row.state) for row in all_rows()] == [
            ("bell", "sent"), ("email", "pending"), ("push", "pending"),
        ]  # fmt: skip
        assert {row.next_try_at for row in all_rows()[1:]} == {at("2026-06-11T08:00")}

    def test_an_escalated_lead_passes(self, service, browser, anna, as_system, worker, all_rows):
        anna.notify = NIGHT
        with clock_at(at("2026-06-10T23:30")):
            notices.notify(anna, "k", "lead.escalated", "Лид без ответа", url="/leads/1")
            as_system.commit()
            worker()
        assert len(service.to(browser)) == 1

    def test_what_waited_comes_as_one(self, service, browser, anna, as_system, deliver, all_rows, smtp):
        anna.notify = NIGHT
        with clock_at(at("2026-06-10T23:30")):
            for number in range(3):
                notices.notify(anna, f"k{number}", "lead.received", f"Лид {number}", url=f"/leads/{number}")
            as_system.commit()
        with clock_at(at("2026-06-11T08:01")):
            for row in all_rows("push") + all_rows("email"):
                deliver(row)
        (said,) = service.to(browser)
        assert (said["title"], said["url"]) == ("В тихие часы пришло 3 уведомления", "/notices/?tab=new")
        (letter,) = smtp.to("anna@parus.test")
        body = letter.get_body(("plain",)).get_content()
        assert all(f"Лид {number}" in body for number in range(3))
        states = [row.state for row in all_rows("push")]
        assert sorted(states) == [DeliveryState.SENT, DeliveryState.SPARED, DeliveryState.SPARED]
        assert "№" in all_rows("push")[1].answer

    def test_what_was_seen_meanwhile_does_not_come(self, service, browser, anna, as_system, deliver, all_rows):
        anna.notify = NIGHT
        with clock_at(at("2026-06-10T23:30")):
            for number in range(2):
                notices.notify(anna, f"k{number}", "lead.received", f"Лид {number}")
            as_system.commit()
        as_system.execute(select(Notice).order_by(Notice.id)).scalars().first().read_at = utcnow()
        as_system.commit()
        with clock_at(at("2026-06-11T08:01")):
            for row in all_rows("push"):
                deliver(row)
        assert [said["title"] for said in service.to(browser)] == ["Лид 1"]
        assert [row.state for row in all_rows("push")] == [DeliveryState.SPARED, DeliveryState.SENT]

    def test_letters_wait_for_the_daily_one(self, anna, as_system, all_rows):
        anna.notify = {**NIGHT, "digest": "08:30"}
        with clock_at(at("2026-06-10T23:30")):
            notices.notify(anna, "k", "lead.received", "Новый лид")
            as_system.commit()
        (row,) = all_rows("email")
        assert row.next_try_at == at("2026-06-11T08:45")


class TestChoosing:
    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"quiet": {"from": "22:00", "until": ""}}, "quiet_until"),
            ({"quiet": {"from": "", "until": "08:00"}}, "quiet_from"),
            ({"quiet": {"from": "08:00", "until": "8:00"}}, "quiet_until"),
            ({"quiet": {"from": "25:00", "until": "08:00"}}, "quiet_from"),
            ({"quiet": {"from": "вечером", "until": "08:00"}}, "quiet_from"),
            ({"quiet": {"days": list(range(7))}}, "quiet_days"),
            ({"digest": "8 утра"}, "digest"),
            ({"digest": "\x00"}, "digest"),
            ({"digest": "9" * 10_000}, "digest"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, anna, said, field):
        with pytest.raises(Refused) as refused:
            notices.choose(anna, said)
        assert refused.value.field == field

    def test_what_is_not_offered_is_left_out(self, anna):
        notices.choose(anna, {"events": {"lead.received": {"push": True, "pigeon": True}, "x.y": {"bell": True}},
                              "quiet": {"days": ["0", "7", "x", "-1"]}})  # fmt: skip
        assert anna.notify == {"events": {"lead.received": {"push": True}}, "quiet": {"days": [0], "urgent": False}}

    def test_at_first_each_event_comes_as_it_suits_it(self, anna):
        assert notices.wants(anna, "lead.received", "apprise")
        assert not notices.wants(anna, "task.due", "email")
        assert not notices.wants(anna, "work.ended", "push")
        assert notices.wants(anna, "something.new", "telegram")
