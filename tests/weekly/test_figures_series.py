"""The stock through random legal moves, week by week; weeks that were not cut at midnight."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.issues.models import Issue, IssueEntry, IssueEvent
from server.issues.rules import MOVES, IssueState, Move
from server.kit import clock
from server.programme.rules import Stage
from server.weekly.figures import build
from server.weekly.rules import Week, week
from tests.factories import SiteOffice
from tests.weekly.conftest import LONG_AGO, TUESDAY, Count
from tests.weekly.made import Made, at
from tests.weekly.test_figures import has

histories = st.tuples(
    st.booleans(), st.integers(0, 24 * 70),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 400)), max_size=14),
)


def walked(draft: bool, picks: list[tuple[int, int]], opened: Any) -> list[tuple[Any, Move]]:
    """Legal moves only, each some hours after the last, none after now."""
    state, moment, path = IssueState.DRAFT if draft else IssueState.PENDING_ISSUE, opened, []
    for pick, hours in picks:
        moment += timedelta(hours=hours)
        legal = [move for move in Move if state in MOVES[move].states]
        if not legal or moment >= TUESDAY:
            break
        move = legal[pick % len(legal)]
        path.append((moment, move))
        state = MOVES[move].to or state
    return path


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories=st.lists(histories, min_size=1, max_size=8))
@example(stories=[(True, 1200, [(2, 5), (1, 5)])])  # a draft that is edited, then thrown away
@example(stories=[(True, 0, [(1, 5)]), (True, 30, []), (False, 300, [(0, 1), (0, 1), (0, 1), (0, 1), (0, 200)])])
def test_through_any_legal_moves_the_stock_adds_up_and_the_weeks_join(
    made: Made, office: SiteOffice, count: Count, stories: list[tuple[bool, int, list[tuple[int, int]]]]
) -> None:
    """Counted by itself, every week agrees with the week after it about the stock between them."""
    for table in (IssueEntry, IssueEvent, Issue):
        office.write(lambda db, table=table: db.execute(sa.delete(table)))
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    for n, (draft, hours, picks) in enumerate(stories):
        opened = at("09-21") + timedelta(hours=hours)
        if opened < TUESDAY:
            made.story(site, None, opened, "11-20", walked(draft, picks, opened), draft=draft, item=f"ELEV-{n}")
    weeks = {number: count(iso_week=number) for number in (46, 47, 48)}
    for number, figures in weeks.items():
        stock, shown = figures["stock"], figures["series"]["F5"]
        assert len(shown) == 8
        has(shown[-1], iso_week=number, new=stock["new"], closed=stock["closed"], open_end=stock["open_end"])
        if number > 46:
            before = weeks[number - 1]["series"]["F5"]
            assert stock["open_start"] == weeks[number - 1]["stock"]["open_end"]
            assert shown[:-1] == before[1:]
        totals = figures["totals"]
        assert 0 <= totals["on_time"] <= totals["due"]
        assert 0 <= totals["first_passes"] <= totals["first_verifications"]
        for name in ("due", "on_time", "first_verifications", "first_passes"):
            where = figures["lists"][name]["where"]
            rows = figures["tables"]["T7"]["rows"]
            assert sum(all(row[key] == value for key, value in where.items()) for row in rows) == totals[name]


# --- weeks cut elsewhere than at midnight


def cut(app: Flask, one: Week, **more: Any) -> dict[str, Any]:
    with app.extensions["dudao"].database.snapshot() as db:
        return build(db, app.config["DUDAO"], one, None, clock.now(), **more)


def test_a_week_frozen_early_ends_there_and_the_next_one_begins_there(made: Made, app: Flask) -> None:
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0), (at("11-20", "19:00"), Stage.IN_PROGRESS, 10_000))
    made.report(site, at("11-20", "17:59"))
    made.report(site, at("11-20", "18:00"))
    steps = [(at("11-17"), Move.NOTICE), (at("11-20", "18:00"), Move.REPLY), (at("11-20", "20:00"), Move.PASS)]
    made.story(site, None, at("11-16"), "11-20", steps, item="ELEV-1")  # in time, though after the cut-off
    made.story(site, None, at("11-20", "18:00"), "11-30", item="ELEV-2")
    frozen = week(2026, 47)._replace(end=at("11-20", "18:00"))
    following = week(2026, 48)._replace(start=at("11-20", "18:00"))

    def past(one: Week) -> Week:
        return frozen if one.iso_week == 48 else one.previous()

    this, after = cut(app, frozen), cut(app, following, past=past)
    has(this["totals"], visits=1, new_issues=1, closed=0, open_end=1, due=0, on_time=0, first_verifications=0,
        invest_done=0)
    assert this["week"]["is_over"] is True
    assert this["tables"]["T7"]["rows"][0]["measure"] is None
    has(after["totals"], visits=1, new_issues=1, closed=1, open_start=1, open_end=1, first_verifications=1, invest_done=1,
        due=1, on_time=1, on_time_rate=100)
    assert after["changes"]["visits_change"] == 0
    assert after["series"]["F5"][-2:] == [
        {"iso_year": 2026, "iso_week": 47, "new": 1, "closed": 0, "open_end": 1},
        {"iso_year": 2026, "iso_week": 48, "new": 1, "closed": 1, "open_end": 1},
    ]
    assert [one["invest_done"] for one in after["series"]["F2"][-2:]] == [0, 1]


def test_figures_of_a_moment_are_those_of_what_was_known_then(made: Made, app: Flask) -> None:
    """Counted again later as of the same moment, what came since is not seen."""
    site = made.site("一", (LONG_AGO, Stage.IN_PROGRESS, 0))
    made.story(site, None, at("11-16"), "11-18", [(at("11-17"), Move.NOTICE), (at("11-19"), Move.REPLY)])
    made.report(site, at("11-20"))
    with app.extensions["dudao"].database.snapshot() as db:
        then = build(db, app.config["DUDAO"], week(2026, 47), None, at("11-18", "09:00"))
    has(then["totals"], visits=0, new_issues=1, overdue=0, on_time=0, open_end=1)
    has(then["tables"]["T7"]["rows"][0], state="issued", done_on=None)
    assert then["series"]["F5"][-1]["open_end"] == 1
