"""The charts of the printed report as Vega-Lite: calm colours that stay apart in grey, and a figure on every mark.

Names and numbers come in as data; nothing of them is read as an expression.
"""

from __future__ import annotations

import math
from typing import Any

from server.kit.i18n import Language
from server.weekly.paper.cells import fit
from server.weekly.paper.labels import SERIES, SKETCH

Spec = dict[str, Any]
Figures = dict[str, Any]

DARK, MIDDLE, LIGHT, RED, INK, RULE = "#1f4e79", "#6b9ac4", "#c9d9e8", "#a32020", "#222222", "#d9d9d9"
PIXELS_A_MM = 4.0  # so that 12 pixels print as 8.5 points
WIDE, NARROW = 225, 156  # millimetres
SIZES: dict[str, tuple[int, int]] = {  # millimetres over all
    "f1": (NARROW, 72), "f2": (WIDE, 66), "f4": (WIDE, 66), "f5": (NARROW, 72), "f6": (NARROW, 105),
}
_BARS = 20  # categories of Figure 3; more would be thinner than their words
_POINTS = 2_000
_FITS = 16  # parts of the highest bar: the least that a figure fits into
_SAID_EVERY = 6  # weeks of Figure 2: a year has too many for a figure on each
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_SHADES = [DARK, "#b5651d", "#3f7f5f", RED, "#6a4c93", "#5c5c5c"]


def charts(figures: Figures, language: Language) -> dict[str, tuple[Spec, tuple[int, int]]]:
    """name → (specification, millimetres); a chart that would show nothing is not there."""
    made = {
        "f1": _rates(figures, language), "f2": _money(figures, language), "f3": _kinds(figures, language),
        "f4": _grades(figures, language), "f5": _stock(figures, language), "f6": _places(figures, language),
    }
    sizes = SIZES | {"f3": _kinds_size(figures)}
    return {name: (_framed(spec, sizes[name]), sizes[name]) for name, spec in made.items() if spec}


def _framed(spec: Spec, size: tuple[int, int]) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": size[0] * PIXELS_A_MM,
        "height": size[1] * PIXELS_A_MM, "autosize": {"type": "fit", "contains": "padding"}, "background": "white",
        **spec,
        "config": {
            "font": "Noto Sans SC", "view": {"stroke": None}, "padding": 4,
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": RULE,
                     "domainColor": INK, "tickColor": INK, "labelColor": INK, "labelLimit": 230},
            "legend": {"labelFontSize": 12, "title": None, "orient": "top", "symbolSize": 120, "labelColor": INK,
                       "labelLimit": 300},
            "text": {"fontSize": 11, "color": INK, "font": "Noto Sans SC"},
        },
    }


def _pick(name: str, language: Language) -> str:
    return SERIES[name][0 if language == "zh" else 1]


def _scale(names: list[str], colours: list[str]) -> Spec:
    return {"domain": names, "range": colours}


_BARE: Spec = {"title": None, "labelAngle": 0, "ticks": False, "labelPadding": 7}


def _rates(figures: Figures, language: Language) -> Spec | None:
    names = [_pick(key, language) for key in ("start_rate", "completion_rate")]
    values = [
        {"place": fit(row["district"][language]), "what": name, "rate": row[key], "said": f"{row[key]:.1f}"}
        for row in figures["tables"]["T1"]["rows"]
        for key, name in zip(("start_rate", "completion_rate"), names, strict=True) if row[key] is not None
    ]
    if not values:
        return None
    across = {"field": "place", "type": "nominal", "sort": None, "axis": _BARE}
    high = 1.08 * max(100, *(value["rate"] for value in values))  # the start rate may pass the plan; room for the figures
    beside = {"field": "what", "sort": names}
    return {"data": {"values": values}, "encoding": {
        "x": across, "xOffset": beside,
        "y": {"field": "rate", "type": "quantitative", "title": None, "scale": {"domain": [0, high], "nice": False}},
    }, "layer": [
        {"mark": {"type": "bar"}, "encoding": {"color": {"field": "what", "scale": _scale(names, [DARK, LIGHT])}}},
        {"mark": {"type": "text", "dy": -7}, "encoding": {"text": {"field": "said"}}},
    ]}


def _week(row: dict[str, Any], language: Language) -> str:
    return f"{row['iso_week']}周" if language == "zh" else f"W{row['iso_week']}"


