"""A week made by hand, 47 of 2026, looked at on the Tuesday after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from flask import Flask

import config
from server import create_app
from server.issues.rules import IssueState
from server.kit import clock
from server.kit.severity import Severity
from server.programme.rules import Stage
from server.reports.rules import State
from server.weekly import rules
from server.weekly.figures import build
from tests.conftest import SECRET, empty_database
from tests.factories import JINYUAN, SiteOffice
from tests.weekly.made import Made, at

LONG_AGO = at("03-01")
TUESDAY = at("11-24", "10:00")
Count = Callable[..., dict[str, Any]]
Ids = dict[str, Any]


class Counted(NamedTuple):
    """The week made by hand: ids by name, and its figures for the city and for Jinyuan."""

    ids: Ids
    city: dict[str, Any]
    jinyuan: dict[str, Any]


@pytest.fixture
def tuesday() -> None:
    clock.set_source(lambda: TUESDAY)


@pytest.fixture
def made(office: SiteOffice, tuesday: None) -> Made:
    return Made(office)


@pytest.fixture
def count(app: Flask) -> Count:
    """Figures of a week as JSON values: `count()` is week 47 of 2026 for the city."""
    return lambda *week, **district: figures_of(app, *week, **district)


def figures_of(app: Flask, iso_year: int = 2026, iso_week: int = 47, district: str | None = None) -> dict[str, Any]:
    conf = app.config["DUDAO"]
    week = rules.week(iso_year, iso_week, starts_on=conf.week_starts_on)
    with app.extensions["dudao"].database.snapshot() as db:
        return build(db, conf, week, district, clock.now())


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def counted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """The week made by hand, counted once on each database for all tests that only look at the figures."""
    home = tmp_path_factory.mktemp("week")
    with empty_database(request, request.param, home) as url:
        app = create_app(config.load(
            {}, env="test", secret_key=SECRET, data_dir=home, uploads_dir=home / "uploads", database_url=url,
            log_level="WARNING",
        ))
        clock.set_source(lambda: TUESDAY)
        try:
            office = SiteOffice(app)
            office.checklists()
            ids = happened(Made(office))
            yield Counted(ids, figures_of(app), figures_of(app, district=JINYUAN))
        finally:
            clock.set_source(None)
            app.extensions["dudao"].database.dispose()


@pytest.fixture
def week47(made: Made) -> Ids:
    return happened(made)


def happened(made: Made) -> Ids:
    """Five visits, six issues and five sites in week 47, and what came just before and after; the ids by name."""
    ids: Ids = {}
    begun, stopped = Stage.IN_PROGRESS, Stage.COMPLETED
    ids["y1"] = y1 = made.site("老军营小区", (LONG_AGO, begun, 500_000))
    ids["y2"] = y2 = made.site(
        "新南三片区", (LONG_AGO, Stage.NOT_STARTED, 0), (at("11-18"), begun, 100_000), households=200,
        planned_yuan=2_000_000,
    )
    ids["y3"] = y3 = made.site(
        "文庙小区", (LONG_AGO, begun, 3_000_000), (at("11-19"), stopped, 3_000_000), households=300,
        planned_yuan=3_000_000,
    )
    ids["y4"] = made.site("后来小区", (at("11-23", "00:00"), Stage.NOT_STARTED, 0), households=999)
    ids["j1"] = j1 = made.site(
        "化二建小区", (LONG_AGO, begun, 300_000), district=JINYUAN, households=150, planned_yuan=1_500_000
    )
    ids["j2"] = made.site(
        "晋祠小区", (LONG_AGO, Stage.ACCEPTED, 500_000), district=JINYUAN, households=50, planned_yuan=500_000
    )

    ids["r1"] = r1 = made.report(y1, at("11-16", "00:00"), passed=9, failed=1, finished=at("11-15", "23:00"))
    ids["r2"] = made.report(y1, at("11-22", "23:59:59.999999"), State.SUBMITTED, passed=5)
    ids["r3"] = made.report(y2, at("11-18"), State.RETURNED, passed=3, failed=2)
    ids["r4"] = r4 = made.report(y3, at("11-19"), passed=4, failed=4, checklist="ROAD")
    made.report(y1, at("11-23", "00:00"), passed=50, failed=50)
    ids["r6"] = r6 = made.report(y1, at("11-15", "23:59:59.999999"), passed=1, corrected=at("11-18"))
    made.report(j1, at("11-17"), State.VOID, district=JINYUAN, passed=70, failed=7)
    ids["r8"] = r8 = made.report(j1, at("11-17"), district=JINYUAN, passed=10)

    issued, closed = IssueState.ISSUED, IssueState.CLOSED
    ids["i1"] = made.issue(y1, r6, at("11-12"), "11-18", [(at("11-12", "15:00"), issued)])
    ids["i2"] = made.issue(
        y1, r6, at("11-10"), "11-15", [(at("11-12"), issued), (at("11-17"), closed)], severity=Severity.MAJOR,
        checklist="FACADE",
    )
    ids["i3"] = made.issue(y1, r1, at("11-17"), "11-18", severity=Severity.CRITICAL, description="=吊篮安全绳未独立固定")
    ids["i4"] = made.issue(y3, r4, at("11-18"), "11-25", [(at("11-19"), IssueState.VOID)], checklist="ROAD")
    ids["i5"] = made.issue(
        j1, r8, at("11-19"), "11-20",
        [(at("11-19", "13:00"), issued), (at("11-20"), IssueState.PENDING_VERIFICATION)], severity=Severity.MAJOR,
        district=JINYUAN, recurs=True,
    )
    ids["i6"] = made.issue(
        y1, r6, at("11-01"), "11-25",
        [(at("11-02"), issued), (at("11-05"), closed), (at("11-20"), IssueState.REOPENED)],
    )
    made.issue(y1, r1, at("11-23", "00:00"), "11-30")
    made.issue(y1, r6, at("2025-12-30"), "2026-01-05", [(at("01-02"), issued), (at("01-03"), closed)])
    return ids

