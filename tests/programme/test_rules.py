"""The programme's sums: the account's own figures, the office's rounding, and money to the fen."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.programme.rules import (
    KINDS,
    STARTED,
    FundSource,
    Stage,
    WorkClass,
    WorkType,
    completion_rate,
    fen_from_yuan,
    half_up,
    invest_rate,
    parse_money,
    physical_progress,
    rate,
    start_rate,
    wan_from_fen,
    yi_from_fen,
    yuan_from_fen,
)

PRODUCT_MD = [
    *("整饰楼体立面", "线缆入地", "拆除乱搭乱建", "美化绿化", "平整道路", "节能改造", "供排水", "强弱电"),
    *("加装电梯", "停车泊位", "充电车棚", "适老化", "党群服务中心", "公共广场", "绿地公园"),
]


def test_the_fifteen_kinds_of_work_are_those_of_the_account_in_its_order() -> None:
    assert [kind.zh for kind in WorkType] == PRODUCT_MD
    assert len(WorkType) == 15
    assert list(KINDS) == list(WorkType)


def test_every_kind_has_names_a_unit_and_a_class() -> None:
    for kind in WorkType:
        assert kind.zh
        assert kind.en
        assert kind.unit
        assert KINDS[kind].unit_en
        assert kind.work_class in WorkClass
    assert (WorkType.LIFT.unit, WorkType.CABLE_BURIAL.unit, WorkType.FACADE.unit) == ("台", "m", "m²")
    assert WorkType.PARKING.unit == "个"
    assert {kind.work_class for kind in WorkType} == set(WorkClass)


def test_stages_classes_and_funds_speak_both_languages() -> None:
    assert [stage.zh for stage in Stage] == ["未开工", "在建", "停工", "完工", "已验收"]
    assert [stage.en for stage in Stage] == ["not started", "in progress", "suspended", "completed", "accepted"]
    assert Stage.NOT_STARTED not in STARTED
    assert len(STARTED) == 4
    assert [klass.zh for klass in WorkClass] == ["基础类", "完善类", "提升类"]
    assert WorkClass.BASIC.en == "basic"
    assert all(source.zh for source in FundSource)


def test_of_3259_planned_communities_922_carried_out_are_28_point_3_per_cent() -> None:
    assert start_rate(922, 3259) == Decimal("28.3")


def test_the_sample_week_comes_out_as_the_office_printed_it() -> None:
    assert start_rate(581, 600) == Decimal("96.8")
    assert completion_rate(255, 600) == Decimal("42.5")
    assert invest_rate(144_845, 216_000) == Decimal("67.1")


def test_half_goes_up_where_pythons_round_would_go_to_the_even() -> None:
    assert half_up(Decimal("0.25")) == Decimal("0.3")
    assert half_up(Decimal("-0.25")) == Decimal("-0.3")
    assert rate(1, 800) == Decimal("0.1")
    assert rate(1, 2000) == Decimal("0.1")
    assert str(rate(1, 1)) == "100.0"


def test_with_nothing_planned_there_is_no_rate_rather_than_zero() -> None:
    assert start_rate(0, 0) is completion_rate(0, 0) is invest_rate(5, 0) is physical_progress([]) is None


def test_only_the_start_rate_may_exceed_a_hundred() -> None:
    assert start_rate(1027, 1000) == Decimal("102.7")
    assert completion_rate(1027, 1000) == invest_rate(1027, 1000) == Decimal("100.0")


def test_physical_progress_weighs_each_kind_of_work_by_its_price() -> None:
    assert physical_progress([(300, 1, 2), (100, 4, 4)]) == Decimal("62.5")
    assert physical_progress([(Decimal("1.5"), Decimal("0.5"), 2)]) == Decimal("25.0")


def test_work_beyond_the_plan_does_not_hide_work_not_begun() -> None:
    assert physical_progress([(100, 50, 10), (100, 0, 10)]) == Decimal("50.0")


def test_a_kind_of_work_with_nothing_planned_or_no_price_has_no_weight() -> None:
    assert physical_progress([(100, 0, 0), (100, 5, 10)]) == Decimal("50.0")
    assert physical_progress([(0, 5, 10)]) is None


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20))
def test_progress_is_always_between_nothing_and_everything(items: list[tuple[int, int, int]]) -> None:
    progress = physical_progress(items)
    assert progress is None or 0 <= progress <= 100


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("343万元", "元", 343_000_000),
        ("31.65亿元", "元", 316_500_000_000),
        ("31.65 亿", "元", 316_500_000_000),
        ("1,234.50", "元", 123_450),
        ("¥1,234.50元整", "元", 123_450),
        ("343.123456", "万元", 343_123_456),
        ("500元", "万元", 50_000),
        ("\uff11\uff12\uff13\uff14\uff0e\uff15", "元", 123_450),
        ("\uffe51\uff0c234.5", "元", 123_450),
        (".5", "元", 50),
        ("-5", "元", -500),
        ("12分", "元", 12),
        ("0", "亿元", 0),
    ],
)
def test_money_is_read_as_people_type_it(text: str, unit: str, fen: int) -> None:
    assert parse_money(text, unit) == fen


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "money-malformed"),
        ("约343万元", "money-malformed"),
        ("12,34", "money-malformed"),
        ("1.2.3", "money-malformed"),
        ("1e5", "money-malformed"),
        ("NaN", "money-malformed"),
        ("343美元", "money-malformed"),
        ("0.001", "money-fraction-of-fen"),
        ("9" * 30, "money-out-of-range"),
        ("9" * 50, "money-out-of-range"),
    ],
)
def test_money_that_cannot_be_meant_is_refused_by_name(text: str, key: str) -> None:
    with pytest.raises(ValueError, match=rf"^{key}$"):
        parse_money(text)


def test_a_unit_nobody_knows_or_a_float_is_refused() -> None:
    for unit in ("斤", ""):
        with pytest.raises(ValueError, match=r"^money-malformed$"):
            parse_money("1", unit)
    with pytest.raises(ValueError, match=r"^money-malformed$"):
        fen_from_yuan(0.1)  # type: ignore[arg-type]
    for value in ("x", "NaN", "Infinity", Decimal("NaN")):
        with pytest.raises(ValueError, match=r"^money-malformed$"):
            fen_from_yuan(value)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_fen_to_yuan_and_back_loses_nothing(fen: int) -> None:
    assert fen_from_yuan(yuan_from_fen(fen)) == fen
    assert fen_from_yuan(str(yuan_from_fen(fen))) == fen


@given(st.text(max_size=30))
def test_whatever_is_typed_money_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(parse_money(text), int)


def test_headlines_and_tables_show_money_in_the_offices_units() -> None:
    assert str(yuan_from_fen(316_500_000_000)) == "3165000000.00"
    assert str(yi_from_fen(316_500_000_000)) == "31.65"
    assert str(wan_from_fen(343_275_488)) == "343.28"
