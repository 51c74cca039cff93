"""The sample programme: Taiyuan's plan as the account of August 2022 adds up, everything beneath the totals invented.

True are the totals, the six districts with their codes, and the names of the eight places (product.md). All else
comes from a fixed seed and carries `is_sample`: no real community, firm, price or position may be read from it.
Positions are scattered round a rough middle of each district. The programme stands as of `AS_OF`, whatever the
clock says.

`reported` is what the contractor says is done; `verified` is 0 throughout, since verified work rests on reviewed
evidence and no sample site has any. Sizes follow practice.md §1: 60–600 households, 2–20 buildings, 0.6–10 million
yuan planned for a site.
"""

from server.programme.sample.city import areas, districts, organisations
from server.programme.sample.draw import (
    AS_OF,
    CARRIED_OUT,
    HOUSEHOLDS_BENEFITING,
    INVESTED_FEN,
    SEED,
    TOTAL_SITES,
    sites,
)
from server.programme.sample.shapes import (
    SampleArea,
    SampleDistrict,
    SampleFund,
    SampleOrganisation,
    SampleSite,
    SampleWorkItem,
)

__all__ = [
    "AS_OF",
    "CARRIED_OUT",
    "HOUSEHOLDS_BENEFITING",
    "INVESTED_FEN",
    "SEED",
    "TOTAL_SITES",
    "SampleArea",
    "SampleDistrict",
    "SampleFund",
    "SampleOrganisation",
    "SampleSite",
    "SampleWorkItem",
    "areas",
    "districts",
    "organisations",
    "sites",
]
