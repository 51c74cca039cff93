"""The sample programme adds up to the account of August 2022, to the household and to the fen."""

import itertools
import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.geo import Fence, Point, distance_m, in_taiyuan
from server.programme.rules import Stage, WorkType, start_rate, yi_from_fen
from server.programme.sample import AS_OF, SampleSite, areas, districts, organisations, sites
from server.programme.sample.money import fit_total
from tests.effort import calls

ALL = list(sites())
CARRIED = [site for site in ALL if site.carried_out]
BY_NAME = {site.name: site for site in ALL}
VISITED = {
    "府城文道片区": "140107",
    "柴村片区": "140108",
    "新南三片区": "140106",
    "鸿峰小区": "140109",
    "化二建小区": "140110",
    "山大宿舍": "140105",
}
MODELS = {"老军营小区": "140106", "金刚堰小区": "140107"}


def test_the_headline_is_that_of_the_account() -> None:
    assert len(ALL) == 3_259
    assert len(CARRIED) == 922
    assert sum(site.households for site in CARRIED) == 179_000
    assert sum(site.investment_done_fen for site in ALL) == 316_500_000_000
    assert str(yi_from_fen(sum(site.investment_done_fen for site in ALL))) == "31.65"
    assert str(start_rate(len(CARRIED), len(ALL))) == "28.3"


def test_only_what_was_carried_out_has_cost_money_or_work() -> None:
    for site in ALL:
        assert site.carried_out == (site.investment_done_fen > 0) == (site.stage is not Stage.NOT_STARTED)
        if not site.carried_out:
            assert not any(item.reported for item in site.work_items)
            assert not any(fund.received_fen for fund in site.funds)


def test_the_six_districts_have_their_codes_and_share_the_plan() -> None:
    assert [(d.code, d.zh, d.en) for d in districts()] == [
        ("140105", "小店区", "Xiaodian"),
        ("140106", "迎泽区", "Yingze"),
        ("140107", "杏花岭区", "Xinghualing"),
        ("140108", "尖草坪区", "Jiancaoping"),
        ("140109", "万柏林区", "Wanbailin"),
        ("140110", "晋源区", "Jinyuan"),
    ]
    assert set(Counter(site.district_code for site in ALL)) == {d.code for d in districts()}


def test_every_district_has_at_least_forty_sites_in_progress() -> None:
    counted = Counter(site.district_code for site in ALL if site.stage is Stage.IN_PROGRESS)
    assert min(counted.values()) >= 40
    assert len(counted) == 6


@pytest.mark.parametrize(("name", "district"), [*VISITED.items(), *MODELS.items()])
def test_the_places_of_the_account_stand_in_their_districts_and_were_carried_out(name: str, district: str) -> None:
    site = BY_NAME[name]
    assert site.district_code == district
    assert site.carried_out
    assert site.model == (name in MODELS)
    assert site.is_sample


def test_whatever_is_not_named_in_the_account_is_plainly_a_sample() -> None:
    known = VISITED | MODELS
    assert all(site.is_sample and (site.name in known or site.name.startswith("示例")) for site in ALL)
    assert all(area.is_sample and (area.name in known or area.name.startswith("示例")) for area in areas())
    assert all(org.is_sample and org.zh.startswith("示例") and "Sample" in org.en for org in organisations())
    assert sum(site.model for site in ALL) == 2


def test_codes_are_text_one_for_each_site_and_in_order() -> None:
    codes = [site.code for site in ALL]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"1401(0[5-9]|10)-\d{4}", site.code) for site in ALL)
    assert all(site.code.startswith(site.district_code) for site in ALL)
    assert len(BY_NAME) == len(ALL)


def test_areas_lie_in_the_district_of_their_sites() -> None:
    home = {area.name: area.district_code for area in areas()}
    assert len(home) == len(areas())
    grouped = [site for site in ALL if site.area]
    assert 200 < len(grouped) < 700
    assert all(home[site.area or ""] == site.district_code for site in grouped)
    assert all(BY_NAME[name].area == name for name in VISITED if name.endswith("片区"))


def test_where_the_list_of_streets_was_cut_off_no_street_is_invented() -> None:
    assert all((site.street is None) for site in ALL if site.district_code in {"140109", "140110"})
    assert BY_NAME["柴村片区"].street == "柴村街道"
    assert BY_NAME["老军营小区"].street == "老军营街道"
    assert BY_NAME["山大宿舍"].street is None


def test_every_site_is_of_a_likely_size() -> None:
    for site in ALL:
        assert 60 <= site.households <= 600
        assert 2 <= site.buildings <= 20
        assert 60_000_000 <= site.investment_planned_fen <= 1_000_000_000
        assert site.investment_done_fen <= site.investment_planned_fen
        assert 1975 <= site.built_year <= 2000
        assert 60 <= site.floor_area_m2 / site.households <= 95
    assert len({site.households for site in CARRIED}) > 200
    assert len({site.investment_done_fen for site in CARRIED}) > 700


