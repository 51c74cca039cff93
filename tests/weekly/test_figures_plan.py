"""What is behind plan, the money week by week, the places seen: by hand."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from server.programme.models import Site, SiteChange, SiteState, WorkItem
from server.programme.rules import KINDS, Stage, WorkType
from server.weekly.figures import series
from server.weekly.rules import StockBrokenError
from tests.factories import JINYUAN, YINGZE, SiteOffice
from tests.weekly.conftest import LONG_AGO, Count
from tests.weekly.made import Made, at
from tests.weekly.test_figures import has

BEGUN = (LONG_AGO, Stage.IN_PROGRESS, 0)


def planned(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"planned_start_on": date.fromisoformat(start), "planned_end_on": date.fromisoformat(end), **more}


def work(office: SiteOffice, site: uuid.UUID, kind: WorkType, yuan: int, plan: float, done: float, seen: float = 0.0) -> None:
    office.write(lambda db: db.add(WorkItem(
        site_id=site, type=kind, quantity=plan, unit=KINDS[kind].unit, contract_price_fen=yuan * 100, planned=plan,
        reported=done, verified=seen, verified_entered=seen,
    )))


HUNDRED = planned("2026-10-04", "2027-01-11")  # of its hundred days fifty have passed at the end of 22 November


def test_a_site_ten_points_behind_is_listed_with_how_far(made: Made, office: SiteOffice, count: Count) -> None:
    behind = made.site("滞后", BEGUN, **HUNDRED, started_on=date(2026, 10, 8))
    work(office, behind, WorkType.FACADE, 300, 100.0, 50.0, 20.0)  # 300 × 0.5
    work(office, behind, WorkType.ROAD, 100, 10.0, 99.0)  # beyond the plan counts as the plan: 100 × 1
    work(office, behind, WorkType.LIFT, 600, 3.0, 1.0)  # 600 × 1/3: (150 + 100 + 200) ÷ 1000 = 45 %
    enough = made.site("不足十点", BEGUN, **HUNDRED)
    work(office, enough, WorkType.ROAD, 1, 1000.0, 401.0)
    exact = made.site("正好十点", BEGUN, **HUNDRED)
    work(office, exact, WorkType.ROAD, 1, 10.0, 4.0)
    done = made.site("已完工", (LONG_AGO, Stage.COMPLETED, 0), **planned("2026-01-01", "2026-11-20"))
    work(office, done, WorkType.ROAD, 1, 10.0, 1.0)
    late = made.site("逾期", (LONG_AGO, Stage.SUSPENDED, 0), **planned("2026-05-01", "2026-11-20"), district=JINYUAN,
                     started_on=date(2026, 5, 1))
    work(office, late, WorkType.ROAD, 1, 3.0, 1.0)
    bare = made.site("无工程量", BEGUN, **HUNDRED)
    made.site("无计划", BEGUN)
    rows = count()["tables"]["T4"]["rows"]
    assert [row["site"]["name"] for row in rows] == ["逾期", "正好十点"]
    has(
        rows[0], planned=100, physical=33.3, physical_verified=0, deviation=-66.7, days_late=3, contractor="示例施工甲公司",
        district={"code": JINYUAN, "zh": "晋源区", "en": "Jinyuan"},
    )
    has(rows[1], planned=50, physical=40, deviation=-10, days_late=0)
    assert rows[0]["site"].keys() == {"id", "code", "name"}
    assert str(bare) not in {row["site"]["id"] for row in rows}
    # a week later seven days more have passed: 57 % planned, and the first one's 45 % are 12 points behind
    later = {row["site"]["id"]: row for row in count(iso_week=48)["tables"]["T4"]["rows"]}
    # 51 days at Tuesday's beginning
    assert later[str(exact)]["planned"] == 51
    assert str(enough) in later
    assert [row["site"]["name"] for row in count(district=JINYUAN)["tables"]["T4"]["rows"]] == ["逾期"]


def test_what_was_entered_after_the_cut_off_is_taken_back(made: Made, office: SiteOffice, count: Count) -> None:
    site = made.site("后补", BEGUN, **HUNDRED)
    work(office, site, WorkType.ROAD, 9, 10.0, 10.0)
    work(office, site, WorkType.LIFT, 1, 1.0, 1.0)
    assert count()["tables"]["T4"]["rows"] == []

    def change(moment: Any, field: str, before: Any, after: Any) -> None:
        office.write(lambda db: db.add(SiteChange(
            site_id=site, at=moment, field=field, before={"value": before}, after={"value": after}, source="patch",
        )))

    change(at("11-22"), "work_items.road.reported", 0.0, 1.0)  # in the week: it stands
    change(at("11-23", "00:00"), "work_items.road.reported", 1.0, 5.0)
    change(at("11-23", "09:00"), "work_items.road.reported", 5.0, 10.0)
    change(at("11-23", "09:00"), "work_items.lift.planned", None, 1.0)  # the lift was added on Monday
    change(at("11-23", "09:00"), "work_items.lift.contract_price_yuan", None, 1.0)
    change(at("11-23", "09:00"), "planned_end_on", "2026-11-22", "2027-01-11")
    row = count()["tables"]["T4"]["rows"][0]
    has(row, planned=100, physical=10, deviation=-90)


def test_money_is_shown_week_by_week_since_the_year_began(made: Made, office: SiteOffice, count: Count) -> None:
    year_end = (at("2025-12-20"), Stage.IN_PROGRESS, 100_000)
    # 7 days planned, 700,000 yuan: a hundred thousand a day from Thursday 12 November on
    made.site("一", year_end, (at("01-04", "23:59"), Stage.IN_PROGRESS, 150_000), (at("11-18"), Stage.IN_PROGRESS, 350_000),
              planned_yuan=700_000, **planned("2026-11-12", "2026-11-18"))
    made.site("二", (at("11-10"), Stage.IN_PROGRESS, 20_000), planned_yuan=999, district=JINYUAN)
    points = count()["series"]["F2"]
    assert [(one["iso_year"], one["iso_week"]) for one in points] == [(2026, n) for n in range(1, 48)]
    assert [one["invest_done"] for one in points[:2]] == [15, 15]
    assert [one["invest_done"] for one in points[-3:]] == [15, 17, 37]
    assert [one["invest_plan"] for one in points[-3:]] == [0, 40, 70]  # four days by the end of Sunday the 15th, then all
    assert count()["totals"]["invest_done"] == 37
    own = count(district=JINYUAN)["series"]["F2"]
    assert (own[-1]["invest_done"], own[-1]["invest_plan"]) == (2, None)  # no planned days are known there
    # a site of which no history is kept counts as it stands, in every week
    office.site("三", district=YINGZE, stage=Stage.IN_PROGRESS, investment_done_fen=1_000_000)
    assert [one["invest_done"] for one in count()["series"]["F2"][-2:]] == [18, 38]


def test_a_history_of_money_that_ends_elsewhere_stops_the_report(
    made: Made, office: SiteOffice, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 5))
    monkeypatch.setattr(series, "_done_until", lambda *_: [4])
    with pytest.raises(StockBrokenError, match="4 fen by the history, but 500 by table 1"):
        count()
    assert office.read(sa.select(SiteState.investment_done_fen)) == [500]


def test_places_seen_are_the_positions_of_the_weeks_visits(made: Made, office: SiteOffice, count: Count) -> None:
    once, twice, nowhere = (made.site(name, BEGUN) for name in ("一次", "两次", "无坐标"))
    for site, day in ((once, "11-17"), (twice, "11-17"), (twice, "11-22"), (nowhere, "11-17"), (once, "11-23")):
        made.report(site, at(day))
    for site, lat, lng in ((once, 37.87654321, 112.5), (twice, 38.0, 112.55), (nowhere, None, None)):
        office.write(lambda db, site=site, lat=lat, lng=lng: db.execute(
            sa.update(Site).where(Site.id == site).values(lat=lat, lng=lng, lat_wgs84=lat, lng_wgs84=lng)
        ))
    yingze = {"code": YINGZE, "zh": "迎泽区", "en": "Yingze"}
    assert count()["sites_seen"] == [
        {"district": yingze, "lat": 38, "lon": 112.55, "visits": 2},
        {"district": yingze, "lat": 37.876543, "lon": 112.5, "visits": 1},
    ]
