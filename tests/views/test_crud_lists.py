"""Generated lists: state per request, pages, order, filters; what cannot be meant is refused."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import event

from models.ground.base import db
from tests.views import probes

System = Callable[[], Any]
FEW, MANY = 20, 130
CANARY = "canary@client.test"


def titles(html: str) -> list[str]:
    return re.findall(r"Сделка \w+ \d{3}", html)


class TestStateOfARequest:
    def test_nobody_sees_anothers_filter(self, enter: Callable[[str], FlaskClient], many: Any) -> None:
        wrong: list[str] = []

        def walk(offset: int) -> None:
            client = enter("director")
            for turn in range(80):
                number = 2000 + (offset * 31 + turn) % MANY
                html = client.get(f"/probe-deals/list/?_flt_0_number={number}").text
                if set(titles(html)) != {f"Сделка {('anna', 'oleg')[number % 2]} {number - 2000:03}"}:
                    wrong.append(f"{number}: {set(titles(html))}")

        threads = [threading.Thread(target=walk, args=(offset,)) for offset in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_what_a_request_changes_is_gone_with_it(self, probing: Flask) -> None:
        view = next(v for v in probing.appbuilder.baseviews if isinstance(v, probes.ProbeDeals))  # type: ignore[attr-defined]
        with probing.test_request_context():
            view.list_columns.append("planted")
            view.list_title = "planted"
            view.extra_args["planted"] = 1
            view._filters.add_filter_index("title", 0, ["x"])
            assert "planted" in view.list_columns
        g.pop("view_state", None) if g else None
        with probing.test_request_context():
            assert "planted" not in view.list_columns
            assert view.list_title != "planted"
            assert "planted" not in view.extra_args
            assert view._filters.filters == []


class TestLists:
    def test_show_ones_own_rows_only(self, enter: Any, many: Any) -> None:
        html = enter("anna").get("/probe-deals/list/?psize_ProbeDeals=200").text
        assert len(set(titles(html))) == len(many["anna"])
        assert "oleg" not in "".join(titles(html))

    def test_are_walked_to_the_end_and_back_without_a_gap_or_a_twin(self, enter: Any, many: Any) -> None:
        client, pages, address = enter("director"), [], "/probe-deals/list/?_oc_ProbeDeals=amount&_od_ProbeDeals=asc"
        while address:
            html = client.get(address).text
            pages.append(list(dict.fromkeys(titles(html))))
            found = re.search(r'href="([^"]+)" rel="next"', html)
            address = found[1].replace("&amp;", "&") if found else ""
        assert [len(page) for page in pages] == [50, 50, 30]
        assert len({title for page in pages for title in page}) == MANY
        back = re.search(r'href="([^"]+)" rel="prev"', html)
        assert back
        assert list(dict.fromkeys(titles(client.get(back[1].replace("&amp;", "&")).text))) == pages[1]

    def test_far_pages_come_by_number_too(self, enter: Any, many: Any) -> None:
        html = enter("director").get("/probe-deals/list/?page_ProbeDeals=25&psize_ProbeDeals=5").text
        assert len(set(titles(html))) == 5

    @pytest.mark.parametrize("columns", [5, 100])
    def test_ask_as_many_questions_for_few_rows_as_for_many(
        self, enter: Any, many: Any, columns: int, probing: Flask
    ) -> None:
        client = enter("anna")
        client.get("/probe-deals/list/")
        asked: list[str] = []
        with probing.app_context():
            engine = db.engine

        def note(_c: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            asked.append(text)

        event.listen(engine, "before_cursor_execute", note)
        try:
            client.get(f"/probe-deals/list/?psize_ProbeDeals={columns}")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert len(asked) <= 12, asked

    @pytest.mark.parametrize(
        "asked",
        ["page_ProbeDeals=abc", "page_ProbeDeals=-1", "page_ProbeDeals=99999999999999999999", "page_ProbeDeals=1e3",
         "psize_ProbeDeals=abc", "psize_ProbeDeals=0", "psize_ProbeDeals=-5", "psize_ProbeDeals=5000",
         "_oc_ProbeDeals=nope&_od_ProbeDeals=asc", "_oc_ProbeDeals=owner.password&_od_ProbeDeals=asc",
         "_oc_ProbeDeals=comment&_od_ProbeDeals=asc", "_oc_ProbeDeals=title&_od_ProbeDeals=sideways",
         "_flt_0_amount=abc", "_flt_0_amount=NaN", "_flt_0_amount=1e400", "_flt_0_nope=1", "_flt_9_title=x",
         "_flt_x_title=x", "_flt_0_comment=x", "_flt_0_owner.password=a", "_flt_0_client=abc", "_flt_0_client=-1",
         "_flt_0_client=99999999999999999999", "_flt_0_created_at=32.13.2026", "_flt_0_created_at=0001-01-01",
         "_flt_0_expected_on=9999-12-31", "_flt_0_title=a%00b", "_flt_0_number=99999999999999999999",
         "after=zzz", "after=WyJhIl0", "after=W10", "before=eyJ9", "after=" + "A" * 5000],
    )  # fmt: skip
    def test_what_cannot_be_meant_is_refused(self, enter: Any, deals: Any, asked: str) -> None:
        answer = enter("director").get(f"/probe-deals/list/?{asked}")
        assert answer.status_code == 400
        assert "Traceback" not in answer.text

    @pytest.mark.parametrize("asked", ["_flt_0_title=x' OR 1=1", "q=%25_%27", "_flt_0_title=%25", "q=" + "я" * 3000])
    def test_what_is_odd_finds_nothing_and_breaks_nothing(self, enter: Any, deals: Any, asked: str) -> None:
        answer = enter("director").get(f"/probe-deals/list/?{asked}")
        assert answer.status_code == 200
        assert titles(answer.text) == []

    @pytest.mark.parametrize(
        ("asked", "count"),
        [("_flt_0_title=сделка ANNA", 10), ("_flt_0_number=2005", 1), ("_flt_1_amount=190", 1),
         ("_flt_2_amount=20,00", 3), ("_flt_0_created_at=01.01.2000", 20), ("_flt_1_created_at=2000-01-01", 0),
         ("q=Сделка oleg 00", 5)],
    )  # fmt: skip
    def test_are_filtered(self, enter: Any, deals: Any, asked: str, count: int) -> None:
        assert len(set(titles(enter("director").get(f"/probe-deals/list/?{asked}").text))) == count

    @pytest.mark.parametrize("pk", ["0", "abc", "-1", "1.5", "99999999999999999999", "%00", "' OR 1", "1" * 4000])
    @pytest.mark.parametrize("page", ["show", "edit"])
    def test_an_impossible_row_is_not_found(self, enter: Any, page: str, pk: str) -> None:
        assert enter("admin").get(f"/probe-deals/{page}/{pk}").status_code == 404
