"""The programme's words and sums: stages, the fifteen kinds of work, funds, rates and money.

The fifteen kinds are the row "kinds of work" of product.md, one value for each name in it, in its order. Identifiers
are those of glossary.md §7; where the row joins what the glossary parts, one value is made of the two
(`water_drainage` of water and drainage, `power_low_voltage` of power and low_voltage), and where the row parts what
the glossary joins, there are two (`public_square` and `park` of public_space). Classes follow practice.md §2.

Rates are per cent with one decimal, rounded half up, and None for a zero denominator (shown as a dash, never as 0):
weekly_report.md §4. Money is a whole number of fen.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from server.kit.geo import Crs

__all__ = [
    "FINISHED",
    "KINDS",
    "STARTED",
    "Crs",
    "FundSource",
    "Kind",
    "Stage",
    "WorkClass",
    "WorkType",
    "completion_rate",
    "fen_from_yuan",
    "half_up",
    "invest_rate",
    "parse_money",
    "physical_progress",
    "rate",
    "start_rate",
    "wan_from_fen",
    "yi_from_fen",
    "yuan_from_fen",
]


class Stage(StrEnum):
    """Where a site, or one kind of work on it, stands."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    ACCEPTED = "accepted"

    @property
    def zh(self) -> str:
        """The office's word."""
        return _STAGE_NAMES[self][0]

    @property
    def en(self) -> str:
        """The English word."""
        return _STAGE_NAMES[self][1]


_STAGE_NAMES = {
    Stage.NOT_STARTED: ("未开工", "not started"),
    Stage.IN_PROGRESS: ("在建", "in progress"),
    Stage.SUSPENDED: ("停工", "suspended"),
    Stage.COMPLETED: ("完工", "completed"),
    Stage.ACCEPTED: ("已验收", "accepted"),
}

STARTED = frozenset(Stage) - {Stage.NOT_STARTED}
FINISHED = frozenset({Stage.COMPLETED, Stage.ACCEPTED})


class WorkClass(StrEnum):
    """The three classes of 国办发〔2020〕23号."""

    BASIC = "basic"
    IMPROVEMENT = "improvement"
    UPGRADE = "upgrade"

    @property
    def zh(self) -> str:
        """The word of the State Council's paper."""
        return {"basic": "基础类", "improvement": "完善类", "upgrade": "提升类"}[self.value]

    @property
    def en(self) -> str:
        """The English word."""
        return self.value


class WorkType(StrEnum):
    """The kinds of work in the programme; what each is called and counted in stands in `KINDS`."""

    FACADE = "facade"
    CABLE_BURIAL = "cable_burial"
    ILLEGAL_DEMOLITION = "illegal_demolition"
    GREENING = "greening"
    ROAD = "road"
    ENERGY_RETROFIT = "energy_retrofit"
    WATER_DRAINAGE = "water_drainage"
    POWER_LOW_VOLTAGE = "power_low_voltage"
    LIFT = "lift"
    PARKING = "parking"
    EBIKE_SHED = "ebike_shed"
    AGE_FRIENDLY = "age_friendly"
    SERVICE_CENTRE = "service_centre"
    PUBLIC_SQUARE = "public_square"
    PARK = "park"

    @property
    def zh(self) -> str:
        """The name in product.md."""
        return KINDS[self].zh

    @property
    def en(self) -> str:
        """The English name."""
        return KINDS[self].en

    @property
    def unit(self) -> str:
        """What quantities are counted in, as printed."""
        return KINDS[self].unit

    @property
    def work_class(self) -> WorkClass:
        """Basic, improvement or upgrade."""
        return KINDS[self].work_class


class Kind(NamedTuple):
    """A kind of work: names, unit as printed, unit in English, class."""

    zh: str
    en: str
    unit: str
    unit_en: str
    work_class: WorkClass


KINDS: dict[WorkType, Kind] = {
    WorkType.FACADE: Kind("整饰楼体立面", "façade repair", "m²", "m²", WorkClass.BASIC),
    WorkType.CABLE_BURIAL: Kind("线缆入地", "cable undergrounding", "m", "m", WorkClass.BASIC),
    WorkType.ILLEGAL_DEMOLITION: Kind(
        "拆除乱搭乱建", "removal of illegal structures", "m²", "m²", WorkClass.IMPROVEMENT
    ),
    WorkType.GREENING: Kind("美化绿化", "greening", "m²", "m²", WorkClass.IMPROVEMENT),
    WorkType.ROAD: Kind("平整道路", "roads", "m²", "m²", WorkClass.BASIC),
    WorkType.ENERGY_RETROFIT: Kind("节能改造", "energy retrofit", "m²", "m²", WorkClass.IMPROVEMENT),
    WorkType.WATER_DRAINAGE: Kind("供排水", "water and drainage", "m", "m", WorkClass.BASIC),
    WorkType.POWER_LOW_VOLTAGE: Kind("强弱电", "power and low voltage", "m", "m", WorkClass.BASIC),
    WorkType.LIFT: Kind("加装电梯", "lift retrofit", "台", "lifts", WorkClass.IMPROVEMENT),
    WorkType.PARKING: Kind("停车泊位", "parking spaces", "个", "spaces", WorkClass.IMPROVEMENT),
    WorkType.EBIKE_SHED: Kind("充电车棚", "e-bike charging sheds", "个", "sheds", WorkClass.IMPROVEMENT),
    WorkType.AGE_FRIENDLY: Kind("适老化", "age-friendly works", "处", "places", WorkClass.IMPROVEMENT),
    WorkType.SERVICE_CENTRE: Kind("党群服务中心", "service centres", "处", "centres", WorkClass.UPGRADE),
    WorkType.PUBLIC_SQUARE: Kind("公共广场", "public squares", "m²", "m²", WorkClass.UPGRADE),
    WorkType.PARK: Kind("绿地公园", "parks", "m²", "m²", WorkClass.IMPROVEMENT),
}


