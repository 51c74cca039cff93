"""The register of communities as rows of a table, under headers that the import of sites knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from server.exports import words
from server.exports.tables import Col
from server.kit.actor import Actor
from server.kit.geo import parse_bbox
from server.kit.i18n import Language
from server.kit.sheets import Content
from server.programme import queries
from server.programme.models import Site
from server.programme.money import yuan
from server.programme.queries import SiteFilter
from server.programme.rules import KINDS

AT_ONCE = 500
_MONEY = "#,##0.00"
COLUMNS: tuple[Col, ...] = (
    Col("项目编号", "Code", 20), Col("小区名称", "Community", 24), Col("行政区划码", "GB/T 2260", 11, None, "center"),
    Col("区", "District", 11, None, "center"), Col("片区", "Area", 16), Col("街道", "Sub-district", 16),
    Col("纬度", "Latitude", 12, "0.000000"), Col("经度", "Longitude", 12, "0.000000"),
    Col("进度", "Stage", 12, None, "center"), Col("已实施", "Carried out", 9, None, "center"),
    Col("示范小区", "Model community", 9, None, "center"), Col("示例数据", "Sample", 9, None, "center"),
    Col("户数", "Households", 9, "#,##0"), Col("楼栋数", "Buildings", 9, "#,##0"),
    Col("建筑面积", "Floor area m2", 13, "#,##0.##"), Col("建成年份", "Year built", 9),
    Col("计划年度", "Plan year", 9), Col("计划投资（元）", "Planned investment (yuan)", 18, _MONEY),
    Col("完成投资（元）", "Completed investment (yuan)", 18, _MONEY), Col("计划开工", "Planned start", 12),
    Col("计划完工", "Planned end", 12), Col("开工日期", "Started", 12), Col("完工日期", "Ended", 12),
    Col("施工单位", "Contractor", 24), Col("最近检查", "Last visit", 18), Col("改造内容", "Kinds of work", 40),
    Col("更新时间", "Updated", 18),
)


def filter_of(query: dict[str, Any]) -> SiteFilter:
    """`query` is a loaded SitesFilter."""
    box = parse_bbox(query["bbox"]) if query["bbox"] is not None else None
    return SiteFilter(query["district"], query["stage"], query["work_type"], query["q"], box)


def rows(db: Session, actor: Actor, query: dict[str, Any], language: Language) -> Iterator[list[Content]]:
    """Every site that a list with this filter shows, by code."""
    cursor: str | None = None
    while True:
        page = queries.list_sites(db, actor, filter_of(query), cursor=cursor, limit=AT_ONCE)
        for site in page.items:
            yield _row(site, language)
        db.expunge_all()  # else the session keeps every one of them
        cursor = page.next_cursor
        if cursor is None:
            return


def _row(site: Site, language: Language) -> list[Content]:
    works = [getattr(KINDS[work.type], language) for work in site.work_items]
    return [
        site.code, site.name, site.district_code, getattr(site.district, language),
        site.area.name if site.area else None, site.street, site.lat_wgs84, site.lng_wgs84,
        getattr(site.stage, language), *(words.yes_no(one, language) for one in (
            site.carried_out, site.is_model, site.is_sample,
        )),
        site.households, site.buildings, site.floor_area_m2, site.built_year, site.plan_year,
        yuan(site.investment_planned_fen), yuan(site.investment_done_fen), site.planned_start_on, site.planned_end_on,
        site.started_on, site.ended_on, site.contractor.name if site.contractor else None, site.last_visit_at,
        ("、" if language == "zh" else ", ").join(works) or None, site.updated_at,
    ]
