"""Every cell of a small week, worked out by hand beside it; what is at its edges; what must never add up silently."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
import rfc8785
import sqlalchemy as sa

from server.issues.models import Issue, IssueEvent
from server.issues.rules import IssueState
from server.kit import clock
from server.programme.rules import Stage
from server.reports.models import Report
from server.reports.rules import State
from server.weekly.figures import canonical
from server.weekly.rules import StockBrokenError
from tests.factories import JINYUAN, YINGZE, SiteOffice
from tests.weekly.conftest import LONG_AGO, Count, Counted, Ids
from tests.weekly.made import Made, at


def by_district(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["district"]["code"]: row for row in table["rows"]}


def has(row: dict[str, Any], **values: Any) -> None:
    assert {name: row[name] for name in values} == values


# --- table 1


def test_progress_and_ranking_by_hand(counted: Counted) -> None:
    table = counted.city["tables"]["T1"]
    yingze, jinyuan = by_district(table)[YINGZE], by_district(table)[JINYUAN]
    has(
        yingze, plan_count=3, started=3, start_rate=100, completed=1, completion_rate=33.3, accepted=0, carried_out=3,
        households=600, households_started=600, households_benefiting=600, start_rate_households=100, suspended=0,
        invest_plan=600, invest_plan_yuan=6_000_000,  # 1 + 2 + 3 million
        invest_done=360, invest_done_yuan=3_600_000,  # 0.5 + 0.1 + 3
        invest_rate=60, wk_started=1, wk_completed=1,
        score=51.4,  # (25 × 1 + 20 × 1/3 + 20 × 0.6 + 20 × 0/2) ÷ 85 = 0.51373; nothing was verified
        rank=1, rank_change=1,
        start_rate_change=33.3, completion_rate_change=33.3,
        invest_rate_change=1.7,  # 360 ÷ 600 - 350 ÷ 600
    )
    has(
        jinyuan, plan_count=2, started=2, start_rate=100, completed=1, completion_rate=50, accepted=1, households=200,
        invest_plan=200, invest_done=80, invest_rate=40, wk_started=0, wk_completed=0,
        score=50.6,  # (25 + 20 × 0.5 + 20 × 0.4 + 20 × 0/1) ÷ 85 = 0.50588
        rank=2, rank_change=-1,  # a week ago 43 ÷ 65 = 66.2; Yingze (25 × 2/3 + 0 + 20 × 350/600 + 20 × 0/1) ÷ 85 = 33.3
        start_rate_change=0, invest_rate_change=0,
    )
    assert [row["rank"] for row in table["rows"]] == [1, 2]
    has(
        table["total"], plan_count=5, started=5, completed=2, completion_rate=40, households=800, invest_plan=800,
        invest_done=440, invest_rate=55, wk_started=1, wk_completed=1, start_rate_change=20, completion_rate_change=20,
    )
    assert not {"rank", "score"} & table["total"].keys()


def test_a_first_import_is_no_week_of_wonders(made: Made, count: Count) -> None:
    """Sites that enter the register in the week, already begun: only one of them began in it."""
    made.site("旧", (at("11-17"), Stage.IN_PROGRESS, 0), started_on=date(2026, 4, 1))
    made.site("不明", (at("11-17"), Stage.IN_PROGRESS, 0))
    made.site("新", (at("11-17"), Stage.COMPLETED, 0), started_on=date(2026, 11, 16), ended_on=date(2026, 11, 22))
    figures = count()
    has(figures["totals"], plan_count=3, started=3, wk_started=1, wk_completed=1, start_rate_change=None)
    assert by_district(figures["tables"]["T1"])[YINGZE]["rank_change"] is None


def test_a_site_without_any_history_counts_as_it_stands(made: Made, office: SiteOffice, count: Count) -> None:
    office.site("无史", households=70, investment_planned_fen=100)
    has(count()["totals"], plan_count=1, started=1, households=70, wk_started=0, in_progress=1, invest_plan_yuan=1)


def test_equal_scores_share_a_place(made: Made, count: Count) -> None:
    for district in (YINGZE, JINYUAN):
        made.site(f"一{district}", (LONG_AGO, Stage.IN_PROGRESS, 1), district=district)
    rows = count()["tables"]["T1"]["rows"]
    assert [(row["district"]["code"], row["rank"], row["rank_change"]) for row in rows] == [
        (YINGZE, 1, 0), (JINYUAN, 1, 0)
    ]


# --- tables 2 and 3


def test_visits_and_issues_by_hand(counted: Counted) -> None:
    table = counted.city["tables"]["T2"]
    yingze, jinyuan = by_district(table)[YINGZE], by_district(table)[JINYUAN]
    has(
        yingze, in_progress=2, inspected_projects=2, inspected_sites=3, coverage=100, visits=4, approved=2,
        unreviewed=1, in_revision=1, late=1, corrections=1, pass_rate=75,  # 21 of 28
        new_issues=2, minor=1, major=0, critical=1, due=2, closed=1, reopened=1, void=1, open_start=2, open_end=3,
        found_cum=5, closed_cum=1, void_cum=1, closure_rate=25, overdue=2, recurring=0, recurrence_rate=0,
        problem_density=0.5, mean_days_to_close=5, notices=0, on_time=0, on_time_rate=0,
        first_verifications=0, first_passes=0, first_pass_rate=None, false_closures=0,
    )
    has(
        jinyuan, in_progress=1, inspected_projects=1, coverage=100, visits=1, approved=1, late=0, corrections=0,
        pass_rate=100, new_issues=1, major=1, due=1, overdue=0, closed=0, open_start=0, open_end=1, found_cum=1,
        closed_cum=0, closure_rate=0, recurrence_rate=100, problem_density=1, mean_days_to_close=None,
    )
    has(
        table["total"], in_progress=3, inspected_projects=3, visits=5, approved=3, new_issues=3, minor=1, major=1,
        critical=1, found_cum=6, closed_cum=1, closure_rate=20, recurrence_rate=33.3, problem_density=0.6,
        pass_rate=81.6,  # 31 of 38
    )
    assert [row["district"]["zh"] for row in table["rows"]] == ["迎泽区", "晋源区"]


def test_stock_and_changes_by_hand(counted: Counted) -> None:
    figures = counted.city
    assert figures["stock"] == {
        "open_start": 2, "new": 3, "reopened": 1, "closed": 1, "void": 1, "open_end": 4
    }
    has(figures["changes"], visits_change=4, new_issues_change=1, start_rate_change=20)
    # the week before: y1 alone was seen of y1, y3 and j1; now all three of y1, y2 and j1
    assert figures["changes"]["coverage_change"] == 66.7
    assert figures["changes"]["pass_rate_change"] == -18.4  # 31 of 38 after 1 of 1


def test_categories_by_hand(counted: Counted) -> None:
    table = counted.city["tables"]["T3"]
    assert [(row["category"]["code"], row["count"], row["share"], row["before"], row["change"]) for row in table["rows"]] == [
        ("ELEV", 2, 66.7, 1, 100), ("ROAD", 1, 33.3, 0, None), ("FACADE", 0, 0, 1, -100),
    ]
    has(table["total"], count=3, share=100, before=2, change=50)
    assert table["rows"][1]["category"] == {
        "code": "ROAD", "zh": "道路与雨污分流", "en": "Roads, stormwater and foul drainage"
    }


# --- registers


def test_the_register_holds_what_the_week_counted(counted: Counted) -> None:
    rows = {row["issue_id"]: row for row in counted.city["tables"]["T7"]["rows"]}
    assert set(rows) == {str(counted.ids[name]) for name in ("i1", "i2", "i3", "i4", "i5", "i6")}
    has(
        rows[str(counted.ids["i2"])], closed=True, state="closed", is_open_start=True, is_open_end=False, times_closed=1,
        seconds_to_close=5 * 86400, due_on="2026-11-15", issued_on="2026-11-12", severity="major", contractor="示例施工甲公司",
        is_due=False, overdue_days=None, found_on="2026-11-15", source="unannounced",
    )
    has(rows[str(counted.ids["i4"])], state="void", is_new=True, times_void=1, is_open_end=False, closed=False)
    has(rows[str(counted.ids["i5"])], state="pending_verification", is_due=True, is_overdue=False, is_recurring=True)
    has(rows[str(counted.ids["i6"])], state="reopened", is_open_start=False, is_open_end=True, times_reopened=1)
    assert [row["no"] for row in rows.values()] == [1, 2, 3, 4, 5, 6]


def test_what_presses_is_critical_or_overdue_the_longest_first(counted: Counted) -> None:
    rows = counted.city["tables"]["T5"]["rows"]
    assert [(row["issue_id"], row["overdue_days"], row["severity"]) for row in rows] == [
        (str(counted.ids["i1"]), 5, "minor"), (str(counted.ids["i3"]), 5, "critical"),
    ]


def test_the_inspections_of_the_week_are_listed(counted: Counted) -> None:
    rows = counted.city["tables"]["T8"]["rows"]
    assert [row["report_id"] for row in rows] == [str(counted.ids[name]) for name in ("r1", "r8", "r3", "r4", "r2")]
    has(
        rows[0], no=1, date="2026-11-15", received_on="2026-11-16", late=True, standing="approved", pass_rate=90,
        problems=1, issues=1, inspector="李督导", corrected=False, in_progress=True, visit="unannounced",
    )
    has(rows[3], in_progress=False, pass_rate=50, problems=4, issues=1)
    assert rows[0]["site"]["name"] == "老军营小区"


def test_a_corrected_report_of_the_week_is_marked_and_stays_in_its_week(made: Made, count: Count) -> None:
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    made.report(site, at("11-18"), State.SUBMITTED, corrected=at("11-23", "09:00"))
    this, following = count(), count(iso_week=48)
    has(this["totals"], visits=1, unreviewed=1, corrections=0)
    assert this["tables"]["T8"]["rows"][0]["corrected"] is True
    has(following["totals"], visits=0, corrections=1)
    assert len(following["lists"]["corrections"]["reports"]) == 1


def selected(figures: dict[str, Any], rule: dict[str, Any], district: str | None) -> int:
    """What a click on a figure would list."""
    rows = [
        row for row in figures["tables"][rule["table"]]["rows"]
        if all(row[name] == value for name, value in rule["where"].items())
        and district in {None, row["district"]["code"]}
    ]
    if "distinct" in rule:
        return len({row[rule["distinct"]]["id"] for row in rows})
    return sum(row[rule["sum"]] for row in rows) if "sum" in rule else len(rows)


def test_behind_every_figure_stand_as_many_rows_as_it_says(counted: Counted) -> None:
    figures = counted.city
    traced = {name: rule for name, rule in figures["lists"].items() if "table" in rule}
    assert len(traced) == 23
    for name, rule in traced.items():
        assert selected(figures, rule, None) == figures["totals"][name], name
        for code, row in by_district(figures["tables"]["T2"]).items():
            assert selected(figures, rule, code) == row[name], (name, code)
    assert figures["lists"]["wk_started"]["sites"] == [{"district": YINGZE, "id": str(counted.ids["y2"])}]
    assert figures["lists"]["wk_completed"]["sites"] == [{"district": YINGZE, "id": str(counted.ids["y3"])}]
    assert figures["lists"]["corrections"]["reports"] == [{"district": YINGZE, "id": str(counted.ids["r6"])}]


def test_every_figure_is_explained(counted: Counted) -> None:
    figures = counted.city
    explained = figures["definitions"]["figures"]
    printed = {name for name in figures["totals"] if not name.endswith(("_change", "_yuan"))}
    assert printed | {"score", "rank_change"} <= explained.keys()
    assert figures["lists"].keys() <= explained.keys()
    assert "90" in explained["recurrence_rate"]["formula"]["zh"]
    assert figures["definitions"]["weights"]["start_rate"] == 25


# --- scope, edges, emptiness


def test_a_district_sees_its_own_rows_and_its_place_in_the_city(counted: Counted) -> None:
    figures, city = counted.jinyuan, counted.city
    assert figures["scope"]["district"] == {"code": JINYUAN, "zh": "晋源区", "en": "Jinyuan"}
    for name in ("T1", "T2"):
        assert figures["tables"][name]["rows"] == [by_district(city["tables"][name])[JINYUAN]]
    has(figures["totals"], plan_count=2, visits=1, new_issues=1, open_end=1)
    assert figures["tables"]["T1"]["rows"][0]["rank"] == 2
    for name in ("T5", "T7", "T8"):
        assert {row["district"]["code"] for row in figures["tables"][name]["rows"]} <= {JINYUAN}
    assert YINGZE not in canonical(figures).decode()


def test_an_empty_week_is_noughts_and_dashes(made: Made, count: Count) -> None:
    figures = count()
    assert set(figures["stock"].values()) == {0}
    for row in (figures["totals"], *figures["tables"]["T1"]["rows"], *figures["tables"]["T2"]["rows"]):
        numbers = {value for name, value in row.items() if name not in {"district", "rank"}}
        assert numbers <= {0, None}
    has(figures["totals"], start_rate=None, coverage=None, pass_rate=None, closure_rate=None, problem_density=None)
    assert [row["rank"] for row in figures["tables"]["T1"]["rows"]] == [None, None]
    assert all(not figures["tables"][name]["rows"] for name in ("T3", "T5", "T7", "T8"))


def test_the_turn_of_the_year_falls_where_iso_says(made: Made, count: Count) -> None:
    clock.set_source(lambda: at("2027-01-20"))
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    before = made.report(site, at("2027-01-03", "23:59"))
    after = made.report(site, at("2027-01-04", "00:00"))
    made.issue(site, before, at("2026-01-01", "00:00"), "2026-01-08")
    made.issue(site, before, at("2025-12-31", "23:59"), "2026-01-08")
    made.issue(site, after, at("2027-01-01", "00:00"), "2027-01-08")
    old, new = count(2026, 53), count(2027, 1)
    assert [row["report_id"] for row in old["tables"]["T8"]["rows"]] == [str(before)]
    assert [row["report_id"] for row in new["tables"]["T8"]["rows"]] == [str(after)]
    assert (old["week"]["starts_on"], old["week"]["ends_on"]) == ("2026-12-28", "2027-01-03")
    has(old["totals"], found_cum=2, open_end=3, new_issues=1)  # from 1 January 2026 on, the last three days of it in 2027
    has(new["totals"], found_cum=1, open_end=3, new_issues=0)


def test_a_week_that_still_runs_counts_up_to_now(made: Made, count: Count) -> None:
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    report = made.report(site, at("11-24", "08:00"))
    made.issue(site, report, at("11-24", "08:30"), "11-24")
    made.issue(site, report, at("11-23", "08:30"), "11-23")
    figures = count(iso_week=48)
    assert figures["week"]["is_over"] is False
    assert figures["week"]["cutoff_at"] == at("11-24", "10:00").isoformat()
    has(figures["totals"], visits=1, new_issues=2, open_end=2, overdue=1, due=1)  # today's can still be answered in time


def test_an_issue_found_again_or_closed_twice_in_a_week_keeps_the_books_right(
    made: Made, office: SiteOffice, count: Count
) -> None:
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    report = made.report(site, at("11-16", "09:00"))
    closed, reopened = IssueState.CLOSED, IssueState.REOPENED
    made.issue(site, report, at("11-16"), "11-30", [
        (at("11-17"), closed), (at("11-18"), reopened), (at("11-19"), closed), (at("11-20"), reopened),
        (at("11-21"), closed),
    ])
    again = made.issue(site, report, at("11-16"), "11-30")
    office.write(lambda db: db.add(IssueEvent(
        issue_id=again, at=at("11-18"), by=None, verb="found_again", from_state="pending_issue",
        to_state="pending_issue", facts={},
    )))
    assert count()["stock"] == {
        "open_start": 0, "new": 2, "reopened": 2, "closed": 3, "void": 0, "open_end": 1
    }


def test_a_history_that_does_not_add_up_stops_the_report(made: Made, office: SiteOffice, count: Count) -> None:
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    report = made.report(site, at("11-16", "09:00"))
    issue = made.issue(site, report, at("11-16"), "11-30", [(at("11-18"), IssueState.CLOSED)])
    assert count()["stock"]["open_end"] == 0

    def close_twice(db: Any) -> None:
        db.add(IssueEvent(issue_id=issue, at=at("11-19"), by=None, verb="closed", from_state="issued",
                          to_state="closed", facts={}))

    office.write(close_twice)
    with pytest.raises(StockBrokenError, match=rf"{YINGZE}: 0 \+ 1 \+ 0 - 2 - 0 = -1, but 0 are open"):
        count()


def test_an_issue_closed_past_its_history_stops_the_report(made: Made, office: SiteOffice, count: Count) -> None:
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    report = made.report(site, at("11-16", "09:00"))
    made.issue(site, report, at("11-16"), "11-30")
    made.issue(site, report, at("11-16"), "11-30", state=IssueState.CLOSED)
    with pytest.raises(StockBrokenError, match="1 issues are in another state than their history says"):
        count()


def test_an_issue_without_a_history_stops_the_report(made: Made, office: SiteOffice, count: Count) -> None:
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    issue = made.issue(site, made.report(site, at("11-16", "09:00")), at("11-16"), "11-30")
    office.write(lambda db: db.execute(sa.delete(IssueEvent).where(IssueEvent.issue_id == issue)))
    with pytest.raises(StockBrokenError):
        count()


# --- canonical, the same again


def test_the_canonical_json_is_that_of_rfc_8785_and_the_same_each_time(week47: Ids, count: Count) -> None:
    figures = count()
    assert canonical(figures) == rfc8785.dumps(figures)
    assert figures["tables"]["T3"]["rows"][1]["category"] == {"code": "ROAD", "zh": "ROAD", "en": "ROAD"}  # unpublished
    clock.set_source(lambda: at("12-24"))
    assert canonical(count()) == canonical(figures)


def test_the_sample_programme_gives_the_headline_of_the_account(
    app: Any, office: SiteOffice, count: Count
) -> None:
    done = app.test_cli_runner().invoke(args=["sample", "load"])
    assert done.exit_code == 0, done.output
    now = clock.today().isocalendar()
    totals = count(now.year, now.week)["totals"]
    has(
        totals, plan_count=3259, started=922, carried_out=922, start_rate=28.3, households_benefiting=179_000,
        invest_done_yuan=3_165_000_000, invest_done=316_500,
    )
    rows = count(now.year, now.week)["tables"]["T1"]["rows"]
    assert len(rows) == 6
    assert sum(row["plan_count"] for row in rows) == 3259
    assert sum(row["households_benefiting"] for row in rows) == 179_000


def test_reports_are_known_by_their_first_receipt_not_by_their_arrival(
    made: Made, office: SiteOffice, count: Count
) -> None:
    """Sent on Sunday, its last photo on Monday: the receipt, hence the week, is Monday's."""
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    report: uuid.UUID = made.report(site, at("11-23", "00:10"))
    early = {"received_at": at("11-22", "23:50")}
    office.write(lambda db: db.execute(sa.update(Report).where(Report.id == report).values(early)))
    assert count()["totals"]["visits"] == 0
    assert count(iso_week=48)["totals"]["visits"] == 1
    assert not office.read(sa.select(Issue.id))
