"""Weeks and formulas, by hand and by their laws."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from server.kit import clock
from server.weekly import rules

WEIGHTS = rules.parse_weights("25,20,20,20,15")
counts = st.integers(0, 10**9)


# --- weeks


def test_week_47_of_2026_is_16_to_22_november_by_the_clock_of_shanghai() -> None:
    week = rules.week(2026, 47)
    assert (week.starts_on, week.ends_on) == (date(2026, 11, 16), date(2026, 11, 22))
    assert week.start.isoformat() == "2026-11-15T16:00:00+00:00"
    assert week.end.isoformat() == "2026-11-22T16:00:00+00:00"


def test_2026_has_a_week_53_and_2027_none() -> None:
    last = rules.week(2026, 53)
    assert (last.starts_on, last.ends_on) == (date(2026, 12, 28), date(2027, 1, 3))
    assert rules.week(2027, 1).previous() == last
    assert rules.week(2027, 1).starts_on == date(2027, 1, 4)
    with pytest.raises(ValueError, match="53"):
        rules.week(2027, 53)


def test_the_year_is_counted_from_1_january_or_from_the_first_day_of_its_first_week() -> None:
    assert rules.week(2026, 47).year_starts_on == date(2026, 1, 1)
    assert rules.week(2026, 53).year_starts_on == date(2026, 1, 1)
    assert rules.week(2025, 1).year_starts_on == date(2024, 12, 30)
    assert rules.week(2027, 1).year_starts_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("starts_on", "first"),
    [(1, "2026-11-16"), (2, "2026-11-17"), (4, "2026-11-19"), (5, "2026-11-13"), (6, "2026-11-14"), (7, "2026-11-15")],
)
def test_an_office_may_start_its_week_on_another_day(starts_on: int, first: str) -> None:
    week = rules.week(2026, 47, starts_on=starts_on)
    assert week.starts_on == date.fromisoformat(first)
    assert week.starts_on.isoweekday() == starts_on


@given(st.dates(date(2000, 1, 10), date(2199, 12, 1)), st.integers(1, 7))
def test_every_day_is_in_one_week_and_weeks_follow_each_other(day: date, starts_on: int) -> None:
    week = rules.week_of(day, starts_on=starts_on)
    assert week.starts_on <= day <= week.ends_on
    assert week == rules.week(week.iso_year, week.iso_week, starts_on=starts_on)
    assert week.start <= clock.start_of(day) < week.end
    assert week.previous().end == week.start
    assert week.previous() == rules.week_of(day - timedelta(days=7), starts_on=starts_on)
    in_iso_week = [(week.starts_on + timedelta(days=n)).isocalendar()[:2] for n in range(7)]
    assert in_iso_week.count((week.iso_year, week.iso_week)) >= 4


# --- rates


def test_the_rates_of_the_sample_page_come_out_as_printed() -> None:
    assert str(rules.rate(581, 600)) == "96.8"
    assert str(rules.rate(255, 600)) == "42.5"
    assert str(rules.rate(144_845, 216_000)) == "67.1"
    assert str(rules.rate(113, 326)) == "34.7"
    assert str(rules.rate(98, 111)) == "88.3"
    assert str(rules.rate(1441, 1565)) == "92.1"
    assert str(rules.points((581, 600), (568, 600))) == "2.2"  # 13 ÷ 600, not 96.8 - 94.7


def test_halves_go_up_and_nothing_by_nothing_is_not_nought() -> None:
    assert str(rules.rate(1, 2000)) == "0.1"  # 0.05
    assert str(rules.rate(1, 800)) == "0.1"  # 0.125
    assert str(rules.half_up(Fraction(-5, 100))) == "-0.1"
    assert rules.rate(0, 0) is None
    assert rules.rate(5, 0) is None
    assert rules.points((1, 0), (1, 2)) is None
    assert rules.points((1, 2), (1, 0)) is None
    assert rules.ratio(3, 0) is None
    assert rules.growth(3, 0) is None
    assert rules.capped_rate(3, 2) == 100
    assert rules.rate(3, 2) == 150


@given(counts, st.integers(1, 10**9))
def test_a_rate_is_within_half_a_tenth_of_the_truth_and_exact_halves_go_up(part: int, whole: int) -> None:
    shown = rules.rate(part, whole)
    assert shown is not None
    error = Fraction(shown) - Fraction(100 * part, whole)
    assert Fraction(-1, 20) < error <= Fraction(1, 20)
    assert -shown.as_tuple().exponent == 1


@given(st.tuples(counts, st.integers(1, 10**6)), st.tuples(counts, st.integers(1, 10**6)))
def test_a_change_is_the_opposite_of_its_opposite(now: tuple[int, int], before: tuple[int, int]) -> None:
    there, back = rules.points(now, before), rules.points(before, now)
    assert there is not None
    assert back is not None
    assert there == -back


# --- score and ranks

SAMPLE = {  # the six districts of weekly_report.md §5: started, completed, plan, money, on time, first pass, score
    "迎泽区": (117, 66, 118, (33180, 42000), (19, 19), (18, 19), "86.0"),
    "杏花岭区": (124, 61, 124, (33750, 45000), (21, 22), (18, 20), "82.4"),
    "万柏林区": (109, 44, 112, (26650, 41000), (21, 24), (16, 20), "74.7"),
    "尖草坪区": (79, 31, 82, (17955, 28500), (12, 14), (10, 12), "73.9"),
    "小店区": (101, 38, 108, (22910, 39500), (17, 21), (12, 16), "69.5"),
    "晋源区": (51, 15, 56, (10400, 20000), (8, 11), (6, 8), "64.3"),
}


@pytest.mark.parametrize("district", SAMPLE)
def test_the_scores_of_the_sample_page_come_out_as_printed(district: str) -> None:
    started, completed, plan, money, on_time, first, printed = SAMPLE[district]
    parts = {
        "start_rate": (started, plan), "completion_rate": (completed, plan), "invest_rate": money,
        "on_time_rate": on_time, "first_pass_rate": first,
    }
    assert str(rules.score(parts, WEIGHTS)) == printed


def test_a_missing_part_shares_its_weight_out() -> None:
    parts: dict[str, tuple[int, int] | None] = dict.fromkeys(rules.PARTS)
    assert rules.score(parts, WEIGHTS) is None
    assert rules.score({**parts, "start_rate": (0, 0)}, WEIGHTS) is None
    assert str(rules.score({**parts, "start_rate": (1, 2)}, WEIGHTS)) == "50.0"
    # 25 × 1 (no more than 1) and 20 × 0.5, of 45
    assert str(rules.score({**parts, "start_rate": (9, 3), "completion_rate": (1, 2)}, WEIGHTS)) == "77.8"


@given(st.lists(st.one_of(st.none(), st.tuples(counts, counts)), min_size=5, max_size=5))
def test_a_score_lies_between_its_worst_and_its_best_part(given_parts: list[tuple[int, int] | None]) -> None:
    parts = dict(zip(rules.PARTS, given_parts, strict=True))
    there = [min(Fraction(1), Fraction(*part)) * 100 for part in given_parts if part and part[1]]
    got = rules.score(parts, WEIGHTS)
    if not there:
        assert got is None
        return
    assert got is not None
    assert min(there) - Fraction(1, 20) <= Fraction(got) <= max(there) + Fraction(1, 20)
    assert 0 <= got <= 100


def test_equal_scores_share_a_place_and_the_next_is_left_out() -> None:
    scores = [Decimal(x) if x else None for x in ("80.0", "90.0", "", "90.0", "70.5")]
    assert rules.ranks(scores) == [3, 1, None, 1, 4]
    assert rules.ranks([]) == []


@given(st.lists(st.one_of(st.none(), st.decimals(0, 100, places=1)), max_size=12))
def test_a_place_is_one_more_than_the_number_of_better_ones(scores: list[Decimal | None]) -> None:
    places = rules.ranks(scores)
    for score, place in zip(scores, places, strict=True):
        assert (score is None) == (place is None)
    for one, place in zip(scores, places, strict=True):
        for other, others in zip(scores, places, strict=True):
            if one is not None and other is not None and place is not None and others is not None:
                assert (one > other) == (place < others)
    given_places = sorted(place for place in places if place is not None)
    assert not given_places or given_places[0] == 1


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,x", "0,0,0,0,0", "25,20,20,20,-15"])
def test_wrong_weights_do_not_start(text: str) -> None:
    with pytest.raises(ValueError):
        rules.parse_weights(text)
    if text:
        with pytest.raises(config.ConfigError, match="DUDAO_WEEK_SCORE_WEIGHTS"):
            config.load({"DUDAO_WEEK_SCORE_WEIGHTS": text}, env="test", secret_key="x")


# --- stock and names


def test_a_stock_that_does_not_add_up_says_where_and_how() -> None:
    rules.check_stock("140106", rules.Stock(71, 136, 0, 83, 0, 124))
    with pytest.raises(rules.StockBrokenError, match=r"140106: 71 \+ 136 \+ 0 - 83 - 0 = 124, but 123 are open"):
        rules.check_stock("140106", rules.Stock(71, 136, 0, 83, 0, 123))


def test_documents_are_named_as_the_office_names_them() -> None:
    week = rules.week(2026, 47)
    assert rules.stem(week) == "太原市老旧小区改造督导周报_2026年第47周_20261116-20261122"
    assert rules.stem(week, "迎泽/区*") == "太原市老旧小区改造督导周报_迎泽_区__2026年第47周_20261116-20261122"
    assert rules.ascii_stem(rules.week(2027, 1), "140106") == "weekly-report_140106_2027-W01_20270104-20270110"
