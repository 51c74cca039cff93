"""A bulletin as its readers see it: every code in words, every sentence made. The names that a template may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.documents import words as documents
from server.kit.i18n import Language
from server.weekly.bulletin import table as of_bulletin
from server.weekly.paper import labels, prose_en, prose_zh
from server.weekly.paper.cells import Place, cell, fit
from server.weekly.paper.charts import charts
from server.weekly.paper.columns import TABLES, Column, Printed

# Rows of a table that are printed; the workbook has them all. Typesetting takes a third of a megabyte a row.
ROWS, ROWS_IN_TEXT = 400, 100
_ANNEXES = frozenset({"t7", "t8"})
CASES, CASES_UNASKED = 24, 6
_PAIRS, _PAIRS_A_CASE = 24, 2  # so that there are never more than 48 photos

Bulletin = dict[str, Any]


def facts(bulletin: Bulletin, language: Language) -> dict[str, Any]:
    """What a template may name. Text is fit for XML; what is not known is empty; nothing is missing.

    Pictures (photos and charts) say what they show; how they are drawn is the drawers' business.
    """
    figures, words = bulletin["figures"], bulletin["words"]
    place = Place(language, figures["week"]["iso_year"])
    prose = prose_zh if language == "zh" else prose_en
    district = figures["scope"]["district"]
    draft = bulletin["number"]["serial"] is None
    cases = _cases(figures, words["cases"], place, prose)
    shown = charts(figures, language)
    known: dict[str, Any] = {
        "language": language, "name": place.pick(labels.REPORT), "scope": district[language] if district else "",
        "number": prose.issue_number(bulletin["number"]), "office": words["office"] or "",
        "day": documents.day(bulletin["day"], language), "internal": place.pick(labels.INTERNAL),
        "draft": place.pick(labels.DRAFT) if draft else "", "draft_note": place.pick(labels.DRAFT_NOTE) if draft else "",
        "title": prose.title(figures["week"], district[language] if district else ""), "span": prose.span(figures["week"]),
        "key_points": words["key_points"][language] or prose.key_points(figures),
        "progress": prose.progress(figures), "progress_more": prose.progress_more(figures), "speed": prose.speed(figures),
        "coverage": prose.coverage(figures), "stock": prose.stock(figures),
        "residents": prose.residents(words["residents"], figures["residents"]),
        "next_week": [prose.task(no, one) for no, one in enumerate(words["next_week"], 1)],
        "cases": cases, **_tables(bulletin, place),
        "charts": {
            name: {"no": name, "caption": place.pick(caption), "there": name in shown, "picture": "",
                   "empty": place.pick(labels.EMPTY[name])}
            for name, caption in labels.CAPTIONS.items()
        },
        "distribution": [
            {"label": place.pick(label), "to": words["distribution"][key]}
            for key, label in labels.DISTRIBUTION.items() if words["distribution"][key]
        ],
        "copies": place.pick(labels.COPIES).format(copies=words["distribution"]["copies"])
        if words["distribution"]["copies"] is not None else "",
        "yearless": place.pick(labels.YEARLESS).format(year=place.year),
    }
    return _fit(known)  # type: ignore[no-any-return]


def _tables(bulletin: dict[str, Any], place: Place) -> dict[str, Any]:
    given = {name: of_bulletin(bulletin, name.upper()) for name in TABLES}
    given["t6"] = {"rows": list(_list_rows(bulletin["words"], place))}
    given["definitions"] = {"rows": list(_definitions(bulletin["figures"]["definitions"], place))}
    return {name: _table(table, given[name], place) for name, table in TABLES.items()}


def _table(table: Printed, given: dict[str, Any], place: Place) -> dict[str, Any]:
    """`rows` (and `total`) of texts by column; `empty` is what stands in the place of a table without rows."""
    most = ROWS if table.name in _ANNEXES else ROWS_IN_TEXT
    rows = [_row(table.columns, row, place) for row in given["rows"][:most]]
    total = given.get("total")
    return {
        "title": table.title(place.language), "rows": rows,
        "total": [_total(table.columns, total, place)] if total and rows else [],
        "empty": "" if rows else place.pick(labels.EMPTY[table.name]),
        "more": _more(table, rows, len(given["rows"]), place),
    }


def _row(columns: tuple[Column, ...], row: dict[str, Any], place: Place) -> dict[str, str]:
    return {column.key: cell(column, row, place) for column in columns}


def _total(columns: tuple[Column, ...], total: dict[str, Any], place: Place) -> dict[str, str]:
    """The city's place, score and move mean nothing and stay empty."""
    return {
        column.key: place.pick(labels.TOTAL) if column.kind == "name" else cell(column, total,
            place) if column.key in total else ""
        for column in columns
    }