def _money(figures: Figures, language: Language) -> Spec | None:
    rows = figures["series"]["F2"]
    names = [_pick(key, language) for key in ("invest_done", "invest_plan")]
    values = [
        {"week": _week(row, language), "what": name, "wan": row[key],
         "said": f"{row[key]:.0f}" if (len(rows) - 1 - at) % _SAID_EVERY == 0 else ""}
        for key, name in zip(("invest_done", "invest_plan"), names, strict=True)
        for at, row in enumerate(rows) if row[key] is not None
    ]
    if not values:
        return None
    lines = {"field": "what", "scale": _scale(names, [DARK, RED]), "sort": names}
    dashes = {"field": "what", "scale": {"domain": names, "range": [[1, 0], [6, 4]]}, "sort": names}
    shapes = {"field": "what", "scale": {"domain": names, "range": ["circle", "square"]}, "sort": names}
    weeks = [_week(row, language) for row in rows]
    return {"data": {"values": values}, "encoding": {
        "x": {"field": "week", "type": "ordinal", "sort": weeks, "axis": _BARE | {"labelOverlap": True},
              "scale": {"domain": weeks}},
        "y": {"field": "wan", "type": "quantitative", "title": None},
    }, "layer": [
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"color": lines, "strokeDash": dashes}},
        {"mark": {"type": "point", "filled": True, "size": 30}, "encoding": {"color": lines, "shape": shapes}},
        *({"mark": {"type": "text", "dy": below}, "transform": [{"filter": {"field": "what", "equal": name}}],
           "encoding": {"text": {"field": "said"}}} for name, below in zip(names, (14, -11), strict=True)),
    ]}


def _kinds_size(figures: Figures) -> tuple[int, int]:
    return NARROW, 14 + 7 * max(3, min(_BARS, len(figures["tables"]["T3"]["rows"])))


