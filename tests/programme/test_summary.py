"""The programme adds up: for the city, by district, by kind of work, and as of a day that has passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.errors import Refusal
from server.kit import clock
from server.programme import loading
from server.programme.rules import WorkType
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone

COUNTS = (
    "planned", "started", "carried_out", "completed", "accepted", "households", "households_benefiting",
    "investment_planned_yuan", "investment_done_yuan",
)
DRAWN = loading.prepare_sample()


@pytest.fixture
def chen(office: SiteOffice) -> Someone:
    return office.person("chen", "office")


def summary(person: Someone, query: str = "") -> dict[str, Any]:
    answer = person.get(f"/programme/summary{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_the_sample_gives_the_four_numbers_of_the_account_and_adds_up(office: SiteOffice, chen: Someone) -> None:
    assert office.write(lambda db: loading.load_sample(db, DRAWN)) == 3259
    city = summary(chen)
    assert (city["planned"], city["carried_out"]) == (3259, 922)
    assert (city["households_benefiting"], city["investment_done_yuan"]) == (179_000, 3_165_000_000)
    districts = city["by_district"]
    assert [one["code"] for one in districts] == ["140105", "140106", "140107", "140108", "140109", "140110"]
    for name in COUNTS:
        assert sum(one[name] for one in districts) == city[name], name
    one_by_one = [summary(chen, f"?district={one['code']}") for one in districts]
    for one, alone in zip(districts, one_by_one, strict=True):
        assert {name: alone[name] for name in COUNTS} == {name: one[name] for name in COUNTS}
        assert [row["code"] for row in alone["by_district"]] == [one["code"]]
    assert [row["type"] for row in city["by_work_type"]] == [kind.value for kind in WorkType]
    for row in city["by_work_type"]:
        parts = [next(p for p in alone["by_work_type"] if p["type"] == row["type"]) for alone in one_by_one]
        assert row["planned_yuan"] == row["contract_price_yuan"]
        for name in ("sites", "planned", "reported", "verified", "contract_price_yuan", "reported_yuan"):
            assert sum(part[name] for part in parts) == pytest.approx(row[name], abs=1e-6), (row["type"], name)
        assert row["unit"]
        assert 0 <= row["reported_yuan"] <= row["contract_price_yuan"]
    assert office.write(lambda db: loading.load_sample(db, DRAWN)) == 0
    assert summary(chen) == city
    # as the account stood, whatever the day is now
    then = summary(chen, "?as_of=2022-08-31")
    assert {name: then[name] for name in COUNTS} == {name: city[name] for name in COUNTS}
    assert then["by_work_type"] == city["by_work_type"]
    assert summary(chen, "?as_of=2022-08-30")["planned"] == 0


def test_a_supervisor_gets_their_own_districts_only(office: SiteOffice, chen: Someone) -> None:
    office.site("甲", households=10)
    office.site("乙", district=JINYUAN, households=5)
    li = office.person("li", "supervisor", districts=(YINGZE,))
    assert (summary(li)["planned"], summary(li)["households"]) == (1, 10)
    assert [one["code"] for one in summary(li)["by_district"]] == [YINGZE]
    assert summary(chen)["households"] == 15
    assert li.get(f"/programme/summary?district={JINYUAN}").status_code == 404
    assert chen.get("/programme/summary?district=000000").status_code == 404
    assert office.person("wang", "inspector").get("/programme/summary").status_code == 403
    assert chen.get("/programme/summary?as_of=yesterday").status_code == 422


def test_a_past_day_shows_what_was_entered_until_then(office: SiteOffice, chen: Someone) -> None:
    start = datetime(2026, 11, 2, 4, tzinfo=UTC)
    clock.set_source(lambda: start)
    chen = office.sign_in("chen", chen.id)
    site = chen.post("/sites", {
        "code": "X1", "name": "小区", "district": YINGZE, "households": 100,
        "work_items": [{"type": "lift", "planned": 4, "contract_price_yuan": 1000}],
    }).json["id"]
    first = summary(chen)
    clock.set_source(lambda: start + timedelta(days=7))
    chen = office.sign_in("chen", chen.id)
    chen.patch(f"/sites/{site}", {"stage": "in_progress", "investment_done_yuan": 50, "work_items": [
        {"type": "lift", "planned": 5, "reported": 2}, {"type": "road", "planned": 10},
    ]})
    chen.patch(f"/sites/{site}", {"work_items": [{"type": "lift", "reported": 3}]})
    chen.post("/sites", {"code": "X2", "name": "又一个", "district": YINGZE, "households": 7,
                         "work_items": [{"type": "lift", "planned": 9}]})
    now = summary(chen)
    assert (now["planned"], now["started"], now["households"], now["investment_done_yuan"]) == (2, 1, 107, 50)
    lift = next(row for row in now["by_work_type"] if row["type"] == "lift")
    assert (lift["sites"], lift["planned"], lift["reported"], lift["reported_yuan"]) == (2, 14, 3, 600)
    for day in ("2026-11-02", "2026-11-08"):
        then = summary(chen, f"?as_of={day}")
        assert {**then, "as_of": None} == {**first, "as_of": None}, day
    assert {**summary(chen, "?as_of=2026-11-09"), "as_of": None} == {**now, "as_of": None}
    assert summary(chen, "?as_of=2199-01-01")["as_of"] == now["as_of"]
    assert summary(chen, "?as_of=2026-11-01")["planned"] == 0


def test_an_amount_next_to_nothing_is_nothing_and_the_summary_still_comes(chen: Someone) -> None:
    lift = {"type": "lift", "planned": 1e12, "reported": 5e-324, "quantity": 0.1 + 0.2, "contract_price_yuan": 1e13}
    made = chen.post("/sites", {"code": "REAL-1", "name": "真的", "district": YINGZE, "work_items": [lift]})
    assert (made.json["work_items"][0]["reported"], made.json["work_items"][0]["quantity"]) == (0, 0.3)
    row = next(row for row in summary(chen)["by_work_type"] if row["type"] == "lift")
    assert (row["reported"], row["reported_yuan"], row["contract_price_yuan"]) == (0, 0, 10**13)


def test_the_sample_is_not_mixed_with_real_sites(office: SiteOffice) -> None:
    office.site("真的小区")
    with pytest.raises(Refusal, match="sample-not-alone"):
        office.write(lambda db: loading.load_sample(db, DRAWN))


def test_the_commands_load_districts_and_the_sample_once(office: SiteOffice, chen: Someone) -> None:
    runner = office.app.test_cli_runner()
    assert "4 districts added" in runner.invoke(args=["districts", "load"]).output
    assert "0 districts added" in runner.invoke(args=["districts", "load"]).output
    assert "3259 sample sites added" in runner.invoke(args=["sample", "load"]).output
    assert "0 sample sites added" in runner.invoke(args=["sample", "load"]).output
    named = chen.get("/sites?q=老军营小区").json["items"]
    assert [(one["name"], one["is_model"], one["is_sample"]) for one in named] == [("老军营小区", True, True)]
    chen.post("/sites", {"code": "REAL-1", "name": "真的", "district": YINGZE})
    again = runner.invoke(args=["sample", "load"])
    assert "0 sample sites added" in again.output, "who tries the sample may add to it"