def _more(table: Printed, rows: list[dict[str, str]], count: int, place: Place) -> str:
    """What the reader has to know of what is not printed."""
    said = []
    if count > len(rows):
        said.append(place.pick(labels.MORE).format(all=count, shown=len(rows)))
    if any(text.endswith("…") for row in rows for text in row.values()) and table.name not in {"t6", "definitions"}:
        said.append(place.pick(labels.CUT))
    return ("" if place.language == "zh" else " ").join(said)


def _list_rows(words: dict[str, Any], place: Place) -> Iterator[dict[str, Any]]:
    for key, name in labels.LISTS.items():
        for row in words[key]:
            yield {"list": place.pick(name), **row}


def _definitions(told: dict[str, Any], place: Place) -> Iterator[dict[str, str]]:
    for one in told["figures"].values():
        yield {"name": one["name"][place.language], "formula": one["formula"][place.language]}


def _cases(figures: dict[str, Any], chosen: list[str] | None, place: Place, prose: Any) -> list[dict[str, Any]]:
    """Those that the office chose, as it put them; the gravest where it chose none."""
    known = {str(case["issue_id"]): case for case in figures["cases"]}
    if chosen is None:
        cases = figures["cases"][:CASES_UNASKED]
    else:
        cases = [known[str(one)] for one in chosen if str(one) in known][:CASES]
    each = max(1, min(_PAIRS_A_CASE, _PAIRS // max(1, len(cases))))
    return [
        {
            "head": prose.case_head(no, case), "facts": prose.case_facts(case),
            "pairs": [
                {side: _picture(f"c{no}p{at}{side}", pair[side], side, case, place) for side in ("before", "after")}
                for at, pair in enumerate(case["pairs"][:each])
            ],
        }
        for no, case in enumerate(cases, 1)
    ]


def _picture(no: str, photo: dict[str, Any] | None, side: str, case: dict[str, Any], place: Place) -> dict[str, Any]:
    what = place.pick(labels.BEFORE if side == "before" else labels.AFTER)
    if photo is None:
        return {"picture": "", "caption": f"{what}{place.pick(labels.NO_PHOTO)}" if place.language == "zh"
                else f"{what} {place.pick(labels.NO_PHOTO)}"}
    taken = documents.moment(photo["captured_at"]) or place.pick(labels.NO_TIME)
    caption = f"{what}　{taken}" if place.language == "zh" else f"{what}, {taken}"
    # Who cannot see it is told of what it is a picture: the caption alone says no more than when it was taken.
    found = place.pick(labels.ABOUT).format(site=case["site"]["name"], description=case["description"])
    return {"no": no, "sha256": photo["sha256"], "caption": caption, "alt": f"{caption}{found}"}


def _fit(value: Any) -> Any:
    """The same with None as nothing and every text as it can stand in XML."""
    match value:
        case None:
            return ""
        case str():
            return fit(value)
        case dict():
            return {key: _fit(one) for key, one in value.items()}
        case list():
            return [_fit(one) for one in value]
        case _:
            return value
