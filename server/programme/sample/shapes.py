"""What the sample programme is made of: plain frozen records, money in fen, m and m², WGS-84 degrees."""

from dataclasses import dataclass
from datetime import date

from server.programme.rules import FundSource, Stage, WorkType


@dataclass(frozen=True, slots=True)
class SampleDistrict:
    """A district: GB/T 2260 code, names."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SampleOrganisation:
    """A firm that exists only here. `kind` is contractor, client or supervision_firm."""

    key: str
    kind: str
    zh: str
    en: str
    is_sample: bool = True


@dataclass(frozen=True, slots=True)
class SampleArea:
    """A 片区: a cluster of sites in one district."""

    name: str
    district_code: str
    is_sample: bool = True


@dataclass(frozen=True, slots=True)
class SampleFund:
    """Money for a site from one source: promised and received, in fen."""

    source: FundSource
    planned_fen: int
    received_fen: int


@dataclass(frozen=True, slots=True)
class SampleWorkItem:
    """One kind of work on a site. `planned` equals `quantity`, in the unit of the kind; price in fen."""

    type: WorkType
    quantity: int
    unit: str
    contract_price_fen: int
    planned: int
    reported: int
    verified: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class SampleSite:
    """One community of the plan."""

    code: str
    name: str
    district_code: str
    area: str | None
    street: str | None
    lat: float
    lng: float
    fence_radius_m: int
    stage: Stage
    carried_out: bool
    model: bool
    households: int
    buildings: int
    floor_area_m2: int
    built_year: int
    plan_year: int
    planned_start_on: date
    planned_end_on: date
    started_on: date | None
    ended_on: date | None
    investment_planned_fen: int
    investment_done_fen: int
    funds: tuple[SampleFund, ...]
    work_items: tuple[SampleWorkItem, ...]
    contractor: str
    client: str
    supervision_firm: str
    is_sample: bool = True
