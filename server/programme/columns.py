"""The columns of a table of sites, by the names that offices give them, and how each cell is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from server.kit import text
from server.kit.geo import Crs
from server.kit.tables import Column
from server.programme.rules import KINDS, MAX_FEN, Stage, WorkType, parse_money

HEADERS: dict[str, tuple[str, ...]] = {
    "code": ("项目编号", "项目编码", "小区编号", "小区编码", "编号", "编码", "代码", "site code", "project code"),
    "name": ("小区名称", "项目名称", "小区", "名称", "community", "site", "site name"),
    "district": ("区", "所在区", "所属区", "区县", "行政区", "区划代码", "district code"),
    "area": ("片区", "片区名称", "renovation area"),
    "street": ("街道", "街道(镇)", "街道/镇", "街道办", "所属街道", "sub-district"),
    "lat": ("纬度", "latitude"),
    "lng": ("经度", "longitude", "lon"),
    "crs": ("坐标系", "坐标系统", "coordinate system", "datum"),
    "fence_radius_m": ("围栏半径", "电子围栏半径", "fence radius"),
    "stage": ("进度", "状态", "阶段", "工程状态", "建设状态", "status"),
    "carried_out": ("已实施", "是否实施", "carried out"),
    "households": ("户数", "居民户数", "惠及户数", "涉及户数"),
    "buildings": ("楼栋数", "楼栋", "栋数", "楼数"),
    "floor_area_m2": ("建筑面积", "改造面积", "floor area", "floor_area"),
    "built_year": ("建成年份", "建成年代", "建成年度", "year built"),
    "plan_year": ("计划年度", "计划年份", "年度", "plan year"),
    "planned_start_on": ("计划开工", "计划开工日期", "计划开工时间", "planned start"),
    "planned_end_on": ("计划完工", "计划完工日期", "计划竣工日期", "计划竣工", "planned end"),
    "started_on": ("开工日期", "实际开工", "实际开工日期", "开工时间", "started"),
    "ended_on": ("完工日期", "竣工日期", "实际完工", "实际完工日期", "ended", "completed on"),
    "investment_planned_fen": (
        "计划投资", "总投资", "计划总投资", "投资额", "investment planned", "planned investment", "investment_planned",
        "investment_planned_yuan",
    ),
    "investment_done_fen": (
        "完成投资", "已完成投资", "累计完成投资", "investment done", "completed investment", "investment_done_yuan",
    ),
    "contractor": ("施工单位", "施工企业", "总包单位"),
}
WORK_FIELDS = ("planned", "reported", "verified", "contract_price_fen")
for _kind in WorkType:
    _zh, _key = KINDS[_kind].zh, _kind.value
    HEADERS[f"{_key}.planned"] = (_zh, f"{_zh}计划", f"{_zh}工程量", f"{_key}_planned", _key)
    HEADERS[f"{_key}.reported"] = (f"{_zh}完成", f"{_zh}已完成", f"{_zh}完成量", f"{_key}_reported")
    HEADERS[f"{_key}.verified"] = (f"{_zh}核实", f"{_zh}已核实", f"{_key}_verified")
    HEADERS[f"{_key}.contract_price_fen"] = (f"{_zh}合同价", f"{_zh}造价", f"{_key}_contract_price_yuan")

_STAGES = {
    **{stage.value: stage for stage in Stage}, **{stage.zh: stage for stage in Stage},
    **{stage.en: stage for stage in Stage},
    "施工中": Stage.IN_PROGRESS, "在施": Stage.IN_PROGRESS, "已开工": Stage.IN_PROGRESS, "已完工": Stage.COMPLETED,
    "竣工": Stage.COMPLETED, "已竣工": Stage.COMPLETED, "验收": Stage.ACCEPTED, "停建": Stage.SUSPENDED,
}
_DATUMS = {
    "wgs84": Crs.WGS84, "gps": Crs.WGS84, "gcj02": Crs.GCJ02, "火星坐标": Crs.GCJ02, "火星坐标系": Crs.GCJ02,
    "高德": Crs.GCJ02, "腾讯": Crs.GCJ02, "bd09": Crs.BD09, "bd09ll": Crs.BD09, "百度": Crs.BD09,
    "百度坐标": Crs.BD09, "cgcs2000": Crs.CGCS2000, "国家2000": Crs.CGCS2000, "2000国家大地坐标系": Crs.CGCS2000,
}
_YES_NO = {"是": True, "yes": True, "true": True, "1": True, "y": True,
           "否": False, "no": False, "false": False, "0": False, "n": False}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]0{1,2}:00(?::00)?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_MONEY_UNITS = {Decimal(1): "元", Decimal(10_000): "万元", Decimal(100_000_000): "亿元", Decimal("0.01"): "分"}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
MAX_LINE = 200


class BadCell(ValueError):  # noqa: N818
    """A cell cannot be read; the message is in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


