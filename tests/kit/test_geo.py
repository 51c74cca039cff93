"""Positions: whatever system a phone speaks, the site's fence is judged in one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.geo import (
    TAIYUAN,
    Box,
    Crs,
    Fence,
    Point,
    box_around,
    check_point,
    distance_m,
    from_wgs84,
    in_taiyuan,
    looks_swapped,
    parse_bbox,
    quick_distance_m,
    to_wgs84,
)
from tests.effort import calls

SQUARE = Point(37.87, 112.55)  # a spot in Taiyuan, from china_facts.md §1
YARD = [[112.550, 37.870], [112.552, 37.870], [112.552, 37.872], [112.550, 37.872], [112.550, 37.870]]

taiyuan = st.tuples(st.floats(TAIYUAN.south, TAIYUAN.north), st.floats(TAIYUAN.west, TAIYUAN.east))
mainland = st.tuples(st.floats(18.5, 53.0), st.floats(74.0, 134.0))
shifted = st.sampled_from([Crs.GCJ02, Crs.BD09])


@pytest.mark.parametrize(
    ("crs", "lat", "lng"),
    [("gcj02", 37.870523, 112.556297), ("bd09", 37.876851, 112.562675), ("cgcs2000", 37.87, 112.55)],
)
def test_the_written_vectors_come_out_to_the_sixth_decimal(crs: str, lat: float, lng: float) -> None:
    there = from_wgs84(*SQUARE, crs)
    assert (round(there.lat, 6), round(there.lng, 6)) == (lat, lng)


@pytest.mark.parametrize(("crs", "lat", "lng"), [("gcj02", 30.279164, 120.026268), ("bd09", 30.285238, 120.032768)])
def test_the_pair_that_aliyun_documents_is_met_within_two_metres(crs: str, lat: float, lng: float) -> None:
    assert distance_m(from_wgs84(30.281543, 120.021519, crs), Point(lat, lng)) < 2.0


def test_in_taiyuan_the_shift_is_larger_than_any_fence() -> None:
    assert 553 <= distance_m(SQUARE, from_wgs84(*SQUARE, "gcj02")) <= 575
    assert 1_300 <= distance_m(SQUARE, from_wgs84(*SQUARE, "bd09")) <= 1_400


@given(mainland, shifted)
def test_there_and_back_again_is_the_same_spot(spot: tuple[float, float], crs: Crs) -> None:
    assert quick_distance_m(to_wgs84(*from_wgs84(*spot, crs), crs), Point(*spot)) < 1e-5


@given(taiyuan, shifted)
def test_back_and_there_again_is_the_same_spot_too(spot: tuple[float, float], crs: Crs) -> None:
    assert quick_distance_m(from_wgs84(*to_wgs84(*spot, crs), crs), Point(*spot)) < 1e-5


@pytest.mark.parametrize("crs", list(Crs))
@pytest.mark.parametrize("spot", [(51.5, -0.12), (0.0, 0.0), (-33.9, 151.2), (90.0, 180.0), (-90.0, -180.0)])
def test_outside_china_nothing_is_shifted(spot: tuple[float, float], crs: Crs) -> None:
    assert from_wgs84(*spot, crs) == to_wgs84(*spot, crs) == Point(*spot)


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(list(Crs)))
def test_any_place_on_earth_converts_to_a_finite_place(lat: float, lng: float, crs: Crs) -> None:
    for point in (to_wgs84(lat, lng, crs), from_wgs84(lat, lng, crs)):
        assert math.isfinite(point.lat)
        assert math.isfinite(point.lng)


@pytest.mark.parametrize(
    ("lat", "lng", "key"),
    [
        (math.nan, 112.5, "coordinate-not-finite"),
        (37.8, math.inf, "coordinate-not-finite"),
        (10**400, 112.5, "coordinate-not-finite"),
        (True, 112.5, "coordinate-not-a-number"),
        ("37.8", 112.5, "coordinate-not-a-number"),
        (None, 112.5, "coordinate-not-a-number"),
        (90.001, 112.5, "latitude-out-of-range"),
        (112.5, 37.8, "latitude-out-of-range"),
        (37.8, -180.5, "longitude-out-of-range"),
    ],
)
def test_what_is_no_place_on_earth_is_refused_by_name(lat: float, lng: float, key: str) -> None:
    for attempt in (
        lambda: check_point(lat, lng),
        lambda: to_wgs84(lat, lng, "gcj02"),
        lambda: Fence.circle(37.8, 112.5).inside(lat, lng),
        lambda: box_around(lat, lng, 10),
    ):
        with pytest.raises(ValueError, match=rf"^{key}$"):
            attempt()


def test_a_system_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^crs-unknown$"):
        to_wgs84(*SQUARE, "WGS 84")


def test_metres_agree_with_a_known_geodesic() -> None:
    # The length of one degree of latitude about 37.5°, by the usual cosine series of WGS-84.
    by_series = 111_132.92 - 559.82 * math.cos(math.radians(75)) + 1.175 * math.cos(math.radians(150))
    assert distance_m(Point(37, 112), Point(38, 112)) == pytest.approx(by_series, abs=0.5)
    assert distance_m(SQUARE, SQUARE) == 0


@given(taiyuan, taiyuan)
def test_the_quick_distance_is_good_enough_for_lists(a: tuple[float, float], b: tuple[float, float]) -> None:
    exact = distance_m(Point(*a), Point(*b))
    assert quick_distance_m(Point(*a), Point(*b)) == pytest.approx(exact, rel=0.006, abs=0.01)


@given(taiyuan, st.floats(0, 20_000), st.floats(0, 2 * math.pi))
def test_the_box_round_a_circle_holds_the_circle(centre: tuple[float, float], radius: float, angle: float) -> None:
    lat = centre[0] + math.degrees(radius / 6_371_008.8) * math.sin(angle) * 0.99
    east_m = radius * math.cos(angle) * 0.99
    lng = centre[1] + math.degrees(east_m / (6_371_008.8 * math.cos(math.radians(centre[0]))))
    if distance_m(Point(*centre), Point(lat, lng)) <= radius:
        assert box_around(*centre, radius).contains(lat, lng)


def test_a_box_over_a_pole_or_the_date_line_takes_all_longitudes() -> None:
    assert box_around(90, 0, 1000)[::2] == (-180, 180)
    assert box_around(0, 179.9999, 1000)[::2] == (-180, 180)
    for radius in (-1, math.nan):
        with pytest.raises(ValueError, match=r"^radius-out-of-range$"):
            box_around(0, 0, radius)


def test_a_bbox_is_read_west_south_east_north() -> None:
    assert parse_bbox("111.5, 37.45,113.15,38.42") == TAIYUAN == Box(111.50, 37.45, 113.15, 38.42)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,1,2,3", "3,1,2,4", "1,4,2,3", "1,1,1,91"])
def test_a_bbox_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^bbox-malformed$"):
        parse_bbox(text)


def test_zero_zero_and_swapped_axes_are_not_in_taiyuan() -> None:
    assert in_taiyuan(*SQUARE)
    assert not in_taiyuan(0, 0)
    assert looks_swapped(112.55, 37.87)
    assert not looks_swapped(37.87, 112.55)
    assert not looks_swapped(0, 0)


def north_of(point: Point, metres: float) -> Point:
    return Point(point.lat + metres / 110_990, point.lng)


@pytest.mark.parametrize(
    ("metres", "accuracy", "inside"),
    [
        (0, None, True),
        (199, None, True),
        (201, None, False),
        (201, 5, True),
        (299, 100, True),
        (301, 100, False),
        (301, 5000, False),
    ],
)
def test_a_fix_is_inside_up_to_the_radius_plus_an_accuracy_of_at_most_100_m(
    metres: float, accuracy: float | None, inside: bool
) -> None:
    fix = north_of(SQUARE, metres)
    verdict = Fence.circle(*SQUARE).inside(*fix, accuracy)
    assert verdict.inside is inside
    assert verdict.distance_m == pytest.approx(metres, abs=0.5)
    assert verdict.allowed_m == 200 + min(accuracy or 0, 100)


def test_a_gcj02_fix_taken_for_wgs84_falls_outside_and_converted_it_is_inside() -> None:
    fence, fix = Fence.circle(*SQUARE), from_wgs84(*SQUARE, "gcj02")
    assert not fence.inside(*fix, 30).inside
    assert fence.inside(*to_wgs84(*fix, "gcj02"), 30).inside


def test_a_polygon_measures_to_its_edge_and_only_from_outside() -> None:
    fence = Fence.polygon(YARD)
    assert fence.inside(37.871, 112.551, 3) == (True, 0.0, 3)
    assert fence.inside(37.870, 112.550) == (True, 0.0, 0.0)
    beyond = fence.inside(37.871, 112.553, 20)
    assert not beyond.inside
    assert beyond.distance_m == pytest.approx(distance_m(Point(37.871, 112.552), Point(37.871, 112.553)), rel=1e-3)
    assert fence.inside(37.871, 112.553, 90).inside
    assert fence.inside(37.8729, 112.551).distance_m == pytest.approx(99.9, abs=0.3)


def test_a_geojson_polygon_is_the_same_fence() -> None:
    assert Fence.polygon({"type": "Polygon", "coordinates": [YARD]}) == Fence.polygon(YARD)


@given(taiyuan)
def test_far_from_the_yard_a_polygon_never_says_inside(spot: tuple[float, float]) -> None:
    verdict = Fence.polygon(YARD).inside(*spot, 100)
    assert verdict.inside == (verdict.distance_m <= 100)
    if quick_distance_m(Point(*spot), Point(37.871, 112.551)) > 1_000:
        assert not verdict.inside


RING_OF_501 = [
    [112.55 + 0.002 * math.cos(i / 500 * 2 * math.pi), 37.87 + 0.002 * math.sin(i / 500 * 2 * math.pi)]
    for i in range(500)
]


@pytest.mark.parametrize(
    ("shape", "key"),
    [
        (YARD[:-1], "fence-not-closed"),
        (YARD[:3], "fence-malformed"),
        ([], "fence-malformed"),
        ("polygon", "fence-malformed"),
        (None, "fence-malformed"),
        ([[1], [2], [3], [1]], "fence-malformed"),
        ([["a", "b"]] * 4, "coordinate-not-a-number"),
        ([[math.nan, 37.8]] * 4, "coordinate-not-finite"),
        ([[lat, lng] for lng, lat in YARD], "latitude-out-of-range"),
        ({"type": "Point", "coordinates": [112.5, 37.8]}, "fence-malformed"),
        ({"type": "Polygon", "coordinates": []}, "fence-malformed"),
        ({"type": "Polygon", "coordinates": [YARD, YARD]}, "fence-has-holes"),
        ([YARD[0], YARD[2], YARD[1], YARD[3], YARD[0]], "fence-not-simple"),
        ([YARD[0]] * 5, "fence-not-simple"),
        ([[112.5, 37.8], [112.50001, 37.8], [112.50001, 37.80001], [112.5, 37.8]], "fence-area-out-of-range"),
        ([[112.0, 37.0], [113.0, 37.0], [113.0, 38.0], [112.0, 37.0]], "fence-area-out-of-range"),
        ([*RING_OF_501, RING_OF_501[0]], "fence-too-many-points"),
    ],
)
def test_a_shape_that_is_no_fence_is_refused_by_name(shape: object, key: str) -> None:
    with pytest.raises(ValueError, match=rf"^{key}$"):
        Fence.polygon(shape)


def test_a_ring_of_500_points_is_still_a_fence() -> None:
    ring = [*RING_OF_501[:-1], RING_OF_501[0]]
    assert len(ring) == 500
    assert Fence.polygon(ring).inside(37.87, 112.55).inside


@pytest.mark.parametrize("radius", [0, 9.9, 5_001, math.nan, math.inf, True, "200"])
def test_a_radius_that_is_no_radius_is_refused(radius: float) -> None:
    with pytest.raises(ValueError, match=r"^fence-radius-out-of-range$"):
        Fence.circle(*SQUARE, radius)


@pytest.mark.parametrize("accuracy", [-1, math.nan, math.inf, True])
def test_an_accuracy_that_is_none_is_refused(accuracy: float) -> None:
    with pytest.raises(ValueError, match=r"^accuracy-out-of-range$"):
        Fence.circle(*SQUARE).inside(*SQUARE, accuracy)


def test_a_fence_is_made_ready_once_and_not_for_every_fix() -> None:
    fence = Fence.circle(*SQUARE)
    assert calls(lambda: [fence.inside(*SQUARE, 10) for _ in range(1_000)]) < 1_000 * 300
