"""The city's part of the sample: six districts, their share of the plan, the visited places, the invented firms.

Streets are those that china_facts.md §2 gives; the lists of Wanbailin and Jinyuan were cut off there, so they have
none. The middles are rough on purpose.
"""

from typing import NamedTuple

from server.kit.geo import Point
from server.programme.sample.shapes import SampleArea, SampleDistrict, SampleOrganisation


class Plan(NamedTuple):
    """What the sample needs to know of a district."""

    district: SampleDistrict
    middle: Point
    sites: int
    carried_out: int
    streets: tuple[str, ...]
    places: tuple[str, ...]
    contractor: str


MODEL = frozenset({"老军营小区", "金刚堰小区"})
STREET_OF = {"柴村片区": "柴村街道", "老军营小区": "老军营街道"}
PLANS = (
    Plan(
        SampleDistrict("140105", "小店区", "Xiaodian"),
        Point(37.78, 112.57),
        560,
        158,
        ("坞城街道", "营盘街道", "北营街道", "平阳路街道", "黄陵街道", "小店街道", "龙城街道", "北格镇"),
        ("山大宿舍",),
        "contractor-b",
    ),
    Plan(
        SampleDistrict("140106", "迎泽区", "Yingze"),
        Point(37.86, 112.57),
        640,
        182,
        ("柳巷街道", "文庙街道", "庙前街道", "迎泽街道", "桥东街道", "老军营街道", "郝庄镇"),
        ("新南三片区", "老军营小区"),
        "contractor-a",
    ),
    Plan(
        SampleDistrict("140107", "杏花岭区", "Xinghualing"),
        Point(37.88, 112.57),
        720,
        204,
        (
            "巨轮街道",
            "三桥街道",
            "鼓楼街道",
            "杏花岭街道",
            "坝陵桥街道",
            "大东关街道",
            "职工新街街道",
            "敦化坊街道",
            "涧河街道",
        ),
        ("府城文道片区", "金刚堰小区"),
        "contractor-b",
    ),
    Plan(
        SampleDistrict("140108", "尖草坪区", "Jiancaoping"),
        Point(37.94, 112.50),
        430,
        122,
        (
            "尖草坪街道",
            "光社街道",
            "上兰街道",
            "南寨街道",
            "迎新街街道",
            "古城街道",
            "汇丰街道",
            "柴村街道",
            "新城街道",
        ),
        ("柴村片区",),
        "contractor-c",
    ),
    Plan(
        SampleDistrict("140109", "万柏林区", "Wanbailin"),
        Point(37.86, 112.51),
        620,
        174,
        (),
        ("鸿峰小区",),
        "contractor-b",
    ),
    Plan(
        SampleDistrict("140110", "晋源区", "Jinyuan"),
        Point(37.73, 112.49),
        289,
        82,
        (),
        ("化二建小区",),
        "contractor-c",
    ),
)
ORGANISATIONS = (
    SampleOrganisation("contractor-a", "contractor", "示例施工甲公司", "Sample Contractor A"),
    SampleOrganisation("contractor-b", "contractor", "示例施工乙公司", "Sample Contractor B"),
    SampleOrganisation("contractor-c", "contractor", "示例施工丙公司", "Sample Contractor C"),
    SampleOrganisation("client", "client", "示例建设单位", "Sample Client"),
    SampleOrganisation("supervision-firm", "supervision_firm", "示例监理公司", "Sample Supervision Firm"),
)
_SAMPLE_AREAS_EACH = 3


def area_names(plan: Plan) -> list[str]:
    """The visited areas of a district by name, then its sample areas."""
    named = [place for place in plan.places if place.endswith("片区")]
    return named + [f"示例片区{plan.district.zh[:-1]}{n}" for n in range(1, _SAMPLE_AREAS_EACH + 1)]


def districts() -> tuple[SampleDistrict, ...]:
    """The six districts of the city, by code."""
    return tuple(plan.district for plan in PLANS)


def organisations() -> tuple[SampleOrganisation, ...]:
    """Contractors (a has the whole of Yingze, b nothing there), a client and a supervision firm."""
    return ORGANISATIONS


def areas() -> tuple[SampleArea, ...]:
    """The three visited areas by name and three sample areas in each district."""
    return tuple(SampleArea(name, plan.district.code) for plan in PLANS for name in area_names(plan))
