"""Tables of the programme: districts, areas, sites, their work items, who is assigned, every change."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.models import Organisation
from server.kit.db import Base
from server.kit.geo import Crs
from server.kit.ids import new_id
from server.programme.rules import Stage, WorkType


class District(Base):
    __tablename__ = "district"

    code: Mapped[str] = mapped_column(primary_key=True)  # GB/T 2260, text
    zh: Mapped[str]
    en: Mapped[str]
    position: Mapped[int]


class Area(Base):
    """A renovation area (片区): a cluster of communities in one district."""

    __tablename__ = "area"
    __table_args__ = (sa.UniqueConstraint("district_code", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    district_code: Mapped[str] = mapped_column(sa.ForeignKey("district.code"))
    name: Mapped[str]


class Site(Base):
    """A community under the plan. Money in fen; positions as received and as WGS-84."""

    __tablename__ = "site"
    __table_args__ = (
        sa.CheckConstraint("households >= 0 and buildings >= 0", name="counts"),
        sa.CheckConstraint("investment_planned_fen >= 0 and investment_done_fen >= 0", name="money"),
        sa.CheckConstraint("(lat is null) = (lng is null)", name="position"),
        sa.Index("ix_site_district_code_code", "district_code", "code"),
        sa.Index("ix_site_lat_lng", "lat_wgs84", "lng_wgs84"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    district_code: Mapped[str] = mapped_column(sa.ForeignKey("district.code"))
    area_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("area.id"), index=True)
    street: Mapped[str | None]
    search: Mapped[str]  # folded code, name, area, street
    lat: Mapped[float | None]  # as received, in `crs`
    lng: Mapped[float | None]
    crs: Mapped[Crs] = mapped_column(default=Crs.WGS84)
    lat_wgs84: Mapped[float | None]
    lng_wgs84: Mapped[float | None]
    fence_radius_m: Mapped[float | None]
    fence_polygon: Mapped[list[Any] | None]  # [[lng, lat], …] in WGS-84, closed
    fence_received: Mapped[dict[str, Any] | None]  # {polygon, crs} as received, where that was another system
    stage: Mapped[Stage] = mapped_column(index=True)
    carried_out: Mapped[bool] = mapped_column(default=False)  # 已实施: started and funded under the plan, whatever now
    is_model: Mapped[bool] = mapped_column(default=False)
    is_sample: Mapped[bool] = mapped_column(default=False)
    households: Mapped[int] = mapped_column(default=0)
    buildings: Mapped[int] = mapped_column(default=0)
    floor_area_m2: Mapped[float | None]
    built_year: Mapped[int | None]
    plan_year: Mapped[int | None]
    planned_start_on: Mapped[date | None]
    planned_end_on: Mapped[date | None]
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    investment_planned_fen: Mapped[int] = mapped_column(default=0)
    investment_done_fen: Mapped[int] = mapped_column(default=0)
    contractor_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    last_visit_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]

    district: Mapped[District] = relationship(lazy="joined")
    area: Mapped[Area | None] = relationship(lazy="joined")
    contractor: Mapped[Organisation | None] = relationship(lazy="joined")
    work_items: Mapped[list[WorkItem]] = relationship(lazy="selectin", order_by="WorkItem.type")

    @property
    def location(self) -> dict[str, Any] | None:
        """In WGS-84, with what was `received` where that was another system."""
        if self.lat_wgs84 is None:
            return None
        received = None if self.crs is Crs.WGS84 else {"lat": self.lat, "lng": self.lng, "crs": self.crs}
        return {"lat": self.lat_wgs84, "lng": self.lng_wgs84, "crs": Crs.WGS84, "received": received}

    @property
    def fence(self) -> dict[str, Any]:
        """The site's own polygon (with what was `received` where that was another system) or radius; a radius of None
        is the one that the settings give every site."""
        if not self.fence_polygon:
            return {"radius_m": self.fence_radius_m}
        if not self.fence_received:
            return {"polygon": self.fence_polygon}
        received = {**self.fence_received, "crs": Crs(self.fence_received["crs"])}
        return {"polygon": self.fence_polygon, "received": received}


class WorkItem(Base):
    """One kind of work at a site: planned, reported by the contractor, verified by reviewed evidence.

    `verified_entered` is what the office typed; `verified` is what counts of it: all of it while there is evidence
    (`work_evidence`), nothing while there is none.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        sa.CheckConstraint("planned >= 0 and reported >= 0 and verified >= 0", name="quantities"),
        sa.CheckConstraint("verified = 0 or verified = verified_entered", name="verified"),
    )

    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    type: Mapped[WorkType] = mapped_column(primary_key=True)
    quantity: Mapped[float]
    unit: Mapped[str]
    contract_price_fen: Mapped[int] = mapped_column(default=0)
    planned: Mapped[float]
    reported: Mapped[float] = mapped_column(default=0.0)
    verified: Mapped[float] = mapped_column(default=0.0)
    verified_entered: Mapped[float] = mapped_column(default=0.0)
    stage: Mapped[Stage] = mapped_column(default=Stage.NOT_STARTED)


class WorkEvidence(Base):
    """An approved report, with photos, on one kind of work at a site. Written by reports, whose ids these are."""

    __tablename__ = "work_evidence"

    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    type: Mapped[WorkType] = mapped_column(primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True)
    report_number: Mapped[str]
    revision: Mapped[int]
    approved_at: Mapped[datetime]


class SiteState(Base):
    """A site's countable facts from `at` on, one row per change: what `as_of` sums and the week compares."""

    __tablename__ = "site_state"
    __table_args__ = (sa.Index("ix_site_state_site_id_at", "site_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"))
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    stage: Mapped[Stage]
    carried_out: Mapped[bool]
    households: Mapped[int]
    investment_planned_fen: Mapped[int]
    investment_done_fen: Mapped[int]


class SiteChange(Base):
    """One field of a site that somebody changed, with the value before and after."""

    __tablename__ = "site_change"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    field: Mapped[str]
    before: Mapped[dict[str, Any]]  # {"value": …}
    after: Mapped[dict[str, Any]]
    source: Mapped[str]  # patch | import | evidence


class Assignment(Base):
    """An inspector's site. An ended one still lets reports in that were filled before it ended."""

    __tablename__ = "assignment"

    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