def _kinds(figures: Figures, language: Language) -> Spec | None:
    values = [
        {"kind": fit(row["category"][language]), "count": row["count"]}
        for row in figures["tables"]["T3"]["rows"][:_BARS] if row["count"]
    ]
    if not values:
        return None
    return {"data": {"values": values}, "encoding": {
        "y": {"field": "kind", "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False}},
        "x": {"field": "count", "type": "quantitative", "title": None, "axis": {"tickMinStep": 1}},
    }, "layer": [
        {"mark": {"type": "bar", "color": DARK, "height": {"band": 0.65}}},
        {"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": {"text": {"field": "count"}}},
    ]}


def _grades(figures: Figures, language: Language) -> Spec | None:
    grades = ("minor", "major", "critical")
    names = [_pick(grade, language) for grade in grades]
    values = [
        {"place": fit(row["district"][language]), "grade": name, "count": row[grade], "order": at}
        for row in figures["tables"]["T2"]["rows"]
        for at, (grade, name) in enumerate(zip(grades, names, strict=True)) if row[grade]
    ]
    if not values:
        return None
    places = [fit(row["district"][language]) for row in figures["tables"]["T2"]["rows"]]
    highest = max(sum(row[grade] for grade in grades) for row in figures["tables"]["T2"]["rows"])
    for value in values:  # critical ones are few, so that they are told above; of the others, those that their figure fits into
        value["said"] = str(value["count"]) if value["order"] < 2 and value["count"] * _FITS >= highest else ""
    above = [
        {"place": fit(row["district"][language]), "all": sum(row[grade] for grade in grades),
            "said": f"{names[2]} {row['critical']}"}
        for row in figures["tables"]["T2"]["rows"] if row["critical"]
    ]
    stacked = {"field": "count", "type": "quantitative", "title": None, "stack": "zero", "axis": {"tickMinStep": 1},
               "scale": {"domainMax": highest * 1.1}}
    return {"data": {"values": values}, "encoding": {
        "x": {"field": "place", "type": "nominal", "sort": None, "axis": _BARE, "scale": {"domain": places}},
        "order": {"field": "order"},
    }, "layer": [
        {"mark": {"type": "bar", "width": {"band": 0.5}, "stroke": "white", "strokeWidth": 1}, "encoding": {
            "y": stacked, "color": {"field": "grade", "sort": names, "scale": _scale(names, [LIGHT, MIDDLE, RED])}}},
        {"mark": {"type": "text"}, "encoding": {
            "y": stacked | {"bandPosition": 0.5}, "detail": {"field": "grade"}, "text": {"field": "said"}}},
        {"data": {"values": above}, "mark": {"type": "text", "dy": -8, "color": RED}, "encoding": {
            "y": {"field": "all", "type": "quantitative"}, "order": None, "text": {"field": "said"}}},
    ]}


def _stock(figures: Figures, language: Language) -> Spec | None:
    rows = figures["series"]["F5"]
    if not any(row[key] for row in rows for key in ("new", "closed", "open_end")):
        return None
    new, closed, held = (_pick(key, language) for key in ("new", "closed", "open_end"))
    bars = [
        {"week": _week(row, language), "what": name, "count": row[key]}
        for row in rows for key, name in (("new", new), ("closed", closed))
    ]
    line = [{"week": _week(row, language), "what": held, "count": row["open_end"]} for row in rows]
    scale = _scale([new, closed, held], [DARK, LIGHT, RED])
    colour = {"field": "what", "type": "nominal", "scale": scale, "sort": [new, closed, held]}
    across = {"field": "week", "type": "ordinal", "sort": [_week(row, language) for row in rows], "axis": _BARE}
    upward = {"field": "count", "type": "quantitative", "title": None, "axis": {"tickMinStep": 1}}
    beside = {"field": "what", "sort": [new, closed]}
    return {"encoding": {"x": across, "y": upward}, "layer": [
        {"data": {"values": bars}, "encoding": {"xOffset": beside}, "layer": [
            {"mark": {"type": "bar"}, "encoding": {"color": colour}},
            {"mark": {"type": "text", "dy": -6, "fontSize": 10}, "encoding": {"text": {"field": "count"}}},
        ]},
        {"data": {"values": line}, "layer": [
            {"mark": {"type": "line", "strokeWidth": 2, "point": {"filled": True, "size": 40}}, "encoding": {"color": colour}},
            *({"mark": {"type": "text", "dy": -11, **look}, "encoding": {"text": {"field": "count"}}}
              for look in ({"color": "white", "stroke": "white", "strokeWidth": 4}, {"color": RED})),
        ]},
    ]}


def _places(figures: Figures, language: Language) -> Spec | None:
    """Points alone, as far apart as they are on the ground; no map below them and no coordinates beside them."""
    seen = figures["sites_seen"][:_POINTS]
    if not seen:
        return None
    codes = list(dict.fromkeys(row["district"]["code"] for row in figures["tables"]["T1"]["rows"]))
    names = {one["code"]: fit(one[language]) for one in (row["district"] for row in figures["tables"]["T1"]["rows"])}
    used = [names[code] for code in codes if any(_code(point) == code for point in seen)]
    middle = math.radians((min(p["lat"] for p in seen) + max(p["lat"] for p in seen)) / 2)
    values = [
        {"x": round(p["lon"] * math.cos(middle), 6), "y": round(p["lat"], 6), "place": names.get(_code(p), ""),
         "visits": p["visits"]}
        for p in seen
    ]
    wide, high = SIZES["f6"]
    reach = max(
        (max(v["x"] for v in values) - min(v["x"] for v in values)) / wide,
        (max(v["y"] for v in values) - min(v["y"] for v in values)) / high, 1e-4,
    ) * 0.58
    shapes, shades = ([ring[n % len(ring)] for n in range(len(used))] for ring in (_SHAPES, _SHADES))
    return {
        "data": {"values": values}, "title": {"text": SKETCH[0 if language == "zh" else 1], "orient": "bottom", "anchor": "end",
                                              "fontSize": 12, "fontWeight": "normal", "color": INK},
        "view": {"stroke": RULE},
        "mark": {"type": "point", "filled": True, "opacity": 0.75},
        "encoding": {
            "x": _placed("x", values, reach * wide), "y": _placed("y", values, reach * high),
            "color": {"field": "place", "type": "nominal", "scale": _scale(used, shades)},
            "shape": {"field": "place", "type": "nominal", "scale": {"domain": used, "range": shapes}},
            "size": {"field": "visits", "type": "quantitative", "scale": {"range": [24, 140]}, "legend": None},
        },
    }


def _code(point: dict[str, Any]) -> str:
    """A point says its district as the tables do, or by its code alone."""
    district = point["district"]
    return str(district["code"] if isinstance(district, dict) else district)


def _placed(field: str, values: list[dict[str, Any]], half: float) -> Spec:
    middle = (min(value[field] for value in values) + max(value[field] for value in values)) / 2
    return {"field": field, "type": "quantitative", "axis": None,
            "scale": {"domain": [middle - half, middle + half], "zero": False, "nice": False}}
