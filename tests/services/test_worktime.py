"""Working time: moments along the hours, holidays, absences with deputies, and the pages that set them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.services import worktime
from app.services.worktime import reading, setting
from app.services.worktime.clockwork import Clockwork
from models.ground.refused import Refused
from models.staff import Person
from models.worktime import Absence, AbsenceKind, Holiday, WorkHours

MOSCOW = ZoneInfo("Europe/Moscow")
WEEK = {day: "9–13, 14–18" if day < 5 else "" for day in range(7)}


def moscow(*parts):
    return dt.datetime(*parts, tzinfo=MOSCOW)


def clockwork(**days):
    week = reading.week_of({str(day): reading.spans_of(text, "day") for day, text in WEEK.items()})
    return Clockwork(MOSCOW, week, **{kind: frozenset(found) for kind, found in days.items()})


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (moscow(2026, 11, 24, 9, 0), 15, moscow(2026, 11, 24, 9, 15)),
        (moscow(2026, 11, 24, 12, 50), 15, moscow(2026, 11, 24, 14, 5)),  # across the break
        (moscow(2026, 11, 24, 17, 50), 15, moscow(2026, 11, 25, 9, 5)),  # across the night
        (moscow(2026, 11, 27, 18, 0), 15, moscow(2026, 11, 30, 9, 15)),  # across the weekend
        (moscow(2026, 11, 3, 16, 50), 15, moscow(2026, 11, 5, 9, 5)),  # a short day, then a holiday
        (moscow(2026, 12, 31, 12, 0), 60, moscow(2027, 1, 11, 10, 0)),  # the New Year holidays
        (moscow(2026, 11, 24, 9, 0), 8 * 60, moscow(2026, 11, 24, 18, 0)),
    ],
)
def test_a_target_counts_working_minutes(start, minutes, end):
    off = {dt.date(2026, 11, 4), dt.date(2026, 12, 31), *(dt.date(2027, 1, day) for day in range(1, 11))}
    work = clockwork(off=off, short={dt.date(2026, 11, 3)})
    assert work.after(start, minutes) == end
    assert work.between(start, end) == minutes


def test_a_saturday_that_is_worked_has_the_hours_of_a_usual_day():
    saturday = dt.date(2026, 11, 28)
    assert clockwork().spans(saturday) == ()
    assert clockwork(working={saturday}).spans(saturday) == clockwork().spans(dt.date(2026, 11, 27))


def test_clocks_that_are_put_back_lose_no_working_hour():
    berlin = ZoneInfo("Europe/Berlin")
    night = Clockwork(berlin, {6: ((0, 6 * 60),)})
    start = dt.datetime(2026, 10, 25, 0, 0, tzinfo=berlin)
    assert night.after(start, 7 * 60) == dt.datetime(2026, 10, 25, 6, 0, tzinfo=berlin)


minutes_of_two_years = st.integers(0, 700 * 24 * 60)
moments = minutes_of_two_years.map(lambda minute: moscow(2026, 1, 1) + dt.timedelta(minutes=minute))


@given(moments, st.integers(0, 5000))
def test_after_and_between_agree(start, minutes):
    work = clockwork(off={dt.date(2026, 5, 1)}, short={dt.date(2026, 4, 30)})
    end = work.after(start, minutes)
    assert end >= start
    assert abs(work.between(start, end) - minutes) < 1e-6


@given(moments, st.integers(1, 3000), st.integers(1, 3000))
def test_two_steps_are_one(start, first, second):
    work = clockwork()
    assert work.after(work.after(start, first), second) == work.after(start, first + second)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9-18", [["09:00", "18:00"]]),
        ("9:00–13:00, 14.30 — 18", [["09:00", "13:00"], ["14:30", "18:00"]]),
        ("14-18;9-13", [["09:00", "13:00"], ["14:00", "18:00"]]),
        ("0-24", [["00:00", "24:00"]]),
        ("  ", []),
    ],
)
def test_hours_are_read_as_people_write_them(typed, kept):
    assert reading.spans_of(typed, "day.0") == kept
    assert reading.spans_of(reading.written(kept), "day.0") == kept


@pytest.mark.parametrize(
    "typed", ["18-9", "9-25", "9:70-18", "с девяти", "9-13,12-18", "1-2,3-4,5-6,7-8,9-10", "💥", "9-9"]
)
def test_hours_that_cannot_be_are_refused_at_their_day(app, typed):
    with app.test_request_context(), pytest.raises(Refused) as refusal:
        reading.spans_of(typed, "day.3")
    assert refusal.value.field == "day.3"


def person(session, username):
    return session.execute(select(Person).where(Person.username == username)).scalar_one()


def away(session, username, begins, ends=None, deputy=""):
    said = {"person": person(session, username).id, "begins": begins, "ends": ends or "", "kind": AbsenceKind.ILLNESS}
    return setting.go_away(said | {"deputy": person(session, deputy).id if deputy else ""})


def test_a_deputy_of_a_deputy_stands_in_and_a_ring_of_them_does_not(as_system):
    today = dt.date(2026, 11, 24)
    away(as_system, "anna", "24.11.2026", "30.11.2026", deputy="oleg")
    anna = person(as_system, "anna")
    assert worktime.deputy_of(anna, today).username == "oleg"
    assert worktime.deputy_of(anna, dt.date(2026, 12, 1)) is anna
    away(as_system, "oleg", "24.11.2026", deputy="marina")
    assert worktime.deputy_of(anna, today).username == "marina"
    away(as_system, "marina", "24.11.2026", deputy="anna")
    assert worktime.deputy_of(anna, today) is None


def test_one_is_away_once_at_a_time(as_system):
    first = away(as_system, "anna", "24.11.2026", "30.11.2026")
    with pytest.raises(Refused) as refusal:
        away(as_system, "anna", "30.11.2026")
    assert refusal.value.field == "begins"
    setting.come_back(first)
    away(as_system, "anna", "30.11.2026")
    with pytest.raises(Refused):
        setting.change_absence(first, {"person": first.person_id, "begins": "01.12.2026", "kind": "trip"})


class TestPages:
    def test_the_administrator_sets_the_hours_of_the_week(self, login, system):
        form = {"zone": "Asia/Yekaterinburg"} | {f"day.{day}": text for day, text in WEEK.items()}
        assert login("admin").post("/worktime/hours", data=form).status_code == 302
        with system() as session:
            row = session.execute(select(WorkHours)).scalar_one()
            assert (row.zone, row.week["0"], row.week["6"]) == (
                "Asia/Yekaterinburg", [["09:00", "13:00"], ["14:00", "18:00"]], [],
            )  # fmt: skip

    def test_what_was_typed_wrongly_stays_in_its_box(self, login):
        form = {"zone": "Europe/Moscow"} | {f"day.{day}": "9-18" for day in range(7)} | {"day.2": "с девяти"}
        answer = login("admin").post("/worktime/hours", data=form)
        assert answer.status_code == 422
        assert 'value="с девяти"' in answer.text
        assert "«с девяти»" in answer.text

    def test_a_day_is_marked_and_is_again_as_usual(self, login, system):
        admin = login("admin")
        said = {"day": "31.12.2026", "kind": "off", "words": "Новый год"}
        assert admin.post("/worktime/day", data=said).status_code == 302
        assert "Новый год" in admin.get("/worktime/?year=2026").text
        assert admin.post("/worktime/day", data={"day": "31.12.2026", "kind": ""}).status_code == 302
        with system() as session:
            assert session.execute(select(Holiday)).first() is None
        later = admin.post("/worktime/day?year=2026", data={"day": "04.01.2027", "kind": "off"})
        assert later.headers["Location"] == "/worktime/?year=2027#book"

    @pytest.mark.parametrize("day", ["", "32.12.2026", "01.01.0001", "31.12.9999", "💥", "x" * 500])
    def test_a_day_that_is_none_is_refused(self, login, day):
        assert login("admin").post("/worktime/day", data={"day": day, "kind": "off"}).status_code == 422

    def test_nobody_but_the_administrator_sets_hours(self, login):
        for who in ("director", "marina", "anna", "pavel"):
            assert login(who).post("/worktime/hours", data={"zone": "Europe/Moscow"}).status_code == 403, who

    def test_one_says_that_one_will_be_away_and_takes_it_back_with_undo(self, login, system):
        anna = login("anna")
        with system() as session:
            keys = {name: person(session, name).id for name in ("anna", "oleg", "marina")}
        said = {"person": keys["anna"], "begins": "01.12.2026", "ends": "14.12.2026", "kind": "vacation", "deputy": keys["oleg"]}
        assert anna.post("/absences/add", data=said).status_code == 302
        with system() as session:
            key = session.execute(select(Absence.id)).scalar_one()
        assert "01.12.2026–14.12.2026" in login("oleg").get("/absences/").text
        assert anna.post(f"/absences/cancel/{key}").status_code == 302
        assert "01.12.2026" not in anna.get("/absences/").text
        assert anna.post(f"/absences/again/{key}").status_code == 302
        assert "01.12.2026" in anna.get("/absences/").text

    def test_a_colleague_does_not_send_one_away_and_a_head_does(self, login, system):
        with system() as session:
            key = person(session, "anna").id
        said = {"person": key, "begins": "01.12.2026", "kind": "illness"}
        assert login("oleg").post("/absences/add", data=said).status_code == 404
        assert login("marina").post("/absences/add", data=said).status_code == 302
        with system() as session:
            absence = session.execute(select(Absence.id)).scalar_one()
        assert login("oleg").get(f"/absences/edit/{absence}").status_code == 404
        assert login("oleg").post(f"/absences/cancel/{absence}").status_code == 404

    @pytest.mark.parametrize(
        "wrong",
        [{"begins": ""}, {"begins": "31.02.2026"}, {"ends": "01.01.2026"}, {"ends": "01.01.2099"}, {"kind": "💥"},
         {"deputy": "self"}, {"deputy": "999999"}, {"person": "x" * 300}, {"words": "x" * 300}, {"words": "a\x00b"}],
    )  # fmt: skip
    def test_an_absence_that_cannot_be_keeps_what_was_typed(self, login, system, wrong):
        with system() as session:
            key = person(session, "anna").id
        said = {"person": key, "begins": "01.12.2026", "ends": "14.12.2026", "kind": "vacation", "words": "море"} | wrong
        said["deputy"] = key if said.get("deputy") == "self" else said.get("deputy", "")
        answer = login("anna").post("/absences/add", data=said)
        assert answer.status_code == 422
        assert "words" in wrong or 'value="море"' in answer.text