def test_every_site_lies_in_taiyuan_and_in_its_own_fence() -> None:
    for site in ALL:
        assert in_taiyuan(site.lat, site.lng)
    site = BY_NAME["山大宿舍"]
    assert Fence.circle(site.lat, site.lng, site.fence_radius_m).inside(site.lat, site.lng).inside
    assert distance_m(Point(site.lat, site.lng), Point(37.78, 112.57)) < 3_100


def test_work_items_hold_together() -> None:
    for site in ALL:
        assert 2 <= len(site.work_items) <= 6
        assert len({item.type for item in site.work_items}) == len(site.work_items)
        assert sum(item.contract_price_fen for item in site.work_items) == site.investment_planned_fen * 94 // 100
        for item in site.work_items:
            assert item.verified == 0
            assert 0 <= item.reported <= item.planned == item.quantity
            assert item.quantity > 0
            assert item.contract_price_fen > 0
            assert item.unit == item.type.unit
            finished = item.stage in (Stage.COMPLETED, Stage.ACCEPTED)
            assert not finished or item.reported == item.quantity
            assert item.stage is not Stage.NOT_STARTED or item.reported == 0
    assert {item.type for site in CARRIED for item in site.work_items} == set(WorkType)


def test_funds_add_up_to_the_plan_and_nothing_is_spent_before_it_came() -> None:
    for site in ALL:
        assert sum(fund.planned_fen for fund in site.funds) == site.investment_planned_fen
        assert site.investment_done_fen <= sum(fund.received_fen for fund in site.funds) <= site.investment_planned_fen
        assert all(0 <= fund.received_fen <= fund.planned_fen for fund in site.funds)


def test_days_follow_one_another_and_none_that_happened_lies_after_the_account() -> None:
    for site in ALL:
        assert site.planned_start_on < site.planned_end_on
        assert site.planned_start_on.year == site.plan_year
        assert (site.started_on is None) == (site.stage is Stage.NOT_STARTED)
        assert (site.ended_on is None) == (site.stage not in (Stage.COMPLETED, Stage.ACCEPTED))
        if site.started_on is None:
            assert site.planned_start_on > AS_OF
        else:
            assert site.started_on < (site.ended_on or AS_OF) <= AS_OF


def test_contractor_a_has_the_whole_of_yingze_and_contractor_b_nothing_there() -> None:
    by_contractor = Counter((site.contractor, site.district_code == "140106") for site in ALL)
    assert by_contractor["contractor-a", True] == sum(site.district_code == "140106" for site in ALL)
    assert by_contractor["contractor-b", True] == 0
    assert by_contractor["contractor-b", False] > 0
    kinds = {org.key: org.kind for org in organisations()}
    assert {kinds[site.contractor] for site in ALL} == {"contractor"}
    assert {kinds[site.client] for site in ALL} == {"client"}
    assert {kinds[site.supervision_firm] for site in ALL} == {"supervision_firm"}
    assert {org.zh for org in organisations()} >= {"示例施工甲公司", "示例施工乙公司"}


def test_made_again_it_is_the_same_whatever_else_drew_lots_meanwhile() -> None:
    random.seed(1)
    random.random()
    assert list(sites()) == ALL
    assert next(iter(sites(seed=7))) != ALL[0]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_another_seed_gives_other_sites_and_the_same_totals(seed: int) -> None:
    others = list(sites(seed))
    assert sum(site.households for site in others if site.carried_out) == 179_000
    assert sum(site.investment_done_fen for site in others) == 316_500_000_000
    assert sum(site.carried_out for site in others) == 922
    assert all(site.investment_done_fen <= site.investment_planned_fen <= 1_000_000_000 for site in others)


def test_a_site_costs_a_few_thousand_calls_however_many_there_are() -> None:
    assert calls(lambda: list(sites())) < 3_259 * 1_000


def test_a_site_cannot_be_changed_by_whoever_reads_it() -> None:
    first: SampleSite = next(itertools.islice(sites(), 1))
    with pytest.raises(AttributeError):
        first.households = 0  # type: ignore[misc]


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=50), st.data())
def test_any_reachable_total_is_met_exactly_within_the_bounds(values: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(60 * len(values), 600 * len(values)))
    fitted = fit_total(values, total, 60, 600)
    assert sum(fitted) == total
    assert all(60 <= value <= 600 for value in fitted)


def test_a_total_out_of_reach_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^total-out-of-reach$"):
        fit_total([100], 601, 60, 600)