class FundSource(StrEnum):
    """Where a site's money comes from."""

    CENTRAL = "central"
    PROVINCIAL = "provincial"
    CITY = "city"
    DISTRICT = "district"
    RESIDENTS = "residents"
    SOCIETY = "society"

    @property
    def zh(self) -> str:
        """The office's word."""
        return {
            "central": "中央补助",
            "provincial": "省级补助",
            "city": "市级资金",
            "district": "区级资金",
            "residents": "居民出资",
            "society": "社会资本",
        }[self.value]


Number = int | Decimal
_TENTH = Decimal("0.1")
_FULL = Decimal("100.0")


def half_up(value: Number, step: Decimal = _TENTH) -> Decimal:
    """The value at the step's decimals, halves away from zero (as people round by hand, unlike Python's round)."""
    return Decimal(value).quantize(step, rounding=ROUND_HALF_UP)


def rate(part: Number, whole: Number) -> Decimal | None:
    """`part` of `whole` in per cent, one decimal; None when there is no whole."""
    return None if whole == 0 else half_up(Decimal(part) * 100 / Decimal(whole))


def start_rate(started: Number, planned: Number) -> Decimal | None:
    """开工率: started ÷ planned communities, or households. The one rate that may exceed 100 %."""
    return rate(started, planned)


def completion_rate(completed: Number, planned: Number) -> Decimal | None:
    """完工率: completed (the accepted too) ÷ planned, at most 100 %."""
    return _at_most_full(rate(completed, planned))


def invest_rate(done: Number, planned: Number) -> Decimal | None:
    """投资完成率: Σ invested ÷ Σ planned investment in one unit, at most 100 %; the sums themselves show an excess."""
    return _at_most_full(rate(done, planned))


def physical_progress(items: Iterable[tuple[Number, Number, Number]]) -> Decimal | None:
    """形象进度 of (weight, done, planned) triples, the weight being the work item's contract price.

    Σ(weight × done ÷ planned) ÷ Σ weight, in per cent. Work beyond the plan counts as the plan, so that one item
    overdone does not hide another not begun; items with nothing planned are left out. None without any weight.
    """
    weights, earned = Decimal(0), Decimal(0)
    for weight, done, planned in items:
        if planned > 0:
            weights += weight
            earned += Decimal(weight) * min(Decimal(done), Decimal(planned)) / Decimal(planned)
    return rate(earned, weights)


def _at_most_full(value: Decimal | None) -> Decimal | None:
    return None if value is None else min(value, _FULL)


_MONEY = re.compile(r"(?P<sign>[+-]?)\u00a5?(?P<digits>\d[\d,]*(?:\.\d+)?|\.\d+)(?P<unit>亿元?|万元?|元|分)?")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})*(\.\d+)?")
_FEN = {"亿": 10_000_000_000, "万": 1_000_000, "元": 100, "分": 1}
MAX_FEN = 2**63 - 1  # what a BIGINT holds


def fen_from_yuan(yuan: Number | str) -> int:
    """Whole fen of an amount in yuan.

    ValueError `money-malformed`, `money-fraction-of-fen` (nothing is rounded away) or `money-out-of-range`.
    """
    return _fen(yuan, _FEN["元"])


def parse_money(text: str, unit: str = "元") -> int:
    """Whole fen of an amount as people type it: `343万元`, `31.65亿元`, `1,234.50`, full-width digits too.

    A unit in the text wins over `unit` (元, 万元, 亿元 or 分), which is what the column's header says. ValueError as
    `fen_from_yuan`, and for thousands separators in wrong places.
    """
    tidy = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).removesuffix("整")
    found = _MONEY.fullmatch(tidy)
    if found is None or unit[:1] not in _FEN:
        raise ValueError("money-malformed")
    digits = found["digits"]
    if "," in digits and not _GROUPED.fullmatch(digits):
        raise ValueError("money-malformed")
    return _fen(found["sign"] + digits.replace(",", ""), _FEN[(found["unit"] or unit)[0]])


def yuan_from_fen(fen: int) -> Decimal:
    """Yuan with two decimals."""
    return Decimal(fen).scaleb(-2)


def wan_from_fen(fen: int) -> Decimal:
    """万元 with two decimals, rounded half up, for tables."""
    return half_up(Decimal(fen).scaleb(-6), Decimal("0.01"))


def yi_from_fen(fen: int) -> Decimal:
    """亿元 with two decimals, rounded half up, for headlines such as 31.65亿元."""
    return half_up(Decimal(fen).scaleb(-10), Decimal("0.01"))


def _fen(amount: Number | str, factor: int) -> int:
    if isinstance(amount, bool | float):  # a float has already lost the fen
        raise ValueError("money-malformed")
    if isinstance(amount, str) and len(amount) > 40:
        raise ValueError("money-out-of-range")
    try:
        exact = Decimal(amount) * factor
    except (InvalidOperation, ValueError):
        raise ValueError("money-malformed") from None
    if not exact.is_finite():
        raise ValueError("money-malformed")
    if abs(exact) > MAX_FEN:
        raise ValueError("money-out-of-range")
    if exact != exact.to_integral_value():
        raise ValueError("money-fraction-of-fen")
    return int(exact)
