"""Positions: the coordinate systems met in China, distances, boxes and site fences.

Everything takes degrees as (latitude, longitude) in that order and metres; rings alone are [lng, lat] as in
GeoJSON. A refusal is a ValueError whose whole message is a stable kebab-case key.
"""

from server.kit.geo.coarse import coarse, coarse_distances
from server.kit.geo.datums import Crs, check_crs, from_wgs84, to_wgs84
from server.kit.geo.fence import ACCURACY_CAP_M, DEFAULT_RADIUS_M, Fence, FenceVerdict
from server.kit.geo.points import (
    TAIYUAN,
    Box,
    Point,
    box_around,
    check_point,
    distance_m,
    in_taiyuan,
    looks_swapped,
    parse_bbox,
    quick_distance_m,
)

__all__ = [
    "ACCURACY_CAP_M",
    "DEFAULT_RADIUS_M",
    "TAIYUAN",
    "Box",
    "Crs",
    "Fence",
    "FenceVerdict",
    "Point",
    "box_around",
    "check_crs",
    "check_point",
    "coarse",
    "coarse_distances",
    "distance_m",
    "from_wgs84",
    "in_taiyuan",
    "looks_swapped",
    "parse_bbox",
    "quick_distance_m",
    "to_wgs84",
]