@dataclass(frozen=True, slots=True)
class Reader:
    """How the cells of one column are read. `unit` says that a unit in the header changes the value; `prose` that its
    words are the office's own, so that a formula stays the text that it is."""

    read: Callable[[str, Column], Any]
    unit: bool = False
    prose: bool = False


def line(cell: str, _column: Column) -> str:
    """One line of text."""
    value = text.one_line(cell)
    if len(value) > MAX_LINE:
        raise BadCell(f"超过 {MAX_LINE} 字", f"is longer than {MAX_LINE} characters")
    return value


def code(cell: str, _column: Column) -> str:
    """A code: text as it stands, full-width digits made plain."""
    value = text.code(cell)
    if len(value) > 60:
        raise BadCell("编号过长", "the code is too long")
    return value


def amount(low: float, high: float, *, whole: bool = False) -> Callable[[str, Column], Any]:
    """A reader of numbers within bounds, in the unit that the header names."""

    def read(cell: str, column: Column) -> Any:
        tidy = text.code(cell).replace(" ", "")
        try:
            if not _NUMBER.fullmatch(tidy) or len(tidy) > 30:
                raise InvalidOperation
            value = Decimal(tidy.replace(",", "")) * (column.factor or 1)
        except InvalidOperation:
            raise BadCell("须为数字", "must be a number") from None
        if not low <= value <= high:
            raise BadCell(f"须在 {low:g} 与 {high:g} 之间", f"must be between {low:g} and {high:g}")
        if whole and value != value.to_integral_value():
            raise BadCell("须为整数", "must be a whole number")
        return int(value) if whole else float(value)

    return read


def money(cell: str, column: Column) -> int:
    """Fen of an amount in the header's unit, or in the cell's own."""
    try:
        fen = parse_money(cell, _MONEY_UNITS.get(column.factor or Decimal(0), ""))
    except ValueError as error:
        known = {
            "money-fraction-of-fen": ("不足一分", "is finer than a fen"),
            "money-out-of-range": ("金额过大", "is too much"),
        }
        raise BadCell(*known.get(str(error), ("须为金额", "must be an amount of money"))) from None
    if not 0 <= fen <= MAX_FEN // 10_000:
        raise BadCell("金额超出范围", "is out of range")
    return fen


def day(cell: str, _column: Column) -> date:
    """A day: 2022-09-14, 2022/9/14, 2022.9.14 or 2022年9月14日."""
    found = _DAY.fullmatch(text.code(cell))
    try:
        value = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        value = None
    if value is None or not FIRST_DAY <= value <= LAST_DAY:
        raise BadCell("须为日期，如 2022-09-14", "must be a day such as 2022-09-14")
    return value


def word(known: dict[str, Any], zh: str, en: str) -> Callable[[str, Column], Any]:
    """A reader of one of a few words; case, spaces, hyphens make no difference."""
    folded = {_plain(name): value for name, value in known.items()}

    def read(cell: str, _column: Column) -> Any:
        value = folded.get(_plain(cell))
        if value is None:
            raise BadCell(zh, en)
        return value

    return read


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", text.fold(name))


def _year(low: int) -> Reader:
    return Reader(amount(low, 2199, whole=True))


_QUANTITY, _MONEY = Reader(amount(0, 1e12), unit=True), Reader(money, unit=True)
_DAYS, _LINE = Reader(day), Reader(line, prose=True)
READERS: dict[str, Reader] = {
    "code": Reader(code, prose=True), "name": _LINE, "district": Reader(code), "area": _LINE, "street": _LINE,
    "lat": Reader(amount(-90, 90)), "lng": Reader(amount(-180, 180)),
    "crs": Reader(word(_DATUMS, "须为 WGS-84、GCJ-02、BD-09 或 CGCS2000", "must be WGS-84, GCJ-02, BD-09 or CGCS2000")),
    "fence_radius_m": Reader(amount(10, 5000), unit=True),
    "stage": Reader(word(_STAGES, "须为未开工、在建、停工、完工或已验收", "must be a stage, such as in_progress")),
    "carried_out": Reader(word(_YES_NO, "须为是或否", "must be yes or no")),
    "households": Reader(amount(0, 10**7, whole=True), unit=True),
    "buildings": Reader(amount(0, 10**6, whole=True), unit=True),
    "floor_area_m2": Reader(amount(0, 1e10), unit=True),
    "built_year": _year(1800), "plan_year": _year(1990),
    "planned_start_on": _DAYS, "planned_end_on": _DAYS, "started_on": _DAYS, "ended_on": _DAYS,
    "investment_planned_fen": _MONEY, "investment_done_fen": _MONEY, "contractor": Reader(line),
    **{
        f"{kind.value}.{name}": _MONEY if name == "contract_price_fen" else _QUANTITY
        for kind in WorkType for name in WORK_FIELDS
    },
}


def wire_name(field: str) -> str:
    """A field as the API names it."""
    return field.replace("_fen", "_yuan")
